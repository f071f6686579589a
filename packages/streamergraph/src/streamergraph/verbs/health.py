"""The verb `health`: how a collector did, by a store or by its log."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamergraph.paths import JSON_PREFIX, path_or_none
from streamergraph.verbs.paths import ReportPath, StoreOrAddress, checks_paths

if TYPE_CHECKING:
    from streamergraph.reporting.health import Health

MIB = 2**20


@checks_paths
def health(
    source: StoreOrAddress,
    *,
    interval_minutes: int | None = None,
    timezone: str | None = None,
    at_least: float | None = None,
    fresh: str | None = None,
    out: ReportPath | None = None,
) -> dict[str, Any]:
    """Count expected, stored and failed runs, and show the holes.

    With `--at-least` or `--fresh` it ends with status 2 where that does not hold, for whoever watches a
    collector.

    Parameters
    ----------
    source
        A store (a folder, json:DIR, or mongodb://HOST:PORT/DATABASE.COLLECTION), or a log of the published
        collector, raw or cleaned.
    interval_minutes
        Minutes between two runs of a log as planned. Default: 5; a store shows it itself.
    timezone
        Zone of the times that are shown of a store. Default: that of its local times, else UTC.
    at_least
        Per cent of the expected runs that must be stored.
    fresh
        How old the last stored run of every series may be, such as 45m.
    out
        Also write the numbers as JSON (FILE.json); with FILE.html also a page, beside the JSON.
    """
    from streamergraph.atomic import write_json
    from streamergraph.collecting.durations import read_duration
    from streamergraph.collecting.sinks import is_address, shown
    from streamergraph.errors import StreamergraphError
    from streamergraph.events import say, say_table
    from streamergraph.reporting.runs import hole_table, notes, run_counts

    place, out = os.fspath(source), path_or_none(out)
    if out is not None and out.suffix not in (".json", ".html"):
        raise StreamergraphError(
            "--out",
            expected="a name in .json or .html",
            found=out.name,
            remedy="such as health.html",
        )
    if at_least is not None and not 0 <= at_least <= 100:
        raise StreamergraphError(
            "--at-least", expected="from 0 to 100, for it is per cent", found=f"{at_least:g}",
            remedy="such as 95",
        )  # fmt: skip
    is_log = not is_address(place) and not Path(place.removeprefix(JSON_PREFIX)).is_dir()
    longest = (
        read_duration(fresh, flag="--fresh", shortest=datetime.timedelta(minutes=1))
        if fresh is not None
        else None
    )
    if longest is not None and is_log:
        raise StreamergraphError(
            "--fresh", expected="a store", found="a log", remedy="leave it out for a log"
        )
    read, facts, whole = (
        _read_log(Path(place), interval_minutes, timezone)
        if is_log
        else _read_store(place, interval_minutes, timezone)
    )
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
        elif nothing and read.stored:
            say(nothing)
    if disk := facts.get("disk"):
        say(_told_of_disk(disk))
    if out is not None:
        write_json(out.with_suffix(".json"), facts)
        if out.suffix == ".html":
            _write_page(out, shown(place), read, facts, sources=whole)
    _require(shown(place), read, at_least, longest)
    return facts


def _require(
    source: str, read: Health, at_least: float | None, longest: datetime.timedelta | None
) -> None:
    """Raise StreamergraphError where too few runs are stored, or the last one of a series is too old."""
    from streamergraph.collecting.durations import as_written
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
            expected=f"stored runs of the last {as_written(longest)}",
            found=", ".join(f"{series} up to {start}" for series, start in sorted(old.items()))
            or "none",
            remedy="see whether `collect` runs, and what it says",
        )


def _read_store(
    place: str, interval_minutes: int | None, timezone: str | None
) -> tuple[Health, dict[str, Any], dict[str, Any] | None]:
    """The health of what was collected, its numbers, and those of its sources."""
    from dataclasses import asdict

    from streamergraph.errors import StreamergraphError
    from streamergraph.reporting.collected_runs import collected
    from streamergraph.reporting.sources import source_facts
    from streamergraph.reporting.stored_runs import health_of_store

    if interval_minutes is not None:
        raise StreamergraphError(
            "--interval-minutes",
            expected="a log, which does not say its interval",
            found="a store",
            remedy="leave it out: the store shows at which interval each series was taken",
        )
    with collected(place) as found:
        read = health_of_store(found.store, timezone=timezone, authors=found.authors)
        sources = source_facts(found.store, read, names=found.is_whole)
    keys = ("series", "looks", "left out", "not understood", "met while collecting")
    disk = {**asdict(found.disk), "store_bytes_a_day": _bytes_a_day(read, found.disk.store_bytes)}
    return read, {**_numbers(read), **{key: sources[key] for key in keys}, "disk": disk}, sources


def _read_log(
    log: Path, interval_minutes: int | None, timezone: str | None
) -> tuple[Health, dict[str, Any], None]:
    """The health of a collector by its log, and its numbers."""
    from streamergraph.reporting.collector_log import read_log
    from streamergraph.reporting.stored_runs import timezone_only_for_a_store

    timezone_only_for_a_store(timezone)
    read = read_log(log, interval_minutes=5 if interval_minutes is None else interval_minutes)
    more = {"error_lines": read.error_lines, "ignored_lines": read.ignored_lines}
    return read, {**_numbers(read), **more}, None


def _numbers(read: Health) -> dict[str, Any]:
    from streamergraph.reporting.hours import hour_facts
    from streamergraph.reporting.runs import hole_facts

    return {
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
    }


def _bytes_a_day(read: Health, taken: int) -> int | None:
    """What a day of what is stored takes; None where less than a day is."""
    starts = [run.start for run in read.stored]
    days = (max(starts) - min(starts)).total_seconds() / 86_400 if starts else 0.0
    return round(taken / days) if days >= 1 else None


def _told_of_disk(disk: dict[str, Any]) -> str:
    taken, free, a_day = disk["store_bytes"], disk["free_bytes"], disk["store_bytes_a_day"]
    text = f"disk: {_size(taken)} stored"
    text += f", {_size(a_day)} a day" if a_day is not None else ""
    text += f"; {free / MIB:,.0f} MiB free" if free is not None else ""
    return text + (f", room for {free / a_day:,.0f} days" if free is not None and a_day else "")


def _size(n_bytes: int) -> str:
    """Of a small store the kibibytes, which are not 0.0 of the larger unit."""
    return f"{n_bytes / MIB:,.1f} MiB" if n_bytes >= MIB else f"{n_bytes / 1024:,.0f} KiB"


def _write_page(
    out: Path, source: str, read: Health, facts: dict[str, Any], *, sources: dict[str, Any] | None
) -> None:
    """The same as a report."""
    from streamergraph.reporting.hours import hour_sections
    from streamergraph.reporting.page import Section, write_report
    from streamergraph.reporting.runs import run_sections
    from streamergraph.reporting.sources import source_sections

    sections = run_sections(read)
    if "disk" in facts:
        sections.append(Section(title="Disk", sentences=[_told_of_disk(facts["disk"])]))
    if sources is not None:
        sections += [*source_sections(sources), *hour_sections(read)]
    write_report(out, "How collecting went", source, sections)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
