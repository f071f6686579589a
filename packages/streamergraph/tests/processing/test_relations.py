from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, currently_in_test_context, given
from hypothesis import strategies as st
from scipy.stats import hypergeom
from streamergraph.processing import measures, memory
from streamergraph.processing.audiences import audiences_of_arrays
from streamergraph.processing.blobs import Blobs
from streamergraph.processing.database import database
from streamergraph.processing.memory import limits_within
from streamergraph.processing.relations import RelationRules, find_relations, relations_between
from streamergraph.processing.settings import MEASURES
from streamergraph.processing.shared_audience import Limits

# Viewers are any 64 bits, read as signed.
VIEWERS = st.sampled_from([0, 1, -1, 2, -2, 7, 2**63 - 1, -(2**63), -(2**62), 2**40])
WORLDS = st.lists(st.dictionaries(VIEWERS, st.integers(1, 90), max_size=9), min_size=1, max_size=7)
LIMITS = st.builds(
    Limits,
    entries_of_a_part=st.sampled_from([1, 5, 10**6]),
    cells_of_a_block=st.sampled_from([1, 4, 10**6]),
    threads=st.sampled_from([1, 2]),
    cells_of_a_batch=st.sampled_from([1, 10**6]),
)
RULES = st.builds(
    RelationRules,
    measure=st.sampled_from(MEASURES),
    threshold=st.sampled_from([0, 2, 10, 40, 66.7, 100]),
    significance=st.sampled_from([None, 0.05, 0.5]),
    least_common_viewers=st.integers(1, 4),
)


def entries_of(world):
    entries = [(s, v, n) for s, watched in enumerate(world) for v, n in watched.items()]
    return np.array(entries, dtype=np.int64).reshape(-1, 3).T


def by_hand(world, rules):
    """Relations by Python sets, pair by pair: {(a, b): columns} and the counts."""
    viewers = len(set().union(*world))
    pairs = {}
    for a, b in itertools.combinations(range(len(world)), 2):
        both = world[a].keys() & world[b].keys()
        if not both:
            continue
        size_a, size_b, common = len(world[a]), len(world[b]), len(both)
        together = sum(min(world[a][v], world[b][v]) for v in both)
        pairs[a, b] = {
            "common_viewers": common,
            "overlap_percent": 100 * common / min(size_a, size_b),
            "jaccard": 100 * common / (size_a + size_b - common),
            "cosine": 100 * common / math.sqrt(size_a * size_b),
            "share_a": 100 * common / size_a,
            "share_b": 100 * common / size_b,
            "time_weighted": 100 * together / min(sum(world[a].values()), sum(world[b].values())),
            "p_value": hypergeom.sf(common - 1, viewers, size_a, size_b),
        }
    counts = {"possible": math.comb(len(world), 2), "with_a_common_viewer": len(pairs)}
    if rules.significance is None:
        for columns in pairs.values():
            del columns["p_value"]
    else:
        p = sorted(columns["p_value"] for columns in pairs.values())
        limits = [rules.significance * k / counts["possible"] for k in range(1, len(p) + 1)]
        # A value that is its limit may be rounded to either side of it.
        if currently_in_test_context():
            assume(not any(map(math.isclose, p, limits)))
        cut = max((v for v, limit in zip(p, limits, strict=True) if v <= limit), default=-1)
        pairs = {pair: c for pair, c in pairs.items() if c["p_value"] <= cut}
        counts["significant"] = len(pairs)
    compared = {
        "overlap": lambda c: c["overlap_percent"],
        "jaccard": lambda c: c["jaccard"],
        "cosine": lambda c: c["cosine"],
        "count": lambda c: c["common_viewers"],
        "directed": lambda c: max(c["share_a"], c["share_b"]),
        "time-weighted": lambda c: c["time_weighted"],
    }[rules.measure]
    strong = {pair: c for pair, c in pairs.items() if compared(c) >= rules.threshold}
    kept = {p: c for p, c in strong.items() if c["common_viewers"] >= rules.least_common_viewers}
    counts["hidden_by_least_common_viewers"] = len(strong) - len(kept)
    counts["kept"] = len(kept)
    return kept, counts


def assert_equal(found, world, rules):
    kept, counts = by_hand(world, rules)
    assert found.counts == counts
    assert found.sizes.tolist() == [len(watched) for watched in world]
    assert found.pairs.select("a", "b").rows() == sorted(kept)
    for row in found.pairs.iter_rows(named=True):
        columns = kept[row.pop("a"), row.pop("b")]
        assert row == pytest.approx(columns, rel=1e-12)


@given(WORLDS, RULES, LIMITS)
def test_relations_are_those_of_python_sets_whatever_is_held_at_a_time(world, rules, limits):
    audiences = audiences_of_arrays(*entries_of(world), n_streamers=len(world))
    assert_equal(relations_between(audiences, rules, limits), world, rules)


def test_measures_are_those_of_python_sets_however_many_pairs_are_measured_at_a_time(monkeypatch):
    monkeypatch.setattr(measures, "PAIRS_AT_A_TIME", 4)
    world = [{v: 1 + (v * s) % 7 for v in range(s, 12, 1 + s % 3)} for s in range(6)]
    audiences = audiences_of_arrays(*entries_of(world), n_streamers=len(world))
    rules = RelationRules(measure="overlap", threshold=0, least_common_viewers=1)
    found = relations_between(audiences, rules, limits_within(1, audiences))
    assert found.pairs.height > 10
    assert_equal(found, world, rules)


@pytest.fixture
def related(tmp_path):
    """Relations of a world that lies in a table of the database."""

    def run(world, rules):
        with database(memory_gib=0.5, spill=tmp_path) as connection:
            streamer, viewer, minutes = entries_of(world)
            connection.execute(
                "CREATE TABLE audience (streamer INTEGER, viewer BIGINT, minutes INTEGER)"
            )
            connection.register("entries", {"s": streamer, "v": viewer, "m": minutes})
            connection.execute("INSERT INTO audience SELECT s, v, m FROM entries")
            return find_relations(connection, rules, n_streamers=len(world), memory_gib=0.5)

    return run


@pytest.mark.parametrize(("entries", "significance"), [(500, None), (2**22, 0.05)])
def test_relations_of_a_table_are_the_same_in_many_parts(
    related, monkeypatch, entries, significance
):
    read = []
    monkeypatch.setattr(Blobs, "read", lambda *asked, of=Blobs.read: read.append(0) or of(*asked))
    monkeypatch.setattr(memory, "MOST_ENTRIES", entries)
    rng = np.random.default_rng(5)
    world = [
        dict.fromkeys((rng.integers(0, 900, 900) * (-1) ** (s % 2) + 3 * s).tolist(), 15 + s)
        for s in range(20)
    ]
    rules = RelationRules(measure="overlap", threshold=40, significance=significance)
    assert_equal(related(world, rules), world, rules)
    assert len(read) == (0 if entries > 10**6 else -(-sum(map(len, world)) // entries))


def test_no_audience_at_all_is_no_relation(related):
    found = related([{}, {}], RelationRules(measure="overlap", threshold=0))
    assert found.pairs.height == 0
    assert "p_value" not in found.pairs.columns
    assert found.counts["possible"] == 1


def test_a_pair_just_below_the_threshold_is_not_rounded_up_to_it():
    # 249 of 2,500: 9.96 per cent, published as 10.0.
    world = [dict.fromkeys(range(2500), 1), dict.fromkeys(range(2251, 5000), 1)]
    audiences = audiences_of_arrays(*entries_of(world), n_streamers=2)
    limits = Limits(entries_of_a_part=10**6, cells_of_a_block=10)
    kept = [
        relations_between(
            audiences,
            RelationRules(measure="overlap", threshold=10, published_rounding=rounding),
            limits,
        )
        .pairs["overlap_percent"]
        .to_list()
        for rounding in (False, True)
    ]
    assert kept == [[], [9.96]]


def test_a_lower_threshold_of_persons_does_not_lower_the_floor():
    world = [dict.fromkeys(range(4), 1), dict.fromkeys(range(4), 1), dict.fromkeys(range(1, 9), 1)]
    audiences = audiences_of_arrays(*entries_of(world), n_streamers=3)
    limits = Limits(entries_of_a_part=10**6, cells_of_a_block=10)
    for least, kept, hidden in ((5, 0, 3), (4, 1, 2), (3, 3, 0)):
        rules = RelationRules(measure="count", threshold=1, least_common_viewers=least)
        counts = relations_between(audiences, rules, limits).counts
        assert (counts["kept"], counts["hidden_by_least_common_viewers"]) == (kept, hidden)
