from __future__ import annotations

from fixtures import small_data, small_videos

__all__ = ["small_data", "small_videos"]
