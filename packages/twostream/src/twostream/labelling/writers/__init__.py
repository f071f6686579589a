"""Intervals written as other tools keep labels: a file a format; what was there is kept."""
