"""What is told of training clips: the same measures that validation clips are told by.

What training minimises holds more than that: smoothed labels, class weights, the head's penalty, and
scores of segments that are averaged as logarithms. So it says nothing beside a validation loss.
Imported only where a model is trained, since it needs Keras at import.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

SMALLEST_PROBABILITY = 1e-7


def _cross_entropy(labels: Any, probabilities: Any) -> Any:
    """Minus the logarithm of the label's probability."""
    return -ops.sum(labels * ops.log(ops.maximum(probabilities, SMALLEST_PROBABILITY)), axis=-1)


def _is_right(labels: Any, probabilities: Any) -> Any:
    """1 where the most probable class is the label, else 0."""
    same = ops.equal(ops.argmax(labels, axis=-1), ops.argmax(probabilities, axis=-1))
    return ops.cast(same, "float32")


class _OfClips(keras.metrics.Mean):  # type: ignore[misc]  # Keras is untyped
    """A mean over clips, each told by the mean of the probabilities of its `segments` samples.

    `measure` gives the values (n,) of clips from plain labels and probabilities (n, C).
    """

    measure: Callable[[Any, Any], Any]

    def __init__(
        self,
        name: str,
        segments: int = 1,
        smoothing: float = 0.0,
        class_weights: Sequence[float] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.segments, self.smoothing = segments, smoothing
        self.class_weights = [float(weight) for weight in class_weights]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in targets (n, C) as `soft_targets` and `mix_clips` made them, and probabilities (n, C)."""
        targets, probabilities = self._by_clip(y_true), self._by_clip(y_pred)
        weights = ops.convert_to_tensor(self.class_weights or [1.0] * y_pred.shape[-1], "float32")
        labels = labels_of_targets(targets, smoothing=self.smoothing, weights=weights)
        if sample_weight is not None:
            sample_weight = self._by_clip(ops.reshape(sample_weight, (-1, 1)))[:, 0]
        super().update_state(self.measure(labels, probabilities), sample_weight=sample_weight)

    def _by_clip(self, rows: Any) -> Any:
        rows = ops.cast(rows, "float32")
        if self.segments == 1:
            return rows
        return ops.mean(ops.reshape(rows, (-1, self.segments, rows.shape[-1])), axis=1)

    def get_config(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        config: dict[str, Any] = super().get_config()
        own = {name: getattr(self, name) for name in ("segments", "smoothing", "class_weights")}
        return {**config, **own}


@keras.saving.register_keras_serializable(package="twostream")
class ClipCrossEntropy(_OfClips):
    """Cross-entropy with plain labels; with labels that mixup blended, those are the labels."""

    measure = staticmethod(_cross_entropy)


@keras.saving.register_keras_serializable(package="twostream")
class ClipTop1(_OfClips):
    """Share of clips whose most probable class is their label; of a blend, its larger part."""

    measure = staticmethod(_is_right)


class _OfSets(_OfClips):
    """The same of clips with several labels each, whose targets are smoothed towards a half."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in targets (n, C) as `set_targets` made them, and probabilities (n, C)."""
        targets, probabilities = self._by_clip(y_true), self._by_clip(y_pred)
        labels = (targets - self.smoothing / 2.0) / (1.0 - self.smoothing)
        if sample_weight is not None:
            sample_weight = self._by_clip(ops.reshape(sample_weight, (-1, 1)))[:, 0]
        keras.metrics.Mean.update_state(
            self, self.measure(labels, probabilities), sample_weight=sample_weight
        )


def _binary_cross_entropy(labels: Any, probabilities: Any) -> Any:
    """The sum over labels of minus the logarithm of what is true."""
    p = ops.clip(probabilities, SMALLEST_PROBABILITY, 1.0 - SMALLEST_PROBABILITY)
    return -ops.sum(labels * ops.log(p) + (1.0 - labels) * ops.log(1.0 - p), axis=-1)


def _holds_the_likeliest(labels: Any, probabilities: Any) -> Any:
    """How far the likeliest label is one of the clip's: 1 or 0 but for blended clips."""
    first = ops.one_hot(ops.argmax(probabilities, axis=-1), probabilities.shape[-1])
    return ops.sum(labels * ops.cast(first, "float32"), axis=-1)


@keras.saving.register_keras_serializable(package="twostream")
class SetCrossEntropy(_OfSets):
    """Binary cross-entropy with plain labels, summed over labels."""

    measure = staticmethod(_binary_cross_entropy)


@keras.saving.register_keras_serializable(package="twostream")
class SetTop1(_OfSets):
    """Share of clips whose likeliest label is one of theirs."""

    measure = staticmethod(_holds_the_likeliest)


def labels_of_targets(targets: Any, *, smoothing: float, weights: Any) -> Any:
    """The plain labels (n, C) that `soft_targets` was given, blended where `mix_clips` blended them."""
    total = ops.sum(targets, axis=-1, keepdims=True)
    return (targets - smoothing / targets.shape[-1] * total) / ((1.0 - smoothing) * weights)


def clip_measures(
    *,
    segments: int,
    smoothing: float,
    class_weights: Sequence[float] = (),
    multi_label: bool = False,
) -> list[Any]:
    """The metrics to compile a model with; `RunningMean` reads them."""
    if multi_label:
        return [
            SetCrossEntropy("cross_entropy", segments, smoothing),
            SetTop1("accuracy", segments, smoothing),
        ]
    kind = segments, smoothing, class_weights
    return [ClipCrossEntropy("cross_entropy", *kind), ClipTop1("accuracy", *kind)]
