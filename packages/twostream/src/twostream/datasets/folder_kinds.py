"""What a folder of clips holds: videos, ready frames with their flow, or pictures without."""

from __future__ import annotations

import os
from pathlib import Path

from twostream.datasets.class_folders import Scan, scan
from twostream.datasets.frames_apart import find_flow_folders, scan_frames_apart
from twostream.datasets.frames_within import holds_frames_within, scan_frames_within
from twostream.datasets.grey_pictures import flows_among
from twostream.datasets.names import is_hidden, readable
from twostream.datasets.ready_frames import (
    UnusableArchiveError,
    holds_pictures,
    holds_ready_frames,
    scan_pictures,
    scan_ready_frames,
)
from twostream.datasets.several_images import (
    HEADER_BYTES,
    UNREAD_WEBP,
    WEBP_REMEDY,
    is_animated_webp,
)
from twostream.datasets.walk import ancestors, walk
from twostream.errors import TwostreamError

UNDERSTOOD = (
    "class folders of clip folders with img_00001.jpg, flow_x_00001.jpg and flow_y_00001.jpg; "
    "u/<clip>/ and v/<clip>/ of flows beside a folder of <clip>/ pictures; class folders of clip folders "
    "with rgb/, u/ and v/ in them; or class folders of clip folders with numbered pictures"
)
# Of pictures and of flow, in formats that are read and others.
PICTURES = {
    *(".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".jp2", ".heic"),
    *(".avif", ".exr", ".npy", ".npz", ".flo"),
}


def scan_folder(source: Path, *, least_classes: int = 2) -> Scan:
    """The clips of a folder of class folders, whatever they are.

    Raises TwostreamError for fewer than `least_classes` classes.
    """
    if not source.is_dir():
        return scan(source, least_classes=least_classes)
    flows = find_flow_folders(source)
    if flows is not None:
        return scan_frames_apart(source, flows, least_classes=least_classes)
    if holds_frames_within(source):
        return scan_frames_within(source, least_classes=least_classes)
    if holds_ready_frames(source):
        return scan_ready_frames(source, least_classes=least_classes)
    if walk(source, seen=ancestors(source)).videos:
        return scan(source, least_classes=least_classes)
    if holds_pictures(source):
        try:
            found = scan_pictures(source, least_classes=least_classes)
        except UnusableArchiveError:
            raise
        except TwostreamError as error:
            raise _not_understood(source, "pictures in other folders") from error
        _refuse_flow_as_clips(source, found)
        return found
    picture = _first_picture(source)
    if picture is not None and least_classes:
        with picture.open("rb") as file:
            animated = is_animated_webp(file.read(HEADER_BYTES))
        name = readable(picture.name)
        if animated:
            raise TwostreamError(
                source, expected="videos", found=f"{name}: {UNREAD_WEBP}", remedy=WEBP_REMEDY
            )
        raise _not_understood(source, f"pictures with other names, such as {name}")
    return scan(source, least_classes=least_classes)


def _refuse_flow_as_clips(source: Path, found: Scan) -> None:
    """Raise TwostreamError where folders of flow, of which their names say nothing, would be clips."""
    flows = flows_among(clip.path for clip in found.clips if clip.path.is_dir())
    if flows is None:
        return
    one, other = (readable(folder.relative_to(source).as_posix()) for folder in flows)
    raise TwostreamError(
        source,
        expected="folders of flow called u and v, or as the documentation of ready frames says",
        found=f"grey pictures of each clip twice beside coloured ones, in {one} and {other}: flow",
        remedy="call the folders of horizontal flow u and those of vertical flow v, or move both away",
    )


def _first_picture(source: Path) -> Path | None:
    """A picture, or of a file of flow, below `source`, whatever it is called."""
    for parent, folders, files in os.walk(source):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for name in sorted(files):
            if Path(name).suffix.lower() in PICTURES and not is_hidden(name):
                return Path(parent) / name
    return None


def _not_understood(source: Path, found: str) -> TwostreamError:
    return TwostreamError(
        source,
        expected=f"videos, or frames: {UNDERSTOOD}",
        found=found,
        remedy="put the numbered pictures of each clip into a folder of its own, in its class's folder",
    )
