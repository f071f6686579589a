"""The loss: cross-entropy of the consensus of a clip's segments with soft targets.

Imported only where a model is trained, since it needs Keras at import.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

SMALLEST_PROBABILITY = 1e-7


@keras.saving.register_keras_serializable(package="twostream")
class SegmentConsensus(keras.losses.Loss):  # type: ignore[misc]  # Keras is untyped
    """Cross-entropy of the average of `segments` consecutive rows of scores.

    A batch holds the samples of a clip one after another. Their scores are averaged before the softmax
    (the segmental consensus of temporal segment networks, Wang et al. 2016, section 3.1), so that a
    clip is right when its segments are right together. The network's own output is the softmax of
    each sample; the mean of log-probabilities differs from the mean of scores by a constant only.
    With one segment it is the usual cross-entropy. Targets (n, C) may be soft and need not sum to 1:
    a row's sum is its weight.
    """

    def __init__(self, segments: int = 1, name: str = "segment_consensus", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.segments = segments

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss of each clip (n / segments,), from targets and probabilities (n, C)."""
        classes = y_pred.shape[-1]
        log_p = ops.log(ops.clip(y_pred, 1e-7, 1.0))
        scores = ops.mean(ops.reshape(log_p, (-1, self.segments, classes)), axis=1)
        targets = ops.mean(ops.reshape(y_true, (-1, self.segments, classes)), axis=1)
        return -ops.sum(targets * ops.log_softmax(scores, axis=-1), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        config: dict[str, Any] = super().get_config()
        return {**config, "segments": self.segments}


@keras.saving.register_keras_serializable(package="twostream")
class SegmentBinaryCrossEntropy(keras.losses.Loss):  # type: ignore[misc]  # Keras is untyped
    """Binary cross-entropy of each label by itself, of the average of a clip's `segments` rows of scores.

    Scores are the logits, which are averaged before the sigmoid as `SegmentConsensus` does before the
    softmax. A clip's loss is the sum over labels. Targets (n, C) may be soft; `weights` (2, C) are those of
    clips without and with each label, all 1 where there are none.
    """

    def __init__(
        self,
        segments: int = 1,
        weights: Sequence[Sequence[float]] = (),
        name: str = "segment_binary_cross_entropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.segments = segments
        self.weights = [[float(one) for one in row] for row in weights]

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss of each clip (n / segments,), from targets and probabilities (n, C)."""
        labels = y_pred.shape[-1]
        p = ops.clip(y_pred, SMALLEST_PROBABILITY, 1.0 - SMALLEST_PROBABILITY)
        logits = ops.log(p) - ops.log(1.0 - p)
        scores = ops.mean(ops.reshape(logits, (-1, self.segments, labels)), axis=1)
        targets = ops.mean(ops.reshape(y_true, (-1, self.segments, labels)), axis=1)
        without, having = self.weights or ([1.0] * labels, [1.0] * labels)
        of_label = ops.convert_to_tensor(having, "float32") * targets * ops.softplus(-scores)
        of_none = ops.convert_to_tensor(without, "float32") * (1.0 - targets)
        return ops.sum(of_label + of_none * ops.softplus(scores), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        config: dict[str, Any] = super().get_config()
        return {**config, "segments": self.segments, "weights": self.weights}
