from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.processing.audiences import Audiences, audiences_of_arrays
from streamergraph.processing.measures import (
    chance_p_values,
    largest_significant,
    measure_pairs,
    strength,
)
from streamergraph.processing.parcels import ODD, joined, parcels_of
from streamergraph.processing.settings import MEASURES
from streamergraph.processing.shared_audience import Limits, join, shared_audience
from streamergraph.processing.viewer_rows import viewer_rows

LARGE = Limits(entries_of_a_part=10**6, cells_of_a_block=10**6)


def audiences_of(world):
    """Audiences of streamers given as {viewer: minutes}."""
    entries = [(s, v, n) for s, watched in enumerate(world) for v, n in watched.items()]
    columns = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    return audiences_of_arrays(*columns, n_streamers=len(world))


def shared_of(world):
    return join(list(shared_audience(audiences_of(world), LARGE)))


@given(
    st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(0, 3)), max_size=40),
    st.integers(0, 4),
    st.integers(1, 3),
)
def test_rows_hold_every_entry_of_whoever_watched_two_streamers(entries, bits, pieces):
    # Few different numbers, so that viewers come back; and all bits of a number count.
    viewer = np.array([v if k else v % 5 for v, k in entries], np.int64)
    rank = np.random.default_rng(len(entries)).permutation(len(entries)).astype(np.int32)
    streamer = np.arange(len(entries), dtype=np.int32)
    parcels = joined(
        [
            parcels_of(
                viewer[k::pieces],
                streamer[k::pieces],
                (rank % 7)[k::pieces],
                n_streamers=len(entries),
                bits=bits,
            )
            for k in range(pieces)
        ],
        most=len(entries),
    )
    half = parcels.parts // 2
    shares = [(0, half), (half, parcels.parts)]
    parts = [viewer_rows(parcels, *share, rank=rank) for share in shares]
    found = [r.rank[a:b].tolist() for r in parts for a, b in itertools.pairwise(r.start)]
    every = [sorted(rank[viewer == v].tolist()) for v in set(viewer.tolist())]
    assert sorted(found) == sorted(ranks for ranks in every if len(ranks) > 1)
    for rows in parts:
        assert rows.minutes.tolist() == [k % 7 for k in rows.rank.tolist()]
        assert len(rows.rank) == rows.start[-1]
    assert sum(rows.n_viewers for rows in parts) == len(every)


def rows_of_all(viewer, streamer, minutes, rank):
    parcels = parcels_of(viewer, streamer, minutes, n_streamers=len(rank), bits=1)
    return viewer_rows(parcels, 0, 2, rank=rank)


def test_viewers_whose_hashes_begin_alike_are_parted():
    alike = [k * pow(int(ODD), -1, 2**64) % 2**64 for k in range(5)]
    viewer = np.array(alike * 3, np.uint64)
    streamer = np.repeat(np.arange(3), 5)
    rows = rows_of_all(viewer, streamer, streamer + 1, np.arange(3, dtype=np.int32))
    assert rows.start.tolist() == [0, 3, 6, 9, 12, 15]
    assert rows.rank.tolist() == [0, 1, 2] * 5
    assert rows.minutes.tolist() == [1, 2, 3] * 5


def test_numbers_of_more_than_16_bits_and_impossible_ones():
    rank = np.arange(70_000, dtype=np.int32)[::-1]
    columns = np.array([4, 4]), np.array([0, 69_999])
    rows = rows_of_all(*columns, np.array([2**30, 1]), rank)
    assert (rows.rank.tolist(), rows.minutes.tolist()) == ([0, 69_999], [1, 2**30])
    for minutes in (-1, 2**60):
        with pytest.raises(OverflowError):
            rows_of_all(*columns, np.array([1, minutes]), rank)


def test_pieces_of_small_and_of_large_numbers_are_joined():
    pieces = [
        parcels_of(np.array([4]), np.array([k]), np.array([n]), n_streamers=2, bits=1)
        for k, n in enumerate((7, 2**16))
    ]
    assert [piece.watched.dtype for piece in pieces] == [np.uint32, np.uint64]
    rows = viewer_rows(joined(pieces, most=3), 0, 2, rank=np.arange(2, dtype=np.int32))
    assert (rows.rank.tolist(), rows.minutes.tolist()) == ([0, 1], [7, 2**16])


def test_times_too_long_for_32_bits_are_summed():
    world = [dict.fromkeys(range(4), 2**30), dict.fromkeys(range(4), 2**30)]
    assert shared_of(world).common_minutes.tolist() == [2**32]


def test_audiences_beyond_what_a_cell_counts_are_an_error():
    just, over = ([dict.fromkeys(range(32), 2**31 - k)] * 2 for k in (1, 0))
    assert shared_of(just).common_minutes.tolist() == [32 * (2**31 - 1)]
    with pytest.raises(OverflowError):
        shared_of(over)
    crowd = Audiences(
        sizes=np.array([2**28]), minutes=np.array([1]), longest=1, fetch=lambda part, parts: ...
    )
    with pytest.raises(OverflowError):
        list(shared_audience(crowd, LARGE))


def test_measures_of_a_pair_worked_out_by_hand():
    # A = {0, 1, 2, 3}, B = {2, 3, 4}; viewer 2 watched 5 and 1, viewer 3 watched 1 and 2 minutes.
    world = [{0: 1, 1: 1, 2: 5, 3: 1}, {2: 1, 3: 2, 4: 1}]
    row = measure_pairs(shared_of(world), audiences_of(world)).row(0, named=True)
    assert row["common_viewers"] == 2
    assert row["overlap_percent"] == pytest.approx(100 * 2 / 3)
    assert row["jaccard"] == pytest.approx(100 * 2 / 5)
    assert row["cosine"] == pytest.approx(100 * 2 / 12**0.5)
    assert (row["share_a"], row["share_b"]) == pytest.approx((50, 200 / 3))
    assert row["time_weighted"] == pytest.approx(100 * 2 / 4)


@pytest.mark.parametrize("measure", [name for name in MEASURES if name not in ("count", "jaccard")])
def test_a_share_that_is_a_whole_per_cent_is_that_number(measure):
    # 100 * (29 / 100) is 28.999999999999996: pairs would miss a threshold that they reach.
    for common in range(1, 101):
        world = [dict.fromkeys(range(100), 1), dict.fromkeys(range(100 - common, 200 - common), 1)]
        assert strength(measure, shared_of(world), audiences_of(world)).tolist() == [common]


def test_chance_is_hypergeometric():
    # Two audiences of 3 among 6 viewers share all 3: one way of twenty.
    world = [{0: 1, 1: 1, 2: 1}, {0: 1, 1: 1, 2: 1}, {3: 1, 4: 1, 5: 1}]
    assert chance_p_values(shared_of(world), audiences_of(world)).tolist() == pytest.approx(
        [1 / 20]
    )


@given(
    st.lists(st.floats(0, 1, exclude_min=True), max_size=60),
    st.integers(0, 100),
    st.sampled_from([0.01, 0.05, 0.5]),
)
def test_significant_is_what_benjamini_and_hochberg_say_of_all_tests(p_values, unseen, level):
    p = np.sort(np.array(p_values))
    tests = len(p) + unseen
    reached = [k for k, value in enumerate(p, start=1) if value <= level * k / tests]
    expected = p[reached[-1] - 1] if reached else -1
    assert largest_significant(p[p <= level], level=level, tests=tests) == expected
