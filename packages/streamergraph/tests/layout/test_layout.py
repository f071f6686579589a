from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.audience_graph.graph import graph_of
from streamergraph.audience_graph.numbering import components
from streamergraph.audience_graph.weighted import WeightedGraph
from streamergraph.layout.beginning import begin_at
from streamergraph.layout.forceatlas2 import forceatlas2, run_steps
from streamergraph.layout.overlap import count_overlaps, remove_overlaps
from streamergraph.layout.placing import place_streamers
from streamergraph.layout.repulsion import OPENING, repel_by_cells, repel_exactly
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


def reference_step(position, before, speed, efficiency, graph, weight, s):
    """One step of ForceAtlas2 with plain loops, after the paper and Gephi's names and defaults."""
    n, mass = graph.n, 1.0 + graph.degrees()
    force = np.zeros((n, 2))
    for i in range(n):
        for j in range(n):
            if i != j:
                apart = position[i] - position[j]
                force[i] += s.scaling * mass[i] * mass[j] * apart / (apart @ apart)
        distance = np.linalg.norm(position[i])
        away = position[i] if s.strong_gravity else position[i] / distance
        force[i] -= s.gravity * mass[i] * away
    for i, j, w in zip(graph.a, graph.b, weight**s.weight_influence, strict=True):
        apart = position[i] - position[j]
        distance = np.linalg.norm(apart)
        pull = w * apart * (np.log1p(distance) / distance if s.linlog else 1.0)
        if s.dissuade_hubs:
            pull = pull * mass.mean() / mass[i]
        force[i] -= pull
        force[j] += pull
    swing = np.linalg.norm(before - force, axis=1)
    swinging = (mass * swing).sum()
    traction = (mass * np.linalg.norm(before + force, axis=1)).sum() / 2
    optimal = 0.05 * np.sqrt(n)
    jitter = s.jitter_tolerance * max(np.sqrt(optimal), min(10, optimal * traction / n**2))
    if swinging / traction > 2:
        efficiency *= 0.5 if efficiency > 0.05 else 1
        jitter = max(jitter, s.jitter_tolerance)
    target = jitter * efficiency * traction / swinging
    if swinging > jitter * traction:
        efficiency *= 0.7 if efficiency > 0.05 else 1
    elif speed < 1000:
        efficiency *= 1.3
    speed += min(target - speed, 0.5 * speed)
    factor = speed / (1 + np.sqrt(speed * mass * swing))
    return position + force * factor[:, None], force, speed, efficiency


@pytest.mark.parametrize(
    "options",
    [{}, {"scaling": 10.0}, {"gravity": 5.0}, {"strong_gravity": True, "gravity": 0.05},
     {"linlog": True}, {"dissuade_hubs": True}, {"weight_influence": 0.5}],
)  # fmt: skip
def test_positions_are_those_of_the_published_algorithm(options):
    settings = LayoutSettings(iterations=15, **options)
    graph = cliques([4, 5, 3])
    rng = np.random.default_rng(3)
    graph = replace(graph, weight=rng.uniform(0.5, 2, len(graph.a)))
    start = rng.uniform(-1, 1, (graph.n, 2)) * 10 * np.sqrt(graph.n)
    weight = graph.weight / graph.weight.mean()
    position, before, speed, efficiency = start, np.zeros_like(start), 1.0, 1.0
    for _ in range(settings.iterations):
        position, before, speed, efficiency = reference_step(
            position, before, speed, efficiency, graph, weight, settings
        )
    ours = start.copy()
    run_steps(ours, graph, weight, settings)
    assert ours == pytest.approx(position, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("scaling", "gravity"), [(10.0, 1.0), (2.0, 1.0), (3.0, 6.0)])
def test_two_free_nodes_rest_scaling_over_gravity_apart(scaling, gravity):
    graph = WeightedGraph(
        node_ids=np.arange(2), a=np.empty(0, int), b=np.empty(0, int), weight=np.empty(0)
    )
    settings = LayoutSettings(scaling=scaling, gravity=gravity, iterations=3000)
    one, other = forceatlas2(graph, settings)
    assert np.hypot(*(one - other)) == pytest.approx(scaling / gravity, rel=0.02)


@given(st.integers(0, 1000), st.integers(2, 60), st.booleans())
def test_cells_give_the_forces_of_all_pairs(seed, n, piled):
    rng = np.random.default_rng(seed)
    position, mass = rng.normal(size=(n, 2)), rng.uniform(1, 20, n)
    if piled:  # several on exactly one place
        position[: n // 2] = position[0]
    exact, opened = np.zeros((n, 2)), np.zeros((n, 2))
    repel_exactly(position, mass, 2.0, exact)
    repel_by_cells(position, mass, 2.0, opened, 0.0)  # every cell is opened
    assert opened == pytest.approx(exact, rel=1e-6, abs=1e-6 * np.abs(exact).max())


def test_cells_of_a_large_graph_are_off_by_less_than_two_per_cent():
    rng = np.random.default_rng(0)
    position, mass = rng.normal(size=(2000, 2)) * 50, rng.uniform(1, 50, 2000)
    exact, cells = np.zeros((2000, 2)), np.zeros((2000, 2))
    repel_exactly(position, mass, 2.0, exact)
    repel_by_cells(position, mass, 2.0, cells, OPENING)
    assert 0 < np.linalg.norm(cells - exact) <= 0.02 * np.linalg.norm(exact)


def test_a_large_graph_is_laid_out_by_cells_as_by_pairs():
    """Communities of 1,200 nodes stand as much apart, and twice at the same places."""
    graph, group = cliques([30] * 40), np.repeat(np.arange(40), 30)
    one = forceatlas2(graph, LayoutSettings(iterations=60))
    assert np.array_equal(one, forceatlas2(graph, LayoutSettings(iterations=60)))
    within = np.linalg.norm(one - one[group * 30], axis=1).mean()
    between = np.linalg.norm(one - one.mean(0), axis=1).mean()
    assert within < 0.25 * between


def test_who_had_a_place_begins_there_and_newcomers_beside_their_relations():
    graph = cliques([6, 6])
    places = np.vstack([np.full((6, 2), -3.0), np.full((6, 2), 3.0)])
    places += np.random.default_rng(0).normal(0, 0.2, places.shape)
    places[[0, 11]] = np.nan
    mass = 1.0 + graph.degrees()
    begun = begin_at(places, graph, graph.weight, mass, LayoutSettings(), np.random.default_rng(1))
    assert np.isfinite(begun).all()
    assert (np.sign(begun[:6]) == -1).all()
    assert (np.sign(begun[6:]) == 1).all()
