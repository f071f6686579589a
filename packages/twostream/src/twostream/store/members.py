"""Names of the files in a stored clip, the classic layout of two-stream data sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

METADATA_MEMBER = "clip.json"
# Only in folders, for an archive has checksums of its own; `sha256sum -c SHA256SUMS` reads it too.
CHECKSUMS_MEMBER = "SHA256SUMS"

# The same few hundred names are made, and understood, for every sample.
NAMES_KEPT = 4096
_KINDS = ("img", "flow_x", "flow_y")
_IMAGE = re.compile(rf"({'|'.join(_KINDS)})_([0-9]{{5,18}})\.jpg")


def frame_member(index: int) -> str:
    """Member name of frame `index` (0-based; files count from 1).

    >>> frame_member(0)
    'img_00001.jpg'
    """
    return f"img_{index + 1:05d}.jpg"


@lru_cache(NAMES_KEPT)
def flow_members(index: int) -> tuple[str, str]:
    """Member names of the x and y components of flow `index`, from frame `index` to `index` + 1.

    >>> flow_members(0)
    ('flow_x_00001.jpg', 'flow_y_00001.jpg')
    """
    return f"flow_x_{index + 1:05d}.jpg", f"flow_y_{index + 1:05d}.jpg"


def expected_members(frames: int) -> Iterator[str]:
    """Every image member of a clip of `frames` frames.

    >>> list(expected_members(2))
    ['img_00001.jpg', 'flow_x_00001.jpg', 'flow_y_00001.jpg', 'img_00002.jpg']
    """
    for index in range(frames):
        yield frame_member(index)
        if index < frames - 1:
            yield from flow_members(index)


@lru_cache(NAMES_KEPT)
def member_number(member: str) -> int | None:
    """Place of an image member among the `expected_members`, from 0 on; None for any other name.

    >>> [member_number(member) for member in expected_members(2)], member_number("clip.json")
    ([0, 1, 2, 3], None)
    """
    found = _IMAGE.fullmatch(member)
    if found is None:
        return None
    index, kind = int(found[2]) - 1, _KINDS.index(found[1])
    number = 3 * index + kind
    return (
        number
        if index >= 0 and member == (frame_member(index), *flow_members(index))[kind]
        else None
    )
