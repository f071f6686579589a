"""Fixtures of this floor."""

from fixtures import (
    backbone_file,
    residual_file,
    short_heads,
    small_data,
    small_videos,
    two_threads,
)

__all__ = [
    "backbone_file",
    "residual_file",
    "short_heads",
    "small_data",
    "small_videos",
    "two_threads",
]
