"""What was read and found whole earlier, so that `run` need not read all of it again.

A hidden file beside the store holds, of each clip, size and times of its video and of its archive as they
were when both were read to the last byte. Where anything differs, or the file is missing or garbled, both
are read again. `prepare` and `check` read everything, whatever it says: a disk's error changes no times.
"""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.atomic import write_json

VERIFIED_NAME = ".verified.json"
FORMAT = 1
# A file that was just written may be written again within the same tick of its file system's clock.
SETTLED_NANOSECONDS = 2_000_000_000

Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Stamps:
    """Size, mtime and ctime in ns of a clip's video and of its archive."""

    source: Stamp
    target: Stamp

    def settled(self, now_ns: int) -> bool:
        """Whether both were last written long enough before `now_ns` for the next change to show."""
        return max(self.source[1], self.target[1]) < now_ns - SETTLED_NANOSECONDS


def stamps_of(source: Path, target: Path) -> Stamps | None:
    """The stamps of a video and an archive as they are; None where either is not an ordinary file."""
    of_source, of_target = stamp_of(source), stamp_of(target)
    if of_source is None or of_target is None:
        return None
    return Stamps(of_source, of_target)


def stamp_of(path: Path) -> Stamp | None:
    """Size, mtime and ctime in ns; None for what is no ordinary file."""
    try:
        status = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def stamps_of_new(before: Stamp | None, source: Path, target: Path) -> Stamps | None:
    """The stamps of a video and of the archive just made of it, the video being as it was `before`."""
    found = stamps_of(source, target)
    if found is None or found.source != before:
        return None
    return found if Stamps(found.source, found.source).settled(time.time_ns()) else None


def settled_stamps(source: Path, target: Path) -> Stamps | None:
    """`stamps_of` both, to be taken before they are read; None where they changed a moment ago."""
    found = stamps_of(source, target)
    return found if found is not None and found.settled(time.time_ns()) else None


def read_verified(data: Path) -> dict[str, Stamps]:
    """Stamps by clip id; empty where there are none that this version understands."""
    try:
        values = json.loads((data / VERIFIED_NAME).read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            return {}
        return {
            clip_id: Stamps(_stamp(source), _stamp(target))
            for clip_id, (source, target) in values["clips"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}  # everything is read again


def _stamp(values: Any) -> Stamp:
    size, mtime_ns, ctime_ns = values
    if not all(type(value) is int for value in values):
        raise ValueError("no stamp")
    return size, mtime_ns, ctime_ns


def write_verified(data: Path, found: Mapping[str, Stamps]) -> None:
    """Keep the stamps of the clips that were found whole."""
    clips = {clip_id: [one.source, one.target] for clip_id, one in sorted(found.items())}
    write_json(data / VERIFIED_NAME, {"format": FORMAT, "clips": clips})
