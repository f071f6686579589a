"""A server that is down or falls silent is one line."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest
from bolt_databases import BATCH, free_port

pytest.importorskip("neo4j")


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
