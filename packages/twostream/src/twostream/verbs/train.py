"""The verb `train`: one stream on a prepared data set."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from twostream.training.record import TrainingRecord


def train(
    stream: Literal["spatial", "temporal"],
    data: Path,
    *,
    out: Path,
    split: int = 1,
    backbone: str = "ResNet50",
    weights: str | None = None,
    input_convention: Literal["caffe", "torch", "tf", "raw"] | None = None,
    epochs: int = 10,
    head_epochs: int = 60,
    batch_size: int = 16,
    learning_rate: float | None = None,
    dropout: float = 0.5,
    samples_per_clip: int = 3,
    crops: Literal["corner", "random"] = "corner",
    smallest_crop: float = 0.66,
    stack_length: int = 10,
    size: int = 192,
    validation_fraction: float = 0.15,
    seed: int = 0,
) -> TrainingRecord:
    """Train the spatial stream (frames) or the temporal stream (stacks of optical flow).

    Goes on where an interrupted training stopped. Only the training part of the split is used; part
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
    input_convention
        Input range of a .keras file whose name does not tell.
    epochs
        Epochs in which all layers learn; 0 trains the head only.
    head_epochs
        Epochs of the head alone (at least 300 steps), on features of the frozen backbone computed once.
    batch_size
        Samples a step.
    learning_rate
        Peak rate for all layers. Default: 2e-5 with a pretrained backbone, 1e-3 from scratch.
    dropout
        Share of features dropped in front of the classifier.
    samples_per_clip
        Random frames or stacks a clip and epoch, one from each equal part of the clip.
    crops
        Training squares at the corners and the centre, or anywhere.
    smallest_crop
        Side of the smallest training square, as a share of the short side.
    stack_length
        Flows in a stack.
    size
        Input size of the network in pixels; 224 is the field's usual, a third more work.
    validation_fraction
        Share of training clips held out, by source video; 0 holds nothing out.
    seed
        Seed of everything random.
    """
    from twostream.datasets.manifest import read_manifest
    from twostream.training.checks import untrained_classes
    from twostream.training.options import TrainingOptions
    from twostream.training.stream import train_stream
    from twostream.verbs.printing import print_training

    options = TrainingOptions(
        stream=stream,
        split=split,
        backbone=backbone,
        weights=weights,
        input_convention=input_convention,
        epochs=epochs,
        head_epochs=head_epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        dropout=dropout,
        samples_per_clip=samples_per_clip,
        crops=crops,
        smallest_crop=smallest_crop,
        stack_length=stack_length,
        size_px=size,
        validation_fraction=validation_fraction,
        seed=seed,
    )
    record = train_stream(data, out, options=options)
    print_training(record, untrained=untrained_classes(read_manifest(data), split=split))
    return record
