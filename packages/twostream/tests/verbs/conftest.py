"""Fixtures of this floor."""

from fixtures import short_heads, small_data, small_videos

__all__ = ["short_heads", "small_data", "small_videos"]
