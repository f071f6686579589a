"""``RUN/timelines/``: what is true and what was found in the recordings of the test part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twostream.atomic import write_csv, write_json
from twostream.evaluation.results import RESULTS_NAME
from twostream.evaluation.timeline_measures import measure_timelines
from twostream.timelines.files import intervals_as_json
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import Recording

FOLDER_NAME = "timelines"
FILE_NAME = "timelines.json"
TABLE_NAME = "intervals.csv"
COLUMNS = ("recording", "stream", "start_s", "end_s", "label", "score")
TRUE = "true"


def write_timelines(run: Path, by_stream: Mapping[str, Sequence[Recording]]) -> None:
    """Write the intervals of all recordings, true and found by each stream, as JSON and as a table.

    All streams have the same recordings. Raises OSError.
    """
    first = next(iter(by_stream.values()))
    told = [
        {
            "name": each.name,
            "duration_s": round(each.duration_s, 4),
            "fps": each.fps,
            TRUE: intervals_as_json(each.truth),
            "found": {
                stream: intervals_as_json(recordings[k].found)
                for stream, recordings in by_stream.items()
            },
        }
        for k, each in enumerate(first)
    ]
    write_json(run / FOLDER_NAME / FILE_NAME, {"recordings": told})
    lanes = [(each.name, TRUE, each.truth) for each in first]
    lanes += [
        (each.name, stream, each.found)
        for stream, recordings in by_stream.items()
        for each in recordings
    ]
    rows = [
        (name, lane, one.start_s, one.end_s, one.label, None if lane == TRUE else one.score)
        for name, lane, intervals in lanes
        for one in intervals
    ]
    write_csv(run / FOLDER_NAME / TABLE_NAME, COLUMNS, rows)


def read_timelines(run: Path, stream: str) -> tuple[Recording, ...]:
    """The recordings with what a stream found in them; empty where they are missing or damaged."""
    try:
        told = json.loads((run / FOLDER_NAME / FILE_NAME).read_text(encoding="utf-8"))
        return tuple(
            Recording(
                name=one["name"],
                truth=_intervals(one[TRUE]),
                found=_intervals(one["found"][stream]),
                duration_s=float(one["duration_s"]),
                fps=float(one["fps"]),
            )
            for one in told["recordings"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _intervals(told: Sequence[Mapping[str, Any]]) -> tuple[Interval, ...]:
    return tuple(Interval(**one) for one in told)


def add_to_results(run: Path, results: dict[str, Any], timelines: Mapping[str, Any]) -> None:
    """Put the measures of timelines into ``results.json``, and into what was read of it."""
    results["timelines"] = dict(timelines)
    write_json(run / RESULTS_NAME, results)


def pooled_timelines(
    folders: Mapping[Path, Mapping[str, Any]],
) -> dict[str, Any] | None:
    """The measures over the recordings of several folds together, each of which is tested once.

    `folders` are those of the folds with their results. None where one was evaluated without timelines, or
    a recording is in two of them.
    """
    told = [results.get("timelines") or {} for results in folders.values()]
    streams = [set(one.get("streams") or ()) for one in told]
    names = [name for one in told for name in one.get("recordings", ())]
    common = set.intersection(*streams) if streams else set()
    if not common or len(set(names)) < len(names):
        return None
    by_stream = {
        stream: [one for folder in folders for one in read_timelines(folder, stream)]
        for stream in told[0]["streams"]
        if stream in common
    }
    if any([one.name for one in found] != names for found in by_stream.values()):
        return None
    first = next(iter(told[0]["streams"].values()))
    overlapping = first.get("edit") is None and bool(first.get("true_intervals"))
    return {
        "streams": {
            stream: measure_timelines(found, overlapping=overlapping)
            for stream, found in by_stream.items()
        },
        "recordings": names,
    }
