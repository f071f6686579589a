"""Label Studio: its JSON, the shorter JSON-MIN, CSV and TSV, with labels of time lines.

A range counts ticks of the configuration's `frameRate` from 1, both ends inside. The rate is not in the
result: 24 if the configuration says nothing, and seconds a frame where it is below 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

from twostream.datasets.names import counted, is_video
from twostream.errors import TwostreamError
from twostream.labelling.collected import NO_TIME, Collected
from twostream.labelling.opened import LabelFile
from twostream.labelling.segments import FrameSpan
from twostream.labelling.values import mapping, number, rate_of, sequence, text, written

DEFAULT_RATE = 24.0
RATE_KEYS = ("fps", "framerate", "frame_rate", "frames_per_second")
PREDICTIONS = "predictions, which are no labels; --predictions reads them"
DRAFTS = "drafts that nobody submitted"
CANCELLED = "a cancelled (skipped) annotation"
OTHER_KIND = "a region that is not of a time line"
NO_VIDEO = "a task that names no video"
UPLOAD = re.compile(r"^[0-9a-f]{8}-(?=.)")


def recognises(file: LabelFile) -> bool:
    """Whether it is an export of Label Studio with a time line or tasks."""
    return bool(_tasks(file.document)) or _is_table(file)


def _tasks(document: object) -> list[Mapping[str, object]]:
    single = mapping(document)
    found = [mapping(one) for one in sequence(document) or ([document] if single else [])]
    if "result" in single and "data" in mapping(single.get("task")):
        # A file of a storage that Label Studio writes to: an annotation with its task in it.
        task = mapping(single["task"])
        found = [{**task, "annotations": [single], "predictions": []}]
    first = found[0] if found else {}
    is_task = "data" in first and bool({"annotations", "completions", "predictions"} & first.keys())
    return found if is_task or _is_short(first) else []


def _is_short(task: Mapping[str, object]) -> bool:
    """Whether it is of JSON-MIN or a table: the results stand beside the data."""
    return ("annotation_id" in task or "annotator" in task) and "data" not in task


def _is_table(file: LabelFile) -> bool:
    return {"annotation_id", "annotator"} <= set(file.header) or (
        "annotation_id" in file.header and "timelinelabels" in file.head
    )


def read(file: LabelFile, into: Collected) -> None:
    """Add the ranges of every annotation that was not cancelled."""
    tasks = _tasks(file.document)
    if not tasks:
        tasks = [{**row} for row in file.rows]
    rate_of = _Rates(into)
    for task in tasks:
        if _is_short(task):
            _read_short(task, rate_of, into)
        else:
            _read_task(task, rate_of, into)
    rate_of.tell()


def _read_task(task: Mapping[str, object], rate_of: _Rates, into: Collected) -> None:
    data = mapping(task.get("data"))
    video = _video(data, rate_of, into)
    if video is None:
        into.tell(NO_VIDEO, f"task {text(task.get('id')) or '?'}")
        return
    rate = rate_of(data)
    predictions = [mapping(one) for one in sequence(task.get("predictions"))]
    if predictions and not into.options.predictions:
        count = sum(len(sequence(one.get("result"))) for one in predictions)
        if count:
            into.tell(PREDICTIONS, f"{count}", video=video, lost=False)
        predictions = []
    annotations = [
        mapping(one) for key in ("annotations", "completions") for one in sequence(task.get(key))
    ]
    for one in annotations:
        if one.get("was_cancelled") is True or one.get("skipped") is True:
            count = len(sequence(one.get("result")))
            into.tell(CANCELLED, counted(count, "region"), video=video)
            continue
        into.saw(video)
        annotator = _annotator(one.get("completed_by"), into)
        for result in sequence(one.get("result")):
            _read_region(mapping(result), video, annotator, rate, into)
    drafts = [mapping(one) for one in sequence(task.get("drafts"))]
    regions = sum(len(sequence(one.get("result"))) for one in drafts)
    if regions:
        into.tell(DRAFTS, counted(regions, "region"), video=video)
    for one in predictions:
        into.saw(video)
        annotator = text(one.get("model_version"))
        for result in sequence(one.get("result")):
            _read_region(mapping(result), video, annotator, rate, into, predicted=True)


def _annotator(who: object, into: Collected) -> str:
    """By which of their names a person is asked for; else the address, or the number."""
    person = mapping(who)
    names = [text(person.get(key)) for key in ("email", "id", "username")]
    names = [name for name in (*names, text(who)) if name]
    asked = into.options.annotator
    return asked if asked is not None and asked in names else next(iter(names), "")


def _read_region(
    region: Mapping[str, object],
    video: str,
    annotator: str,
    rate: _Rate,
    into: Collected,
    *,
    predicted: bool = False,
) -> None:
    value = mapping(region.get("value"))
    labels = [
        written(one) for key in ("timelinelabels", "labels") for one in sequence(value.get(key))
    ]
    predicted = predicted or text(region.get("origin")).startswith("prediction")
    notes = [text(one) for one in sequence(mapping(region.get("meta")).get("text"))]
    # What a person notes of a region is a note; what we wrote there is the subject.
    subject = ", ".join(notes) if predicted else ""
    ranges = sequence(value.get("ranges"))
    if ranges:
        for label in labels or [""]:
            for one in ranges:
                _add_range(mapping(one), label, video, annotator, subject, rate, into)
    elif "labels" in value and "start" in value and "x" not in value:
        # A sound track beside the video: seconds.
        for label in labels:
            start, end = number(value["start"]), number(value.get("end"))
            into.segment(video, label, start, end, annotator=annotator, subject=subject)
    else:
        kind = text(region.get("type")) or "no kind"
        into.tell(OTHER_KIND, kind, video=video, label=", ".join(labels))


def _add_range(
    one: Mapping[str, object],
    label: str,
    video: str,
    annotator: str,
    subject: str,
    rate: _Rate,
    into: Collected,
) -> None:
    first, last = number(one.get("start")), number(one.get("end"))
    if first is None or last is None:
        into.tell(NO_TIME, video=video, label=label)
        return
    rate.counts = True
    span = FrameSpan(max(int(first), 1) - 1, int(last), rate.fps)
    into.segment(
        video,
        label,
        span.start_s,
        span.end_s,
        annotator=annotator,
        subject=subject,
        frames=span,
    )


def _read_short(task: Mapping[str, object], rate_of: _Rates, into: Collected) -> None:
    video = _video(task, rate_of, into)
    if video is None:
        into.tell(NO_VIDEO, f"annotation {text(task.get('annotation_id')) or '?'}")
        return
    into.saw(video)
    rate, annotator = rate_of(task), text(task.get("annotator"))
    for value in task.values():
        for one in _regions(value):
            _read_region({"value": one}, video, annotator, rate, into)


def _regions(value: object) -> Iterator[Mapping[str, object]]:
    """The regions in a column: a list, or one as the JSON of a cell."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return
    for one in sequence(value):
        region = mapping(one)
        if "ranges" in region or ("start" in region and "labels" in region):
            yield region


@dataclass
class _Rate:
    """The rate of a task; `counts` is whether anything in it is counted in frames."""

    fps: float
    counts: bool = False


def said_rate(data: Mapping[str, object]) -> float | None:
    """The rate that the data of a task tell, as it stands there."""
    keys = (key for key in data if key.casefold() in RATE_KEYS)
    return next((found for key in keys if (found := rate_of(data[key]))), None)


class _Rates:
    """The rate of each task: told, configured, in its data, or assumed; the last is said aloud."""

    def __init__(self, into: Collected) -> None:
        self.into = into
        self.video_key = ""
        self.field = ""
        self.configured: float | None = None
        self.assumed: list[_Rate] = []
        config = into.options.label_config
        if config is not None:
            self._read(config.read_text("utf-8-sig"), str(config))

    def _read(self, config: str, where: str) -> None:
        try:
            tag = next(ElementTree.fromstring(config).iter("Video"), None)
        except ElementTree.ParseError as error:
            raise TwostreamError(
                where,
                expected="a labelling configuration of Label Studio",
                found=str(error),
                remedy="copy it from the project's settings, Labeling Interface, Code",
            ) from error
        if tag is None:
            return
        self.video_key = tag.get("value", "").removeprefix("$")
        written = tag.get("frameRate", tag.get("framerate", ""))
        if written.startswith("$"):
            self.field = written.removeprefix("$")
        else:
            self.configured = rate_of(written) or DEFAULT_RATE

    def __call__(self, data: Mapping[str, object]) -> _Rate:
        told = self.into.options.label_rate or self.configured
        if told is None and self.field:
            told = rate_of(data.get(self.field))
        if told is None:
            told = said_rate(data)
        if told is None or told <= 0:
            self.assumed.append(_Rate(DEFAULT_RATE))
            return self.assumed[-1]
        return _Rate(1 / told if told < 1 else told)

    def tell(self) -> None:
        """Say aloud what was assumed."""
        tasks = sum(one.counts for one in self.assumed)
        if tasks:
            self.into.note(
                f"the frame rate of {counted(tasks, 'task')} is not in the export: {DEFAULT_RATE:g} a "
                "second was assumed, Label Studio's own default, and NOT the video's rate; if the "
                "labelling configuration has a frameRate, give it by --label-rate or the configuration by "
                "--label-config"
            )


def _video(data: Mapping[str, object], rate_of: _Rates, into: Collected) -> str | None:
    """The video of a task, as its file is called."""
    named = text(data.get(rate_of.video_key)) if rate_of.video_key else ""
    if not named:
        texts = [value for value in data.values() if isinstance(value, str)]
        named = next((one for one in texts if is_video(file_of(one))), "")
        named = named or text(data.get("video"))
    return file_of(named) if named else into.default_video or None


def file_of(address: str) -> str:
    """The file that an address of Label Studio means, without what uploading put in front.

    >>> file_of("/data/upload/1/0a1b2c3d-kitchen.mp4")
    'kitchen.mp4'
    >>> file_of("/data/local-files/?d=videos/garden%20part%201.mp4")
    'videos/garden part 1.mp4'
    >>> file_of("s3://bucket/some%20where/a.mp4?X=1")
    'some where/a.mp4'
    """
    if re.match(r"^[a-zA-Z]:[\\/]", address):
        return address
    parts = urlsplit(address) if "://" in address or address.startswith("/data/") else None
    if parts is None:
        return address
    if "local-files" in parts.path:
        return parse_qs(parts.query).get("d", [address])[0]
    path = unquote(parts.path)
    if "/upload/" in path:
        return UPLOAD.sub("", path.rpartition("/")[2])
    return path.lstrip("/")


def labels_of_config(config: str) -> Sequence[str]:
    """The labels of a configuration's time line, in order."""
    root = ElementTree.fromstring(config)
    return [
        one.get("value", "") for tag in root.iter("TimelineLabels") for one in tag.iter("Label")
    ]
