"""After a load a database holds exactly what was loaded, and what is not ours."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from bolt_databases import BATCH, Interrupted, contents, contents_of, enriched
from hypothesis import given, settings
from hypothesis import strategies as st
from streamergraph.audience_graph.graph import graph_of
from streamergraph.graphs.bolt import merge_graph
from streamergraph.graphs.records import KEYS, NodeTable, PropertyGraph, property_graph
from streamergraph.graphs.sessions import bolt_session
from streamergraph.tables.reading import read_tables
from streamergraph.tables.schema import CATEGORIES, OVERLAPS, PLAYED, STREAMERS
from streamergraph.tables.tables import Tables, top_streamers

pytest.importorskip("neo4j")


def fewer(tables):
    """Half of the streamers under the ids of the others, and stricter relations."""
    half = top_streamers(tables, tables.streamers.height // 2)
    flipped = half.streamers.with_columns(pl.col("name").reverse())
    overlaps = half.overlaps.filter(pl.col("overlap_percent") > 20)
    assert 0 < overlaps.height < half.overlaps.height
    return property_graph(graph_of(replace(half, streamers=flipped, overlaps=overlaps)))


def test_a_smaller_load_leaves_nothing_of_a_larger_one(server, simulated):
    tables = read_tables(simulated.tables)
    large, small = enriched(tables), fewer(tables)
    with bolt_session(server, 10) as session:
        merge_graph(session, large, batch=BATCH, timeout_seconds=10)
        notes = merge_graph(session, small, batch=BATCH, timeout_seconds=10)
        assert contents(session) == contents_of(small)
        lost = large.n_nodes - small.n_nodes, large.n_relations - small.n_relations
        assert notes[-1].startswith("removed {} nodes and {} relationships".format(*lost))
        # And back, after an interruption in the middle of each.
        for count in (3, 8):
            with Interrupted(count):
                merge_graph(session, large, batch=BATCH, timeout_seconds=10)
        merge_graph(session, large, batch=BATCH, timeout_seconds=10)
        assert contents(session) == contents_of(large)


def test_the_value_of_another_measure_goes_with_its_tables(server, simulated):
    tables = read_tables(simulated.tables)
    by_count = property_graph(
        graph_of(replace(tables, facts=replace(tables.facts, measure="count")))
    )
    by_cosine = property_graph(
        graph_of(replace(tables, facts=replace(tables.facts, measure="cosine")))
    )
    with bolt_session(server, 10) as session:
        for graph in (by_count, by_cosine, property_graph(graph_of(tables)), by_count):
            merge_graph(session, graph, batch=BATCH, timeout_seconds=10)
            assert contents(session) == contents_of(graph)


def test_properties_that_are_known_no_longer_go_and_no_others(server):
    def graph(**columns):
        known = {"idStreamer": [-5, 12], "Name": ["A", "B"], **columns, "rank": [1, 2]}
        nodes = NodeTable(label="Streamer", rows=pl.DataFrame(known))
        return PropertyGraph(nodes=(nodes,), relations=(), made="")

    with bolt_session(server, 10) as session:
        before = graph(socialLinks=["x", "y"], audience=[7, 8], community=[0, 1])
        merge_graph(session, before, batch=BATCH, timeout_seconds=10)
        session.run("MATCH (s:Streamer) SET s.theirs = 'kept'").consume()
        after = graph(socialLinks=pl.Series([None, None], dtype=pl.String), audience=[7, None])
        merge_graph(session, after, batch=BATCH, timeout_seconds=10)
        rows = session.run("MATCH (s:Streamer) RETURN properties(s) ORDER BY s.idStreamer")
        assert [record[0] for record in rows] == [
            {"idStreamer": -5, "Name": "A", "audience": 7, "rank": 1, "theirs": "kept"},
            {"idStreamer": 12, "Name": "B", "rank": 2, "theirs": "kept"},
        ]


@st.composite
def small_tables(draw):
    """Some streamers and categories with any relations among them."""

    def ids(most):
        # Ids are Twitch's, large, or negative.
        several = st.integers(0, most).map(lambda k: (k - 3) * 987_654_321_987)
        return sorted(draw(st.lists(several, unique=True, max_size=most)))

    def frame(schema, rows, columns):
        kinds = {c.name: c.kind for c in schema.columns}
        empty = dict.fromkeys(kinds)
        return pl.DataFrame(
            [empty | dict(zip(columns, r, strict=True)) for r in rows], schema=kinds
        )

    def pairs(ones, others):
        every = [(a, b) for a in ones for b in others if ones is not others or a < b]
        return draw(st.lists(st.sampled_from(every), unique=True)) if every else []

    number = draw(st.integers(0, 99))
    streamers, categories = ids(6), ids(4)
    return Tables(
        streamers=frame(
            STREAMERS, [(k, f"s{k}-{number}", number) for k in streamers],
            ("streamer_id", "name", "mean_viewers"),
        ),
        categories=frame(
            CATEGORIES, [(k, f"c{k}-{number}") for k in categories], ("category_id", "name")
        ),
        played=frame(
            PLAYED, [(*pair, number) for pair in pairs(streamers, categories)],
            ("streamer_id", "category_id", "minutes"),
        ),
        overlaps=frame(
            OVERLAPS, [(*pair, number + 0.5) for pair in pairs(streamers, streamers)],
            ("streamer_id_a", "streamer_id_b", "overlap_percent"),
        ),
    )  # fmt: skip


def test_whatever_was_loaded_before_and_however_far_the_last_load_alone_remains(server):
    graphs = st.builds(
        lambda tables, more: enriched(tables) if more else property_graph(graph_of(tables)),
        small_tables(),
        st.booleans(),
    )
    with bolt_session(server, 10) as session:

        @settings(max_examples=12)
        @given(st.lists(st.tuples(graphs, st.integers(0, 12)), max_size=3), graphs)
        def check(before, last):
            for graph, count in before:
                with Interrupted(count):
                    merge_graph(session, graph, batch=2, timeout_seconds=10)
            merge_graph(session, last, batch=2, timeout_seconds=10)
            assert contents(session) == contents_of(last)

        check()


def test_what_others_keep_in_the_database_stays(server, simulated):
    tables = read_tables(simulated.tables)
    large, small = property_graph(graph_of(tables)), fewer(tables)
    key = KEYS["Streamer"]
    stays = small.nodes[0].rows[key].to_list()
    first, second = stays[:2]
    gone, gone_too = sorted(set(tables.streamers["streamer_id"]) - set(stays))[:2]
    theirs = [
        "CREATE (:Person {idStreamer: 1}), (:Game {title: 'chess'}), (:Game {idGame: 'e4'})",
        "MATCH (g:Game {title: 'chess'}) CREATE (:Person)-[:PLAYED]->(g)",
        f"MATCH (s:Streamer {{{key}: {first}}}), (g:Game {{title: 'chess'}}) CREATE (s)-[:PLAYED]->(g)",
        f"MATCH (a:Streamer {{{key}: {first}}}), (b:Streamer {{{key}: {second}}}) "
        "CREATE (a)-[:LIKES]->(b)",
        f"MATCH (s:Streamer {{{key}: {gone}}}) CREATE (:Person)-[:FOLLOWS]->(s)",
        f"MATCH (s:Streamer {{{key}: {gone_too}}}) SET s:Person",
    ]
    with bolt_session(server, 10) as session:

        def all_of_theirs():
            return [
                [list(record.values()) for record in session.run(text)]
                for text in (
                    "MATCH (p:Person) RETURN labels(p), p.idStreamer, p.Name ORDER BY p.Name",
                    "MATCH (g:Game) WHERE g.Name IS NULL RETURN g.title, g.idGame ORDER BY g.title",
                    "MATCH (a)-[r]->(b:Game {title: 'chess'}) RETURN type(r), labels(a) "
                    "ORDER BY labels(a)",
                    "MATCH (a)-[r:LIKES]->(b) RETURN a.idStreamer, b.idStreamer",
                    "MATCH (a)-[r:FOLLOWS]->(b) RETURN labels(a), b.idStreamer, b.Name",
                )
            ]

        merge_graph(session, large, batch=BATCH, timeout_seconds=10)
        for text in theirs:
            session.run(text).consume()
        before = all_of_theirs()
        assert [len(rows) for rows in before] == [4, 2, 2, 1, 1]
        notes = merge_graph(session, small, batch=BATCH, timeout_seconds=10)
        assert all_of_theirs() == before
        assert notes[-1].startswith("2 nodes of other tables stay")
        count = session.run("MATCH (s:Streamer) RETURN count(s)").single()[0]
        assert count == small.nodes[0].rows.height + 2
