from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.processing import shared_audience as module
from streamergraph.processing import viewer_rows as viewer_rows_module
from streamergraph.processing.measures import chance_p_values, measure_pairs
from streamergraph.processing.shared_audience import audiences, shared_audience
from streamergraph.processing.viewer_rows import viewer_rows

WORLDS = st.lists(
    st.dictionaries(st.integers(0, 12), st.integers(1, 5), max_size=9), min_size=2, max_size=7
)


def matrix_of(world):
    entries = [(s, v, n) for s, watched in enumerate(world) for v, n in watched.items()]
    columns = np.array(entries, dtype=np.int64).reshape(-1, 3)
    return audiences(
        columns[:, 0], columns[:, 1].astype(np.uint64), columns[:, 2], n_streamers=len(world)
    )


@given(WORLDS, st.sampled_from([1, 10, 10**6]))
def test_pairs_are_those_of_python_sets_whatever_the_block(world, cells):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LARGEST_BLOCK_CELLS", cells)
        shared = shared_audience(matrix_of(world))
    found = {
        (a, b): (common, together)
        for a, b, common, together in zip(
            shared.a.tolist(),
            shared.b.tolist(),
            shared.common.tolist(),
            shared.common_samples.tolist(),
            strict=True,
        )
    }
    expected = {}
    for a, b in itertools.combinations(range(len(world)), 2):
        both = world[a].keys() & world[b].keys()
        if both:
            expected[a, b] = (len(both), sum(min(world[a][v], world[b][v]) for v in both))
    assert found == expected


@given(
    st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 3)), max_size=40),
    st.sampled_from([1, 4, 16_384]),
)
def test_rows_of_viewers_hold_every_entry_once_whatever_the_parts(entries, of_a_part):
    # Few different numbers, so that viewers come back; and all bits of a number count.
    viewer = np.array([v if k else v % 5 for v, k in entries], np.uint64)
    streamer, samples = np.arange(len(entries)), np.arange(len(entries)) % 7
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viewer_rows_module, "ENTRIES_OF_A_PART", of_a_part)
        start, grouped, times = viewer_rows(viewer, streamer, samples)
    rows = [grouped[a:b].tolist() for a, b in itertools.pairwise(start)]
    expected = {v: np.flatnonzero(viewer == v).tolist() for v in set(viewer.tolist())}
    assert sorted(rows) == sorted(expected.values())
    assert times.tolist() == [k % 7 for k in grouped.tolist()]


def test_times_too_long_for_32_bits_are_summed():
    world = [dict.fromkeys(range(4), 2**30), dict.fromkeys(range(4), 2**30)]
    assert shared_audience(matrix_of(world)).common_samples.tolist() == [2**32]


def test_measures_of_a_pair_worked_out_by_hand():
    # A = {0, 1, 2, 3}, B = {2, 3, 4}; viewer 2 watched 5 and 1, viewer 3 watched 1 and 2 samples.
    matrix = matrix_of([{0: 1, 1: 1, 2: 5, 3: 1}, {2: 1, 3: 2, 4: 1}])
    row = measure_pairs(shared_audience(matrix), matrix).row(0, named=True)
    assert row["common_viewers"] == 2
    assert row["overlap_percent"] == pytest.approx(100 * 2 / 3)
    assert row["jaccard"] == pytest.approx(100 * 2 / 5)
    assert row["cosine"] == pytest.approx(100 * 2 / 12**0.5)
    assert (row["share_a"], row["share_b"]) == pytest.approx((50, 200 / 3))
    assert row["time_weighted"] == pytest.approx(100 * 2 / 4)


def test_chance_is_hypergeometric():
    # Two audiences of 3 among 6 viewers share all 3: one way of twenty.
    matrix = matrix_of([{0: 1, 1: 1, 2: 1}, {0: 1, 1: 1, 2: 1}, {3: 1, 4: 1, 5: 1}])
    shared = shared_audience(matrix)
    assert chance_p_values(shared, matrix).tolist() == pytest.approx([1 / 20])
