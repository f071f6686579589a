"""What a folder of clips holds: videos, ready frames with their flow, or pictures without."""

from __future__ import annotations

from pathlib import Path

from twostream.datasets.class_folders import Scan, scan
from twostream.datasets.frames_apart import find_flow_folders, scan_frames_apart
from twostream.datasets.ready_frames import (
    holds_pictures,
    holds_ready_frames,
    scan_pictures,
    scan_ready_frames,
)
from twostream.datasets.walk import ancestors, walk
from twostream.errors import TwostreamError

UNDERSTOOD = (
    "class folders of clip folders with img_00001.jpg, flow_x_00001.jpg and flow_y_00001.jpg; "
    "u/<clip>/ and v/<clip>/ of flows beside a folder of <clip>/ pictures; or class folders of clip "
    "folders with numbered pictures"
)


def scan_folder(source: Path, *, least_classes: int = 2) -> Scan:
    """The clips of a folder of class folders, whatever they are.

    Raises TwostreamError for fewer than `least_classes` classes.
    """
    if not source.is_dir():
        return scan(source, least_classes=least_classes)
    flows = find_flow_folders(source)
    if flows is not None:
        return scan_frames_apart(source, flows, least_classes=least_classes)
    if holds_ready_frames(source):
        return scan_ready_frames(source, least_classes=least_classes)
    if not holds_pictures(source) or walk(source, seen=ancestors(source)).videos:
        return scan(source, least_classes=least_classes)
    try:
        return scan_pictures(source, least_classes=least_classes)
    except TwostreamError as error:
        raise TwostreamError(
            source,
            expected=f"videos, or frames: {UNDERSTOOD}",
            found="pictures in other folders",
            remedy="put the pictures of each clip into a folder of its own, in the folder of its class",
        ) from error
