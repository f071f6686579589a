"""A folder of generated clips, laid out and named like UCF-101."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import av

from twostream.atomic import atomic_path
from twostream.errors import TwostreamError
from twostream.lab.generated.actions import CLASSES, FRAMES_PER_SECOND
from twostream.lab.generated.clips import render_clip
from twostream.lab.generated.painting import Picture
from twostream.video.opencv_threads import one_opencv_thread


def clip_name(class_name: str, *, group: int, clip: int) -> str:
    """Return the file name of a clip; groups and clips count from 1.

    >>> clip_name("sit_down", group=3, clip=1)
    'v_sit_down_g03_c01.avi'
    """
    return f"v_{class_name}_g{group:02d}_c{clip:02d}.avi"


def generate_clips(
    out: Path,
    *,
    seed: int = 0,
    groups_per_class: int = 10,
    clips_per_group: int = 3,
    width_px: int = 128,
    height_px: int = 96,
    classes: Sequence[str] = CLASSES,
    on_clip: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the data set ``out/<class>/v_<class>_g<NN>_c<NN>.avi`` and return `out`.

    Clips of one group number, in every class, show the same actor in the same room: a split should
    divide the numbers alike in all classes, as `twostream.lab.generated.lists.write_split_lists` does.
    Files which exist are left as they are, whole files appear at once, and the same arguments give
    the same files. `on_clip(done, total)` is called after every clip. Raises TwostreamError for
    less than one group or clip, or a frame whose sides are not even.

    >>> import tempfile
    >>> folder = generate_clips(Path(tempfile.mkdtemp()), groups_per_class=1, clips_per_group=1,
    ...                         width_px=32, height_px=32)
    >>> len(list(folder.glob("*/v_*_g01_c01.avi"))) == len(CLASSES)
    True
    """
    _check(groups_per_class, clips_per_group, width_px, height_px)
    total = len(classes) * groups_per_class * clips_per_group
    numbers = product(range(1, groups_per_class + 1), range(1, clips_per_group + 1))
    everything = product(classes, list(numbers))
    with one_opencv_thread():  # the shapes are of a few hundred pixels
        for done, (class_name, (group, clip)) in enumerate(everything, start=1):
            target = out / class_name / clip_name(class_name, group=group, clip=clip)
            if not target.exists():
                size = {"width_px": width_px, "height_px": height_px}
                frames = render_clip(class_name, seed=seed, group=group, clip=clip, **size)
                write_video(target, frames)
            if on_clip is not None:
                on_clip(done, total)
    return out


def _check(groups_per_class: int, clips_per_group: int, width_px: int, height_px: int) -> None:
    if groups_per_class < 1 or clips_per_group < 1:
        raise TwostreamError(
            "groups_per_class, clips_per_group",
            expected="at least 1 each",
            found=f"{groups_per_class} and {clips_per_group}",
            remedy="raise them",
        )
    if width_px % 2 or height_px % 2:
        raise TwostreamError(
            f"{width_px}x{height_px}",
            expected="even sides, as video needs them",
            found="an odd one",
            remedy="make both sides even",
        )


def write_video(target: Path, frames: Picture) -> None:
    """Write uint8 RGB `frames` (frames, height, width, 3) as MPEG-4 in AVI, whole or not at all.

    >>> import tempfile
    >>> import numpy as np
    >>> target = Path(tempfile.mkdtemp()) / "grey.avi"
    >>> write_video(target, np.full((5, 32, 48, 3), 128, np.uint8))
    >>> target.stat().st_size > 0
    True
    """
    with (
        atomic_path(target, durable=False) as temporary,
        av.open(str(temporary), "w", format="avi") as file,
    ):
        stream: Any = file.add_stream("mpeg4", rate=Fraction(FRAMES_PER_SECOND))
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"qmin": "2", "qmax": "4", "flags": "+bitexact"}
        stream.bit_rate = 4_000_000
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        file.mux(stream.encode())
