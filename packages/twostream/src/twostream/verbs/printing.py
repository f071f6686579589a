"""What the verbs print: short tables on standard output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from twostream.datasets.annotations import STAGE as ANNOTATIONS_STAGE
from twostream.datasets.clips import Problem
from twostream.datasets.names import counted
from twostream.datasets.official import CLIPS_NAME, OfficialCheck
from twostream.evaluation.engines import engines_text, recorded_engines, rounding_text
from twostream.evaluation.sample_size import cautions, cautions_of
from twostream.preparation.outcome import Preparation
from twostream.preparation.plan import Plan
from twostream.progress import clock
from twostream.training.partition import Parts
from twostream.training.record import TrainingRecord

PROBLEMS_SHOWN = 5


def print_line(text: str) -> None:
    """Say one line as it is."""
    Console(highlight=False, soft_wrap=True).print(text, markup=False)


def print_preparation(preparation: Preparation, out: Path) -> None:
    """Say what was prepared, what could not be, and what is worth knowing."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{preparation.dataset}: {preparation.clips} clips, {preparation.frames} frames in {out}"
        + (f" ({preparation.reused} clips were there already)" if preparation.reused else ""),
        markup=False,
    )
    _print_notes(console, preparation.notes)
    if preparation.official is not None:
        print_official(preparation.official, out)
    # Absent clips are named with the official table.
    shown = [
        problem
        for problem in preparation.problems
        if preparation.official is None or problem.stage != ANNOTATIONS_STAGE
    ]
    _print_problems(console, shown)
    if len(shown) > PROBLEMS_SHOWN:
        console.print(
            f"… {len(preparation.problems)} problems in all, see {out / 'problems.csv'}",
            markup=False,
        )


def print_official(check: OfficialCheck, out: Path) -> None:
    """The table of an official data set, and the clips that are missing, extra or damaged."""
    Console().print(official_table(check))
    console = Console(highlight=False, soft_wrap=True)
    for status, clips in (
        ("missing", check.missing),
        ("not in the annotations", check.extra),
        ("damaged", check.damaged),
    ):
        if clips:
            more = ", …" if len(clips) > PROBLEMS_SHOWN else ""
            console.print(
                f"{len(clips)} {status}: {', '.join(clips[:PROBLEMS_SHOWN])}{more}", markup=False
            )
    if check.missing or check.extra or check.damaged:
        console.print(f"all of them are in {out / CLIPS_NAME}", markup=False)


def print_plan(plan: Plan, out: Path) -> None:
    """Say what `prepare` would do."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{plan.dataset}: {plan.clips} clips of {plan.classes} classes would go into {out}"
        + (f" ({plan.there} are there already)" if plan.there else ""),
        markup=False,
    )
    if plan.estimate is not None:
        console.print(plan.estimate.text(), markup=False)
    _print_notes(console, plan.notes)
    _print_problems(console, plan.problems)
    if len(plan.problems) > PROBLEMS_SHOWN:
        console.print(f"… {len(plan.problems)} problems in all", markup=False)
    console.print("nothing was written", markup=False)


def _print_notes(console: Console, notes: Sequence[str]) -> None:
    for note in notes:
        console.print(f"note: {note}", markup=False)


def _print_problems(console: Console, problems: Sequence[Problem]) -> None:
    for problem in problems[:PROBLEMS_SHOWN]:
        console.print(f"{problem.stage}: {problem.source}: {problem.reason}", markup=False)


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


def print_parts(stream: str, parts: Parts) -> None:
    """Say before a training how many clips train, validate and test, and what these cannot tell."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{stream}: {counted(parts.training, 'clip')} to train on, {parts.validation} to validate on, "
        f"{parts.test} to test on (split {parts.split})",
        markup=False,
    )
    _print_notes(console, cautions(parts.test, parts.untested) if parts.test else ())


def print_training(
    record: TrainingRecord,
    *,
    untrained: Sequence[str] = (),
    other_flow: str | None = None,
    was_there: bool = False,
) -> None:
    """Say what was trained on what and how the epoch was chosen, or that all of it `was_there` already."""
    console = Console(highlight=False, soft_wrap=True)
    trained = "was there already, trained" if was_there else "trained"
    console.print(
        f"{record.stream}: {trained} on {record.n_train} clips of {len(record.classes)} classes in "
        f"{clock(record.duration_seconds)}; epoch {record.selected_epoch} used: {record.selection}",
        markup=False,
    )
    if untrained:
        console.print(
            f"note: no training clip of {', '.join(untrained)}: their test clips can never be right",
            markup=False,
        )
    if other_flow:
        console.print(
            f"note: the run it began with learnt from flow of another kind ({other_flow})",
            markup=False,
        )


def print_results(results: dict[str, Any]) -> None:
    """The table of accuracies, in per cent."""
    table = Table(
        title=f"{results['dataset']}, split {results['split']}: {results['n_test']} test clips, "
        f"{len(results['classes'])} classes"
    )
    for heading in ("protocol", "stream"):
        table.add_column(heading)
    for heading in ("top-1", "95 % interval", "top-5", "mean class"):
        table.add_column(heading, justify="right")
    for protocol, streams in results["protocols"].items():
        for k, (stream, values) in enumerate(streams.items()):
            cells = [f"{100 * values[name]:.1f} %" for name in ("top1", "top5", "mean_class")]
            cells.insert(1, _interval(values))
            table.add_row(protocol if k == 0 else "", stream, *cells)
        table.add_section()
    Console().print(table)
    if "original" in results:
        _print_original(results["original"])
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"scores computed by: {engines_text(recorded_engines(results))}", markup=False)
    _print_notes(
        console,
        [rounding_text(stream, told) for stream, told in results.get("rounding", {}).items()],
    )
    _print_notes(console, cautions_of(results))


def _interval(values: Mapping[str, Any]) -> str:
    """The 95 % interval of top-1 in per cent, where the results have it."""
    ends = (values.get("intervals") or {}).get("top1")
    return "" if ends is None else f"{100 * ends[0]:.0f} to {100 * ends[1]:.0f}"


def print_lone_stream(run: Path, results: dict[str, Any]) -> None:
    """Say which stream is missing where only one is trained, so that nobody wonders about fusion."""
    from twostream.evaluation.trained import was_begun

    for stream in {"spatial", "temporal"} - set(results["trainings"]):
        begun = "was begun but not finished" if was_begun(run, stream) else "is not trained"
        Console(highlight=False, soft_wrap=True).print(
            f"note: the {stream} stream of {run} {begun}: there is nothing to fuse", markup=False
        )


def print_differing_options(names: Sequence[str]) -> None:
    """Say in which options the splits of a mean were trained differently."""
    if names:
        Console(highlight=False, soft_wrap=True).print(
            f"note: the splits were not trained alike: {', '.join(names)} differ", markup=False
        )


def print_prepared_anew(run: Path, results: dict[str, Any]) -> None:
    """Say which streams were trained on other stored clips than they have just been tested on."""
    from twostream.evaluation.trained import prepared_anew

    data = Path(results["data"])
    for stream in prepared_anew(run, data, tuple(results["trainings"])):
        Console(highlight=False, soft_wrap=True).print(
            f"note: {data} was prepared anew since the {stream} stream was trained: it may have been shown "
            "other images than it learnt from",
            markup=False,
        )


def _print_original(original: dict[str, Any]) -> None:
    table = Table(title="As the original measured")
    for heading in ("cell", "stream"):
        table.add_column(heading)
    for heading in ("top-1", "top-5", "measured on"):
        table.add_column(heading, justify="right")
    for cell, streams in original["protocols"].items():
        for k, (stream, values) in enumerate(streams.items()):
            table.add_row(
                cell if k == 0 else "",
                stream,
                *(f"{100 * values[name]:.1f} %" for name in ("top1", "top5")),
                f"{values['instances']} {values['of']}",
            )
        table.add_section()
    table.caption = original["note"]
    Console().print(table)


def print_split_results(combined: dict[str, Any]) -> None:
    """The table of accuracies over splits, in per cent: the mean, its spread, and each split.

    Below it, by how much fusion is above the best stream.
    """
    from twostream.reporting.svg import signed

    mean, splits = combined["mean"], combined["splits"]
    spread = combined["standard_deviation"]["protocols"]
    table = Table(
        title=f"{mean['dataset']}, {mean['split']}: {mean['n_test']} test clips, "
        f"{len(mean['classes'])} classes"
    )
    for heading in ("protocol", "stream"):
        table.add_column(heading)
    for heading in ("top-1", "top-5", "mean class", *(f"split {number}" for number in splits)):
        table.add_column(heading, justify="right")
    for protocol, streams in mean["protocols"].items():
        for k, (stream, values) in enumerate(streams.items()):
            cells = [
                _mean_and_spread(values[name], spread[protocol][stream][name])
                for name in ("top1", "top5", "mean_class")
            ]
            cells += [
                f"{100 * one['protocols'][protocol][stream]['top1']:.1f} %"
                for one in splits.values()
            ]
            table.add_row(protocol if k == 0 else "", stream, *cells)
        table.add_section()
    table.caption = (
        "Means over splits ± their standard deviation; of each split its top-1."
        if len(splits) > 1
        else None
    )
    Console().print(table)
    console = Console(highlight=False, soft_wrap=True)
    _print_notes(console, cautions_of(mean))
    for protocol, gains in mean.get("fusion_minus_best_stream", {}).items():
        for gain in gains[:1]:  # the plain average, which comes first
            told = gain["top1"]
            low, high = (signed(end) for end in told["interval"])
            console.print(
                f"{protocol}: {gain['first']} minus {gain['second']} {signed(told['difference'])} "
                f"points of top-1 (95 % interval {low} to {high})",
                markup=False,
            )


def _mean_and_spread(mean: float, spread: float | None) -> str:
    text = f"{100 * mean:.1f}"
    return f"{text} %" if spread is None else f"{text} ± {100 * spread:.1f} %"
