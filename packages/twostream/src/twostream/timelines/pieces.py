"""Pieces of one label in a row of frames, without those that are too short."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

NONE = -1
Run = tuple[int, int]  # first frame, and the first one after
Labels = npt.NDArray[np.intp]


def without_short_pieces(labels: Labels, shortest: float) -> list[tuple[int, Run]]:
    """The pieces of one label in `labels` (n,), in their order, none shorter than `shortest` frames.

    The shortest go first: one that lies between two of the same label becomes a part of them, another one
    has no label from then on. Frames without a label, `NONE`, make no piece.

    >>> without_short_pieces(np.array([1, 1, 1, 2, 1, 1, -1, 2, 2, 2, 3]), 2)
    [(1, (0, 6)), (2, (7, 10))]
    """
    starts = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist()] if len(labels) else []
    kinds = [int(labels[start]) for start in starts]
    ends = [*starts[1:], len(labels)][: len(starts)]
    before = list(range(-1, len(starts) - 1))
    after = [*range(1, len(starts)), NONE][: len(starts)]
    alive = [True] * len(starts)

    def swallow(piece: int, next_one: int) -> None:
        """Make the piece behind another one a part of it."""
        ends[piece], after[piece], alive[next_one] = ends[next_one], after[next_one], False
        if after[piece] != NONE:
            before[after[piece]] = piece

    short = [
        (end - start, start, piece)
        for piece, (start, end) in enumerate(zip(starts, ends, strict=True))
        if kinds[piece] != NONE and end - start < shortest
    ]
    heapq.heapify(short)
    while short:
        length, _, piece = heapq.heappop(short)
        if not alive[piece] or kinds[piece] == NONE or ends[piece] - starts[piece] != length:
            continue  # it has become a part of another one, or longer
        first, last = before[piece], after[piece]
        around = {kinds[first] if first != NONE else NONE, kinds[last] if last != NONE else NONE}
        kinds[piece] = around.pop() if len(around) == 1 else NONE
        if last != NONE and kinds[last] == kinds[piece]:
            swallow(piece, last)
        if first != NONE and kinds[first] == kinds[piece]:
            swallow(first, piece)
            piece = first
        if kinds[piece] != NONE and ends[piece] - starts[piece] < shortest:
            heapq.heappush(short, (ends[piece] - starts[piece], starts[piece], piece))
    return [
        (kinds[piece], (starts[piece], ends[piece]))
        for piece in range(len(starts))
        if alive[piece] and kinds[piece] != NONE
    ]
