"""Pairs in the order of their streamers, by two passes of counting in place of a sort."""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
from numpy.typing import NDArray

from streamergraph.processing import small_pages
from streamergraph.processing.parcels import Ints
from streamergraph.processing.shared_audience import SharedAudience

Reals = NDArray[np.float64]


def in_order(
    batches: list[SharedAudience], values: Sequence[Reals], n_streamers: int
) -> tuple[SharedAudience, Reals]:
    """All pairs of the batches, which are given up, sorted by a and b; and in that order a value of each.

    `values` belong to the batches; those of no value at all have none afterwards.

    >>> one, two = (SharedAudience(a=np.array([a]), b=np.array([2]), common=np.array([a]),
    ...                            common_minutes=np.array([15]), n_viewers=9) for a in (1, 0))
    >>> found, values = in_order([one, two], [np.array([0.5]), np.array([0.1])], 3)
    >>> found.a.tolist(), found.b.tolist(), values.tolist()
    ([0, 1], [2, 2], [0.1, 0.5])
    """
    count = sum(map(len, batches))
    n_viewers = batches[0].n_viewers if batches else 0
    of_a, of_b = np.zeros((2, n_streamers), np.int64)
    for batch in batches:
        _count(batch.a, batch.b, of_a, of_b)
    to_a, to_b = np.cumsum(of_a) - of_a, np.cumsum(of_b) - of_b
    # What belongs to a pair lies together, for its place is far from those of the pairs beside it.
    rows = small_pages.empty((count, 4 if any(map(len, values)) else 3), np.int64)
    for batch, some in zip(batches, values, strict=True):
        bits = some.view(np.int64)
        _by_second(batch.a, batch.b, batch.common, batch.common_minutes, bits, to_b, rows)
    batches.clear()
    columns = small_pages.empty((rows.shape[1] + 1, count), np.int64)
    _by_first(rows, to_a, columns)
    a, b, common, together, *rest = columns
    found = SharedAudience(a=a, b=b, common=common, common_minutes=together, n_viewers=n_viewers)
    return found, rest[0].view(np.float64) if rest else np.empty(0)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count(a: Ints, b: Ints, of_a: Ints, of_b: Ints) -> None:
    for pair in range(len(a)):
        of_a[a[pair]] += 1
        of_b[b[pair]] += 1


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _by_second(
    a: Ints, b: Ints, common: Ints, together: Ints, values: Ints, to: Ints, rows: Ints
) -> None:
    for pair in range(len(a)):
        place = to[b[pair]]
        to[b[pair]] = place + 1
        rows[place, 0] = (a[pair] << 32) | b[pair]
        rows[place, 1] = common[pair]
        rows[place, 2] = together[pair]
        if len(values):
            rows[place, 3] = values[pair]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _by_first(rows: Ints, to: Ints, columns: Ints) -> None:
    for pair in range(len(rows)):
        a = rows[pair, 0] >> 32
        place = to[a]
        to[a] = place + 1
        columns[0, place] = a
        columns[1, place] = rows[pair, 0] & 0xFFFFFFFF
        for column in range(1, rows.shape[1]):
            columns[column + 1, place] = rows[pair, column]
