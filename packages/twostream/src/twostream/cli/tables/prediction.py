"""What a run says of videos."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twostream.prediction.results import STREAMS, Prediction


def print_prediction(found: Prediction) -> None:
    """The best classes of each stream side by side."""
    columns = {name: getattr(found, name) for name in STREAMS if getattr(found, name)}
    table = Table(title=Text(found.source), caption=f"protocol {found.protocol}")
    for name in columns:
        table.add_column(name)
        table.add_column("", justify="right")
    for row in zip(*columns.values(), strict=True):
        table.add_row(
            *(cell for one in row for cell in (Text(one.label), f"{100 * one.score:.1f} %"))
        )
    Console().print(table)
