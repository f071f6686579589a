"""What a source is, told from what is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from twostream.datasets.class_folders import Scan
from twostream.datasets.clip_table import TABLE_EXTENSIONS, is_table, scan_table
from twostream.datasets.folder_kinds import scan_folder
from twostream.datasets.list_folders import list_family, lists_beside, lists_of_parts, scan_lists
from twostream.datasets.manifest import PARQUET
from twostream.datasets.names import is_packed
from twostream.datasets.ready_frames import (
    holds_pictures,
    holds_ready_frames,
    is_archive,
    scan_pictures,
    scan_ready_frames,
)
from twostream.datasets.split_folders import (
    part_folders,
    parts_within_classes,
    scan_parts,
    taken_for_classes,
)
from twostream.errors import TwostreamError


def find_clips(source: Path) -> Scan:
    """The clips of `source`: tables or lists, train/val/test folders, or class folders of videos or frames.

    Raises TwostreamError where it is none of them.
    """
    if is_table(source):
        return _scan_table(source)
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
    lists = list_family(source)
    if lists is not None:
        return scan_lists(source, lists)
    scan = taken_for_classes(parts_within_classes(source, scan_folder(source)))
    unused = [path.name for path in lists_of_parts(source)]
    if not unused:
        return scan
    named = ", ".join(unused)
    note = f"{named} beside the class folders are not used: move them into a folder there, and give that"
    return replace(scan, notes=(*scan.notes, note))


def _scan_table(table: Path) -> Scan:
    scan = scan_table(table)
    beside = lists_beside(table)
    if not beside or scan.given is not None:
        return scan
    note = f"{', '.join(beside)} lies beside it: give the folder to read them as one data set"
    return replace(scan, notes=(*scan.notes, note))


def _scan_file(source: Path) -> Scan:
    try:
        if holds_ready_frames(source):
            return scan_ready_frames(source)
        if holds_pictures(source):
            return scan_pictures(source)
        found = "an archive without any" if is_archive(source) else "another file"
    except (OSError, ValueError) as error:
        found = f"a file that cannot be read ({error})"
    raise TwostreamError(
        source,
        expected="a folder of class folders, a table of clips, labels of a known tool, or a ZIP archive "
        "of ready frames",
        found=found,
        remedy="unpack it, and give the folder of the videos in it"
        if is_packed(source)
        else f"give a folder, or a file that ends in {', '.join(TABLE_EXTENSIONS)}, .txt or .zip",
    )
