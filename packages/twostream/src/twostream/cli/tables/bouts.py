"""What `bouts` counted, and how well two people agree."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from twostream.cli.tables.lines import print_line, print_notes
from twostream.datasets.names import counted
from twostream.timelines.bouts import ALL, BoutMeasures
from twostream.verbs.found import Bouts, Review

LONGEST = 40


def print_bouts(found: Bouts) -> None:
    """A table by subject and label over all videos, kappa, and where the rest is."""
    print_notes(found.notes)
    rows = [one for one in found.measures if one.video == ALL] or list(found.measures)
    table = Table(title="bouts")
    for heading in ("subject", "label"):
        table.add_column(heading)
    for heading in ("bouts", "total s", "mean s", "latency s", "share"):
        table.add_column(heading, justify="right")
    for one in rows[:LONGEST]:
        table.add_row(*_cells(one))
    Console().print(table)
    if len(rows) > LONGEST:
        print_line(f"… {counted(len(rows), 'row')} in all")
    for unit, agreement in found.agreements.items():
        kappa = "not defined: one class" if agreement.kappa is None else f"{agreement.kappa:.3f}"
        print_line(
            f"agreement by {unit}: Cohen's kappa {kappa}, {100 * agreement.observed:.1f} % of "
            f"{agreement.units} {unit} the same"
        )
    print_line(f"tables and ethogram.svg are in {found.folder}")


def _cells(one: BoutMeasures) -> tuple[str, ...]:
    return (
        one.subject,
        one.label,
        str(one.bouts),
        f"{one.total_s:.3f}",
        "" if one.mean_s is None else f"{one.mean_s:.3f}",
        f"{one.latency_s:.3f}",
        "" if one.share is None else f"{100 * one.share:.1f} %",
    )


def print_review(review: Review) -> None:
    """A table of the stretches, the most worth first."""
    print_notes(review.notes)
    several = len(review.videos) > 1
    table = Table(title=f"worth a second look in {review.where}")
    if several:
        table.add_column("video", no_wrap=True)
    for heading in ("from s", "to s"):
        table.add_column(heading, justify="right")
    for heading in ("why", "labelled", "predicted"):
        table.add_column(heading)
    table.add_column("doubt", justify="right")
    for one in review.looks:
        place = (one.video,) if several else ()
        times = (f"{one.start_s:.2f}", f"{one.end_s:.2f}")
        table.add_row(*place, *times, one.reason, one.labelled, one.predicted, f"{one.doubt:.2f}")
    Console().print(table)
    if not review.looks:
        print_line("nothing: the network says what the labels say, and is sure of it")
