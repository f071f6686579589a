"""GEXF and GraphML of `model` and `view`, as the programs read them that they are for."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace

import polars as pl
import pytest
from graph_readers import READERS, read_by_networkx
from streamergraph.audience_graph.graph import graph_of
from streamergraph.graphs.exchange import (
    ExchangeEdge,
    ExchangeGraph,
    ExchangeNode,
    Look,
    radii,
)
from streamergraph.graphs.gexf import write_gexf
from streamergraph.graphs.graphml import write_graphml
from streamergraph.graphs.property_exchange import exchange_of
from streamergraph.graphs.records import OVERLAP, PLAYED, property_graph
from streamergraph.tables.reading import read_tables
from streamergraph.tables.writing import write_tables

GEXF = {"g": "http://gexf.net/1.3", "viz": "http://gexf.net/1.3/viz"}
ODD = 'a "b" <c> & \x00\x1b 日本語\n\ttab \ufffe'
GEXF_SCHEMA = "STREAMERGRAPH_GEXF_RNG"  # gexf.rng of the format's specification, 1.3


@pytest.fixture(scope="module")
def tables(simulated):
    """Simulated tables with all that is optional, and one name that XML cannot hold."""
    read = read_tables(simulated.tables)
    rank = pl.arange(pl.len())
    streamers = read.streamers.with_columns(
        name=pl.when(rank == 0).then(pl.lit(ODD)).otherwise("name"),
        social_links=pl.lit("label, weight"),
    )
    kinds = {"kind": pl.lit("game"), "match_method": pl.lit("exact"), "match_score": pl.lit(100)}
    return replace(read, streamers=streamers, categories=read.categories.with_columns(**kinds))


@pytest.fixture(scope="module")
def written(tables, tmp_path_factory):
    """The four files by (verb, format)."""
    from streamergraph.verbs.model import model
    from streamergraph.verbs.view import view

    folder = tmp_path_factory.mktemp("exchange")
    write_tables(folder / "tables", tables)
    view(folder / "tables", out=folder / "view")
    for suffix in ("gexf", "graphml"):
        model(folder / "tables", out=folder / f"model.{suffix}")
    return {
        (verb, suffix): folder / name
        for verb, stem in (("model", "model"), ("view", "view/graph"))
        for suffix in ("gexf", "graphml")
        for name in [f"{stem}.{suffix}"]
    }


@pytest.fixture(params=["gexf", "graphml"])
def suffix(request):
    return request.param


@pytest.fixture(params=READERS)
def read(request):
    return READERS[request.param]


def name_as_read(name):
    kept = "".join(c for c in name if c in "\t\n" or c >= " ").replace("\ufffe", "")
    return " ".join(kept.split())


def test_model_is_read_back_with_names_kinds_and_weights(written, tables, read, suffix):
    graph = read(written["model", suffix])
    assert not graph.directed
    assert Counter(values["kind"] for values in graph.nodes.values()) == {
        "Streamer": tables.streamers.height,
        "Game": tables.categories.height,
    }
    for row in tables.streamers.iter_rows(named=True):
        node = graph.nodes[f"streamer-{row['streamer_id']}"]
        assert name_as_read(node["label"]) == name_as_read(row["name"])
        assert node["viewerMean"] == row["mean_viewers"]
    for identity, name in tables.categories.select("category_id", "name").iter_rows():
        node = graph.nodes[f"game-{identity}"]
        assert node["label"] == name
        assert node["categoryKind"] == "game"
    kinds = Counter(values["kind"] for _, values in graph.edges)
    assert kinds == {OVERLAP: tables.overlaps.height, PLAYED: tables.played.height}
    minutes = dict(tables.played.group_by("streamer_id").agg(pl.col("minutes").sum()).iter_rows())
    expected = {
        frozenset((f"streamer-{s}", f"game-{c}")): (100 * played / minutes[s], played)
        for s, c, played in tables.played.select(
            "streamer_id", "category_id", "minutes"
        ).iter_rows()
    }
    expected_overlaps = {
        frozenset((f"streamer-{a}", f"streamer-{b}")): percent
        for a, b, percent in tables.overlaps.select(
            "streamer_id_a", "streamer_id_b", "overlap_percent"
        ).iter_rows()
    }
    for ends, values in graph.edges:
        if values["kind"] == PLAYED:
            weight, played = expected[ends]
            assert values["weight"] == pytest.approx(weight)
            assert values["minutesPlayed"] == played
        else:
            assert values["weight"] == values["overlapPercentage"] == expected_overlaps[ends]


def test_view_is_read_back_with_names_places_and_weights(written, tables, read, suffix):
    graph = read(written["view", suffix])
    assert not graph.directed
    assert set(graph.nodes) == {str(k) for k in tables.streamers["streamer_id"]}
    assert {values["kind"] for values in graph.nodes.values()} == {"Streamer"}
    for identity, name in tables.streamers.select("streamer_id", "name").iter_rows():
        assert name_as_read(graph.nodes[str(identity)]["label"]) == name_as_read(name)
    expected = {
        frozenset((str(a), str(b))): percent
        for a, b, percent in tables.overlaps.select(
            "streamer_id_a", "streamer_id_b", "overlap_percent"
        ).iter_rows()
    }
    assert {ends: values["weight"] for ends, values in graph.edges} == expected
    assert {values["kind"] for _, values in graph.edges} == {OVERLAP}
    assert {values["measure"] for _, values in graph.edges} == {"overlap (%)"}
    if read is READERS["graphology"]:
        placed = pl.read_csv(written["view", "gexf"].parent / "layout.csv")
        for identity, x, y, radius in placed.select("streamer_id", "x", "y", "radius").iter_rows():
            node = graph.nodes[str(identity)]
            for name, value in (("x", x), ("y", y), ("size", radius)):
                assert node[name] == pytest.approx(value, rel=1e-4, abs=1e-3)


def test_every_key_of_graphml_is_for_nodes_or_for_edges(written):
    for verb in ("model", "view"):
        root = ET.parse(written[verb, "graphml"]).getroot()
        keys = root.findall("{*}key")
        assert {key.get("for") for key in keys} == {"node", "edge"}
        assert len({key.get("id") for key in keys}) == len(keys)


def test_gexf_has_one_direction_and_no_attribute_that_gephi_takes_for_the_label(written):
    for verb in ("model", "view"):
        root = ET.parse(written[verb, "gexf"]).getroot()
        direction = root.find("g:graph", GEXF).get("defaultedgetype")
        edges = root.findall(".//g:edge", GEXF)
        assert {edge.get("type", direction) for edge in edges} == {"undirected"}
        assert {edge.get("kind") for edge in edges} <= {OVERLAP, PLAYED}
        for attributes in root.findall(".//g:attributes", GEXF):
            titles = [one.get("title") for one in attributes]
            assert titles[0] == "kind"
            assert not {"label", "weight", "id"} & set(titles)
            declared = {one.get("id") for one in attributes}
            what = f".//g:{attributes.get('class')}/g:attvalues/g:attvalue"
            assert {value.get("for") for value in root.findall(what, GEXF)} <= declared


def test_gexf_keeps_to_its_schema(written):
    etree = pytest.importorskip("lxml.etree", reason="lxml is absent")
    schema = os.environ.get(GEXF_SCHEMA)
    if schema is None:
        pytest.skip(f"the schema of GEXF 1.3 is absent: {GEXF_SCHEMA} names no gexf.rng")
    relaxed = etree.RelaxNG(etree.parse(schema))
    for verb in ("model", "view"):
        relaxed.assertValid(etree.parse(written[verb, "gexf"]))


def test_sizes_are_radii_of_which_the_largest_is_at_most_25_times_the_smallest(tmp_path):
    nodes = [
        ExchangeNode(identity=str(k), name=f"n{k}", kind="Streamer", values={},
                     look=Look(x=100.0 * k, y=0, radius=radius, color=(1, 2, 3)))
        for k, radius in enumerate((0.001, 10, 40))
    ]  # fmt: skip
    graph = ExchangeGraph(description="", node_attributes={}, edge_attributes={}, nodes=nodes)
    assert radii(nodes)[1:] == [10, 40]
    write_gexf(tmp_path / "g.gexf", graph)
    sizes = [
        float(size.get("value"))
        for size in ET.parse(tmp_path / "g.gexf").getroot().findall(".//viz:size", GEXF)
    ]
    assert 24 < sizes[2] / sizes[0] <= 25


def test_attributes_cannot_be_called_as_words_of_the_formats():
    with pytest.raises(ValueError, match="label"):
        ExchangeGraph(description="", node_attributes={"label": "string"}, edge_attributes={})


def test_a_graph_without_edges_and_one_without_anything_can_be_read(tmp_path, tables, suffix):
    write = {"gexf": write_gexf, "graphml": write_graphml}[suffix]
    nothing = ExchangeGraph(description="", node_attributes={}, edge_attributes={})
    write(tmp_path / f"nothing.{suffix}", nothing)
    assert read_by_networkx(tmp_path / f"nothing.{suffix}").nodes == {}
    alone = replace(tables, overlaps=tables.overlaps.clear(), played=tables.played.clear())
    write(tmp_path / f"alone.{suffix}", exchange_of(property_graph(graph_of(alone))))
    assert read_by_networkx(tmp_path / f"alone.{suffix}").edges == []


def test_ends_and_weights_are_written_exactly(tmp_path, suffix):
    nodes = [ExchangeNode(identity=i, name=i, kind="Streamer", values={}) for i in ("a", "b")]
    edge = ExchangeEdge(source="a", target="b", kind=OVERLAP, weight=100 / 3, values={})
    graph = ExchangeGraph(
        description="", node_attributes={}, edge_attributes={}, nodes=nodes, edges=[edge]
    )
    write = {"gexf": write_gexf, "graphml": write_graphml}[suffix]
    write(tmp_path / f"g.{suffix}", graph)
    ((ends, values),) = read_by_networkx(tmp_path / f"g.{suffix}").edges
    assert ends == {"a", "b"}
    assert values["weight"] == 100 / 3
