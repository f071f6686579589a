"""Runs as sections of a report: how many were stored, how long they took, holes."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import Any

from streamergraph.reporting.charts import across, violin
from streamergraph.reporting.health import Health, Hole
from streamergraph.reporting.hours import hour_chart
from streamergraph.reporting.page import ReportTable, Section

SHOWN = 20  # of the longest holes


def run_counts(health: Health) -> dict[str, int]:
    """Runs expected, stored, and what became of the others as far as it is known.

    A cleaned log holds only stored runs: of the others it is known only that nothing is there.
    """
    counts = {"expected": health.expected, "stored": len(health.stored)}
    if health.never_started is None:
        return {**counts, "without a snapshot": max(0, health.expected - len(health.stored))}
    if health.partial:
        counts["of these partial"] = health.partial
    counts["never started"] = health.never_started
    return {**counts, **dict(health.failures().most_common())}


def run_facts(health: Health) -> dict[str, Any]:
    """Numbers of the sections."""
    seconds = health.durations_seconds()
    mean = health.mean_duration_seconds()
    longer = [value for value in seconds if mean is not None and value > mean]
    return {
        "times_are_of": health.clock,
        "runs": run_counts(health),
        "stored_percent": health.stored_percent,
        "runs_of_known_duration": len(seconds),
        "mean_duration_seconds": None if mean is None else round(mean, 2),
        "runs_above_the_mean": len(longer),
        "their_mean_duration_seconds": round(sum(longer) / len(longer), 2) if longer else None,
        "mean_duration_by_hour": {
            hour: round(value, 2) for hour, value in health.hourly_duration_seconds().items()
        },
        "holes": hole_facts(health.holes()),
        "silences": hole_facts(health.silences()),
        "series": series_facts(health),
    }


def hole_facts(holes: Sequence[Hole]) -> list[dict[str, Any]]:
    """Holes as numbers and texts; which series has it is said where it has a name."""
    return [
        {
            **({"series": hole.series} if hole.series else {}),
            "after": _iso(hole.after),
            "before": _iso(hole.before),
            "minutes": round(hole.minutes, 1),
        }
        for hole in holes
    ]


def series_facts(health: Health) -> list[dict[str, Any]]:
    """Each series: its interval, and the runs that are expected and stored."""
    stored = Counter(run.series for run in health.stored)
    return [
        {
            "series": one.name,
            "language": one.language,
            "interval_minutes": round(one.interval_minutes, 2),
            "expected": one.expected,
            "stored": stored[one.name],
            "is_a_chat_log": one.listens,
        }
        for one in health.series
    ]


def notes(health: Health) -> list[str]:
    """What a reader has to know to read the counts rightly."""
    said = []
    if not health.complete:
        said.append("A cleaned log does not tell which of the others started, nor why they failed.")
    logs = [one.name for one in health.series if one.listens]
    if logs:
        said.append(
            f"{', '.join(logs)}: of a chat log, a window in which nobody wrote is no run, so that none "
            "is missing."
        )
    if any(one.name and not one.listens for one in health.series):
        said.append(
            "Runs are expected at the usual interval of their series, from its first run to its last."
        )
    if health.partial:
        said.append(
            "Of a partial run the list of streams broke off: who is not in it may have been live."
        )
    return said


def run_sections(health: Health, *, of: str = "") -> list[Section]:
    """Completeness of runs, currency (seconds of a run), and holes. `of` ends each title."""
    facts = run_facts(health)
    counts = facts["runs"]
    sentences = [
        f"{counts['stored']:,} of {counts['expected']:,} ({facts['stored_percent']} %).",
        *notes(health),
    ]
    if not facts["runs_of_known_duration"]:
        sentences.append("Nobody noted when runs began and ended.")
    return [
        Section(
            title=f"Runs of the collector{of}",
            sentences=sentences,
            chart=across(counts, label="runs expected, stored and lost", x_title="runs"),
        ),
        *(_duration_sections(health, facts, of=of) if facts["runs_of_known_duration"] else ()),
        *([_holes(health, of=of)] if health.can_have_holes else ()),
        *(
            [
                Section(
                    title=f"Times without a message{of}",
                    sentences=[
                        "Of chat logs, from four windows on: nobody wrote, or nobody listened.",
                        *_shown(health.silences()),
                    ],
                    table=hole_table(health.silences(), health),
                )
            ]
            if health.silences()
            else ()
        ),
    ]


def hole_table(holes: Sequence[Hole], health: Health) -> ReportTable:
    """The longest holes as a table, with their series where there are several."""
    several = len(health.series) > 1
    return ReportTable(
        header=[
            *(["series"] if several else []),
            "last start before", "first start after", "minutes",
        ],
        rows=[
            [
                *([hole.series] if several else []),
                _iso(hole.after, separator=" "),
                _iso(hole.before, separator=" "),
                f"{hole.minutes:,.1f}",
            ]
            for hole in holes[:SHOWN]
        ],
        numbers=(2 + several,),
    )  # fmt: skip


def _duration_sections(health: Health, facts: dict[str, Any], *, of: str) -> list[Section]:
    currency = [
        f"From the start of a run to what it saved: {facts['mean_duration_seconds']} s on average"
        + (
            f", of the {facts['runs_of_known_duration']:,} runs of which it is known."
            if facts["runs_of_known_duration"] < len(health.stored)
            else "."
        )
    ]
    if facts["runs_above_the_mean"]:
        currency.append(
            f"{facts['runs_above_the_mean']:,} runs took longer than that, "
            f"{facts['their_mean_duration_seconds']} s on average. The thick line holds the middle half "
            "of all runs, the ring their median."
        )
    return [
        Section(
            title=f"Seconds of a run{of}",
            sentences=currency,
            chart=violin(
                health.durations_seconds(),
                label="density of the seconds of stored runs",
                x_title="seconds of a stored run",
            ),
        ),
        Section(
            title=f"Seconds of a run by the hour it began{of}",
            sentences=[f"Mean of stored runs; hours of {health.clock}."],
            chart=hour_chart(
                facts["mean_duration_by_hour"],
                label="seconds by hour",
                y_title="mean seconds of a run",
            ),
        ),
    ]


def _holes(health: Health, *, of: str) -> Section:
    title, holes = f"Holes of {health.hole_length} or more{of}", health.holes()
    if not holes:
        return Section(title=title, sentences=["None."])
    return Section(
        title=title,
        sentences=[f"Times of {health.clock}.", *_shown(holes)],
        table=hole_table(holes, health),
    )


def _shown(holes: Sequence[Hole]) -> list[str]:
    return [f"The {SHOWN} longest of {len(holes):,}."] if len(holes) > SHOWN else []


def _iso(moment: datetime.datetime, *, separator: str = "T") -> str:
    return moment.isoformat(sep=separator, timespec="seconds")
