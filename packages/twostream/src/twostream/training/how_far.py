"""How far the classifier of an earlier run goes on: as far as recordings tell that it did not learn from.

Each recording is left out in turn (of more than five a fifth), and said by classifiers that went on with
the others, near the earlier one or far from it. A few recordings say little, so of those that are right
about as often the nearest is taken: within a standard error of the best one (the one-standard-error rule
of Breiman et al., Classification and Regression Trees, 1984, section 3.4.3).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.datasets.manifest import ManifestRow
from twostream.training.features import Features
from twostream.training.head import INVERSE_REGULARISATION, added_to
from twostream.training.held_out_heads import FOLDS
from twostream.training.kept_head import KeptHead
from twostream.training.label_sets import Truth

Floats = npt.NDArray[np.float32]
# C of the regression beside the earlier classifier; 0 leaves that as it is.
STRENGTHS = (0.0, 1e-4, 1e-3, INVERSE_REGULARISATION)
WITHOUT_EVIDENCE = 1e-4
LEAST_RECORDINGS = 2
TOLERANCE = 1e-3


@dataclass(frozen=True)
class HowFar:
    """The C that was chosen, and a sentence on what it was chosen by."""

    strength: float
    reason: str


def how_far(
    kept: KeptHead,
    training: Features,
    rows: Sequence[ManifestRow],
    *,
    learnt: Collection[str],
    class_weights: Floats,
    sets: Truth | None = None,
) -> HowFar:
    """The C of the regression beside the `kept` classifier, for features of the training clips `rows`.

    `learnt` are the videos that the earlier run has learnt from, of which it knows too much to be asked.
    Classes that it does not know have to be learnt: then it does not stay as it is.
    """
    if training.clips is None:
        raise ValueError("features that do not tell their clips")
    unseen = np.asarray([row.source not in learnt for row in rows], np.bool_)
    groups = np.asarray([row.group for row in rows])
    recordings = sorted(set(groups[unseen].tolist()))
    if len(recordings) < LEAST_RECORDINGS:
        return HowFar(WITHOUT_EVIDENCE, "a little way, for there are no recordings to choose by")
    new = {name for row in rows for name in row.names} - set(kept.known_names)
    strengths = [one for one in STRENGTHS if one or not new]
    right = np.zeros((len(strengths), len(rows)))
    place_of = {name: place for place, name in enumerate(sorted(set(groups.tolist())))}
    fold = np.asarray([place_of[name] % FOLDS for name in groups])
    for number in np.unique(fold[unseen]):
        others, held = (
            training.of_clips(mask) for mask in (fold != number, (fold == number) & unseen)
        )
        for place, strength in enumerate(strengths):
            kernel, bias = kept.kernel, kept.bias
            if strength:
                kernel, bias = added_to(
                    kept,
                    others,
                    strength=strength,
                    class_weights=class_weights,
                    sets=sets,
                    tolerance=TOLERANCE,
                )
            right[place] += _right(kept.scaling(held) @ kernel + bias, held, len(rows), sets)
    classes = np.asarray([row.label for row in rows])
    shares = np.stack(
        [_share(right, classes, unseen & (groups == name)) for name in recordings], axis=1
    )
    best = int(shares.mean(axis=1).argmax())
    lost = shares[best] - shares
    error = lost.std(axis=1, ddof=1) / np.sqrt(len(recordings))
    place = int(np.flatnonzero(lost.mean(axis=1) <= error)[0])
    found = ", ".join(
        f"{100 * share:.0f} % ({strength:g})"
        for strength, share in zip(strengths, shares.mean(axis=1), strict=True)
    )
    return HowFar(
        strengths[place],
        f"C = {strengths[place]:g}, by {len(recordings)} recordings left out in turn: right of each class "
        f"alike {found}",
    )


def _share(
    right: npt.NDArray[np.float64], classes: npt.NDArray[np.int64], chosen: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """The share of the `chosen` clips that are right, of each class alike: the mean over classes.

    What labels miss is called background. To say so more often would be right more often, and be no gain.
    """
    found = [right[:, chosen & (classes == one)].mean(axis=1) for one in np.unique(classes[chosen])]
    share: npt.NDArray[np.float64] = np.mean(found, axis=0)
    return share


def _right(
    logits: Floats, held: Features, clips: int, sets: Truth | None
) -> npt.NDArray[np.float64]:
    """How right (clips,) the mean of each clip's samples is; 0 of clips that were not asked."""
    assert held.clips is not None
    count = np.maximum(np.bincount(held.clips, minlength=clips), 1)[:, None]
    total = np.zeros((clips, logits.shape[1]))
    if sets is None:
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        np.add.at(total, held.clips, powers / powers.sum(axis=1, keepdims=True))
        labels = np.zeros(clips, np.int64)
        labels[held.clips] = held.labels
        asked = np.bincount(held.clips, minlength=clips) > 0
        right: npt.NDArray[np.float64] = (
            ((total / count).argmax(axis=1) == labels) & asked
        ).astype(np.float64)
        return right
    np.add.at(total, held.clips, 1.0 / (1.0 + np.exp(-logits.astype(np.float64))))
    found = np.zeros(clips)
    for clip in np.unique(held.clips):
        truth = sets[held.labels[held.clips == clip][0]]
        found[clip] = float((((total / count)[clip] >= 0.5) == truth).mean())
    return found
