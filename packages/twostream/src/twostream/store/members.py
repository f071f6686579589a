"""Names of the files in a stored clip, the classic layout of two-stream data sets."""

from __future__ import annotations

METADATA_MEMBER = "clip.json"
# Only in folders, for an archive has checksums of its own; `sha256sum -c SHA256SUMS` reads it too.
CHECKSUMS_MEMBER = "SHA256SUMS"


def frame_member(index: int) -> str:
    """Member name of frame `index` (0-based; files count from 1).

    >>> frame_member(0)
    'img_00001.jpg'
    """
    return f"img_{index + 1:05d}.jpg"


def flow_members(index: int) -> tuple[str, str]:
    """Member names of the x and y components of flow `index`, from frame `index` to `index` + 1.

    >>> flow_members(0)
    ('flow_x_00001.jpg', 'flow_y_00001.jpg')
    """
    return f"flow_x_{index + 1:05d}.jpg", f"flow_y_{index + 1:05d}.jpg"
