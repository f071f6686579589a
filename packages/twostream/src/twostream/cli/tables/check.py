"""What `check` found."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from twostream.cli.tables.lines import print_line
from twostream.datasets.names import counted, readable
from twostream.preparation.verification import Kind, Verification

MEANINGS: dict[Kind, str] = {
    "missing": "clips of the manifest without a file",
    "damaged": "clips with damaged bytes or images",
    "counts": "clips with other counts or sizes than stated",
    "source": "clips made from other videos than are there now",
    "conversion": "clips whose pictures would be made otherwise today",
    "labels": "labels, groups or splits that do not fit",
    "tables": "manifest.csv and prepare.yaml",
    "leftover": "files that belong to no clip",
}
SHOWN = 10


def print_check(found: Verification) -> None:
    """The table of what was looked at, and the first findings by name."""
    console = Console(highlight=False, soft_wrap=True)
    table = Table(title=f"{counted(found.clips, 'clip')}, {counted(found.frames, 'frame')}")
    for heading in ("what", "kind"):
        table.add_column(heading)
    table.add_column("wrong", justify="right")
    for kind, number in found.counts().items():
        unseen = kind in ("source", "conversion") and found.source is None
        table.add_row(MEANINGS[kind], kind, "not there" if unseen else str(number))
    console.print(table)
    for item in found.findings[:SHOWN]:
        print_line(f"{item.kind}: {readable(item.subject)}: {readable(item.detail)}")
    if len(found.findings) > SHOWN:
        print_line(f"… {counted(len(found.findings), 'finding')} in all, see check.csv")
