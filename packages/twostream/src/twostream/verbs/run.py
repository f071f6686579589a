"""The verb `run`: everything from a folder of videos to the report."""

from __future__ import annotations

import os
from collections.abc import Mapping
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
from twostream.verbs.run_parts import Streams


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
    fps: float | None = None,
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
    device: str = "auto",
    precision: Literal["auto", "float32", "bf16", "fp16", "mixed"] = "auto",
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
    engine: Literal["auto", "openvino", "torch", "keras"] = "auto",
    scoring_precision: Literal["auto", "float32", "bf16", "fp16"] = "auto",
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
    fps
        Use the frames nearest to so many moments a second; none twice. Default: all, as recorded.
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
    device
        Where networks compute: `cpu`, `cuda`, `cuda:N`, `mps`, `xpu`, or `auto`, the one that Keras takes.
    precision
        Numbers of products in a training step: `float32`, `bf16` (its earlier name is `mixed`), or `auto`:
        bf16 on GPUs made for it.
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
        What computes scores: `openvino` (fastest on CPUs), `torch`, `keras`, or whichever suits.
    scoring_precision
        Numbers of products when clips are scored; `auto` is float32 on every machine.
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
    from twostream.models.device import check_compute
    from twostream.models.inference import check_scoring
    from twostream.verbs import run_parts
    from twostream.verbs.answered import question_of
    from twostream.verbs.kinds import refuse_data_folder
    from twostream.verbs.replacing import replace_or_refuse
    from twostream.verbs.settings import save_settings
    from twostream.verbs.sharing import prepared_and_kept
    from twostream.verbs.splits import run_splits

    check_compute(device, precision, purpose="training")
    check_scoring(engine, device, scoring_precision)
    parse_protocols(protocols)
    parse_fusions(fusion)
    if splits is not None:
        parse_splits(splits)
    dataset = run_parts.dataset_of(settings)
    run_parts.check_source(settings, dataset)
    refuse_data_folder(out)
    prepared = data or out / "data"
    runs = run_parts.settings_by_split(settings, data=prepared)
    replace_or_refuse(settings, runs, dataset, prepared=prepared)
    with prepared_and_kept(partial(run_parts.prepare_data, settings, out=prepared), prepared):
        if splits is None:
            results = _trained(settings, out=out, prepared=prepared)
        else:
            save_settings(out, settings)
            results = run_splits(
                partial(_trained, prepared=prepared),
                runs,
                out=out,
                question=question_of(settings, data=prepared),
                check_one=partial(run_parts.check_split, data=prepared),
            )
    return results


@holds_run("out")
def _trained(settings: Mapping[str, Any], *, out: Path, prepared: Path) -> dict[str, Any]:
    """Train, evaluate and report in `out` one split of a data set that is prepared."""
    from twostream.reporting import PAGE_NAME
    from twostream.verbs.answered import answer, keep_answer, question_of
    from twostream.verbs.evaluate import evaluate, tell_results
    from twostream.verbs.report import report, tell_page
    from twostream.verbs.run_parts import arguments_of, check_split, streams_of
    from twostream.verbs.settings import save_settings
    from twostream.verbs.train import train

    save_settings(out, settings)
    check_split(settings, data=prepared)
    for stream in streams_of(settings["streams"]):
        train(stream, prepared, out=out, **arguments_of(train, settings, stream=stream))
    question = question_of(settings, data=prepared)
    known = answer(out, question)
    if known is not None:
        tell_results(out, known, streams=settings["streams"])
        tell_page(out / PAGE_NAME)
        return known
    of_scores = {**settings, "precision": settings["scoring_precision"]}
    results = evaluate(out, data=prepared, **arguments_of(evaluate, of_scores))
    report(out)
    keep_answer(out, question)
    return results
