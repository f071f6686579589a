"""Scores, protocols, fusion and measures of the test part."""
