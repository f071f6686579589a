"""What the settings of `run` mean to the verbs it calls, and the looks it takes before them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from twostream.datasets.clips import Dataset

Streams = Literal["spatial", "temporal", "both"]
# What a run gives to its verbs under other names, or place by place.
NAMED_OTHERWISE = ("source", "data", "out", "stream", "replace")
# What is said of frames and means nothing to stacks of flow: the original drew its stacks from everywhere.
OF_FRAMES = ("frames_per_clip",)
STREAMS: tuple[Literal["spatial", "temporal"], ...] = ("spatial", "temporal")


def streams_of(asked: Streams) -> tuple[Literal["spatial", "temporal"], ...]:
    """The streams that `--streams` asks for, spatial first.

    >>> streams_of("both")
    ('spatial', 'temporal')
    """
    return tuple(stream for stream in STREAMS if asked in (stream, "both"))


def arguments_of(
    verb: Callable[..., Any], settings: Mapping[str, Any], *, stream: str | None = None
) -> dict[str, Any]:
    """Those of a run's settings that another verb takes by the same names.

    For the temporal stream a setting ``temporal_NAME`` that is not None stands for NAME, and what is
    said of frames is left out.

    >>> def train(*, epochs: int, out: str) -> None: ...
    >>> settings = {"epochs": 10, "temporal_epochs": 30, "flow": "dis", "out": "runs/1"}
    >>> arguments_of(train, settings, stream="temporal")
    {'epochs': 30}
    """
    own = {name for name in inspect.signature(verb).parameters if name not in NAMED_OTHERWISE}
    chosen = {name: settings[name] for name in settings if name in own}
    if stream == "temporal":
        special = {name: settings.get(f"temporal_{name}") for name in chosen}
        chosen |= {name: value for name, value in special.items() if value is not None}
        chosen = {name: value for name, value in chosen.items() if name not in OF_FRAMES}
    return chosen


def settings_by_split(settings: Mapping[str, Any], *, data: Path) -> dict[int, dict[str, Any]]:
    """The settings of each split, by its number: of one split, or of several in folders of their own."""
    from twostream.verbs.splits import settings_of_splits

    if settings["splits"] is None:
        return {settings["split"]: dict(settings)}
    return settings_of_splits(settings, data=data)


def dataset_of(settings: Mapping[str, Any]) -> Dataset:
    """The data set in a run's source, as it will be prepared; raises TwostreamError as `prepare` does."""
    from twostream.datasets.load import load_dataset
    from twostream.datasets.selection import Selection, parse_classes

    return load_dataset(
        settings["source"],
        annotations=settings["annotations"],
        seed=settings["seed"],
        selection=Selection(classes=parse_classes(settings["classes"]), limit=settings["limit"]),
    )


def check_source(settings: Mapping[str, Any], dataset: Dataset) -> None:
    """Raise TwostreamError where a split would have nothing to train or to test on: before extraction."""
    from twostream.evaluation.split_results import parse_splits
    from twostream.training.checks import check_source_parts

    splits = settings["splits"]
    for split in [settings["split"]] if splits is None else parse_splits(splits):
        check_source_parts(dataset, settings["source"], split=split)


def prepare_data(settings: Mapping[str, Any], *, out: Path, elsewhere: Path | None = None) -> None:
    """Prepare the data set of a run into `out`; what other options made there is not replaced."""
    from twostream.verbs.prepare import prepare, prepare_with

    chosen = arguments_of(prepare, settings)
    whole = {"source": settings["source"], "out": out, "replace": False, "dry_run": False, **chosen}
    prepare_with(whole, elsewhere=elsewhere, trusting=True)


def check_split(settings: Mapping[str, Any], *, data: Path) -> None:
    """Raise TwostreamError where a stream of the split could not be trained: before any of them is."""
    from twostream.datasets.manifest import read_manifest
    from twostream.training.checks import check_parts, check_start
    from twostream.verbs.train import train, training_options

    manifest = read_manifest(data)
    check_parts(manifest, split=settings["split"])
    for stream in streams_of(settings["streams"]):
        options = training_options(stream, **arguments_of(train, settings, stream=stream))
        check_start(options, manifest, run=settings["out"])
