"""Runs of a collector as sections of a report: how many were stored, how long they took, holes."""

from __future__ import annotations

from typing import Any

from streamergraph.reporting.charts import across, bars, violin
from streamergraph.reporting.health import Health
from streamergraph.reporting.page import ReportTable, Section


def run_counts(health: Health) -> dict[str, int]:
    """Runs expected, stored, and what became of the others as far as the log tells.

    A cleaned log holds only stored runs: of the others it is known only that nothing is there.
    """
    counts = {"expected": health.expected, "stored": len(health.stored)}
    if health.never_started is None:
        return {**counts, "without a snapshot": max(0, health.expected - len(health.stored))}
    counts["never started"] = health.never_started
    return {**counts, **dict(health.failures().most_common())}


def run_facts(health: Health) -> dict[str, Any]:
    """Numbers of the sections."""
    seconds = _durations(health)
    mean = health.mean_duration_seconds()
    longer = [value for value in seconds if value > mean]
    return {
        "runs": run_counts(health),
        "stored_percent": round(100 * len(health.stored) / max(1, health.expected), 1),
        "mean_duration_seconds": round(mean, 2),
        "runs_above_the_mean": len(longer),
        "their_mean_duration_seconds": round(sum(longer) / len(longer), 2) if longer else None,
        "mean_duration_by_hour": {
            hour: round(value, 2) for hour, value in health.hourly_duration_seconds().items()
        },
    }


def run_sections(health: Health) -> list[Section]:
    """Completeness of runs, currency (seconds of a run), and holes."""
    facts = run_facts(health)
    counts = facts["runs"]
    by_hour = facts["mean_duration_by_hour"]
    sentences = [f"{counts['stored']:,} of {counts['expected']:,} ({facts['stored_percent']} %)."]
    if not health.complete:
        sentences.append(
            "A cleaned log does not tell which of the others started, nor why they failed."
        )
    currency = [
        f"From the start of a run to its saved file: {facts['mean_duration_seconds']} s on average."
    ]
    if facts["runs_above_the_mean"]:
        currency.append(
            f"{facts['runs_above_the_mean']:,} runs took longer than that, "
            f"{facts['their_mean_duration_seconds']} s on average. The thick line holds the middle half "
            "of all runs, the ring their median."
        )
    holes = health.holes()
    return [
        Section(
            title="Runs of the collector",
            sentences=sentences,
            chart=across(counts, label="runs expected, stored and lost"),
        ),
        Section(
            title="Seconds of a run",
            sentences=currency,
            chart=violin(_durations(health), label="density of the seconds of stored runs"),
        ),
        Section(
            title="Seconds of a run by the hour it began",
            sentences=["Mean of stored runs; hours of the log's clock."],
            chart=bars(
                {str(hour): value for hour, value in by_hour.items()}, label="seconds by hour"
            ),
        ),
        Section(
            title=f"Holes of {health.hole_minutes} minutes or more",
            sentences=[] if holes else ["None."],
            table=ReportTable(
                header=["last start before", "first start after", "minutes"],
                rows=[[h.after, h.before, f"{h.minutes:.1f}"] for h in holes],
                numbers=(2,),
            )
            if holes
            else None,
        ),
    ]


def _durations(health: Health) -> list[float]:
    return [run.duration_seconds for run in health.stored if run.duration_seconds is not None]
