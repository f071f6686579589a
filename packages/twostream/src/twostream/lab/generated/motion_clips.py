"""A data set to learn motion from: generated figures, and pictures under known motions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from twostream.datasets.names import is_hidden, is_temporary, is_video
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.lab.generated.actions import MOTION_CLASSES
from twostream.lab.generated.dataset import clip_name, generate_clips, write_video
from twostream.lab.generated.known_motions import KNOWN_MOTIONS, render_known_motion
from twostream.lab.generated.lists import write_split_lists
from twostream.lab.generated.painting import Picture
from twostream.video.decode import open_video
from twostream.video.opencv_threads import one_opencv_thread

MOST_PICTURES = 200
PLACE_OF_PICTURE = 12  # which frame of a video, counted from 0: later than a short fade from black
SMALLEST_SIDE_PX = 32


def motion_clips(
    out: Path,
    lists: Path,
    *,
    seed: int = 0,
    groups: int = 24,
    test_groups: int = 4,
    side_px: int = 96,
    figures: Sequence[str] = MOTION_CLASSES,
    pictures: Sequence[Picture] = (),
    on_clip: Callable[[int], None] | None = None,
) -> None:
    """Write clips of figures and of pictures under known motions into `out`, their split into `lists`.

    A class of `figures` or of `KNOWN_MOTIONS` has one clip a group, named as those of UCF-101. Files which
    exist are left as they are. `on_clip` is called with the clips that are there.
    """
    if figures:
        generate_clips(
            out,
            seed=seed,
            groups_per_class=groups,
            clips_per_group=1,
            width_px=side_px,
            height_px=side_px,
            classes=figures,
            on_clip=(lambda done, _: on_clip(done)) if on_clip else None,
        )
    done = len(figures) * groups
    with one_opencv_thread():
        for group in range(1, groups + 1):
            for motion in KNOWN_MOTIONS:
                target = out / motion / clip_name(motion, group=group, clip=1)
                if not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    frames = render_known_motion(
                        motion, seed=seed, group=group, side_px=side_px, pictures=pictures
                    )
                    write_video(target, frames)
                done += 1
                if on_clip is not None:
                    on_clip(done)
    write_split_lists(
        lists,
        groups_per_class=groups,
        clips_per_group=1,
        test_groups=test_groups,
        classes=(*figures, *KNOWN_MOTIONS),
    )


def name_of(pictures: Sequence[Picture]) -> str:
    """A short name that other pictures do not have.

    >>> name_of([np.zeros((32, 32, 3), np.uint8)]) == name_of([np.ones((32, 32, 3), np.uint8)])
    False
    """
    digest = hashlib.sha256()
    for picture in pictures:
        digest.update(repr(picture.shape).encode() + picture.tobytes())
    return digest.hexdigest()[:8]


def pictures_of(folder: Path) -> list[Picture]:
    """A frame of every video below `folder`, or of 200 of them at even steps: uint8 RGB (H, W, 3).

    Videos that cannot be read are left out, and told. Raises TwostreamError where no frame is found.
    """
    videos = sorted(
        path
        for path in folder.rglob("*")
        if is_video(path.name) and not (is_hidden(path.name) or is_temporary(path.name))
    )
    if len(videos) > MOST_PICTURES:
        places = np.linspace(0, len(videos) - 1, MOST_PICTURES).round().astype(int)
        videos = [videos[k] for k in places]
    found: list[Picture] = []
    left_out: list[Path] = []
    for path in videos:
        try:
            with open_video(path) as video:
                frames = list(islice(video.frames(), PLACE_OF_PICTURE + 1))
        except TwostreamError:
            frames = []
        if frames and min(frames[-1].shape[:2]) >= SMALLEST_SIDE_PX:
            found.append(frames[-1])
        else:
            left_out.append(path)
    if left_out:
        warn(
            f"{len(left_out)} of {len(videos)} videos are left out, {left_out[0].name} first: they give no "
            f"picture of at least {SMALLEST_SIDE_PX} pixels a side"
        )
    if not found:
        raise TwostreamError(
            folder,
            expected="videos whose frames can be moved",
            found=f"{len(videos)} videos, and a picture of none" if videos else "no videos",
            remedy="check --frames, or leave it out for textures",
        )
    return found
