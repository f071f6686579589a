"""The evaluation of giocoal/hmdb51-two-stream-action-recognition, defects included.

It exists to re-create that project's table with a network of one's own, and to show what its
procedures do to the numbers. Its cells are measured on different things (frames, draws, the first
clips, a random 200) and cannot be compared, neither with each other nor with the protocols. The
values that a network is fed with stay scaled as it was trained.

Numbering: of a clip of N frames the original extracted N - 2 images, image k being our frame k and
its flow our flow k - 1; n below is that N - 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.metrics import accuracy
from twostream.evaluation.sample_sets import SampleSet
from twostream.evaluation.scores import ClipScores
from twostream.store.source import ClipSource
from twostream.transforms.preprocessing import Preprocessing
from twostream.transforms.views import Stretch

Scores = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

FRAMES_PER_CLIP = 17
FRAME_BATCH = 64
CLIP_BATCH = 128
WHOLE_VIDEO_CLIPS = 200
STACK = 10

NOTE = (
    "the original's procedures, defects included: not comparable with any other number, nor these "
    "with each other"
)
DEFECTS = (
    "frames and flow are stretched to a square, which distorts people",
    "the first and the last frame of a clip do not exist, and starts of stacks end before the last ones",
    "one-frame, spatial: an instance is a frame, not a clip: 17 at steps of n // 17, which end before "
    "the clip does; the incomplete last batch of 64 is dropped",
    "one-frame, temporal: the middle stacks of clips drawn with replacement, in whole batches of 128",
    "one-frame, fusion: the first clips in the order of the classes, the incomplete last batch of 128 "
    "dropped (on HMDB-51 four whole classes), and flow stacks transposed",
    "whole-video: 200 random clips instead of all; the original has no temporal and fused numbers here",
)


def image_count(frames: int) -> int:
    """Images that the original extracted from a clip of `frames` frames (at least 1 here)."""
    return max(1, frames - 2)


def seventeen_frames(frames: int) -> list[int]:
    """Frame indices of its generator of single frames: every (n // 17)-th from the first, 17 of them.

    >>> seventeen_frames(12), seventeen_frames(409)[-1]
    ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 369)
    """
    n = image_count(frames)
    step = max(1, n // FRAMES_PER_CLIP)
    return [min(k + 1, frames - 1) for k in range(0, n, step)][:FRAMES_PER_CLIP]


def middle_start(frames: int) -> int:
    """1-based start of the stack in its temporal validation: 1 + floor((n - 10) / 2).

    >>> middle_start(102)
    46
    """
    return max(1, 1 + (image_count(frames) - STACK) // 2)


def fusion_start(frames: int) -> int:
    """1-based image and start of its fusion: floor((n - 9) / 2 + 1 / 2).

    >>> fusion_start(102)
    46
    """
    return max(1, (image_count(frames) - STACK + 2) // 2)


def whole_starts(frames: int) -> list[int]:
    """1-based starts of its whole-video routine: 1 to n - 11.

    >>> whole_starts(16), whole_starts(9)
    ([1, 2, 3], [1])
    """
    return list(range(1, max(2, image_count(frames) - STACK)))


def _positions(
    images: Callable[[int], Sequence[int]], starts: Callable[[int], Sequence[int]]
) -> Callable[[Preprocessing, int], Sequence[int]]:
    """Positions of either stream: frames, or the 0-based starts of stacks, kept within the clip."""

    def positions(preprocessing: Preprocessing, frames: int) -> Sequence[int]:
        if preprocessing.stream == "spatial":
            return [min(k, frames - 1) for k in images(frames)]
        last = preprocessing.count_positions(frames) - 1
        return [min(start - 1, last) for start in starts(frames)]

    return positions


def _stretched(_: Preprocessing, __: ClipSource) -> Sequence[Stretch]:
    return (Stretch(),)


def _transposed(preprocessing: Preprocessing, _: ClipSource) -> Sequence[Stretch]:
    return (Stretch(transposed=preprocessing.stream == "temporal"),)


ONE_FRAME = SampleSet(
    file_name="original_one_frame_scores.npz",
    positions=_positions(seventeen_frames, lambda frames: [middle_start(frames)]),
    views=_stretched,
)
FUSED_FRAME = SampleSet(
    file_name="original_fusion_scores.npz",
    positions=_positions(
        lambda frames: [fusion_start(frames)], lambda frames: [fusion_start(frames)]
    ),
    views=_transposed,
)
WHOLE_VIDEO = SampleSet(
    file_name="original_whole_video_scores.npz",
    positions=_positions(
        lambda frames: range(1, image_count(frames) + 1), lambda frames: whole_starts(frames)
    ),
    views=_stretched,
)


def whole_video_clips(rows: Sequence[ManifestRow], *, seed: int) -> list[ManifestRow]:
    """A random 200 of the clips, or all where there are fewer."""
    order = np.random.default_rng((seed, 2)).permutation(len(rows))[:WHOLE_VIDEO_CLIPS]
    return [rows[k] for k in sorted(order)]


def in_class_order(rows: Sequence[ManifestRow]) -> list[ManifestRow]:
    """The clips in the order of its lists: class by class."""
    return sorted(rows, key=lambda row: (row.label, row.clip_id))


def frame_level(scores: Sequence[Scores], labels: Labels, *, seed: int) -> dict[str, Any]:
    """Accuracy of single frames (n, C) of each clip, shuffled, without the last incomplete batch."""
    every = np.concatenate(scores)
    of_frame = np.repeat(labels, [len(one) for one in scores])
    order = np.random.default_rng((seed, 0)).permutation(len(every))
    kept = order[: whole_batches(len(every), FRAME_BATCH)]
    return _cell(every[kept], of_frame[kept], "frames")


def with_replacement(scores: Sequence[Scores], labels: Labels, *, seed: int) -> dict[str, Any]:
    """Accuracy of the middle stacks (1, C) of clips drawn with replacement."""
    draws = max(CLIP_BATCH, whole_batches(len(scores), CLIP_BATCH))
    chosen = np.random.default_rng((seed, 1)).integers(0, len(scores), draws)
    return _cell(np.concatenate(scores)[chosen], labels[chosen], "draws")


def first_clips(fused: ClipScores) -> dict[str, Any]:
    """Accuracy of the first clips, in class order, that fill whole batches."""
    kept = whole_batches(len(fused.ids), CLIP_BATCH)
    return _cell(fused.values[:kept], fused.labels[:kept], "clips")


def clip_level(scores: ClipScores) -> dict[str, Any]:
    """Accuracy of clips."""
    return _cell(scores.values, scores.labels, "clips")


def whole_batches(count: int, size: int) -> int:
    """How many of `count` instances fill whole batches of `size`; all where not even one is filled.

    >>> whole_batches(1530, 128), whole_batches(26010, 64), whole_batches(21, 128)
    (1408, 25984, 21)
    """
    return count // size * size or count


def _cell(values: Scores, labels: Labels, instances: str) -> dict[str, Any]:
    return {**accuracy(values, labels).to_dict(), "instances": len(values), "of": instances}
