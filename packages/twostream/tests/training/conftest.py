"""Fixtures of this floor."""

from fixtures import backbone_file, small_data, small_videos, two_threads

__all__ = ["backbone_file", "small_data", "small_videos", "two_threads"]
