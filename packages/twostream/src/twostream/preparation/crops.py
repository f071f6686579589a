"""Crops that lie outside of their pictures, told from the first frame of each video before any work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twostream.datasets.crops import FLAG, required_crop
from twostream.errors import TwostreamError
from twostream.preparation.ensure import ClipTask
from twostream.preparation.estimate import pending
from twostream.sources.images import refuse_crop_outside
from twostream.video.decode import open_video


def refuse_crops_outside(tasks: Sequence[ClipTask]) -> None:
    """Raise TwostreamError where a video still to be extracted has not all of its crop.

    Of each such video the first frame is decoded. Those that cannot be are found when it is their turn.
    """
    sizes: dict[Path, tuple[int, int] | None] = {}
    for task in pending(tasks):
        if task.options.crop is None:
            continue
        if task.source not in sizes:
            sizes[task.source] = _shown_size(task.source)
        size = sizes[task.source]
        if size is not None:
            crop = required_crop(task.options.crop)
            refuse_crop_outside(crop, *size, subject=f"{FLAG} for {task.source}")


def _shown_size(path: Path) -> tuple[int, int] | None:
    try:
        with open_video(path) as video:
            for image in video.frames():
                return image.shape[1], image.shape[0]
    except TwostreamError:
        pass
    return None
