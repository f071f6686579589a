"""The verb `health`: how a collector did, by its log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import InputPath, OutputPath, checks_paths


@checks_paths
def health(
    log: InputPath, *, interval_minutes: int = 5, out: OutputPath | None = None
) -> dict[str, Any]:
    """Count expected, started, stored and failed runs, and show the holes.

    Parameters
    ----------
    log
        A log of the original's collector, raw or cleaned.
    interval_minutes
        Minutes between two runs as planned.
    out
        Also write the numbers as JSON.
    """
    from streamergraph.atomic import write_json
    from streamergraph.reporting.health import read_log
    from streamergraph.reporting.runs import run_counts
    from streamergraph.verbs.printing import say, say_table

    log, out = Path(log), path_or_none(out)
    read = read_log(log, interval_minutes=interval_minutes)
    facts: dict[str, Any] = {
        "expected_runs": read.expected,
        "started_runs": len(read.runs),
        "stored_runs": len(read.stored),
        "log_holds_failed_runs": read.complete,
        "never_started_runs": read.never_started,
        "failed_runs": dict(read.failures()),
        "error_lines": read.error_lines,
        "ignored_lines": read.ignored_lines,
        "mean_duration_seconds": round(read.mean_duration_seconds(), 3),
        "mean_duration_of_whole_seconds": round(read.mean_duration_seconds(whole_seconds=True), 3),
        "holes": [
            {
                "after": hole.after.isoformat(timespec="seconds"),
                "before": hole.before.isoformat(timespec="seconds"),
                "minutes": round(hole.minutes, 1),
            }
            for hole in read.holes()
        ],
        "mean_streams_by_hour": {h: round(v, 1) for h, v in read.hourly("streams").items()},
        "mean_presences_by_hour": {h: round(v, 1) for h, v in read.hourly("presences").items()},
    }
    say(
        f"{facts['stored_runs']} of {facts['expected_runs']} runs stored "
        f"({100 * facts['stored_runs'] / facts['expected_runs']:.1f} %), "
        f"{facts['mean_duration_seconds']:.2f} s each on average"
    )
    if read.complete:
        say_table(
            "what became of the planned runs",
            ["", "runs"],
            list(run_counts(read).items()),
            numbers=(1,),
        )
    else:
        say("note: a cleaned log holds only stored runs: which of the others started is not in it")
    say_table(
        f"holes of {read.hole_minutes} minutes or more (times of the log)",
        ["last before", "first after", "minutes"],
        [[hole["after"], hole["before"], hole["minutes"]] for hole in facts["holes"]],
        numbers=(2,),
    )
    if out is not None:
        write_json(out, facts)
    return facts
