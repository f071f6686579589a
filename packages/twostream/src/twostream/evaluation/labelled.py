"""Recordings of the test part whose every interval of a class is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twostream.datasets.clips import SourceClip
from twostream.datasets.label_sets import SHORTEST_SECONDS
from twostream.datasets.listing import TEST
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.preparation.kept_sides import kept_sides
from twostream.preparation.record import (
    load_recorded,
    read_preparation_record,
    recorded_folds,
)
from twostream.timelines.intervals import Interval
from twostream.video.decode import open_video
from twostream.video.expected import length_seconds


@dataclass(frozen=True, kw_only=True)
class LabelledRecording:
    """A long video, and what happens when in it, in the order of time."""

    name: str
    path: Path
    truth: tuple[Interval, ...]


def labelled_recordings(data: Path, *, split: int) -> tuple[LabelledRecording, ...]:
    """The recordings from which the test clips of a data set were cut, with all that is labelled in them.

    What lies between the intervals counts as background, and so do clips of a background class. A
    recording of which other clips were trained on is left out, and told. Raises TwostreamError where no
    test clip is an interval of a recording, and where the source cannot be read again.
    """
    record = read_preparation_record(data)
    manifest = read_manifest(data)
    sides = {row.clip_id: row.splits[split - 1] for row in manifest.rows}
    if not record.get("source"):
        raise _none(data, "no record of their source")
    dataset = load_recorded(
        record,
        source=Path(record["source"]),
        kept=kept_sides(data, seed=record.get("seed", 0), folds=recorded_folds(record)),
    )
    of_path: dict[Path, list[SourceClip]] = {}
    for clip in dataset.clips:
        if clip.segment is not None:
            of_path.setdefault(clip.path, []).append(clip)
    tested = {
        path: clips
        for path, clips in of_path.items()
        if any(sides.get(clip.clip_id) == TEST for clip in clips)
    }
    if not tested:
        raise _none(data, "clips that are no intervals of longer recordings")
    found = []
    for path, clips in sorted(tested.items()):
        trained = [clip for clip in clips if sides.get(clip.clip_id) not in (TEST, "unused", None)]
        if trained:
            warn(
                f"{path}: left out of the timelines, for {len(trained)} of its {len(clips)} labelled "
                "intervals were trained on"
            )
            continue
        found.append(LabelledRecording(name=clips[0].source, path=path, truth=_truth(clips)))
    if not found:
        raise _none(data, "recordings that were trained on in part")
    return tuple(found)


def _truth(clips: Sequence[SourceClip]) -> tuple[Interval, ...]:
    intervals = []
    for clip in clips:
        assert clip.segment is not None
        if clip.background:
            continue
        start, end = clip.segment.start_seconds, clip.segment.end_seconds
        if end is None:
            end = seconds_of(clip.path)
        if end > start:
            intervals += [Interval(start, end, name) for name in clip.names]
    intervals.sort(key=lambda one: (one.start_s, one.end_s))
    if any(clip.labels is not None for clip in clips):
        intervals = _joined(intervals)
    return tuple(intervals)


def _joined(intervals: Sequence[Interval]) -> list[Interval]:
    """Stretches of one label that touch, or that a stretch parts which was too short for a clip."""
    last: dict[str, int] = {}
    found: list[Interval] = []
    for one in intervals:
        place = last.get(one.label)
        if place is not None and one.start_s - found[place].end_s < SHORTEST_SECONDS:
            found[place] = replace(found[place], end_s=max(one.end_s, found[place].end_s))
        else:
            last[one.label] = len(found)
            found.append(one)
    return found


def seconds_of(path: Path) -> float:
    """The length of a video as its file tells; raises TwostreamError where it cannot be opened."""
    with open_video(path) as video:
        return length_seconds(video)


def _none(data: Path, found: str) -> TwostreamError:
    return TwostreamError(
        data,
        expected="test clips that are intervals of long recordings, all of which are labelled",
        found=found,
        remedy="leave --timelines out, or prepare a table with start_seconds and end_seconds",
    )
