"""Late fusion: the average of the streams' class probabilities, joined on clip ids."""

from __future__ import annotations

import numpy as np

from twostream.errors import TwostreamError
from twostream.evaluation.scores import ClipScores


def fuse(spatial: ClipScores, temporal: ClipScores, *, spatial_weight: float = 0.5) -> ClipScores:
    """Weighted average of two streams' softmax scores (Simonyan and Zisserman 2014, section 4).

    Clips are joined on their ids, whatever their order; the result is in the order of `spatial`.
    Raises TwostreamError where the streams were not scored on the same clips, classes and labels.
    """
    if spatial.classes != temporal.classes:
        raise _mismatch("the same classes in the same order", "different classes")
    only = set(spatial.ids) ^ set(temporal.ids)
    if only:
        some = ", ".join(sorted(only)[:3])
        raise _mismatch("the same clips", f"{len(only)} clips in one only ({some} …)")
    place = {clip_id: k for k, clip_id in enumerate(temporal.ids)}
    order = np.asarray([place[clip_id] for clip_id in spatial.ids], np.int64)
    if not np.array_equal(spatial.labels, temporal.labels[order]):
        raise _mismatch("the same label for every clip", "different labels")
    values = spatial_weight * spatial.values + (1.0 - spatial_weight) * temporal.values[order]
    return ClipScores(spatial.ids, spatial.classes, spatial.labels, values.astype(np.float32))


def _mismatch(expected: str, found: str) -> TwostreamError:
    return TwostreamError(
        "fusion",
        expected=f"{expected} in both streams",
        found=found,
        remedy="train and evaluate both streams on the same data and split",
    )
