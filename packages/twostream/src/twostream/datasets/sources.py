"""What a source is, told from what is there: class folders, parts with class folders, a table."""

from __future__ import annotations

from pathlib import Path

from twostream.datasets.class_folders import Scan, scan
from twostream.datasets.clip_table import TABLE_EXTENSIONS, is_table, scan_table
from twostream.datasets.split_folders import part_folders, scan_parts
from twostream.errors import TwostreamError


def find_clips(source: Path) -> Scan:
    """The clips of `source`, whichever kind it is. Raises TwostreamError where it is none."""
    if is_table(source):
        return scan_table(source)
    if source.is_file():
        raise TwostreamError(
            source,
            expected="a folder of class folders, or a table of clips",
            found="another file",
            remedy=f"give a folder, or a file that ends in {', '.join(TABLE_EXTENSIONS)}",
        )
    parts = part_folders(source)
    if parts:
        return scan_parts(source, parts)
    return scan(source)
