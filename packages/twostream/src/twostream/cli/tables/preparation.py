"""What was prepared, or would be, and the tables of official data sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from twostream.cli.tables.lines import PROBLEMS_SHOWN, print_line, print_notes, print_problems
from twostream.datasets.annotations import STAGE as ANNOTATIONS_STAGE
from twostream.datasets.names import counted
from twostream.datasets.official import CLIPS_NAME, OfficialCheck
from twostream.preparation.outcome import Preparation

if TYPE_CHECKING:
    from twostream.preparation.plan import Plan


def print_preparation(preparation: Preparation) -> None:
    """Say what was prepared, what could not be, and what is worth knowing."""
    out = preparation.folder or Path()
    made = f"{counted(preparation.clips, 'clip')}, {counted(preparation.frames, 'frame')}"
    there = "1 clip was" if preparation.reused == 1 else f"{preparation.reused} clips were"
    print_line(
        f"{preparation.dataset}: {made} in {out}"
        + (f" ({there} there already)" if preparation.reused else "")
    )
    print_notes(preparation.notes)
    if preparation.official is not None:
        print_official(preparation.official, out)
    # Absent clips are named with the official table.
    shown = [
        problem
        for problem in preparation.problems
        if preparation.official is None or problem.stage != ANNOTATIONS_STAGE
    ]
    print_problems(shown)
    if len(shown) > PROBLEMS_SHOWN:
        print_line(f"… {len(preparation.problems)} problems in all, see {out / 'problems.csv'}")


def print_official(check: OfficialCheck, out: Path) -> None:
    """The table of an official data set, and the clips that are missing, extra or damaged."""
    Console().print(official_table(check))
    for status, clips in (
        ("missing", check.missing),
        ("not in the annotations", check.extra),
        ("damaged", check.damaged),
    ):
        if clips:
            more = ", …" if len(clips) > PROBLEMS_SHOWN else ""
            print_line(f"{len(clips)} {status}: {', '.join(clips[:PROBLEMS_SHOWN])}{more}")
    if check.missing or check.extra or check.damaged:
        print_line(f"all of them are in {out / CLIPS_NAME}")


def print_plan(plan: Plan, out: Path) -> None:
    """Say what `prepare` would do."""
    print_line(
        f"{plan.dataset}: {plan.clips} clips of {plan.classes} classes would go into {out}"
        + (f" ({plan.there} are there already)" if plan.there else "")
    )
    if plan.estimate is not None:
        print_line(plan.estimate.text())
    print_notes(plan.notes)
    print_problems(plan.problems)
    if len(plan.problems) > PROBLEMS_SHOWN:
        print_line(f"… {len(plan.problems)} problems in all")
    print_line("nothing was written")


def official_table(check: OfficialCheck) -> Table:
    """What is stated of a data set, what its annotations list, and what is there."""
    table = Table(title=f"{check.name}: official, in the annotations, there")
    table.add_column("what")
    for heading in ("official", "listed", "there"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for row in check.rows:
        mark = "" if row.agrees else "differs"
        table.add_row(row.what, row.official or "–", row.listed, row.found, mark)
    return table
