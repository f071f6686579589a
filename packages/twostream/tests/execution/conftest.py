"""Fixtures of this floor."""

from fixtures import small_videos

__all__ = ["small_videos"]
