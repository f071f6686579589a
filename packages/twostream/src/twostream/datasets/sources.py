"""What a source is, told from what is there."""

from __future__ import annotations

from pathlib import Path

from twostream.datasets.class_folders import Scan, scan
from twostream.datasets.clip_table import TABLE_EXTENSIONS, is_table, scan_table
from twostream.datasets.frames_apart import (
    UNDERSTOOD,
    find_flow_folders,
    holds_pictures,
    scan_frames_apart,
)
from twostream.datasets.manifest import PARQUET
from twostream.datasets.ready_frames import holds_ready_frames, is_archive, scan_ready_frames
from twostream.datasets.split_folders import part_folders, scan_parts
from twostream.datasets.walk import ancestors, walk
from twostream.errors import TwostreamError


def find_clips(source: Path) -> Scan:
    """The clips of `source`: a table, train/val/test folders, ready frames, or class folders.

    Raises TwostreamError where it is none of them.
    """
    if is_table(source):
        return scan_table(source)
    if source.is_file():
        return _scan_file(source)
    if (source / PARQUET).is_file() and (source / "clips").is_dir():
        raise TwostreamError(
            source,
            expected="videos or ready frames",
            found="a data set that is prepared already",
            remedy="train on it, or give its source",
        )
    parts = part_folders(source)
    if parts:
        return scan_parts(source, parts)
    flows = find_flow_folders(source) if source.is_dir() else None
    if flows is not None:
        return scan_frames_apart(source, flows)
    if source.is_dir() and holds_ready_frames(source):
        return scan_ready_frames(source)
    try:
        return scan(source)
    except TwostreamError as error:
        if source.is_dir() and not _holds_videos(source) and holds_pictures(source):
            raise TwostreamError(
                source,
                expected=f"videos, or ready frames with their flow: {UNDERSTOOD}",
                found="folders of pictures alone, under other names",
                remedy="rename them, or give the videos",
            ) from error
        raise


def _holds_videos(source: Path) -> bool:
    return bool(walk(source, seen=ancestors(source)).videos)


def _scan_file(source: Path) -> Scan:
    try:
        if holds_ready_frames(source):
            return scan_ready_frames(source)
        found = "an archive without any" if is_archive(source) else "another file"
    except (OSError, ValueError) as error:
        found = f"a file that cannot be read ({error})"
    raise TwostreamError(
        source,
        expected="a folder of class folders, a table of clips, or a ZIP archive of ready frames",
        found=found,
        remedy=f"give a folder, or a file that ends in {', '.join(TABLE_EXTENSIONS)} or .zip",
    )
