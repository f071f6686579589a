"""Intervals of long videos: what they are, how scores of windows become some, how good they are."""
