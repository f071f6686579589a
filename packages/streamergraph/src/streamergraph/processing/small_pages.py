"""Memory of large arrays: by small pages, and used again."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import DTypeLike, NDArray


def empty(shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """As `numpy.empty`, for an array that is gone through in order.

    NumPy asks for huge pages, which only arrays need that are looked up here and there. Where a virtual
    machine gives its host back what is free, a huge one costs several times as much as its small ones,
    which come from what was in use a moment ago.

    >>> empty((2, 3), np.int32).shape
    (2, 3)
    """
    kind = np.dtype(dtype)
    numbers = (shape,) if isinstance(shape, int) else shape
    made: NDArray[Any] = _bytes(math.prod(numbers) * kind.itemsize)
    return made.view(kind).reshape(numbers)


def use_again() -> None:
    """Let the C library keep what arrays leave for the next ones: fresh memory is a third of all time.

    GNU's gives back at once only what is larger than all that was ever freed, up to 32 MiB. So something
    of nearly that size, which nothing is written into, is freed once.
    """
    np.empty(2**25 - 2**16, np.uint8)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _bytes(count: int) -> NDArray[np.uint8]:
    return np.empty(count, np.uint8)
