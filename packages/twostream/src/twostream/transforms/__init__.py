"""Crops, flips and the preprocessing object."""
