"""Clips that look alike: perceptual hashes of a few frames, compared pair by pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MOMENTS = 5
"""Frames hashed of each clip, evenly spread."""

ALIKE_BITS = 10.0
"""Mean distance of the hashes, of 63 bits, up to which two clips count as alike."""

FLAT_LEVELS = 4.0
"""Standard deviation in grey levels below which a frame has nothing to be recognised by."""

Hashes = npt.NDArray[np.uint64]
ROWS_AT_ONCE = 128


@dataclass(frozen=True)
class Pair:
    """Two clips, by position, and the mean number of bits in which their frames differ."""

    first: int
    second: int
    bits: float


def perceptual_hash(grey: npt.NDArray[np.uint8]) -> int:
    """63 bits of a grey image (H, W) uint8: which low frequencies are above their median.

    Scaling, recompression and brightness hardly change it. 0 for an image too flat to be told apart.

    >>> perceptual_hash(np.full((48, 64), 90, np.uint8))
    0
    """
    import cv2

    if grey.std() < FLAT_LEVELS:
        return 0
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].ravel()[1:]  # without the mean brightness
    bits = np.packbits(np.concatenate([[False], low > np.median(low)]))
    return int.from_bytes(bits.tobytes(), "big")


def alike_pairs(
    hashes: Sequence[Sequence[int]], *, most_bits: float = ALIKE_BITS
) -> Iterator[Pair]:
    """All pairs of clips whose frames at the same moments differ in few bits, in order.

    `hashes` holds one row a clip, of the same number of frames each; frames that are flat (0) in
    either clip are left out, and two clips must share at least half of the rest.
    """
    if len(hashes) < 2:
        return
    table = np.array(hashes, np.uint64).reshape(len(hashes), -1)
    there = table != 0
    least = (table.shape[1] + 1) // 2
    for start in range(0, len(table), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        both = there[rows, None] & there[None]
        bits = np.bitwise_count(table[rows, None] ^ table[None]) * both
        count = both.sum(axis=2)
        mean = np.where(count >= least, bits.sum(axis=2) / np.maximum(count, 1), np.inf)
        for first, second in zip(*np.nonzero(mean <= most_bits), strict=True):
            if first + start < second:
                yield Pair(int(first) + start, int(second), float(mean[first, second]))
