"""The head alone: a softmax classifier on the standardised features of a frozen backbone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.models.classifier import HEAD_CLASSES, head_layers
from twostream.training.features import Features
from twostream.training.head_scaling import Floats, HeadScaling, standardisation
from twostream.training.history import EpochRecord, RunningMean
from twostream.training.kept_head import KeptHead
from twostream.training.label_logistic import fit_label_logistic, label_probabilities
from twostream.training.label_sets import Truth, set_targets
from twostream.training.logistic import TOLERANCE, fit_logistic, probabilities
from twostream.training.randomness import random_stream
from twostream.training.schedule import cosine_rate
from twostream.training.targets import soft_targets
from twostream.training.validated import Validated, validated

# Strength of the L2 penalty of multinomial logistic regression, as its inverse per sample (the C of
# the usual notation). With one clip a class it keeps the softmax humble; with thousands it fades.
INVERSE_REGULARISATION = 0.01
HEAD_BATCH = 512
HEAD_RATE = 1e-2
LEAST_STEPS = 300


def head_l2(n_samples: int) -> float:
    """Keras's L2 factor for `n_samples` training samples: ``1 / (2 C n)``."""
    return 1.0 / (2.0 * INVERSE_REGULARISATION * n_samples)


def logistic_head(
    training: Features,
    validation: Features | None,
    *,
    scaling: HeadScaling,
    n_classes: int,
    class_weights: Floats,
    on_epoch: Callable[[EpochRecord], None],
    sets: Truth | None = None,
    kept: KeptHead | None = None,
    strength: float = INVERSE_REGULARISATION,
) -> list[Floats]:
    """Weights (kernel, bias) of the last layer: the exact logistic regression on cached features.

    The procedure of a linear probe, with the penalty of `head_l2`; nothing in it is random. With `sets` of
    labels each label has a regression of its own. What is `kept` of an earlier run is what it starts from
    and is drawn to, the less the larger `strength` is (see `added_to`); with 0 it stays as it is.
    """
    started = time.monotonic()
    if kept is not None:
        kernel, bias = kept.kernel, kept.bias
        if strength:
            kernel, bias = added_to(
                kept, training, strength=strength, class_weights=class_weights, sets=sets
            )
    elif sets is not None:
        kernel, bias = fit_label_logistic(
            scaling(training),
            sets[training.labels],
            penalty=head_l2(len(training.labels)),
            weights=class_weights,
        )
    else:
        kernel, bias = fit_logistic(
            scaling(training),
            training.labels,
            n_classes=n_classes,
            penalty=head_l2(len(training.labels)),
            weights=class_weights,
        )

    def told(features: Features) -> Validated:
        by_head = probabilities if sets is None else label_probabilities
        return validated(by_head(scaling(features), kernel, bias), features.labels, sets)

    trained = told(training)
    held = Validated() if validation is None else told(validation)
    duration = time.monotonic() - started
    on_epoch(_record(1, None, trained.loss, trained.top1, held, duration, None))
    return [kernel, bias]


def added_to(
    kept: KeptHead,
    training: Features,
    *,
    strength: float,
    class_weights: Floats,
    sets: Truth | None = None,
    tolerance: float = TOLERANCE,
) -> tuple[Floats, Floats]:
    """The kept classifier with what the logistic regression on `training` adds to it: kernel and bias.

    `strength` is the C of the penalty on what is added.
    """
    values = kept.scaling(training)
    penalty = 1.0 / (2.0 * strength * len(training.labels))
    beside = kept.beside(values)
    if sets is not None:
        kernel, bias = fit_label_logistic(
            values,
            sets[training.labels],
            penalty=penalty,
            weights=class_weights,
            beside=beside,
            tolerance=tolerance,
        )
    else:
        kernel, bias = fit_logistic(
            values,
            training.labels,
            n_classes=len(kept.bias),
            penalty=penalty,
            weights=class_weights,
            beside=beside,
            tolerance=tolerance,
        )
    return kept.kernel + kernel, kept.bias + bias


def _record(
    epoch: int,
    rate: float | None,
    loss: float | None,
    top1: float | None,
    held: Validated,
    duration_seconds: float,
    objective: float | None,
) -> EpochRecord:
    return EpochRecord(
        epoch,
        "head",
        rate,
        loss,
        top1,
        held.loss,
        held.top1,
        duration_seconds,
        objective,
        held.mean_average_precision,
    )


def train_head(
    training: Features,
    validation: Features | None,
    *,
    n_classes: int,
    epochs: int,
    dropout: float,
    label_smoothing: float,
    class_weights: Floats,
    seed: int,
    on_epoch: Callable[[EpochRecord], None],
    sets: Truth | None = None,
) -> list[Floats]:
    """Weights (kernel, bias) of the last layer trained on cached features: a softmax, of `sets` a sigmoid.

    Runs `epochs` epochs or `LEAST_STEPS` steps, whichever is more. The problem is convex apart from
    dropout, so the last weights are taken.
    """
    import keras

    from twostream.training.loss import SegmentBinaryCrossEntropy
    from twostream.training.measures import clip_measures

    mean, variance = standardisation(training)
    inputs = keras.Input((training.values.shape[1],))
    x = keras.layers.Normalization(mean=mean, variance=variance)(inputs)
    outputs = head_layers(
        x,
        n_classes=n_classes,
        dropout=dropout,
        head_l2=head_l2(len(training.labels)),
        multi_label=sets is not None,
    )
    model = keras.Model(inputs, outputs)
    optimizer = keras.optimizers.Adam(HEAD_RATE)
    measures = clip_measures(
        segments=1,
        smoothing=label_smoothing,
        class_weights=class_weights.tolist() if sets is None else (),
        multi_label=sets is not None,
    )
    if sets is None:
        loss: Any = "categorical_crossentropy"
        targets = soft_targets(training.labels, smoothing=label_smoothing, weights=class_weights)
    else:
        loss = SegmentBinaryCrossEntropy(1, class_weights.tolist())
        targets = set_targets(training.labels, sets=sets, smoothing=label_smoothing)
    model.compile(optimizer, loss, metrics=measures)
    per_epoch = -(-len(training.labels) // HEAD_BATCH)
    epochs = max(epochs, -(-LEAST_STEPS // per_epoch))
    rng = random_stream("order of features", seed=seed)
    started = time.monotonic()
    for epoch in range(epochs):
        rate = cosine_rate(epoch / epochs, peak=HEAD_RATE)
        optimizer.learning_rate = rate
        order = rng.permutation(len(training.labels))
        told = _one_epoch(model, training.values, targets, order)
        if (epoch + 1) % max(1, epochs // 20) == 0 or epoch + 1 == epochs:
            held = _evaluate(model, validation, sets)
            duration = time.monotonic() - started
            on_epoch(
                _record(epoch + 1, rate, told.cross_entropy, told.top1, held, duration, told.loss)
            )
            started = time.monotonic()
    weights: list[Floats] = model.get_layer(HEAD_CLASSES).get_weights()
    return weights


def _one_epoch(
    model: Any, values: Floats, targets: Floats, order: npt.NDArray[np.int64]
) -> RunningMean:
    mean = RunningMean()
    for start in range(0, len(order), HEAD_BATCH):
        chosen = order[start : start + HEAD_BATCH]
        logs = model.train_on_batch(values[chosen], targets[chosen], return_dict=True)
        mean.add(logs, len(chosen))
    return mean


def _evaluate(model: Any, features: Features | None, sets: Truth | None) -> Validated:
    if features is None:
        return Validated()
    found = model.predict(features.values, batch_size=HEAD_BATCH, verbose=0)
    return validated(found, features.labels, sets)
