from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.audience_graph.graph import graph_of
from streamergraph.audience_graph.weighted import WeightedGraph
from streamergraph.layout.forceatlas2 import forceatlas2
from streamergraph.layout.overlap import count_overlaps, remove_overlaps
from streamergraph.layout.placing import components, place_streamers
from streamergraph.layout.settings import LayoutSettings
from streamergraph.tables.reading import read_tables


def cliques(sizes):
    a, b, first = [], [], 0
    for size in sizes:
        for i in range(size):
            for j in range(i + 1, size):
                a.append(first + i)
                b.append(first + j)
        first += size
    # A chain through the first nodes holds them together.
    starts = np.cumsum([0, *sizes[:-1]])
    a += starts[:-1].tolist()
    b += starts[1:].tolist()
    return WeightedGraph(
        node_ids=np.arange(sum(sizes)), a=np.array(a), b=np.array(b), weight=np.ones(len(a))
    )


def test_members_of_a_clique_stand_nearer_than_strangers():
    graph = cliques([12, 12, 12])
    position = forceatlas2(graph, LayoutSettings(iterations=200))
    group = np.repeat(np.arange(3), 12)
    distance = np.hypot(*(position[:, None] - position[None]).transpose(2, 0, 1))
    same = group[:, None] == group[None]
    within = distance[same & (distance > 0)].mean()
    assert within < 0.5 * distance[~same].mean()


def test_the_same_seed_gives_the_same_places_and_another_others():
    graph = cliques([5, 5])
    one, two, other = (forceatlas2(graph, LayoutSettings(iterations=20, seed=s)) for s in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.allclose(one, other)
    assert np.isfinite(one).all()


@given(st.integers(1, 25), st.integers(0, 10))
def test_no_circles_overlap_even_where_all_began_on_one_place(n, seed):
    rng = np.random.default_rng(seed)
    radius = rng.uniform(0.2, 3, n)
    position = rng.normal(size=(n, 2)) * (seed % 2)
    moved = remove_overlaps(position, radius)
    assert count_overlaps(moved, radius) == 0


def test_places_are_within_bounds_without_overlaps(simulated):
    placed = place_streamers(graph_of(read_tables(simulated.tables)), LayoutSettings(iterations=50))
    xy = placed.select("x", "y").to_numpy()
    radius = placed["radius"].to_numpy()
    assert (np.abs(xy) + radius[:, None]).max() <= 1000.01
    assert count_overlaps(xy, radius) == 0
    joined = placed.join(read_tables(simulated.tables).streamers, on="streamer_id")
    assert joined.select(pl.corr("radius", "mean_viewers", method="spearman")).item() > 0.99


def test_components_are_numbered_by_size():
    graph = WeightedGraph(
        node_ids=np.arange(5), a=np.array([3, 2]), b=np.array([4, 3]), weight=np.ones(2)
    )
    assert components(graph).tolist() == [1, 2, 0, 0, 0]
