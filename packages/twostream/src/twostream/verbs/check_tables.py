"""What `check` prints and writes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from rich.console import Console
from rich.table import Table

from twostream.atomic import write_json, write_text
from twostream.datasets.names import readable
from twostream.preparation.verification import Kind, Verification

MEANINGS: dict[Kind, str] = {
    "missing": "clips of the manifest without a file",
    "damaged": "clips with damaged bytes or images",
    "counts": "clips with other counts or sizes than stated",
    "source": "clips made from other videos than are there now",
    "labels": "labels, groups or splits that do not fit",
    "tables": "manifest.csv and prepare.yaml",
    "leftover": "files that belong to no clip",
}
SHOWN = 10


def print_check(found: Verification) -> None:
    """The table of what was looked at, and the first findings by name."""
    console = Console(highlight=False, soft_wrap=True)
    table = Table(title=f"{found.clips} clips, {found.frames} frames")
    for heading in ("what", "kind"):
        table.add_column(heading)
    table.add_column("wrong", justify="right")
    for kind, number in found.counts().items():
        unseen = kind == "source" and found.source is None
        table.add_row(MEANINGS[kind], kind, "not there" if unseen else str(number))
    console.print(table)
    for item in found.findings[:SHOWN]:
        console.print(
            f"{item.kind}: {readable(item.subject)}: {readable(item.detail)}", markup=False
        )
    if len(found.findings) > SHOWN:
        console.print(f"… {len(found.findings)} findings in all, see check.csv", markup=False)


def outcome_line(found: Verification) -> str:
    """The findings by kind, in words.

    >>> from twostream.preparation.verification import Finding, Verification
    >>> outcome_line(Verification(3, 9, (Finding("a/b", "missing", "no a/b.zip"),), None, True))
    '1 missing'
    """
    return ", ".join(f"{number} {kind}" for kind, number in found.counts().items() if number)


def write_check(data: Path, found: Verification) -> None:
    """Write ``check.csv``, a line a finding, and ``check.json``, the counts."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["subject", "kind", "detail"])
    for item in found.findings:
        writer.writerow(
            [readable(item.subject), item.kind, " ".join(readable(item.detail).split())]
        )
    write_text(data / "check.csv", text.getvalue())
    summary = {
        "clips": found.clips,
        "frames": found.frames,
        "whole": not found.findings,
        "images_decoded": found.decoded,
        "videos_compared": found.source is not None,
        "findings": found.counts(),
    }
    write_json(data / "check.json", summary)
