"""Several labels at once: what clips are to be scored as, and how labels weigh in the loss.

A clip's number (`ManifestRow.label`) is that of its set of labels; a matrix of the sets says which labels
each holds. Without one a number is a class.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from twostream.choices import ClassWeights
from twostream.datasets.manifest import Manifest

Floats = npt.NDArray[np.float32]
Truth = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int64]


def sets_of(manifest: Manifest) -> Truth | None:
    """Which labels (K, C) each of the K sets of a manifest holds; None where clips are of one class."""
    if not manifest.multi_label:
        return None
    number = {name: column for column, name in enumerate(manifest.classes)}
    sets = np.zeros((1 + max(row.label for row in manifest.rows), len(number)), np.bool_)
    for row in manifest.rows:
        for name in row.labels or ():
            sets[row.label, number[name]] = True
    return sets


def set_targets(labels: Labels, *, sets: Truth, smoothing: float) -> Floats:
    """Targets (n, C) of clips with the sets `labels` (n,): each label half-way smoothed towards a half.

    >>> sets = np.array([[True, False], [True, True]])
    >>> set_targets(np.array([0, 1]), sets=sets, smoothing=0.2).round(3).tolist()
    [[0.8999999761581421, 0.10000000149011612], [0.8999999761581421, 0.8999999761581421]]
    """
    hot = sets[labels].astype(np.float32)
    targets: Floats = ((1.0 - smoothing) * hot + smoothing / 2.0).astype(np.float32)
    return targets


def label_weights(labels: Sequence[int], *, sets: Truth, kind: ClassWeights) -> Floats:
    """Weights (2, C) in the loss of clips without and with each label.

    ``balanced`` gives both sides of every label the same total weight; the mean over all clips is 1.

    >>> label_weights([0, 0, 0, 1], sets=np.array([[False], [True]]), kind="balanced").round(3).tolist()
    [[0.6669999957084656], [2.0]]
    """
    if kind == "none":
        return np.ones((2, sets.shape[1]), np.float32)
    hot = sets[np.asarray(labels, np.int64)]
    counts = np.stack([(~hot).sum(axis=0), hot.sum(axis=0)])
    there = np.maximum((counts > 0).sum(axis=0), 1)
    weights: Floats = (len(hot) / (there * np.maximum(counts, 1))).astype(np.float32)
    return weights


def binary_cross_entropy(probabilities: npt.NDArray[np.floating], truth: Truth) -> float:
    """Mean over clips of the sum over labels, in nats, of probabilities (n, C).

    >>> round(binary_cross_entropy(np.array([[0.5, 0.5]]), np.array([[True, False]])), 4)
    1.3863
    """
    return float(losses_of_sets(probabilities, truth).mean())


def losses_of_sets(
    probabilities: npt.NDArray[np.floating], truth: Truth, *, smallest: float = 1e-7
) -> npt.NDArray[np.float64]:
    """The binary cross-entropy (n,) of each clip, the sum over labels."""
    p = probabilities.astype(np.float64)
    of_truth = np.where(truth, p, 1.0 - p)
    losses: npt.NDArray[np.float64] = -np.log(np.maximum(of_truth, smallest)).sum(axis=-1)
    return losses


def likeliest_is_right(probabilities: npt.NDArray[np.floating], truth: Truth) -> float:
    """Share of clips whose likeliest label is one of theirs; those without labels do not count."""
    some = truth.any(axis=1)
    if not some.any():
        return 0.0
    best = probabilities[some].argmax(axis=1)
    return float(truth[some][np.arange(int(some.sum())), best].mean())


def average_precisions(probabilities: npt.NDArray[np.floating], truth: Truth) -> list[float | None]:
    """Average precision of each label over clips (n, C); None of a label that no clip has.

    The sum over the ranks of right clips of precision times the step in recall, ties taken together: what
    scikit-learn's ``average_precision_score`` gives (no interpolation).

    >>> truth = np.array([[True], [False], [True], [False]])
    >>> average_precisions(np.array([[0.9], [0.8], [0.7], [0.1]]), truth)
    [0.8333333333333333]
    """
    found: list[float | None] = []
    for scores, right in zip(probabilities.T, truth.T, strict=True):
        if not right.any():
            found.append(None)
            continue
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
        hits = np.cumsum(right[order])[last]
        precision = hits / (last + 1)
        recall = hits / hits[-1]
        found.append(float((np.diff(recall, prepend=0.0) * precision).sum()))
    return found


def mean_average_precision(probabilities: npt.NDArray[np.floating], truth: Truth) -> float | None:
    """The mean over the labels that some clip has; None where none has any."""
    known = [one for one in average_precisions(probabilities, truth) if one is not None]
    return float(np.mean(known)) if known else None
