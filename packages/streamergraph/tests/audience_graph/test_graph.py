"""One graph, told apart by its hash, as a folder or made of tables."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from streamergraph.audience_graph.files import read_graph, write_graph
from streamergraph.audience_graph.graph import graph_of
from streamergraph.errors import StreamergraphError
from streamergraph.tables.reading import read_tables


@pytest.fixture(scope="module")
def tables(simulated):
    return read_tables(simulated.tables)


@given(seed=st.integers(0, 50))
def test_the_order_of_rows_makes_no_difference(tables, seed):
    shuffled = replace(
        tables,
        **{
            name: getattr(tables, name).sample(fraction=1, shuffle=True, seed=seed)
            for name in ("streamers", "categories", "played", "overlaps")
        },
    )
    one, other = graph_of(tables), graph_of(shuffled)
    assert other.hash == one.hash
    assert other.tables.overlaps.equals(one.tables.overlaps)
    assert other.weighted.weight.tolist() == one.weighted.weight.tolist()


def changed(frame, column, value):
    first = pl.arange(pl.len()) == 0
    return frame.with_columns(pl.when(first).then(value).otherwise(column).alias(column))


def test_whatever_is_in_the_graph_changes_the_hash(tables):
    variants = [
        tables,
        replace(tables, streamers=changed(tables.streamers, "name", pl.lit("x"))),
        replace(tables, streamers=changed(tables.streamers, "mean_viewers", pl.lit(7))),
        replace(tables, streamers=changed(tables.streamers, "minutes_live", pl.lit(7))),
        replace(tables, categories=changed(tables.categories, "name", pl.lit("x"))),
        replace(tables, played=changed(tables.played, "minutes", pl.lit(7))),
        replace(tables, overlaps=changed(tables.overlaps, "overlap_percent", pl.lit(7.25))),
        replace(tables, overlaps=tables.overlaps[1:]),
        replace(tables, facts=replace(tables.facts, threshold=9.0)),
        replace(tables, facts=replace(tables.facts, first="2020-01-01")),
    ]
    hashes = [graph_of(variant).hash for variant in variants]
    hashes += [graph_of(tables, weight=w).hash for w in ("jaccard", "cosine", "common_viewers")]
    hashes.append(graph_of(tables, top=20).hash)
    assert len(set(hashes)) == len(hashes)


def test_what_is_added_later_and_other_measures_do_not_change_the_hash(tables):
    facts = tables.categories.with_columns(developer=pl.lit("x"), release_date=pl.date(2020, 1, 1))
    links = tables.streamers.with_columns(social_links=pl.lit("x"))
    fewer = tables.overlaps.drop("cosine", "share_a")
    other = replace(tables, categories=facts, streamers=links, overlaps=fewer)
    assert graph_of(other).hash == graph_of(tables).hash


def test_a_graph_is_written_and_read_with_its_weight_and_hash(tables, tmp_path):
    made = graph_of(tables, top=30, weight="cosine")
    write_graph(tmp_path, made, source="tables")
    facts = json.loads((tmp_path / "graph.json").read_text())
    assert facts["graph"] == made.hash
    assert (facts["weight"], facts["measure"], facts["streamers"]) == ("cosine", "cosine", 30)
    assert facts["audience"] == "members"
    assert facts["first"] < facts["last"]
    read = read_graph(tmp_path)
    assert (read.hash, read.weight) == (made.hash, made.weight)
    # Fewer streamers keep the weight; another weight is another graph.
    assert read_graph(tmp_path, top=10).weight.column == "cosine"
    assert (
        read_graph(tmp_path, weight="jaccard").hash == graph_of(made.tables, weight="jaccard").hash
    )


def test_a_graph_whose_tables_were_changed_is_refused(tables, tmp_path):
    write_graph(tmp_path, graph_of(tables), source="tables")
    pl.read_parquet(tmp_path / "overlaps.parquet")[1:].write_parquet(tmp_path / "overlaps.parquet")
    with pytest.raises(StreamergraphError, match="make it anew with `graph`"):
        read_graph(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 9, "graph": "a", "weight": "b"}'])
def test_a_graph_json_that_is_none_is_refused(tables, tmp_path, text):
    write_graph(tmp_path, graph_of(tables), source="tables")
    (tmp_path / "graph.json").write_text(text)
    with pytest.raises(StreamergraphError, match=r"graph\.json"):
        read_graph(tmp_path)


def test_every_verb_takes_a_graph_and_carries_its_hash(simulated, tmp_path, call):
    graph = tmp_path / "chosen"
    options = ("--top", 40, "--weight", "jaccard")
    assert call("graph", simulated.tables, "--out", graph, *options)[0] == 0
    hash_ = json.loads((graph / "graph.json").read_text())["graph"]
    for verb, *more in (("communities", "--seeds", 0), ("layout", "--iterations", 5), ("view",)):
        status, out, err = call(verb, graph, "--out", tmp_path / verb, *more)
        assert status == 0, err
        assert hash_ in out
    assert json.loads((tmp_path / "communities" / "communities.json").read_text())["graph"] == hash_
    assert json.loads((tmp_path / "layout" / "layout.json").read_text())["graph"] == hash_
    for name in ("graph.html", "graph.svg", "graph.gexf", "graph.graphml"):
        assert hash_ in (tmp_path / "view" / name).read_text(encoding="utf-8"), name
    assert hash_ in Image.open(tmp_path / "view" / "graph.png").text["Description"]
    status, out, _ = call("model", graph, "--out", tmp_path / "model.gexf")
    assert status == 0
    assert hash_ in out
    assert hash_ in (tmp_path / "model.gexf").read_text(encoding="utf-8")
    assert call("model", graph, "--out", tmp_path / "db")[0] == 0
    assert hash_ in call("query", tmp_path / "db", "count")[1]
    # The tables give the same graph.
    status, out, _ = call("view", simulated.tables, "--out", tmp_path / "same", *options)
    assert hash_ in out
