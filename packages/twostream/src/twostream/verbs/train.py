"""The verb `train`: one stream on a prepared data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from twostream.training.record import TrainingRecord

if TYPE_CHECKING:
    from twostream.training.options import TrainingOptions
from twostream.paths import StrPath, name_or_none
from twostream.verbs.locking import holds_run
from twostream.verbs.paths import InputPath, NameOrFile, OutputPath, checks_paths

NO_OPTIONS = ("stream", "data", "out", "replace")


@checks_paths
@holds_run("out")
def train(
    stream: Literal["spatial", "temporal"],
    data: InputPath,
    *,
    out: OutputPath,
    split: int = 1,
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
    seed: int = 0,
    replace: bool = False,
) -> TrainingRecord:
    """Train the spatial stream (frames) or the temporal stream (stacks of optical flow).

    Goes on where an interrupted training stopped; one of other options or clips is not touched unless
    told to `replace` it. Only the training part of the split is used; part
    of it, by source video, is held out to choose the best epoch.

    Parameters
    ----------
    stream
        Which stream.
    data
        Folder written by `twostream prepare`.
    out
        Run folder; the stream goes into OUT/spatial or OUT/temporal.
    split
        Number of the split.
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
        Use so many equidistant frames or stacks of a clip only (the original: 17 frames). Default: all.
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
        bf16 on GPUs made for it. Weights are float32, and so are the features that a head learns on.
    patience
        Stop after so many epochs without a better validation result. Default: never.
    stack_length
        Flows in a stack.
    size
        Input size of the network in pixels; 224 is the field's usual, a third more work.
    validation_fraction
        Share of training clips held out, by source video; 0 holds nothing out.
    seed
        Seed of everything random.
    replace
        Replace a training that other options or clips made: when the new one is finished, not before.
    """
    flags = {key: value for key, value in locals().items() if key not in NO_OPTIONS}
    from twostream.datasets.manifest import manifest_in_use
    from twostream.models.device import check_compute
    from twostream.training.checks import flow_of_another_kind, untrained_classes
    from twostream.training.partition import count_parts
    from twostream.training.place import record_or_none
    from twostream.training.stream import train_stream
    from twostream.verbs.kinds import refuse_data_folder
    from twostream.verbs.printing import print_parts, print_training

    data, out = Path(data), Path(out)
    refuse_data_folder(out)
    check_compute(device, precision, purpose="training")
    options = training_options(stream, **flags)
    with manifest_in_use(data) as manifest:
        parts = count_parts(
            manifest,
            split=split,
            fraction=validation_fraction,
            seed=seed,
            selects=epochs > 0,
        )
        print_parts(stream, parts)
        before = record_or_none(out / stream)
        record = train_stream(data, out, options=options, replace=replace)
        print_training(
            record,
            untrained=untrained_classes(manifest, split=split),
            other_flow=flow_of_another_kind(options, data),
            was_there=record == before,
        )
    return record


def training_options(
    stream: Literal["spatial", "temporal"], *, from_: StrPath | None, size: int, **flags: Any
) -> TrainingOptions:
    """The options of a training from the flags of `train`; raises TwostreamError for impossible ones."""
    from twostream.training.options import TrainingOptions

    earlier = None if from_ is None else str(Path(from_).absolute())
    for name in flags.keys() & {"backbone", "weights"}:
        flags[name] = name_or_none(flags[name])
    return TrainingOptions(stream=stream, from_run=earlier, size_px=size, **flags)
