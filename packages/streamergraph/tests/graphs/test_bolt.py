"""Loading over Bolt, and asking."""

from __future__ import annotations

import re
import sys

import pytest
from bolt_databases import BATCH, Interrupted, as_served, contents, contents_of, enriched
from streamergraph.audience_graph.graph import graph_of
from streamergraph.errors import StreamergraphError
from streamergraph.graphs import bolt, files
from streamergraph.graphs.bolt import merge_graph
from streamergraph.graphs.ladybug import query_ladybug, write_ladybug
from streamergraph.graphs.queries import QUERIES
from streamergraph.graphs.records import property_graph
from streamergraph.graphs.sessions import bolt_session
from streamergraph.tables.reading import read_tables
from streamergraph.verbs.enrich import enrich

pytest.importorskip("neo4j")


def test_loading_twice_doubles_nothing_and_queries_answer(server, simulated):
    tables = read_tables(simulated.tables)
    graph = property_graph(graph_of(tables))
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
    graph = property_graph(graph_of(tables))
    write_ladybug(tmp_path / "graph", graph)
    category = tables.played.join(tables.categories, on="category_id")["name"][0]
    largest = tables.streamers.sort("rank")["streamer_id"][0]
    values = {
        "id": largest, "name": "", "percent": 20, "tag": "Sports", "other": "Strategy",
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
            if query.in_any_order:
                rows, expected = sorted(rows), sorted(expected)
            if name == "paths":  # any 25
                assert len(rows) == len(expected) == 25
            else:
                assert as_served(expected) == as_served(rows), name
                assert rows, name


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


def test_load_csv_fills_a_database_as_a_load_does_and_twice_is_once(server, simulated, tmp_path):
    graph = enriched(read_tables(simulated.tables))
    folder = tmp_path / "import"
    folder.mkdir()
    files.write_admin_csv(folder, graph)
    statements = (folder / "load.cypher").read_text().split(";\n")
    loads = [one for one in statements if one.startswith("LOAD CSV")]
    with bolt_session(server, 10) as session:
        for _ in range(2):
            for statement in loads:
                session.run(statement).consume()
            assert coarse(contents(session)) == coarse(contents_of(graph))


def coarse(listed):
    """Fractions with four decimals: of texts this server makes others in the sixth."""
    return [
        sorted(re.sub(r"(\.\d{4})\d+", r"\1", text) for text in texts if text) for texts in listed
    ]


def test_by_the_command_line(server, simulated, call, tmp_path):
    # Rows with measures are longer, and this server takes no long messages.
    status, out, err = call("model", simulated.tables, "--out", server, "--batch", 10)
    assert status == 0, err
    assert "index instead" in out


def test_a_driver_that_is_not_installed_is_named_with_its_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "neo4j", None)
    with (
        pytest.raises(StreamergraphError, match=r"found none installed; pip install .neo4j"),
        bolt_session("bolt://127.0.0.1:1", 1),
    ):
        pass


def test_a_query_that_writes_is_refused_and_one_that_may_write_writes(server):
    # In one session: this server refuses a second handshake now and then.
    with bolt_session(server, 10) as session:
        create, count = (
            "CREATE (:Streamer {idStreamer: 5})",
            "MATCH (n:Streamer) RETURN count(n) AS n",
        )
        with pytest.raises(StreamergraphError, match="--write"):
            bolt.ask(session, create, {}, write=False)
        bolt.ask(session, create, {}, write=True)
        columns, rows = bolt.ask(session, count, {}, write=False)
        assert columns == ["n"]
        assert rows[0][0] >= 1
