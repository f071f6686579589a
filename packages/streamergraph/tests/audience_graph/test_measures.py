"""Measures of streamers are networkx's, and stand in every output."""

from __future__ import annotations

import json

import networkx
import polars as pl
import pytest
from graph_readers import read_by_networkx
from streamergraph.audience_graph import measures
from streamergraph.audience_graph.graph import graph_of
from streamergraph.audience_graph.measures import measure_streamers
from streamergraph.graphs.ladybug import query_ladybug
from streamergraph.tables.reading import read_tables

pytest.importorskip("rustworkx", reason="rustworkx is absent: `make install` installs it")


def as_networkx(graph):
    made = networkx.Graph()
    weighted = graph.weighted
    made.add_nodes_from(weighted.node_ids.tolist())
    ids = weighted.node_ids
    ends = ids[weighted.a].tolist(), ids[weighted.b].tolist(), weighted.weight.tolist()
    made.add_weighted_edges_from(zip(*ends, strict=True))
    return made


def test_measures_are_those_of_networkx(simulated):
    graph = graph_of(read_tables(simulated.tables))
    reference = as_networkx(graph)
    ours = {name: dict(zip(graph.weighted.node_ids.tolist(), column, strict=True))
            for name, column in measure_streamers(graph).to_dict(as_series=False).items()}  # fmt: skip
    assert ours["degree"] == dict(reference.degree())
    assert ours["core_number"] == networkx.core_number(reference)
    for name, expected in (
        ("weighted_degree", dict(reference.degree(weight="weight"))),
        ("page_rank", networkx.pagerank(reference, tol=1e-12, max_iter=1000)),
        ("betweenness", networkx.betweenness_centrality(reference)),
    ):
        assert ours[name] == pytest.approx(expected, rel=1e-6, abs=1e-9), name
    parts = sorted(
        networkx.connected_components(reference), key=lambda part: (-len(part), min(part))
    )
    assert ours["component"] == {node: k for k, part in enumerate(parts) for node in part}


def test_nobody_and_strangers_have_measures_too(simulated):
    tables = read_tables(simulated.tables)
    from dataclasses import replace

    strangers = measure_streamers(graph_of(replace(tables, overlaps=tables.overlaps.clear())))
    assert strangers["degree"].sum() == 0
    assert strangers["page_rank"].sum() == pytest.approx(1)
    assert sorted(strangers["component"]) == list(range(strangers.height))
    nobody = replace(tables, streamers=tables.streamers.clear(), played=tables.played.clear(),
                     overlaps=tables.overlaps.clear())  # fmt: skip
    assert measure_streamers(graph_of(nobody)).height == 0


def test_every_output_has_them(simulated, tmp_path, call):
    assert call("graph", simulated.tables, "--out", tmp_path / "chosen")[0] == 0
    assert call("view", tmp_path / "chosen", "--out", tmp_path / "view")[0] == 0
    assert call("model", tmp_path / "chosen", "--out", tmp_path / "db")[0] == 0
    assert call("model", tmp_path / "chosen", "--out", tmp_path / "model.gexf")[0] == 0
    table = pl.read_csv(tmp_path / "view" / "measures.csv")
    names = ["degree", "weighted_degree", "page_rank", "betweenness", "component", "core_number"]
    assert table.columns == ["streamer_id", "name", *names, "community"]
    labels = pl.read_csv(tmp_path / "view" / "communities.csv")
    assert table["community"].to_list() == labels["community"].to_list()
    drawn = read_by_networkx(tmp_path / "view" / "graph.gexf").nodes
    modelled = read_by_networkx(tmp_path / "model.gexf").nodes
    properties = (
        "idStreamer", "degree", "weightedDegree", "pageRank", "betweenness", "component", "coreNumber",
    )  # fmt: skip
    wanted = ", ".join(f"s.{name}" for name in properties)
    _, rows = query_ladybug(tmp_path / "db", f"MATCH (s:Streamer) RETURN {wanted}", {})
    kept = {row[0]: row[1:] for row in rows}
    for streamer, _, *values, _ in table.iter_rows():
        assert kept[streamer] == pytest.approx(values)
        assert [drawn[str(streamer)][name] for name in names] == pytest.approx(values)
        assert modelled[f"streamer-{streamer}"]["pageRank"] == pytest.approx(values[2])


def test_they_are_computed_once_for_a_graph(simulated, tmp_path, call, monkeypatch):
    assert call("graph", simulated.tables, "--out", tmp_path / "chosen")[0] == 0
    calls = []
    real = measures.measure_streamers
    monkeypatch.setattr(measures, "measure_streamers", lambda g: calls.append(1) or real(g))
    assert call("model", tmp_path / "chosen", "--out", tmp_path / "g.jsonl")[0] == 0
    assert calls == []
    # Of another graph, or changed by somebody: computed anew.
    path = tmp_path / "chosen" / "measures.csv"
    path.write_text(path.read_text().replace("0", "1"))
    assert call("model", tmp_path / "chosen", "--out", tmp_path / "g.jsonl")[0] == 0
    assert call("graph", simulated.tables, "--out", tmp_path / "chosen", "--top", 9)[0] == 0
    assert len(calls) == 2
    node = json.loads((tmp_path / "g.jsonl").read_text().split("\n")[0])
    assert 0 < node["properties"]["pageRank"] < 0.5


def test_what_is_not_known_is_told_and_left_out(simulated, tmp_path, call, monkeypatch):
    monkeypatch.setattr(measures, "MOST_WALKED", 10)
    status, out, _ = call("model", simulated.tables, "--out", tmp_path / "g.jsonl")
    assert status == 0
    assert "betweenness is not computed" in out
    assert "betweenness" not in (tmp_path / "g.jsonl").read_text()
    monkeypatch.setattr(measures, "_is_installed", lambda: False)
    status, out, _ = call("view", simulated.tables, "--out", tmp_path / "view")
    assert status == 0
    assert "they need rustworkx; " in out
    table = pl.read_csv(tmp_path / "view" / "measures.csv")
    assert table["degree"].sum() > 0
    assert table["page_rank"].is_null().all()
    assert table["weighted_degree"].is_finite().all()
