"""Predictions for Label Studio: tasks with pre-annotations, and the configuration that they need.

What people annotated, and other models predicted, stays in the tasks that are there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from twostream.errors import TwostreamError
from twostream.labelling.label_studio import DEFAULT_RATE, file_of, recognises, said_rate
from twostream.labelling.marks import MAKER, mark_of
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import mapping, sequence, text
from twostream.labelling.writers.written import (
    Text,
    WrittenSegment,
    WrittenVideo,
    in_order,
    labels_of,
)

NAME, TO, KIND = "actions", "video", "timelinelabels"


def label_studio(
    segments: Sequence[WrittenSegment], video: WrittenVideo, existing: LabelFile | None
) -> Text:
    """The tasks of `existing` with ours added; our earlier predictions of the video are replaced."""
    tasks = [] if existing is None else _tasks(existing)
    own = next((one for one in tasks if _names(one, video)), None)
    notes: list[str] = []
    if own is None:
        data: dict[str, object] = {"video": f"/data/local-files/?d={quote(video.name)}"}
        own = {"data": {**data, "fps": video.fps}}
        tasks.append(own)
    rate, said = _rate(own, video)
    others = [
        one
        for one in sequence(own.get("predictions"))
        if text(mapping(one).get("model_version")) != MAKER
    ]
    kept = len(sequence(own.get("annotations"))) + len(others)
    if kept:
        notes.append(f"{kept} annotations and predictions of others were kept")
    tags = _tags(tasks)
    regions = [_region(one, rate, tags) for one in in_order(segments)]
    scores = [one.score for one in segments if one.score is not None]
    made: dict[str, object] = {"model_version": MAKER, "result": regions}
    if scores:
        made["score"] = round(sum(scores) / len(scores), 4)
    own["predictions"] = [*others, made]
    notes.append(said)
    return Text(json.dumps(tasks, indent=1, ensure_ascii=False) + "\n", tuple(notes))


def _tasks(existing: LabelFile) -> list[dict[str, object]]:
    """The tasks of a file, one of which it may be itself; raises TwostreamError for what is none."""
    document = existing.document
    if isinstance(document, dict) and "data" in document and "result" not in document:
        document = [document]
    tasks = [dict(mapping(one)) for one in sequence(document)]
    if document == [] or (recognises(existing) and tasks and all("data" in one for one in tasks)):
        return tasks
    raise TwostreamError(
        existing.path,
        expected="tasks of Label Studio, exported as JSON",
        found="another file, or another of its exports",
        remedy="choose another file, or export as JSON",
    )


def _names(task: dict[str, object], video: WrittenVideo) -> bool:
    names = [file_of(one) for one in mapping(task.get("data")).values() if isinstance(one, str)]
    return any(name.rpartition("/")[2] == video.name for name in names)


def _rate(task: dict[str, object], video: WrittenVideo) -> tuple[float, str]:
    """The rate that the task's data say, else the video's, which is then said there; and a sentence on it.

    Where people labelled already by a rate that the data do not say, these go on to count as they do: what
    is said there now would be said of their labels, too.
    """
    data = dict(mapping(task.get("data")))
    rate = said_rate(data)
    if rate is None and _has_ranges(task):
        said = (
            f"frames of {DEFAULT_RATE:g} a second, Label Studio's default: the task does not say by which "
            "rate its labels count (fps in its data)"
        )
        return DEFAULT_RATE, said
    if rate is None or rate <= 0:
        task["data"] = {**data, "fps": video.fps}
        rate = video.fps
    rate = 1 / rate if rate < 1 else rate
    return rate, f'frames of {rate:g} a second: the configuration needs frameRate="$fps"'


def _has_ranges(task: Mapping[str, object]) -> bool:
    """Whether somebody labelled a time line in it."""
    return any(
        sequence(mapping(mapping(one).get("value")).get("ranges"))
        for annotation in sequence(task.get("annotations"))
        for one in sequence(mapping(annotation).get("result"))
    )


def _tags(tasks: Sequence[Mapping[str, object]]) -> tuple[str, str]:
    """The names of the tags for time lines and for the video in the tasks' project; else ours.

    A prediction of tags that the project lacks cannot be shown there.
    """
    for task in tasks:
        for annotation in sequence(task.get("annotations")):
            for one in map(mapping, sequence(mapping(annotation).get("result"))):
                found = text(one.get("from_name")), text(one.get("to_name"))
                if text(one.get("type")) == KIND and all(found):
                    return found
    return NAME, TO


def _region(one: WrittenSegment, rate: float, tags: tuple[str, str]) -> dict[str, object]:
    first = round(one.start_s * rate) + 1
    last = max(first, round(one.end_s * rate))
    value = {"ranges": [{"start": first, "end": last}], "timelinelabels": [one.label]}
    region: dict[str, object] = {
        "id": mark_of(one.label, first, last, one.subject),
        "type": KIND,
        "from_name": tags[0],
        "to_name": tags[1],
    }
    if one.score is not None:
        region["score"] = round(one.score, 4)
    region["value"] = value
    if one.subject:
        region["meta"] = {"text": [one.subject]}
    return region


def configuration(segments: Sequence[WrittenSegment], video: WrittenVideo) -> str:
    """The labelling configuration with all labels, for a new project."""
    names = labels_of(segments, video)
    labels = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in names)
    return (
        '<View>\n  <Video name="video" value="$video" frameRate="$fps"/>\n'
        f'  <TimelineLabels name="{NAME}" toName="{TO}">\n{labels}  </TimelineLabels>\n</View>\n'
    )
