"""Decoding of videos."""
