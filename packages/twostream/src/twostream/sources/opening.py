"""A clip from whatever a user names: a stored clip, a video, a camera, an address."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from twostream.sources.camera import CameraClip
from twostream.sources.specification import FlowSpecification
from twostream.sources.video import VideoClip
from twostream.store.clip import ARCHIVE_SUFFIX, open_clip
from twostream.store.members import METADATA_MEMBER
from twostream.store.source import ClipSource

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads

# What FFmpeg opens by address. `C:\\a.mp4` is a file.
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
FILE = "file://"
CAMERA = re.compile(r"/dev/video([0-9]+)")


def open_source(
    place: int | str | os.PathLike[str],
    specification: FlowSpecification,
    *,
    threads: Threads = 1,
) -> ClipSource:
    """The clip in `place`: the number of a camera, an address, a stored clip, or a video file.

    Videos and cameras are made into images as `specification` says. A file of that name comes before a
    camera of that number. Raises TwostreamError for a stored clip that cannot be read; videos and cameras
    are opened when they are first asked for anything.
    """
    if isinstance(place, int):
        return CameraClip(place, specification, threads=threads)
    text = os.fspath(place)
    if ADDRESS.match(text) and not text.lower().startswith(FILE):
        return CameraClip(text, specification, threads=threads)
    if found := CAMERA.fullmatch(text):
        return CameraClip(int(found[1]), specification, threads=threads)
    path = Path(text[len(FILE) :] if text.lower().startswith(FILE) else text)
    if text.isdecimal() and not path.exists():
        return CameraClip(int(text), specification, threads=threads)
    if is_stored_clip(path):
        return open_clip(path)
    return VideoClip(path, specification, threads=threads)


def is_stored_clip(path: Path) -> bool:
    """Whether a path is, by its looks, a clip that `prepare` stored."""
    return path.suffix == ARCHIVE_SUFFIX or (path / METADATA_MEMBER).is_file()
