"""Streamers that changed their name, as told by a file."""

from __future__ import annotations

import csv
from pathlib import Path

from streamergraph.errors import StreamergraphError


def read_renames(path: Path) -> dict[str, str]:
    """Old name -> new name, both in lower case, from a CSV with columns old and new.

    Raises StreamergraphError for a file that is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        rows = []
    if not all({"old", "new"} <= set(row) and row["old"] and row["new"] for row in rows):
        rows = []
    if not rows:
        raise StreamergraphError(
            path, expected="a CSV with columns old, new", found="none", remedy="check the file"
        )
    return {row["old"].strip().lower(): row["new"].strip().lower() for row in rows}
