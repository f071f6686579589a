"""Clips as networks see them, made from videos and cameras as `prepare` makes them for the store."""
