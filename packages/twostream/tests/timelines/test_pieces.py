"""Pieces of one label that are long enough."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from twostream.timelines.pieces import NONE, without_short_pieces


def pieces_of(labels):
    ends = [k + 1 for k in range(len(labels)) if k + 1 == len(labels) or labels[k + 1] != labels[k]]
    starts = [0, *ends[:-1]][: len(ends)]
    return [(labels[a], (a, b)) for a, b in zip(starts, ends, strict=True) if labels[a] != NONE]


def one_after_another(labels, shortest):
    """The same by its definition: the shortest, then the first, until none is too short."""
    labels = list(labels)
    while short := [(b - a, a, b) for _, (a, b) in pieces_of(labels) if b - a < shortest]:
        _, start, end = min(short)
        around = {labels[start - 1] if start else NONE, labels[end] if end < len(labels) else NONE}
        labels[start:end] = [around.pop() if len(around) == 1 else NONE] * (end - start)
    return pieces_of(labels)


@given(st.lists(st.sampled_from([NONE, 0, 1, 2]), max_size=40), st.integers(0, 6))
def test_the_shortest_go_first(labels, shortest):
    found = without_short_pieces(np.array(labels, np.intp), shortest)
    assert found == one_after_another(labels, shortest)


def test_an_hour_of_noise_takes_no_hour():
    labels = np.random.default_rng(0).integers(-1, 50, 108_000)
    assert without_short_pieces(labels, 15) == []
