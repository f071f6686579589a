"""A clip from whatever a user names: a stored clip, a video, a camera, an address."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from twostream.sources.camera import TIMEOUT_SECONDS, CameraClip
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
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> ClipSource:
    """The clip in `place`: the number of a camera, an address, a stored clip, or a video file.

    Videos and cameras are made into images as `specification` says. A file of that name comes before a
    camera of that number. Raises TwostreamError for a stored clip that cannot be read; videos and cameras
    are opened when they are first asked for anything, and a camera or an address that shows nothing for
    `timeout_seconds` has failed.
    """

    def camera(address: int | str) -> CameraClip:
        return CameraClip(address, specification, threads=threads, timeout_seconds=timeout_seconds)

    if isinstance(place, int):
        return camera(place)
    text = os.fspath(place)
    if ADDRESS.match(text) and not text.lower().startswith(FILE):
        return camera(text)
    if found := CAMERA.fullmatch(text):
        return camera(int(found[1]))
    path = Path(text[len(FILE) :] if text.lower().startswith(FILE) else text)
    if text.isdecimal() and not path.exists():
        return camera(int(text))
    if is_stored_clip(path):
        return open_clip(path)
    return VideoClip(path, specification, threads=threads)


def is_stored_clip(path: Path) -> bool:
    """Whether a path is, by its looks, a clip that `prepare` stored."""
    return path.suffix == ARCHIVE_SUFFIX or (path / METADATA_MEMBER).is_file()
