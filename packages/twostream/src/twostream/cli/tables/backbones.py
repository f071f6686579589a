"""What backbones there are."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twostream.verbs.found import Backbones


def print_backbones(found: Backbones) -> None:
    """A row for each, with its speed where it was timed."""
    sizes = sorted({one.size_px for one in found.facts})
    timed = any(one.images_per_second is not None for one in found.facts)
    table = Table(
        caption=f"one image of {' or '.join(map(str, sizes))} px; parameters without a classifier; "
        "where weights come from: --json or --csv"
    )
    table.add_column("backbone", no_wrap=True)
    table.add_column("parameters", justify="right", no_wrap=True)
    table.add_column("GFLOP", justify="right", no_wrap=True)
    if timed:
        table.add_column("images/s", justify="right", no_wrap=True)
    table.add_column("input range")
    table.add_column("weights at hand")
    for one in found.facts:
        speed = [Text(f"{one.images_per_second:.1f}")] if one.images_per_second else []
        table.add_row(
            Text(one.name),
            f"{one.parameters / 1e6:.1f} M",
            f"{one.operations / 1e9:.2f}",
            *(speed if timed else []),
            Text(one.input_range),
            {None: "there are none", True: "yes", False: "no"}[one.at_hand],
        )
    Console().print(table)
