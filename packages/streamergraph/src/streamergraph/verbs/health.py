"""The verb `health`: how a collector did, by a store or by its log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import InputPath, OutputPath, checks_paths

if TYPE_CHECKING:
    from streamergraph.reporting.health import Health


@checks_paths
def health(
    source: InputPath,
    *,
    interval_minutes: int | None = None,
    timezone: str | None = None,
    out: OutputPath | None = None,
) -> dict[str, Any]:
    """Count expected, stored and failed runs, and show the holes.

    Parameters
    ----------
    source
        A store, or a log of the original's collector, raw or cleaned.
    interval_minutes
        Minutes between two runs of a log as planned. Default: 5; a store shows it itself.
    timezone
        Zone of the times that are shown of a store. Default: that of its local times, else UTC.
    out
        Also write the numbers as JSON.
    """
    from streamergraph.atomic import write_json
    from streamergraph.reporting.runs import hole_table, notes, run_counts
    from streamergraph.verbs.printing import say, say_table

    source, out = Path(source), path_or_none(out)
    read, facts = _read(source, interval_minutes, timezone)
    mean = facts["mean_duration_seconds"]
    say(
        f"{len(read.stored):,} of {read.expected:,} runs stored ({read.stored_percent} %)"
        + (f", {mean:.2f} s each on average" if mean is not None else "")
    )
    if read.complete:
        say_table(
            "what became of the expected runs",
            ["", "runs"],
            list(run_counts(read).items()),
            numbers=(1,),
        )
    for note in notes(read):
        say(f"note: {note}")
    for title, holes, nothing in (
        (
            f"holes of {read.hole_length} or more (times of {read.clock})",
            read.holes(),
            f"no hole of {read.hole_length} or more" if read.can_have_holes else "",
        ),
        (f"times without a message, of chat logs (times of {read.clock})", read.silences(), ""),
    ):
        if holes:
            table = hole_table(holes, read)
            more = f"; the {len(table.rows)} longest of {len(holes)}"
            title += more if len(holes) > len(table.rows) else ""
            say_table(title, table.header, table.rows, numbers=table.numbers)
        elif nothing:
            say(nothing)
    if out is not None:
        write_json(out, facts)
    return facts


def _read(
    source: Path, interval_minutes: int | None, timezone: str | None
) -> tuple[Health, dict[str, Any]]:
    """The health of a store or of a log, and its numbers."""
    from streamergraph.errors import StreamergraphError
    from streamergraph.observations.reading import readable
    from streamergraph.observations.store import Store
    from streamergraph.reporting.collector_log import read_log
    from streamergraph.reporting.hours import hour_facts
    from streamergraph.reporting.runs import hole_facts
    from streamergraph.reporting.sources import source_facts
    from streamergraph.reporting.stored_runs import health_of_store, timezone_only_for_a_store

    more: dict[str, Any]
    if source.is_dir():
        if interval_minutes is not None:
            raise StreamergraphError(
                "--interval-minutes",
                expected="a log, which does not say its interval",
                found="a store",
                remedy="leave it out: the store shows at which interval each series was taken",
            )
        with readable(Store.open(source)) as store:
            read = health_of_store(store, timezone=timezone)
            sources = source_facts(store, read)
        more = {key: sources[key] for key in ("series", "looks", "left out", "not understood")}
    else:
        timezone_only_for_a_store(timezone)
        read = read_log(
            source, interval_minutes=5 if interval_minutes is None else interval_minutes
        )
        more = {"error_lines": read.error_lines, "ignored_lines": read.ignored_lines}
    return read, {
        "expected_runs": read.expected,
        "started_runs": len(read.runs),
        "stored_runs": len(read.stored),
        "failed_runs_are_known": read.complete,
        "never_started_runs": read.never_started,
        "failed_runs": dict(read.failures()),
        "times_are_of": read.clock,
        "mean_duration_seconds": _rounded(read.mean_duration_seconds()),
        "mean_duration_of_whole_seconds": _rounded(read.mean_duration_seconds(whole_seconds=True)),
        "holes": hole_facts(read.holes()),
        "silences": hole_facts(read.silences()),
        **{f"mean_{name}": hours for name, hours in hour_facts(read).items()},
        **more,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
