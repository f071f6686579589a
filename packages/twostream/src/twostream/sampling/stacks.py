"""Which frames and flow stacks of a clip a network sees.

A stack is `stack_length` consecutive flows. A clip of F flows has F - L + 1 valid stack starts. A clip
shorter than a stack has one, start 0, and its flows are repeated from the beginning until the stack
is full: every flow is real motion of the clip, and none is weighted by standing still.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


def count_stack_starts(flows: int, *, stack_length: int) -> int:
    """Number of valid stack starts in a clip of `flows` flows (at least 1).

    >>> count_stack_starts(12, stack_length=10), count_stack_starts(4, stack_length=10)
    (3, 1)
    """
    if flows < 1 or stack_length < 1:
        raise ValueError(f"{flows=} and {stack_length=} must be at least 1")
    return max(1, flows - stack_length + 1)


def stack_indices(start: int, *, flows: int, stack_length: int) -> Indices:
    """Indices of the flows in the stack that begins at `start`.

    Raises IndexError for a start that is not valid.

    >>> stack_indices(2, flows=12, stack_length=4)
    array([2, 3, 4, 5])
    >>> stack_indices(0, flows=3, stack_length=5)
    array([0, 1, 2, 0, 1])
    """
    if not 0 <= start < count_stack_starts(flows, stack_length=stack_length):
        raise IndexError(f"stack start {start} of a clip of {flows} flows")
    return (start + np.arange(stack_length, dtype=np.int64)) % flows


def centre_start(count: int) -> int:
    """The middle one of `count` positions; of two middle ones, the earlier.

    >>> centre_start(5), centre_start(4), centre_start(1)
    (2, 1, 0)
    """
    if count < 1:
        raise ValueError(f"{count=} must be at least 1")
    return (count - 1) // 2


def even_positions(count: int, *, samples: int) -> Indices:
    """The centres of `samples` equal parts of `count` positions; some repeat in a short clip.

    >>> even_positions(100, samples=4)
    array([12, 37, 62, 87])
    """
    _check(count, samples)
    edges = (np.arange(samples, dtype=np.float64) + 0.5) * count / samples
    return np.minimum(edges.astype(np.int64), count - 1)


def equidistant_positions(count: int, *, samples: int) -> Indices:
    """`samples` positions from the first to the last at equal distances; fewer in a short clip.

    >>> equidistant_positions(100, samples=4), equidistant_positions(3, samples=5)
    (array([ 0, 33, 66, 99]), array([0, 1, 2]))
    """
    _check(count, samples)
    if samples == 1:
        return np.asarray([centre_start(count)], np.int64)
    return np.unique(np.rint(np.linspace(0, count - 1, samples)).astype(np.int64))


def random_positions(count: int, *, samples: int, rng: np.random.Generator) -> Indices:
    """One random position from each of `samples` equal parts of `count` positions.

    Every position, the first and the last included, can be drawn (temporal segment sampling, Wang
    et al. 2016, section 3.1).
    """
    _check(count, samples)
    return np.minimum(
        ((np.arange(samples) + rng.random(samples)) * count / samples).astype(np.int64), count - 1
    )


def _check(count: int, samples: int) -> None:
    if count < 1 or samples < 1:
        raise ValueError(f"{count=} and {samples=} must be at least 1")
