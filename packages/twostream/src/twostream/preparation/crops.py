"""Crops that lie outside of their pictures, told from the first frame of each video before any work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twostream.datasets.crops import FLAG, required_crop
from twostream.errors import TwostreamError
from twostream.preparation.ensure import ClipTask
from twostream.sources.images import refuse_crop_outside
from twostream.sources.pictures import Pictures
from twostream.video.decode import open_video


def refuse_crops_outside(tasks: Sequence[ClipTask]) -> None:
    """Raise TwostreamError where a video still to be extracted has not all of its crop.

    Of each such video the first frame is decoded. Those that cannot be are found when it is their turn.
    """
    sizes: dict[Path, tuple[int, int] | None] = {}
    for task in tasks:
        if task.options.crop is None or (task.target.exists() and not task.fresh):
            continue
        place = Path(str(task.frames_in or task.source))
        if place not in sizes:
            sizes[place] = _shown_size(task)
        size = sizes[place]
        if size is not None:
            crop = required_crop(task.options.crop)
            refuse_crop_outside(crop, *size, subject=f"{FLAG} for {place}")


def _shown_size(task: ClipTask) -> tuple[int, int] | None:
    try:
        if task.frames_in is not None:
            for frame in Pictures(task.frames_in, fps=task.assumed_fps).shown_frames():
                image = frame.image()
                return image.shape[1], image.shape[0]
            return None
        with open_video(task.source) as video:
            for image in video.frames():
                return image.shape[1], image.shape[0]
    except TwostreamError:
        pass
    return None
