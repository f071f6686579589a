"""The verb `run`: everything from a folder of videos to the report."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Literal

from twostream.paths import name_or_none, path_or_none
from twostream.verbs.locking import holds_run
from twostream.verbs.paths import (
    InputPath,
    NameOrFile,
    OutputPath,
    SourcePath,
    checks_paths,
)

Streams = Literal["spatial", "temporal", "both"]
# What a run gives to its verbs under other names, or place by place.
NAMED_OTHERWISE = ("source", "data", "out", "stream", "replace")
# What is said of frames and means nothing to stacks of flow: the original drew its stacks from everywhere.
OF_FRAMES = ("frames_per_clip",)
STREAMS: tuple[Literal["spatial", "temporal"], ...] = ("spatial", "temporal")


@checks_paths
@holds_run("out")
def run(
    source: SourcePath,
    *,
    out: OutputPath,
    annotations: InputPath | None = None,
    classes: str | None = None,
    limit: int | None = None,
    flow: Literal["tvl1", "dis", "farneback", "tvl1-opencv"] = "tvl1",
    flow_preset: Literal["exact", "fast"] = "exact",
    bound: float = 20.0,
    short_side: int | None = None,
    step: int = 1,
    workers: int | None = None,
    layout: Literal["archive", "rawframes"] = "archive",
    timeout: float = 3600.0,
    strict: bool = False,
    streams: Streams = "both",
    split: int = 1,
    splits: str | None = None,
    backbone: NameOrFile = "ResNet50",
    weights: NameOrFile | None = None,
    from_: InputPath | None = None,
    input_convention: Literal["caffe", "torch", "tf", "raw"] | None = None,
    epochs: int = 10,
    head_epochs: int = 60,
    batch_size: int = 16,
    optimizer: Literal["adamw", "sgd"] = "adamw",
    learning_rate: float | None = None,
    schedule: Literal["cosine", "constant"] = "cosine",
    head_rate_factor: float = 5.0,
    weight_decay: float = 0.01,
    dropout: float = 0.5,
    label_smoothing: float = 0.1,
    mixup: float = 0.0,
    class_weights: Literal["none", "balanced"] = "none",
    samples_per_clip: int = 1,
    segments: int = 3,
    frames_per_clip: int | None = None,
    crops: Literal["corner", "random"] = "corner",
    smallest_crop: float = 0.66,
    color_jitter: float = 0.2,
    mean_subtraction: bool = True,
    accumulation_steps: int = 1,
    average_weights: bool = False,
    precision: Literal["auto", "float32", "mixed"] = "auto",
    patience: int | None = None,
    stack_length: int = 10,
    size: int = 192,
    validation_fraction: float = 0.15,
    temporal_backbone: NameOrFile | None = None,
    temporal_weights: NameOrFile | None = None,
    temporal_from_: InputPath | None = None,
    temporal_epochs: int | None = None,
    temporal_batch_size: int | None = None,
    temporal_optimizer: Literal["adamw", "sgd"] | None = None,
    temporal_learning_rate: float | None = None,
    temporal_dropout: float | None = None,
    protocols: str = "one-frame,whole-video",
    fusion: str = "average,logit",
    engine: Literal["auto", "openvino", "keras"] = "auto",
    data: OutputPath | None = None,
    name: str | None = None,
    seed: int = 0,
    replace: bool = False,
) -> dict[str, Any]:
    """Prepare, train, evaluate and report: from a folder of videos to OUT/report.html.

    May be stopped at any time and called again; what is done is not done twice. A finished run of other
    options is not touched unless told to `replace` it. The resolved options
    are in OUT/config.yaml; `twostream run --config OUT/config.yaml --out OTHER` repeats the run.

    Parameters
    ----------
    source
        Folder with one folder of videos for each class, train/val/test folders of them, a table, or
        ready frames.
    out
        Run folder.
    annotations
        Folder of the official HMDB-51 or UCF-101 lists. Without it: a random 70/30 split.
    classes
        Comma-separated names of the only classes to use. Default: all.
    limit
        Use at most that many clips, evenly over the classes.
    flow
        Optical flow: `tvl1` is the field's standard (`tvl1-opencv`: OpenCV's own, slow), `dis` the fastest.
    flow_preset
        For tvl1: `exact`, or the faster `fast`.
    bound
        Largest motion kept, in pixels per step.
    short_side
        Stored size of the short side in pixels; never enlarges. Default: 256, or less if native is.
    step
        Use every step-th frame.
    workers
        Processes that extract. Default: one a core.
    layout
        `archive`: one file a clip. `rawframes`: classic folders of JPEGs.
    timeout
        Seconds without a new frame after which a clip is given up.
    strict
        End with status 2 after the preparation where any video had a problem.
    streams
        Which streams to train.
    split
        Number of the split.
    splits
        Several splits instead, comma-separated, such as `1,2,3`: each is trained, evaluated and reported
        in OUT/split<N>, and OUT/results.json holds all of them and their mean.
    backbone
        A class of keras.applications, a .keras file, or from scratch `cnn-m` or the small `cnn-s`.
    weights
        `imagenet`, `none`, or a file of weights. Default: the best there is for the backbone.
    from_
        Earlier run whose streams to start from, instead of a backbone; its classes may be others.
    input_convention
        Input range of a .keras file whose name does not tell.
    epochs
        Epochs in which all layers learn; 0 trains the head only.
    head_epochs
        Epochs of the head alone (at least 300 steps), on features of the frozen backbone computed once.
    batch_size
        Samples a step.
    optimizer
        `adamw`, or `sgd` with Nesterov's momentum of 0.9.
    learning_rate
        Peak rate. Default: 1e-3 from scratch; pretrained 2e-5, temporal 1e-4; `sgd` ten times that.
    schedule
        `cosine` with a short warm-up, or a `constant` rate.
    head_rate_factor
        How many times as fast the classifier learns as a pretrained backbone.
    weight_decay
        Decay of the weights, times the rate, a step.
    dropout
        Share of features dropped in front of the classifier.
    label_smoothing
        Share of every label that is spread over all classes.
    mixup
        Strength (Beta's alpha) with which clips of a batch are blended; 0 does not.
    class_weights
        `balanced` gives every class the same weight in the loss, however many clips it has.
    samples_per_clip
        How often a clip is drawn in an epoch.
    segments
        Equal parts of a clip that give a random frame or stack each; their scores are averaged.
    frames_per_clip
        Show the spatial stream so many equidistant frames of a clip only (the original: 17). Default: all.
    crops
        Training squares at the corners and the centre, or anywhere.
    smallest_crop
        Side of the smallest training square, as a share of the short side.
    color_jitter
        Largest change of a frame's brightness, contrast and saturation, as a share; flow is left alone.
    mean_subtraction
        Take the mean motion away from every flow: most of what a moving camera adds.
    accumulation_steps
        Steps whose gradients make one update: larger batches than memory holds.
    average_weights
        Use the moving average of the weights over the last tenth of the steps.
    precision
        `mixed`: bfloat16 where it is safe; `auto`: so on GPUs that have it.
    patience
        Stop after so many epochs without a better validation result. Default: never.
    stack_length
        Flows in a stack.
    size
        Input size of the network in pixels; 224 is the field's usual, a third more work.
    validation_fraction
        Share of training clips held out, by source video; 0 holds nothing out.
    temporal_backbone
        Backbone of the temporal stream, where it is to be another; so too the following.
    temporal_weights
        What weights it begins with.
    temporal_from_
        Earlier run whose temporal stream it begins with.
    temporal_epochs
        How many epochs it learns.
    temporal_batch_size
        Samples of it a step.
    temporal_optimizer
        What optimiser it learns with.
    temporal_learning_rate
        Peak rate it learns at.
    temporal_dropout
        Share of its features dropped.
    protocols
        Comma-separated: `one-frame`, `25`, `25x10`, `whole-video`, `original`.
    fusion
        Comma-separated: `average` (always), `logit`, and `weighted` and `svm`, which learn on validation
        and training clips.
    engine
        What computes scores: `openvino` (fast on CPUs), `keras`, or whichever suits.
    data
        Folder for the prepared data set, to share it among runs. Default: OUT/data.
    name
        Name of the data set in results. Default: hmdb51 or ucf101 by its annotations, else the folder's.
    seed
        Seed of everything random.
    replace
        Replace what other options made in OUT: when all of the new is trained, and not before.
    """
    source, out, data = Path(source), Path(out), path_or_none(data)
    annotations = path_or_none(annotations)
    from_, temporal_from_ = path_or_none(from_), path_or_none(temporal_from_)
    backbone, weights = os.fspath(backbone), name_or_none(weights)
    temporal_backbone = name_or_none(temporal_backbone)
    temporal_weights = name_or_none(temporal_weights)
    settings = dict(locals())
    from twostream.evaluation.fusion_variants import parse_fusions
    from twostream.evaluation.protocols import parse_protocols
    from twostream.evaluation.split_results import parse_splits
    from twostream.models.inference import check_engine
    from twostream.verbs.kinds import refuse_data_folder
    from twostream.verbs.settings import save_settings
    from twostream.verbs.sharing import prepared_and_kept
    from twostream.verbs.splits import run_splits

    parse_protocols(protocols)
    parse_fusions(fusion)
    if splits is not None:
        parse_splits(splits)
    _check_source(settings)
    check_engine(engine)
    refuse_data_folder(out)
    prepared = data or out / "data"
    runs = _runs(settings, data=prepared)
    _replace_or_refuse(settings, runs, prepared=prepared)
    with prepared_and_kept(partial(_prepare, settings, out=prepared), prepared):
        if splits is None:
            results = _trained(settings, out=out, prepared=prepared)
        else:
            save_settings(out, settings)
            results = run_splits(
                partial(_trained, prepared=prepared),
                runs,
                out=out,
                check_one=partial(_check, data=prepared),
            )
    return results


def _prepare(settings: Mapping[str, Any], *, out: Path, elsewhere: Path | None = None) -> None:
    """Prepare the data set of a run into `out`; what other options made there is not replaced."""
    from twostream.verbs.prepare import prepare, prepare_with

    chosen = arguments_of(prepare, settings)
    whole = {"source": settings["source"], "out": out, "replace": False, "dry_run": False, **chosen}
    prepare_with(whole, elsewhere=elsewhere)


def _runs(settings: Mapping[str, Any], *, data: Path) -> dict[int, dict[str, Any]]:
    """The settings of each split, by its number: of one split, or of several in folders of their own."""
    from twostream.verbs.splits import settings_of_splits

    if settings["splits"] is None:
        return {settings["split"]: dict(settings)}
    return settings_of_splits(settings, data=data)


def _replace_or_refuse(
    settings: Mapping[str, Any],
    runs: Mapping[int, Mapping[str, Any]],
    *,
    prepared: Path,
) -> None:
    """Where other options made what stands in OUT: refuse to touch it, or make what replaces all of it.

    Networks that are still to be trained are looked at first. Nothing of what stands there changes before
    everything that takes its place is trained.
    """
    from twostream.preparation.in_the_way import refuse, refuse_shared
    from twostream.staging import commit, stage_of
    from twostream.training.checks import check_names
    from twostream.verbs import replacing
    from twostream.verbs.settings import CONFIG_NAME, save_settings
    from twostream.verbs.sharing import prepared_and_kept
    from twostream.verbs.train import train, training_options

    out: Path = settings["out"]
    streams = tuple(
        replacing.StreamOfRun(
            one["out"], training_options(stream, **arguments_of(train, one, stream=stream))
        )
        for one in runs.values()
        for stream in _streams(one["streams"])
    )
    for one in streams:
        check_names(one.options)
    found = replacing.data_in_the_way(
        settings["source"], prepared, settings=settings, streams=streams
    )
    shared = settings["data"] is not None
    if found and (shared or not settings["replace"]):
        raise refuse_shared(prepared, found) if shared else refuse(prepared, found)
    standing = replacing.standing_of(streams, None if found else prepared)
    if not settings["replace"]:
        replacing.refuse_what_is_in_the_way(prepared, standing)
    replacing.look_at_networks(standing)
    if not settings["replace"]:
        return
    new_data = stage_of(out) / "data" if found else prepared
    making = partial(_prepare, settings, out=new_data, elsewhere=prepared if found else None)
    with prepared_and_kept(making, new_data):
        for of_split in runs.values():
            _check(of_split, data=new_data)
        names = replacing.train_replacements(out, new_data, streams, data_later=prepared)
    if found:
        names.append("data")
    if names:
        save_settings(stage_of(out), settings)
        with replacing.nobody_reads(prepared) if found else nullcontext():
            commit(out, [*names, CONFIG_NAME])


@holds_run("out")
def _trained(settings: Mapping[str, Any], *, out: Path, prepared: Path) -> dict[str, Any]:
    """Train, evaluate and report in `out` one split of a data set that is prepared."""
    from twostream.verbs.evaluate import evaluate
    from twostream.verbs.report import report
    from twostream.verbs.settings import save_settings
    from twostream.verbs.train import train

    save_settings(out, settings)
    _check(settings, data=prepared)
    for stream in _streams(settings["streams"]):
        train(stream, prepared, out=out, **arguments_of(train, settings, stream=stream))
    results = evaluate(out, data=prepared, **arguments_of(evaluate, settings))
    report(out)
    return results


def _check_source(settings: Mapping[str, Any]) -> None:
    """Raise TwostreamError where a split would have nothing to train or to test on: before extraction."""
    from twostream.datasets.load import load_dataset
    from twostream.datasets.selection import Selection, parse_classes
    from twostream.evaluation.split_results import parse_splits
    from twostream.training.checks import check_source_parts

    classes, splits = parse_classes(settings["classes"]), settings["splits"]
    dataset = load_dataset(
        settings["source"],
        annotations=settings["annotations"],
        seed=settings["seed"],
        selection=Selection(classes=classes, limit=settings["limit"]),
    )
    for split in [settings["split"]] if splits is None else parse_splits(splits):
        check_source_parts(dataset, settings["source"], split=split)


def _check(settings: Mapping[str, Any], *, data: Path) -> None:
    """Raise TwostreamError where a stream of the split could not be trained: before any of them is."""
    from twostream.datasets.manifest import read_manifest
    from twostream.training.checks import check_parts, check_start
    from twostream.verbs.train import train, training_options

    manifest = read_manifest(data)
    check_parts(manifest, split=settings["split"])
    for stream in _streams(settings["streams"]):
        options = training_options(stream, **arguments_of(train, settings, stream=stream))
        check_start(options, manifest, run=settings["out"])


def _streams(asked: Streams) -> tuple[Literal["spatial", "temporal"], ...]:
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
