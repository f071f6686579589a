"""Late fusion: two streams' class probabilities made into one, joined on clip ids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.evaluation.scores import ClipScores

SMALLEST_PROBABILITY = 1e-12
WEIGHT_STEPS = 20


def fuse(spatial: ClipScores, temporal: ClipScores, *, spatial_weight: float = 0.5) -> ClipScores:
    """Weighted average of two streams' softmax scores (Simonyan and Zisserman 2014, section 2).

    Clips are joined on their ids, whatever their order; the result is in the order of `spatial`.
    Raises TwostreamError where the streams were not scored on the same clips, classes and labels.
    """
    temporal = in_order_of(spatial, temporal)
    values = spatial_weight * spatial.values + (1.0 - spatial_weight) * temporal.values
    return replace(spatial, values=values.astype(np.float32))


def fuse_logits(spatial: ClipScores, temporal: ClipScores) -> ClipScores:
    """Softmax of the average of both streams' log-probabilities: their normalised geometric mean.

    A class must be likely in both streams. Of labels that hold by themselves it is the sigmoid of the
    average of the logarithms of their odds. Joined as in `fuse`; raises what it raises.
    """
    temporal = in_order_of(spatial, temporal)
    return replace(
        spatial,
        values=geometric_mean(
            spatial.values, temporal.values, multi_label=spatial.truth is not None
        ),
    )


def geometric_mean(
    spatial: npt.NDArray[np.float32],
    temporal: npt.NDArray[np.float32],
    *,
    multi_label: bool = False,
) -> npt.NDArray[np.float32]:
    """The same of probabilities (n, C)."""
    logits = (_logarithm(spatial) + _logarithm(temporal)) / 2.0
    if not multi_label:
        return softmax(logits)
    logits -= (_logarithm(1.0 - spatial) + _logarithm(1.0 - temporal)) / 2.0
    found: npt.NDArray[np.float32] = np.exp(-np.logaddexp(0.0, -logits)).astype(np.float32)
    return found


def choose_weight(spatial: ClipScores, temporal: ClipScores) -> float:
    """The spatial weight, in steps of 0.05, with which `fuse` is best on these clips.

    The best has the highest top-1; of equals, the lowest cross-entropy, as epochs are chosen; of
    equals again, the one nearest to a half. The clips must be validation clips: on test clips this
    would be selection on the test part.
    """

    def merit(weight: float) -> tuple[float, float, float]:
        fused = fuse(spatial, temporal, spatial_weight=weight)
        of_truth = fused.values[np.arange(len(fused.ids)), fused.labels]
        loss = float(-np.log(np.maximum(of_truth, SMALLEST_PROBABILITY)).mean())
        top1 = float((fused.values.argmax(axis=1) == fused.labels).mean())
        # Rounded, so that no last digit decides between weights that are equally good.
        return top1, -round(loss, 6), -abs(weight - 0.5)

    return max((step / WEIGHT_STEPS for step in range(WEIGHT_STEPS + 1)), key=merit)


def in_order_of(first: ClipScores, second: ClipScores) -> ClipScores:
    """The `second` scores, in the order of the clips of the `first`.

    Raises TwostreamError where the clips, classes or labels are not the same.
    """
    if first.classes != second.classes:
        raise _mismatch("the same classes in the same order", "different classes")
    only = set(first.ids) ^ set(second.ids)
    if only:
        some = ", ".join(sorted(only)[:3])
        raise _mismatch("the same clips", f"{counted(len(only), 'clip')} in one only ({some} …)")
    place = {clip_id: k for k, clip_id in enumerate(second.ids)}
    order = np.asarray([place[clip_id] for clip_id in first.ids], np.int64)
    if not np.array_equal(first.labels, second.labels[order]):
        raise _mismatch("the same label for every clip", "different labels")
    return replace(first, values=second.values[order])


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Probabilities (n, C) float32 of logits (n, C).

    >>> softmax(np.array([[0.0, 0.0], [0.0, 1000.0]])).tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float32] = (powers / powers.sum(axis=1, keepdims=True)).astype(
        np.float32
    )
    return shares


def _logarithm(probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    return np.log(np.maximum(probabilities.astype(np.float64), SMALLEST_PROBABILITY))


def _mismatch(expected: str, found: str) -> TwostreamError:
    return TwostreamError(
        "fusion",
        expected=f"{expected} in both streams",
        found=found,
        remedy="train and evaluate both streams on the same data and split",
    )
