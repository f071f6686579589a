"""Fusion by a linear SVM on both streams' stacked scores (Simonyan and Zisserman 2014, section 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from twostream.evaluation.fusion import in_order_of, softmax
from twostream.evaluation.scores import ClipScores
from twostream.evaluation.svm import LinearSvm, train_linear_svm

SVM_FUSION = "fusion-svm"
WHY_NO_CHANCES = (
    "an SVM's decision values order the classes; their softmax sums to 1, but nothing makes 0.7 in it a "
    "chance of 70 %"
)
CS = tuple(10.0**power for power in range(-3, 4))


@dataclass(frozen=True)
class SvmFusion:
    """A trained fusion; `c` was chosen by its top-1 on the validation clips, `validation_top1`."""

    svm: LinearSvm
    c: float
    validation_top1: float

    def fuse(self, spatial: ClipScores, temporal: ClipScores) -> ClipScores:
        """Softmax of the SVM's decision values: an order of the classes, not calibrated chances."""
        decisions = self.svm.decide(_features(spatial, temporal))
        return replace(spatial, values=softmax(decisions))


def train_svm_fusion(
    training: tuple[ClipScores, ClipScores], validation: tuple[ClipScores, ClipScores]
) -> SvmFusion:
    """Train on the (spatial, temporal) scores of training clips; choose C on validation clips.

    Of equally good values of C the smallest is taken, which regularises most. Features are the two
    streams' scores, each scaled to length 1.
    """
    features, held_out = _features(*training), _features(*validation)
    n_classes = len(training[0].classes)

    def trained_with(c: float) -> SvmFusion:
        svm = train_linear_svm(features, training[0].labels, n_classes=n_classes, c=c)
        found = svm.decide(held_out).argmax(axis=1)
        return SvmFusion(svm, c, float((found == validation[0].labels).mean()))

    return max((trained_with(c) for c in CS), key=lambda one: (one.validation_top1, -one.c))


def _features(spatial: ClipScores, temporal: ClipScores) -> npt.NDArray[np.float64]:
    streams = (spatial.values, in_order_of(spatial, temporal).values)
    return np.hstack([_unit(values.astype(np.float64)) for values in streams])


def _unit(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    scaled: npt.NDArray[np.float64] = values / np.linalg.norm(values, axis=1, keepdims=True)
    return scaled
