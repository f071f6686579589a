"""What the splits of a data set train and test."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from twostream.cli.tables.lines import print_notes
from twostream.reporting.svg import signed
from twostream.verbs.results import SplitTable

ROWS_SHOWN = 60


def print_split_table(found: SplitTable) -> None:
    """Clips and source videos of every split, the balance of tags, and what is odd."""
    rows = found.rows
    alone = any(row["tests"] for row in rows)
    parts = [side for side in ("train", "val", "test", "unused") if any(row[side] for row in rows)]
    table = Table(title=f"splits of {found.folder}")
    for heading in ("split", *parts, "sources"):
        table.add_column(heading, justify="right")
    if alone:
        table.add_column("tests")
    for row in rows[:ROWS_SHOWN]:
        cells = [str(row["split"]), *(str(row[side]) for side in parts)]
        cells.append(f"{row['train_sources']} / {row['test_sources']}")
        table.add_row(*cells, *([row["tests"] or ""] if alone else []))
    left = len(rows) - ROWS_SHOWN
    table.caption = "Clips of each part; sources: source videos that train / test." + (
        f" {left} more splits." if left > 0 else ""
    )
    console = Console()
    console.print(table)
    if found.imbalances:
        console.print(_balance(found))
    print_notes(found.notes)


def _balance(found: SplitTable) -> Table:
    table = Table(title="training and test part alike?")
    table.add_column("split", justify="right")
    table.add_column("tag")
    table.add_column("moved, %", justify="right")
    table.add_column("most apart, points")
    for one in found.imbalances[:ROWS_SHOWN]:
        most = f"{one.largest.value} {signed(one.largest.difference)}"
        table.add_row(str(one.split), one.tag, f"{100 * one.moved:.1f}", most)
    table.caption = (
        "Moved: how many in a hundred test clips would have to be of another kind for both parts to be "
        "alike. Small parts differ by chance."
    )
    return table
