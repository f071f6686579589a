"""The verb `health`: how a collector did, by a store or by its log."""

from __future__ import annotations

import datetime
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
    at_least: float | None = None,
    fresh: str | None = None,
    out: OutputPath | None = None,
) -> dict[str, Any]:
    """Count expected, stored and failed runs, and show the holes.

    With `--at-least` or `--fresh` it ends with status 2 where that does not hold, for whoever watches a
    collector.

    Parameters
    ----------
    source
        A store, or a log of the published collector, raw or cleaned.
    interval_minutes
        Minutes between two runs of a log as planned. Default: 5; a store shows it itself.
    timezone
        Zone of the times that are shown of a store. Default: that of its local times, else UTC.
    at_least
        Per cent of the expected runs that must be stored.
    fresh
        How old the last stored run of every series may be, such as 45m.
    out
        Also write the numbers as JSON.
    """
    from streamergraph.atomic import write_json
    from streamergraph.collecting.durations import read_duration
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say, say_table
    from streamergraph.reporting.runs import hole_table, notes, run_counts

    source, out = Path(source), path_or_none(out)
    longest = (
        read_duration(fresh, flag="--fresh", shortest=datetime.timedelta(minutes=1))
        if fresh is not None
        else None
    )
    if longest is not None and not source.is_dir():
        raise StreamergraphError(
            "--fresh", expected="a store", found="a log", remedy="leave it out for a log"
        )
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
    _require(source, read, at_least, longest)
    return facts


def _require(
    source: Path, read: Health, at_least: float | None, longest: datetime.timedelta | None
) -> None:
    """Raise StreamergraphError where too few runs are stored, or the last one of a series is too old."""
    from streamergraph.errors import StreamergraphError

    if at_least is not None and read.stored_percent < at_least:
        raise StreamergraphError(
            source,
            expected=f"at least {at_least:g} % of the expected runs",
            found=f"{read.stored_percent} %",
            remedy="see what became of the others, above",
        )
    if longest is None:
        return
    now = datetime.datetime.now(datetime.UTC)
    last = {run.series: run.start for run in read.stored}
    old = {series: start for series, start in last.items() if now - start > longest}
    if old or not last:
        raise StreamergraphError(
            source,
            expected=f"stored runs of the last {longest}",
            found=", ".join(f"{series} up to {start}" for series, start in sorted(old.items()))
            or "none",
            remedy="see whether `collect` runs, and what it says",
        )


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
        more = {
            key: sources[key]
            for key in ("series", "looks", "left out", "not understood", "met while collecting")
        }
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
        "partial_runs": read.partial,
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
