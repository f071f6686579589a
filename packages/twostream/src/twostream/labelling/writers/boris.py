"""An observation of a BORIS project; the format is described in `boris_project`.

BORIS pairs events in the order of time, so that intervals of one subject and label that touch or overlap
are written as one. Observations of people stay as they are; ours of an earlier time is replaced while
nobody changed it, which its description tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.labelling.boris_project import description_of, recognises
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import mapping, sequence, text
from twostream.labelling.writers.written import (
    Text,
    WrittenSegment,
    WrittenVideo,
    in_order,
    labels_of,
)

PLAYERS = 8
DATE = "1970-01-01T00:00:00"


def boris(
    segments: Sequence[WrittenSegment], video: WrittenVideo, existing: LabelFile | None
) -> Text:
    """The project of `existing` with an observation added."""
    if existing is None:
        project = _new()
    elif recognises(existing):
        project = dict(mapping(existing.document))
    else:
        raise TwostreamError(
            "BORIS", expected="a project", found="another file", remedy="choose another file"
        )
    joined = _joined(segments)
    _add(project, "subjects_conf", "name", sorted({one.subject for one in joined} - {""}), _subject)
    names = labels_of(joined, video)
    _add(project, "behaviors_conf", "code", names, _behaviour)
    events = sorted(
        (
            [round(time, 3), one.subject, one.label, "", ""]
            for one in joined
            for time in (one.start_s, one.end_s)
        ),
        key=lambda event: (event[0], event[1], event[2]),
    )
    observations = dict(mapping(project.get("observations")))
    notes = ["milliseconds"]
    if observations:
        notes.append(f"{counted(len(observations), 'observation')} kept")
    name = _place(observations, video, notes)
    observations[name] = _observation(video, events)
    project["observations"] = observations
    notes += _points(project, {one.label for one in joined})
    if len(joined) < len(segments):
        notes.append("intervals of one subject and label that touch or overlap became one")
    return Text(json.dumps(project, indent=1, ensure_ascii=False) + "\n", tuple(notes))


def _points(project: dict[str, object], names: Collection[str]) -> list[str]:
    """A sentence on labels that are point events in the project, so that beginnings and ends are points."""
    behaviours = [mapping(one) for one in mapping(project.get("behaviors_conf")).values()]
    found = sorted(
        code
        for one in behaviours
        if (code := text(one.get("code"))) in names
        and "state" not in text(one.get("type")).casefold()
    )
    if not found:
        return []
    return [f"point events in this project, where intervals need state events: {', '.join(found)}"]


def _joined(segments: Sequence[WrittenSegment]) -> list[WrittenSegment]:
    joined: list[WrittenSegment] = []
    last: dict[tuple[str, str], int] = {}
    for one in in_order(segments):
        key = (one.label, one.subject)
        place = last.get(key)
        before = None if place is None else joined[place]
        if before is not None and round(one.start_s, 3) <= round(before.end_s, 3):
            assert place is not None
            end = max(before.end_s, one.end_s)
            joined[place] = WrittenSegment(one.label, before.start_s, end, None, one.subject)
        else:
            last[key] = len(joined)
            joined.append(one)
    return joined


def _place(observations: dict[str, object], video: WrittenVideo, notes: list[str]) -> str:
    """The name of our observation; one of an earlier time that nobody changed makes room."""
    base = name = f"{video.stem} predicted"
    number = 1
    while name in observations:
        there = mapping(observations[name])
        as_written = text(there.get("description")) == description_of(sequence(there.get("events")))
        if as_written and not mapping(there.get("independent_variables")):
            del observations[name]
            notes[:] = [note for note in notes if not note.endswith(" kept")]
            if observations:
                notes.append(f"{counted(len(observations), 'observation')} kept")
            return name
        number += 1
        name = f"{base} {number}"
    return name


def _observation(video: WrittenVideo, events: list[list[object]]) -> dict[str, object]:
    length = video.length_s or 0.0
    players = range(1, PLAYERS + 1)
    return {
        "file": {str(k): [video.name] if k == 1 else [] for k in players},
        "type": "MEDIA",
        "date": DATE,
        "description": description_of(events),
        "time offset": 0,
        "events": events,
        "observation time interval": [0, 0],
        "independent_variables": {},
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "media_creation_date_as_offset": False,
        "media_scan_sampling_duration": 0,
        "image_display_duration": 1,
        "close_behaviors_between_videos": False,
        "media_info": {
            "length": {video.name: round(length, 3)},
            "fps": {video.name: video.fps},
            "hasVideo": {video.name: True},
            "hasAudio": {video.name: False},
            "offset": {str(k): 0.0 for k in players},
            "zoom level": {},
            "display subtitles": {},
            "overlay": {},
        },
    }


def _new() -> dict[str, object]:
    return {
        "time_format": "s",
        "project_date": DATE,
        "project_name": "predicted",
        "project_description": "",
        "project_format_version": "7.0",
        "subjects_conf": {},
        "behaviors_conf": {},
        "observations": {},
        "behavioral_categories": [],
        "behavioral_categories_config": {},
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
    }


def _subject(name: str) -> dict[str, object]:
    return {"key": "", "name": name, "description": ""}


def _behaviour(name: str) -> dict[str, object]:
    return {
        "type": "State event",
        "key": "",
        "code": name,
        "description": "",
        "color": "",
        "category": "",
        "modifiers": {},
        "excluded": "",
        "coding map": "",
    }


def _add(
    project: dict[str, object],
    key: str,
    named: str,
    names: Sequence[str],
    make: Callable[[str], dict[str, object]],
) -> None:
    """Add entries for the names that a numbered table of the project lacks."""
    table = dict(mapping(project.get(key)))
    known = {text(mapping(one).get(named)) for one in table.values()}
    numbers = [int(one) for one in table if one.isdecimal()]
    following = max(numbers, default=-1) + 1
    for name in names:
        if name not in known:
            table[str(following)] = make(name)
            following += 1
    project[key] = table
