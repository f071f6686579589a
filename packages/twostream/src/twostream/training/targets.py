"""Soft targets: smoothed labels, weighted classes, mixed clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from twostream.choices import ClassWeights as ClassWeights

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


def class_weights(labels: Sequence[int], *, n_classes: int, kind: ClassWeights) -> Floats:
    """Weight (n_classes,) of each class's clips in the loss; the mean over all clips is 1.

    ``balanced`` gives every class with clips the same total weight.

    >>> class_weights([0, 0, 0, 1], n_classes=2, kind="balanced")
    array([0.6666667, 2.       ], dtype=float32)
    """
    if kind == "none":
        return np.ones(n_classes, np.float32)
    counts = np.bincount(np.asarray(labels, np.int64), minlength=n_classes)
    present = int((counts > 0).sum())
    return (len(labels) / (present * np.maximum(counts, 1))).astype(np.float32)


def soft_targets(labels: Labels, *, smoothing: float, weights: Floats) -> Floats:
    """Targets (n, C) of labels (n,): the share `smoothing` of each is spread over all classes.

    Label smoothing (Szegedy et al. 2016, section 7). A row sums to the weight of its class.

    >>> soft_targets(np.array([1]), smoothing=0.2, weights=np.ones(2, np.float32)).round(3)
    array([[0.1, 0.9]], dtype=float32)
    """
    n_classes = len(weights)
    hot = np.eye(n_classes, dtype=np.float32)[labels]
    smooth = (1.0 - smoothing) * hot + smoothing / n_classes
    targets: Floats = (smooth * weights[labels][:, None]).astype(np.float32)
    return targets


def mix_clips(
    samples: Floats, targets: Floats, *, segments: int, alpha: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Mixup (Zhang et al. 2018): each clip of a batch blended with another one of it.

    Samples (n, S, S, C) and targets (n, K), the `segments` samples of a clip one after another; both
    are blended alike, with one share a clip drawn from Beta(`alpha`, `alpha`).
    """
    clips = len(samples) // segments
    share = rng.beta(alpha, alpha, size=clips).astype(np.float32)
    partner = rng.permutation(clips)
    rows = (partner[:, None] * segments + np.arange(segments)).ravel()
    own = np.repeat(np.maximum(share, 1.0 - share), segments)
    mixed = own[:, None, None, None] * samples + (1.0 - own)[:, None, None, None] * samples[rows]
    return mixed, own[:, None] * targets + (1.0 - own)[:, None] * targets[rows]


def cut_clips(
    samples: Floats, targets: Floats, *, segments: int, alpha: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """CutMix (Yun et al. 2019): a rectangle of each clip of a batch is that of another clip of it.

    Samples (n, S, S, C) and targets (n, K) as in `mix_clips`. The rectangle is the same in all samples of a
    clip, so that what moves in it goes on moving; its share of the area is drawn from Beta(`alpha`,
    `alpha`), and targets are blended by what of it lies within the picture.
    """
    clips, height, width = len(samples) // segments, *samples.shape[1:3]
    side = np.sqrt(rng.beta(alpha, alpha, size=clips))
    middle = rng.uniform(size=(clips, 2))
    partner = rng.permutation(clips)
    cut, wanted = samples.copy(), targets.copy()
    for clip in range(clips):
        rows = slice(clip * segments, (clip + 1) * segments)
        others = slice(partner[clip] * segments, (partner[clip] + 1) * segments)
        top, bottom = _around(middle[clip, 0], side[clip], height)
        left, right = _around(middle[clip, 1], side[clip], width)
        cut[rows, top:bottom, left:right] = samples[others, top:bottom, left:right]
        share = (bottom - top) * (right - left) / (height * width)
        wanted[rows] = (1.0 - share) * targets[rows] + share * targets[others]
    return cut, wanted


def _around(middle: float, side: float, length: int) -> tuple[int, int]:
    """From where to where a part of `length` reaches, its middle and size given as shares of it."""
    first = round((middle - side / 2) * length)
    return max(0, first), min(length, first + round(side * length))
