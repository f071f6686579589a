"""Contact sheets: the data set at a glance."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from twostream.lab.generated.actions import CLASSES
from twostream.lab.generated.clips import render_clip
from twostream.lab.generated.painting import Picture

_GAP_PX = 2
_LABEL_PX = 14


def contact_sheet(
    *,
    seed: int = 0,
    classes: Sequence[str] = CLASSES,
    groups: Sequence[int] = (1, 2, 3, 4, 5, 6),
    frames_per_clip: int = 6,
    width_px: int = 128,
    height_px: int = 96,
) -> Picture:
    """Return one labelled row per class: frames of one clip in order of time, uint8 RGB.

    Two classes after the other show the first clip of one of `groups`, which take turns. Raises
    TwostreamError for an unknown class.

    >>> contact_sheet(classes=["sit_down"], frames_per_clip=3, width_px=64, height_px=48).shape
    (64, 198, 3)
    """
    rows = [
        _row(name, seed, groups[row // 2 % len(groups)], frames_per_clip, (width_px, height_px))
        for row, name in enumerate(classes)
    ]
    return np.concatenate(rows)


def _row(name: str, seed: int, group: int, count: int, size: tuple[int, int]) -> Picture:
    width, height = size
    frames = render_clip(name, seed=seed, group=group, clip=1, width_px=width, height_px=height)
    chosen = np.linspace(0, len(frames) - 1, count).round().astype(int)
    shape = (height + _LABEL_PX + _GAP_PX, count * (width + _GAP_PX), 3)
    row = np.full(shape, 255, np.uint8)
    for place, index in enumerate(chosen):
        left = place * (width + _GAP_PX)
        row[_LABEL_PX : _LABEL_PX + height, left : left + width] = frames[index]
    cv2.putText(
        row, name, (2, _LABEL_PX - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA
    )
    return row
