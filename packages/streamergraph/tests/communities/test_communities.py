from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.audience_graph.graph import graph_of
from streamergraph.audience_graph.weighted import WeightedGraph
from streamergraph.communities.comparison import (
    adjusted_rand_index,
    match_communities,
    normalized_mutual_information,
)
from streamergraph.communities.dates import compare_dates
from streamergraph.communities.partition import leiden, modularity
from streamergraph.communities.result import (
    CommunitySettings,
    find_communities,
    read_communities,
    write_communities,
)
from streamergraph.tables.reading import read_tables
from streamergraph.tables.tables import top_streamers

LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=30).map(np.array)


def two_cliques(size=5):
    """Two complete graphs joined by one edge, and one node alone."""
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    pairs += [(a + size, b + size) for a, b in pairs] + [(0, size)]
    a, b = np.array(pairs).T
    return WeightedGraph(node_ids=np.arange(2 * size + 1), a=a, b=b, weight=np.ones(len(a)))


def test_two_cliques_are_two_communities_and_a_node_alone_is_its_own():
    labels = leiden(two_cliques())
    assert labels.tolist() == [0] * 5 + [1] * 5 + [2]


def test_modularity_of_two_cliques_by_hand():
    graph = two_cliques()
    labels = leiden(graph)
    # 21 edges: 10 within each, half-degrees 21/42.
    assert modularity(graph, labels) == pytest.approx(20 / 21 - 2 * 0.5**2)
    assert modularity(graph, np.zeros(11, int)) == pytest.approx(0)
    assert modularity(graph, labels, resolution=2) == pytest.approx(20 / 21 - 2 * 2 * 0.5**2)


def test_a_graph_without_edges_has_only_single_communities():
    graph = WeightedGraph(
        node_ids=np.arange(3), a=np.empty(0, int), b=np.empty(0, int), weight=np.empty(0)
    )
    assert leiden(graph).tolist() == [0, 1, 2]
    assert modularity(graph, leiden(graph)) == 0


@given(LABELS)
def test_a_partition_equals_itself_under_other_numbers(labels):
    other = (labels + 1) % 5
    assert normalized_mutual_information(labels, other) == pytest.approx(1)
    assert adjusted_rand_index(labels, other) == pytest.approx(1)


def test_unrelated_partitions_agree_by_chance_only():
    rng = np.random.default_rng(0)
    left, right = rng.integers(4, size=4000), rng.integers(4, size=4000)
    assert abs(adjusted_rand_index(left, right)) < 0.01
    assert normalized_mutual_information(left, right) < 0.01


def test_communities_are_followed_from_date_to_date():
    before = np.array([0] * 10 + [1] * 10 + [2] * 4)
    after = np.array([1] * 9 + [0] * 11 + [0] * 4)
    matches = {(m.before, m.after): m for m in match_communities(before, after)}
    assert matches[0, 1].common == 9
    assert matches[1, 0].common == 10
    assert (2, None) in matches


def test_planted_communities_are_recovered(simulated):
    found = find_communities(graph_of(read_tables(simulated.tables)), CommunitySettings(seeds=3))
    planted = pl.read_csv(simulated.simulation / "truth" / "communities.csv")
    both = found.labels.filter(pl.col("community") >= 0).join(
        planted.rename({"community": "planted"}), on="name"
    )
    assert both.height >= 60
    agreement = normalized_mutual_information(
        both["community"].to_numpy(), both["planted"].to_numpy()
    )
    assert agreement >= 0.9


def test_the_same_seed_gives_the_same_files(simulated, tmp_path, call):
    for name in ("one", "two"):
        options = ["--seed", 5, "--seeds", 2, "--trials", 2]
        status, _, _ = call("communities", simulated.tables, "--out", tmp_path / name, *options)
        assert status == 0
    for file in ("communities.csv", "communities.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_large_graph_gets_one_trial_and_says_so(simulated, tmp_path, call, monkeypatch):
    monkeypatch.setattr("streamergraph.communities.result.LARGE", 10)
    status, out, _ = call("communities", simulated.tables, "--out", tmp_path)
    assert status == 0
    assert "--trials 10" in out
    facts = read_communities(tmp_path).facts
    assert (facts["trials"], facts["stability_seeds"]) == (1, 0)
    assert call("communities", simulated.tables, "--out", tmp_path, "--trials", 2)[0] == 0
    assert read_communities(tmp_path).facts["trials"] == 2


def test_resolution_in_both_conventions(simulated):
    tables = read_tables(simulated.tables)
    coarse = find_communities(
        graph_of(tables), CommunitySettings(resolution=0.3, seeds=1, trials=2)
    )
    fine = find_communities(graph_of(tables), CommunitySettings(resolution=3, seeds=1, trials=2))
    assert coarse.facts["communities"] < fine.facts["communities"]
    assert fine.facts["gephi_resolution"] == pytest.approx(1 / 3)


def test_written_communities_are_read_again_and_compare_with_themselves(simulated, tmp_path):
    graph = graph_of(read_tables(simulated.tables))
    found = find_communities(graph, CommunitySettings(seeds=1, trials=1))
    write_communities(tmp_path, found, graph)
    again = read_communities(tmp_path)
    assert again.labels.rows() == found.labels.rows()
    assert again.described == found.described
    assert compare_dates(again, found).facts["normalized_mutual_information"] == 1


def test_stability_is_told_only_where_seeds_were_run(simulated, tmp_path, call):
    graph = graph_of(read_tables(simulated.tables))
    facts = find_communities(graph, CommunitySettings(seeds=0, trials=1)).facts
    assert facts["stability_adjusted_rand"] is None
    assert set(facts["stability_of"].values()) == {None}
    options = ["--seeds", 0, "--trials", 1, "--out", tmp_path]
    status, out, _ = call("communities", simulated.tables, *options)
    assert status == 0
    assert "stability not checked" in out


def test_why_there_is_no_community_is_said_in_place_of_an_empty_table(simulated, tmp_path, call):
    options = ["--seeds", 0, "--trials", 1, "--out", tmp_path, "--min-size", 10_000]
    status, out, _ = call("communities", simulated.tables, *options)
    assert status == 0
    assert "No community has 10000 streamers or more: lower --min-size" in out
    assert "stability" not in out  # which the title of the table would tell


@given(st.integers(0, 100))
def test_neither_the_order_of_edges_nor_of_their_ends_changes_communities(seed):
    graph = two_cliques()
    rng = np.random.default_rng(seed)
    order, flip = rng.permutation(len(graph.a)), rng.integers(2, size=len(graph.a)).astype(bool)
    a, b = np.where(flip, graph.b, graph.a)[order], np.where(flip, graph.a, graph.b)[order]
    weight = 1 + rng.random(len(order))
    one = WeightedGraph(node_ids=graph.node_ids, a=a, b=b, weight=weight)
    again = rng.permutation(len(order))
    other = WeightedGraph(node_ids=graph.node_ids, a=b[again], b=a[again], weight=weight[again])
    assert leiden(one, trials=2).tolist() == leiden(other, trials=2).tolist()


def test_parallel_edges_are_added_up():
    # A ring of four: each of its edges is one strong or, in turn, many weak ones.
    a, b = [0, 2, *[1] * 9, *[3] * 9], [1, 3, *[2] * 9, *[0] * 9]
    graph = WeightedGraph(node_ids=np.arange(4), a=np.array(a), b=np.array(b),
                          weight=np.array([2.0, 2.0, *[1.0] * 18]))  # fmt: skip
    assert leiden(graph).tolist() == [0, 1, 1, 0]
    assert modularity(graph, np.array([0, 1, 1, 0])) == pytest.approx(18 / 22 - 0.5)


def test_small_communities_get_no_number(simulated):
    tables = read_tables(simulated.tables)
    everything = find_communities(
        graph_of(tables), CommunitySettings(min_size=1, seeds=1, trials=1)
    ).labels
    sizes = everything["community"].value_counts()["count"].sort(descending=True).to_list()
    assert everything["community"].min() == 0
    # One more than the second largest has: one community is left of several.
    least = sizes[1] + 1
    assert sizes[0] >= least > 2
    for min_size, numbered in ((sizes[1], [size for size in sizes if size >= sizes[1]]),
                               (least, [sizes[0]])):  # fmt: skip
        found = find_communities(
            graph_of(tables), CommunitySettings(min_size=min_size, seeds=1, trials=1)
        ).labels
        counts = found.filter(pl.col("community") >= 0)["community"].value_counts()["count"]
        assert counts.sort(descending=True).to_list() == numbered
        assert found.height == everything.height
        assert found["community"].min() == -1


@pytest.mark.parametrize(
    "options",
    [["--resolution", "0"], ["--resolution", "1", "--gephi-resolution", "1"], ["--weight", "x"],
     ["--gephi-resolution", "-1"], ["--trials", "0"], ["--seeds", "-1"], ["--min-size", "0"]],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(simulated, tmp_path, refusal, options):
    assert options[0] in refusal("communities", simulated.tables, "--out", tmp_path, *options)


@pytest.mark.parametrize(("top", "least"), [(500, 0.52), (2977, 0.66)])
def test_published_graphs_reach_their_modularity(published, top, least):
    tables = top_streamers(read_tables(published), top)
    graph = graph_of(tables).weighted
    # Three trials, to spare a slow machine; `communities` takes the best of ten.
    assert modularity(graph, leiden(graph, trials=3)) >= least
