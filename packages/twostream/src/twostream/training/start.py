"""The model that training of all layers begins with: from scratch, or with a trained head."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.events import say
from twostream.models.backbones import Backbone
from twostream.models.batch_norm import adapt_batch_norm, freeze_batch_norm
from twostream.models.classifier import HEAD_CLASSES, build_classifier, feature_extractor
from twostream.models.device import CPU, Compute, Device
from twostream.models.inference import Scoring, predictor_of, wanted_computation
from twostream.progress import step
from twostream.sampling.stacks import equidistant_positions
from twostream.training.backbone import for_training, starting_backbone
from twostream.training.features import (
    Features,
    compute_features,
    fingerprint,
    load_features,
    save_features,
)
from twostream.training.head import (
    INVERSE_REGULARISATION,
    head_l2,
    logistic_head,
    train_head,
)
from twostream.training.head_scaling import head_scaling
from twostream.training.history import EpochRecord, write_history
from twostream.training.how_far import how_far
from twostream.training.kept_head import kept_head
from twostream.training.label_sets import Truth
from twostream.training.options import KEPT, TrainingOptions
from twostream.training.partition import Partition
from twostream.training.samples import (
    DataSetClips,
    draw_sample,
    epoch_draws,
    in_threads,
)
from twostream.transforms.preprocessing import Preprocessing

Floats = npt.NDArray[np.float32]
ADAPTATION_SAMPLES = 512


@dataclass(frozen=True)
class Start:
    """What the first model is built from."""

    options: TrainingOptions
    partition: Partition
    preprocessing: Preprocessing
    source: DataSetClips
    folder: Path
    fingerprint: str
    device: Device = CPU
    averaged_steps: int = 0
    classes: tuple[str, ...] = ()
    learnt: frozenset[str] = frozenset()
    sets: Truth | None = None


def build_start(start: Start, *, n_classes: int, class_weights: Floats) -> Any:
    """A compiled model, ready for training all layers.

    From scratch: fresh weights. Pretrained: the head is already trained on features of the frozen
    backbone, and the backbone's batch normalisations are fixed (partially for flow).
    """
    options = start.options
    backbone = starting_backbone(options)
    if not backbone.pretrained:
        model = build_classifier(
            for_training(backbone, options),
            n_classes=n_classes,
            dropout=options.dropout,
            head_l2=0.0,
            subtract_mean=options.subtracts_mean,
            pictures_of=_pictures_of(options),
            multi_label=start.sets is not None,
        )
    else:
        model = _with_trained_head(
            start, backbone, n_classes=n_classes, class_weights=class_weights
        )
    _compile(model, start, class_weights)
    return model


def _compile(model: Any, start: Start, class_weights: Floats) -> None:
    from twostream.training.loss import SegmentBinaryCrossEntropy, SegmentConsensus
    from twostream.training.optimizer import make_optimizer

    options = start.options
    optimizer = make_optimizer(
        options.peak_rate,
        kind=options.optimizer,
        weight_decay=options.weight_decay,
        head_rate_factor=options.head_rate_factor if options.starts_pretrained else 1.0,
        accumulation_steps=options.accumulation_steps,
        averaged_steps=start.averaged_steps if options.average_weights else 0,
    )
    loss = (
        SegmentConsensus(options.segments)
        if start.sets is None
        else SegmentBinaryCrossEntropy(options.segments, class_weights.tolist())
    )
    model.compile(optimizer, loss, metrics=["accuracy"])


def _with_trained_head(
    start: Start, backbone: Backbone, *, n_classes: int, class_weights: Floats
) -> Any:
    options = start.options
    goes_on = options.head == KEPT
    if options.stream == "temporal" and options.flow_input != "pictures" and not goes_on:
        with step("adapt batch normalisation to flow"):
            _adapt_to_flow(start, backbone)
    training, validation = _cached_features(start, backbone)
    records: list[EpochRecord] = []
    kept, strength = None, INVERSE_REGULARISATION
    if goes_on:
        kept = kept_head(
            Path(str(options.earlier_model)).parent,
            start.classes,
            training,
            multi_label=start.sets is not None,
        )
        far = how_far(
            kept,
            training,
            start.partition.training,
            learnt=start.learnt,
            class_weights=class_weights,
            sets=start.sets,
        )
        strength = far.strength
        say(f"{options.stream}: the earlier classifier goes on, {far.reason}")
    scaling = head_scaling(training, head=options.head) if kept is None else kept.scaling
    how: Callable[..., list[Floats]] = partial(
        logistic_head, scaling=scaling, kept=kept, strength=strength
    )
    if options.head == "dropout":
        how = partial(
            train_head,
            epochs=options.head_epochs,
            dropout=options.dropout,
            label_smoothing=options.label_smoothing,
            seed=options.seed,
        )
    with step(f"train {options.stream} head on {len(training.labels)} cached features"):
        weights = how(
            training,
            validation,
            n_classes=n_classes,
            class_weights=class_weights,
            on_epoch=records.append,
            sets=start.sets,
        )
    write_history(start.folder / "history.csv", records)
    model = build_classifier(
        for_training(backbone, options),
        n_classes=n_classes,
        dropout=options.dropout,
        head_l2=head_l2(len(training.labels)),
        subtract_mean=options.subtracts_mean,
        pictures_of=_pictures_of(options),
        feature_mean=scaling.mean,
        feature_variance=scaling.variance,
        unit_length=scaling.unit_length,
        multi_label=start.sets is not None,
    )
    model.get_layer(HEAD_CLASSES).set_weights(weights)
    if options.partial_batch_norm:
        # A flow network that goes on has the statistics of flow in its first layer, too.
        stacked = options.stream == "temporal" and not _pictures_of(options) and not goes_on
        freeze_batch_norm(backbone.model, keep_first=stacked)
    return model


def _pictures_of(options: TrainingOptions) -> int:
    """How many flows the network sees as a picture; 0 where it sees them as a stack."""
    return options.stack_length if options.flow_input == "pictures" else 0


def _adapt_to_flow(start: Start, backbone: Backbone) -> None:
    """Batch-normalisation statistics over random training stacks."""
    options = start.options
    rows = start.partition.training
    per_clip = max(1, min(options.feature_samples_per_clip, -(-ADAPTATION_SAMPLES // len(rows))))
    draws = epoch_draws(rows, samples_per_clip=per_clip, seed=options.seed, epoch=-1)
    sample = partial(
        draw_sample,
        source=start.source,
        preprocessing=start.preprocessing,
        views=replace(options.views, samples_per_clip=per_clip, segments=1),
    )

    def whole_batches() -> Iterator[Floats]:
        for batch in in_threads(sample, draws[:ADAPTATION_SAMPLES], batch_size=options.batch_size):
            if len(batch) == options.batch_size or len(draws) < options.batch_size:
                yield batch.astype(np.float32)

    extractor = feature_extractor(backbone, subtract_mean=options.subtracts_mean)
    adapt_batch_norm(extractor, whole_batches())


def _cached_features(start: Start, backbone: Backbone) -> tuple[Features, Features | None]:
    """Features of the training clips (also mirrored) and of the validation clips.

    With `frames_per_clip` the training samples are these equidistant ones: what training may draw.
    """
    path = start.folder / "features.npz"
    scoring = Scoring(compute=Compute(start.device))  # in float32, whatever the steps are in
    made_for = fingerprint(
        start.fingerprint, "features", start.preprocessing, wanted_computation(scoring)
    )
    training = load_features(path, made_for=made_for)
    held_path = start.folder / "validation_features.npz"
    validation = load_features(held_path, made_for=made_for)
    if training is not None and (validation is not None or not start.partition.validation):
        return training, validation
    extract = predictor_of(
        feature_extractor(
            backbone,
            subtract_mean=start.options.subtracts_mean,
            pictures_of=_pictures_of(start.options),
        ),
        scoring,
    )
    compute = partial(
        compute_features,
        extract=extract,
        source=start.source,
        preprocessing=start.preprocessing,
        samples_per_clip=start.options.feature_samples_per_clip,
    )
    label = f"{start.options.stream} features"
    # Mirrored as in training: an ablation of mirroring must not have the head learn from right ones.
    compute_training = partial(compute, flow_mirror=start.options.flow_mirror)
    if start.options.frames_per_clip is not None:
        compute_training = partial(
            compute_training,
            positions=equidistant_positions,
            samples_per_clip=start.options.frames_per_clip,
        )
    training = compute_training(start.partition.training, flips=(False, True), label=label)
    save_features(path, training, made_for=made_for)
    if start.partition.validation:
        label = f"{start.options.stream} validation features"
        validation = compute(start.partition.validation, flips=(False,), label=label)
        save_features(held_path, validation, made_for=made_for)
    return training, validation
