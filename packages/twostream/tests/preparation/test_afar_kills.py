"""What kills and cut networks do to a data set made on a cluster: nothing."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

pytest.importorskip("distributed", reason="the extra dask")

from dask_processes import dask_cluster
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(tmp_path_factory, make_source):
    return make_source(tmp_path_factory.mktemp("source") / "videos", per_class=4, n=60)


@pytest.fixture(scope="module")
def alone(tmp_path_factory, source):
    out = tmp_path_factory.mktemp("alone") / "data"
    prepared(source, out)
    return store(out)


def prepared(source, out, *, cluster=None):
    options = PrepareOptions(
        extraction=ExtractionOptions(flow="dis", layout="rawframes"), workers=1, cluster=cluster
    )
    return prepare_dataset(source, out, options)


def store(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {".verified.json", ".prepare.lock"}
    }


def when_a_clip_is_there(out, then, *, seconds=60.0):
    """Call `then` in a thread as soon as the first clip is finished."""

    def watch():
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if any(not one.name.startswith(".") for one in out.glob("clips/*/*")):
                then()
                return
            time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_a_killed_worker_takes_no_clip_along(tmp_path, source, alone):
    out = tmp_path / "data"
    with dask_cluster(tmp_path, workers=2) as cluster:
        watching = when_a_clip_is_there(
            out, lambda: cluster.processes[0].send_signal(signal.SIGKILL)
        )
        made = prepared(source, out, cluster=cluster.address)
        watching.join()
    assert (made.clips, made.problems) == (8, ())
    assert store(out) == alone


def test_a_killed_command_goes_on_when_it_is_called_again(tmp_path, source, alone):
    out = tmp_path / "data"
    with dask_cluster(tmp_path, workers=2) as cluster:
        command = [sys.executable, "-m", "twostream", "prepare", str(source), "--out", str(out)]
        command += ["--flow", "dis", "--layout", "rawframes", "--cluster", cluster.address]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        when_a_clip_is_there(out, process.kill).join()
        process.wait()
        made = prepared(source, out, cluster=cluster.address)
    assert made.clips == 8
    assert store(out) == alone


@contextmanager
def wire(port: int) -> Iterator[tuple[int, threading.Event]]:
    """A port that leads to another one until the event is set; then nothing passes, and nobody is told."""
    cut, ended = threading.Event(), threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.2)

    def carry(near: socket.socket, far: socket.socket) -> None:
        with near, far, suppress(OSError):
            while not ended.is_set():
                for one in select.select([near, far], [], [], 0.2)[0]:
                    if cut.is_set():
                        time.sleep(0.2)
                        continue
                    content = one.recv(1 << 16)
                    if not content:
                        return
                    (far if one is near else near).sendall(content)

    def accept() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=carry, args=(near, far), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], cut
    finally:
        ended.set()
        thread.join()
        listening.close()


def test_a_worker_behind_a_cut_network_is_done_without(tmp_path, source, alone):
    out = tmp_path / "data"
    with (
        dask_cluster(tmp_path, workers=1) as cluster,
        wire(int(cluster.address.rpartition(":")[2])) as (port, cut),
    ):
        cluster.start_worker(f"tcp://127.0.0.1:{port}")
        watching = when_a_clip_is_there(out, cut.set)
        made = prepared(source, out, cluster=cluster.address)
        watching.join()
    assert (made.clips, made.problems) == (8, ())
    assert store(out) == alone
