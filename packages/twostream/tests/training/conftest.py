"""Fixtures of this floor."""

from fixtures import backbone_file, small_data, small_videos

__all__ = ["backbone_file", "small_data", "small_videos"]
