"""What heads say of training clips that they were not trained on: source videos left out in turn.

A head on cached features is trained again in a second, so that the clips of a few-clips run can be asked
as if they were test clips; no test clip is looked at, and nothing is held out of the head that is used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from twostream.datasets.manifest import ManifestRow
from twostream.training.features import Features
from twostream.training.head import head_l2
from twostream.training.head_scaling import head_scaling
from twostream.training.label_logistic import fit_label_logistic, label_probabilities
from twostream.training.label_sets import Truth
from twostream.training.logistic import fit_logistic, probabilities

Floats = npt.NDArray[np.float32]
FOLDS = 5
# A weight and two temperatures ask for no more digits.
TOLERANCE = 1e-3


def folds_of(rows: Sequence[ManifestRow], *, folds: int = FOLDS) -> npt.NDArray[np.int64]:
    """The fold (n,) that each clip is held out in: whole source videos, each class's spread evenly.

    With up to `folds` source videos a class each is left out by itself.
    """
    sources: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for name in row.names:
            if row.group not in sources[name]:
                sources[name].append(row.group)
    fold_of: dict[str, int] = {}
    for name in sorted(sources, key=lambda name: len(sources[name])):
        counts = [0] * min(folds, max(2, len(sources[name])))
        known = [fold_of[one] for one in sources[name] if one in fold_of]
        for fold in known:
            if fold < len(counts):
                counts[fold] += 1
        for source in sorted(one for one in sources[name] if one not in fold_of):
            fold_of[source] = counts.index(min(counts))
            counts[fold_of[source]] += 1
    return np.asarray([fold_of[row.group] for row in rows], np.int64)


def held_out_probabilities(
    features: Features,
    rows: Sequence[ManifestRow],
    *,
    n_classes: int,
    head: str | None = None,
    sets: Truth | None = None,
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Probabilities (n, C) of each clip by a head that was trained without its source video.

    The mean over the clip's samples. The second array (n,) is false for clips of which no head could know
    anything: those of the only source video of a class. `features` are those of the `rows`, and `head` is
    the kind of head that is used (`head_scaling`). With `sets` of labels each is a probability by itself.
    """
    if features.clips is None or len(features.clips) != len(features.labels):
        raise ValueError("features that do not tell their clips")
    fold = folds_of(rows)
    labels = np.asarray([row.label for row in rows], np.int64)
    found = np.zeros((len(rows), n_classes), np.float32)
    known = np.zeros(len(rows), np.bool_)
    for number in np.unique(fold):
        held = fold == number
        if sets is None:
            known[held] = np.isin(labels[held], labels[~held])
        else:
            learnt = sets[labels[~held]].any(axis=0)
            known[held] = ~(sets[labels[held]] & ~learnt).any(axis=1)
        if not known[held].any():
            continue
        of_training, of_held = ~held[features.clips], held[features.clips]
        training = Features(features.values[of_training], features.labels[of_training])
        scaling = head_scaling(training, head=head)
        values, penalty = scaling(training), head_l2(len(training.labels))
        asked = scaling(Features(features.values[of_held], features.labels[of_held]))
        if sets is None:
            kernel, bias = fit_logistic(
                values,
                training.labels,
                n_classes=n_classes,
                penalty=penalty,
                tolerance=TOLERANCE,
            )
            scores = probabilities(asked, kernel, bias)
        else:
            kernel, bias = fit_label_logistic(
                values, sets[training.labels], penalty=penalty, tolerance=TOLERANCE
            )
            scores = label_probabilities(asked, kernel, bias)
        clips = features.clips[of_held]
        np.add.at(found, clips, scores)
        found[held] /= np.bincount(clips, minlength=len(rows))[held, None]
    return found, known
