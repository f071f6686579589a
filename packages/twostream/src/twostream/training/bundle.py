"""A trained stream that needs nothing else: its network, and all that says what the network sees.

A *bundle* is a folder with ``bundle.json`` and ``model.keras``; training makes the folder of a stream
one. Nothing in it points outside, so that a copy of the two files does the same elsewhere: classes in the
order of the network's outputs, how flow is computed and coded, which samples the network sees, and what it
was trained on. Of two such folders, ``spatial`` and ``temporal``, a run is made (see `TwoStreamBundle`).
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from twostream.atomic import write_json
from twostream.datasets.manifest import ManifestRow, read_manifest
from twostream.errors import TwostreamError
from twostream.fingerprints import added_field, values_with_earlier_ones
from twostream.formats import LaterFormatError, check_format
from twostream.preparation.options import ExtractionOptions
from twostream.preparation.record import (
    read_preparation_record,
    recorded_crops,
    recorded_options,
)
from twostream.sources.specification import FlowSpecification
from twostream.training.place import MODEL_NAME
from twostream.training.record import RECORD_NAME, TrainingRecord, read_record
from twostream.transforms.preprocessing import Preprocessing, Stream, load_preprocessing

BUNDLE_NAME = "bundle.json"
PREPROCESSING_NAME = "preprocessing.json"
# Of a stream of several labels at once, which earlier versions would take for classes.
FORMAT = 2
FORMAT_OF_CLASSES = 1
SHORTEST_SHARE = 0.9


@dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """The clips of the training part: medians, and the lowest and highest rate (frames per second).

    `shortest_s` is a little less than the shortest usual interval in recordings, in seconds; None where
    clips are no parts of recordings.
    """

    clips: int
    fps: float
    lowest_fps: float
    highest_fps: float
    width: int
    height: int
    shortest_s: float | None = added_field(None, before=None)


@dataclass(frozen=True, kw_only=True)
class TrainingFacts:
    """What a stream was trained on, where, and how its epoch was chosen; see `TrainingRecord`."""

    backbone: str
    weights: str | None
    split: int
    n_train: int
    n_validation: int
    selection: str
    selected_epoch: int
    fingerprint: str
    content: str
    environment: dict[str, str]
    compute: dict[str, str] | None = None
    flow_input: str = added_field("stack", before="stack")


@dataclass(frozen=True, kw_only=True)
class StreamBundle:
    """One trained stream. `folder` holds its network; `sources` is None where clips are not at hand.

    `background` is the class that stands for 'none of the others', where there is one (`prepare
    --background`). With `multi_label` each of the `classes` is a label whose score says by itself whether
    it holds (`prepare --multi-label`).
    """

    folder: Path
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    flow: FlowSpecification
    training: TrainingFacts
    sources: SourceFacts | None = None
    background: str | None = None
    multi_label: bool = False

    @property
    def stream(self) -> Stream:
        """Spatial or temporal."""
        return self.preprocessing.stream

    @property
    def model(self) -> Path:
        """The file of the network."""
        return self.folder / MODEL_NAME


def describe_flow(data: Path) -> FlowSpecification:
    """How the prepared clips of the folder `data` were made."""
    record = read_preparation_record(data)
    try:
        options = recorded_options(record)
    except TwostreamError:
        known = {item.name for item in fields(ExtractionOptions)} - {"layout"}
        told = {name: value for name, value in record.items() if name in known}
        return FlowSpecification(
            bound_px=float(told.get("bound_px") or 20.0),
            step=int(told.get("step") or 1),
            fps=told.get("fps"),
            **recorded_crops(record),
        )
    return replace(options.specification(), **recorded_crops(record))


def describe_sources(rows: Sequence[ManifestRow]) -> SourceFacts | None:
    """Facts of clips; None where there is none.

    >>> describe_sources([]) is None
    True
    """
    if not rows:
        return None
    rates = [row.fps for row in rows]
    return SourceFacts(
        clips=len(rows),
        fps=statistics.median(rates),
        lowest_fps=min(rates),
        highest_fps=max(rates),
        width=int(statistics.median(row.width for row in rows)),
        height=int(statistics.median(row.height for row in rows)),
        shortest_s=shortest_interval(rows),
    )


def _shortest_known(sources: SourceFacts, earlier: SourceFacts) -> float | None:
    """How short an interval may be, by those that were more: the few that are new say little of it."""
    if earlier.shortest_s is None or sources.clips > earlier.clips:
        return sources.shortest_s
    return earlier.shortest_s


def shortest_interval(rows: Sequence[ManifestRow]) -> float | None:
    """How short an interval may be, in seconds, by those that clips were cut from recordings for.

    Nine tenths of what nineteen of twenty intervals of a class reach, for the class where that is least.
    None where no recording has several clips.
    """
    several = {source for source, count in Counter(row.source for row in rows).items() if count > 1}
    lengths: dict[str, list[float]] = {}
    for row in rows:
        if row.source in several and not row.background:
            lengths.setdefault(row.class_name, []).append(row.duration_seconds)
    if not lengths:
        return None
    usual = [sorted(own)[len(own) // 20] for own in lengths.values()]
    return round(SHORTEST_SHARE * min(usual), 3)


def bundle_of(
    folder: Path,
    record: TrainingRecord,
    preprocessing: Preprocessing,
    *,
    data: Path | None,
    earlier: SourceFacts | None = None,
) -> StreamBundle:
    """The bundle of a finished training; `data` is where its prepared clips are, if they are anywhere.

    `earlier` are the clips of the run that goes on, if one does.
    """
    names = [item.name for item in fields(TrainingFacts)]
    rows = _training_rows(data, record.split) if data is not None else ()
    background = next((row.class_name for row in rows if row.background), None)
    sources = describe_sources(rows)
    if sources is not None and earlier is not None:
        sources = replace(sources, shortest_s=_shortest_known(sources, earlier))
    return StreamBundle(
        folder=folder,
        classes=record.classes,
        preprocessing=preprocessing,
        flow=describe_flow(data) if data is not None else FlowSpecification(),
        training=TrainingFacts(**{name: getattr(record, name) for name in names}),
        sources=sources,
        background=background if background in record.classes else None,
        multi_label=record.multi_label,
    )


def write_bundle(bundle: StreamBundle) -> None:
    """Write ``bundle.json`` beside the network."""
    values = asdict(bundle)
    del values["folder"]
    if not bundle.multi_label:
        del values["multi_label"]
    number = FORMAT if bundle.multi_label else FORMAT_OF_CLASSES
    write_json(bundle.folder / BUNDLE_NAME, {"format": number, **values})


def read_bundle(folder: Path) -> StreamBundle:
    """The bundle in `folder`; a stream that an earlier version trained is read as one.

    Of such a stream the prepared clips must still be where they were, to tell how flow was computed. Raises
    TwostreamError where there is no trained stream, or not enough is known of it; LaterFormatError where
    a later version wrote what this one would misread.
    """
    path = folder / BUNDLE_NAME
    if not path.is_file():
        return _earlier(folder)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        check_format(values, known=FORMAT, subject=path)
        bundle = StreamBundle(
            folder=folder,
            classes=tuple(values["classes"]),
            preprocessing=_of(Preprocessing, values["preprocessing"]),
            flow=_of(FlowSpecification, values["flow"]),
            training=_of(TrainingFacts, values["training"]),
            sources=_of(SourceFacts, values["sources"]) if values.get("sources") else None,
            background=values.get("background"),
            multi_label=bool(values.get("multi_label", False)),
        )
    except LaterFormatError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TwostreamError(
            path,
            expected="what `twostream train` wrote",
            found=f"something else ({error})",
            remedy="copy the stream again, or train it again",
        ) from error
    if not bundle.model.is_file():
        raise TwostreamError(
            bundle.model,
            expected="the network of the bundle",
            found="no such file",
            remedy=f"copy it beside {BUNDLE_NAME}",
        )
    return bundle


def _earlier(folder: Path) -> StreamBundle:
    record = read_record(folder)
    inside, recorded = folder.parent / "data", Path(record.data)
    data = next((place for place in (inside, recorded) if place.is_dir()), None)
    if data is None:
        raise TwostreamError(
            folder,
            expected=f"{BUNDLE_NAME}, or the prepared clips that tell how flow was computed",
            found=f"neither ({recorded} is gone)",
            remedy=f"put the prepared clips, or their prepare.yaml alone, into {inside}",
        )
    preprocessing = load_preprocessing(folder / PREPROCESSING_NAME)
    return bundle_of(folder, record, preprocessing, data=data)


def _training_rows(data: Path, split: int) -> tuple[ManifestRow, ...]:
    try:
        return read_manifest(data).part(split, "train")
    except TwostreamError:  # only prepare.yaml is there
        return ()


def _of(kind: type[Any], values: Mapping[str, Any]) -> Any:
    return kind(**values_with_earlier_ones(kind, values))


def is_trained_stream(folder: Path) -> bool:
    """Whether a folder holds a bundle, or a stream that an earlier version trained."""
    return any((folder / name).is_file() for name in (BUNDLE_NAME, RECORD_NAME))
