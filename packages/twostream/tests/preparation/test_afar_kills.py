"""What kills and cut networks do to a data set made on a cluster: nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("distributed", reason="the extra dask")

from dask_processes import dask_cluster
from twostream.errors import TwostreamError
from twostream.execution import dask_answers
from twostream.execution import dask_cluster as cluster_room
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from wires import wire

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


@pytest.fixture(params=[True, False], ids=["folders are shared", "files are sent"])
def seen(request, monkeypatch, tmp_path):
    """Whether workers see the files."""
    if not request.param:
        unseen = cluster_room.Sight((), tmp_path / "nowhere")
        monkeypatch.setattr(cluster_room, "sight_of", lambda *_: unseen)


@pytest.mark.usefixtures("seen")
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


@pytest.mark.usefixtures("seen")
def test_a_killed_scheduler_ends_the_command_which_goes_on_with_another_one(
    tmp_path, source, alone
):
    out = tmp_path / "data"
    with dask_cluster(tmp_path, workers=2) as cluster:
        watching = when_a_clip_is_there(out, cluster.scheduler.kill)
        with pytest.raises(TwostreamError, match="the connection was lost; call the same command"):
            prepared(source, out, cluster=cluster.address)
        watching.join()
    with dask_cluster(tmp_path, workers=1) as cluster:
        prepared(source, out, cluster=cluster.address)
    assert store(out) == alone


def test_a_command_behind_a_cut_network_ends_and_goes_on_when_it_is_called_again(
    tmp_path, source, alone, monkeypatch
):
    monkeypatch.setattr(cluster_room, "SILENCE_SECONDS", 1.0)
    monkeypatch.setattr(dask_answers, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(dask_answers, "SIGN_OF_LIFE_SECONDS", 3.0)
    out = tmp_path / "data"
    with (
        dask_cluster(tmp_path, workers=1) as cluster,
        wire(int(cluster.address.rpartition(":")[2])) as (port, cut),
    ):
        watching = when_a_clip_is_there(out, cut.set)
        with pytest.raises(TwostreamError, match="the connection was lost; call the same command"):
            prepared(source, out, cluster=f"tcp://127.0.0.1:{port}")
        watching.join()
        prepared(source, out, cluster=cluster.address)
    assert store(out) == alone
