"""Tasks on a Dask cluster: a scheduler and workers in processes of their own."""

from __future__ import annotations

import socket
from contextlib import nullcontext

import pytest

pytest.importorskip("distributed", reason="the extra dask")

import twostream.version
import worker_tasks as tasks
from dask_processes import dask_cluster
from twostream.errors import TwostreamError
from twostream.execution import dask_cluster as room
from twostream.execution import dask_connection as connection
from twostream.execution.choosing import check_cluster, reach_cluster
from twostream.execution.dask_cluster import DaskCluster
from twostream.execution.inline import Inline
from twostream.execution.outcomes import FatalError
from twostream.execution.portable import Portable
from twostream.verbs.prepare import prepare


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as found:
        yield found


def done(executor, function, items):
    outcomes = executor.map(function, items)
    return sorted(((one.task, one.result, one.problem) for one in outcomes), key=repr)


def test_the_same_tasks_have_the_same_outcomes(cluster):
    kinds = ["fine", "user", "bug", "system", "memory", "fine"]
    assert done(DaskCluster(cluster.address), tasks.misbehave, kinds) == done(
        Inline(), tasks.misbehave, kinds
    )


def test_equal_tasks_are_different_tasks(cluster):
    found = done(DaskCluster(cluster.address), tasks.double, [3, 3, 3])
    assert found == [(3, 6, None)] * 3


def test_no_task_needs_no_cluster():
    assert list(DaskCluster("tcp://127.0.0.1:1").map(tasks.double, [])) == []


def test_more_tasks_than_are_handed_out_at_once(cluster, monkeypatch):
    monkeypatch.setattr(room, "MORE_TASKS", 0)
    found = done(DaskCluster(cluster.address), tasks.double, range(40))
    assert sorted(result for _, result, _ in found) == [2 * k for k in range(40)]


def test_a_task_that_hangs_is_given_up_and_the_rest_goes_on(cluster):
    executor = DaskCluster(cluster.address, timeout_seconds=1.0)
    found = done(executor, tasks.misbehave, ["hang", "fine", "fine"])
    assert found == [
        ("fine", "fine", None),
        ("fine", "fine", None),
        ("hang", None, "no progress in 1 s: given up"),
    ]


def test_a_killed_worker_costs_its_task_another_try(cluster, tmp_path):
    cluster.start_worker()
    found = done(DaskCluster(cluster.address), tasks.killed_at_first, [str(tmp_path / "task")])
    assert [problem for _, _, problem in found] == [None]


def test_files_that_were_sent_to_a_worker_that_dies_are_sent_again(tmp_path, monkeypatch):
    monkeypatch.setattr(
        room, "token_in", lambda _: nullcontext(tmp_path / "a name that is nowhere")
    )
    files = [tmp_path / name for name in ("a", "deadly", "c", "d", "e", "f")]
    for size, file in enumerate(files):
        file.write_bytes(b"x" * size)
    function = Portable(
        run=tasks.size_unless_deadly,
        inputs=tasks.its_files,
        moved=tasks.at_other_place,
        made=tasks.leaves_nothing,
        landed=tasks.the_result,
    )
    with dask_cluster(tmp_path, workers=1) as cluster:
        for _ in range(room.TRIES):  # each try costs one of them, and nobody starts others
            cluster.start_worker()
        found = done(DaskCluster(cluster.address), function, files)
    assert found == [
        (file, None, "its worker died, 4 times") if size == 1 else (file, size, None)
        for size, file in sorted(enumerate(files), key=lambda one: repr(one[1]))
    ]


def test_nobody_at_the_address_is_told_with_the_way_to_start_one(monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 1.0)
    # The last of many tries may be cut off by the end of the time, and not be refused.
    with pytest.raises(
        TwostreamError,
        match=r"--cluster: expected the address .*(refused|[Tt]imed out.*), for 1 s.*dask scheduler",
    ):
        list(DaskCluster("tcp://127.0.0.1:1").map(tasks.double, [1]))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError("timed out"), "timed out"),
        (OSError(111, "Connection refused"), "Connection refused"),
    ],
)
def test_a_silent_cause_leaves_the_word_to_what_it_caused(error, words):
    error.__cause__ = TimeoutError()
    assert connection._first_words(error) == words


def test_what_listens_and_is_no_scheduler_is_told(cluster, monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.1)
    monkeypatch.setattr(connection, "SLACK_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(TwostreamError, match=r"found tcp:.*: no word of a scheduler in"):
            reach_cluster(address)
    with pytest.raises(TwostreamError, match=r"tls://.*: TypeError: TLS expects"):
        reach_cluster(cluster.address.replace("tcp", "tls"))


def test_a_host_that_nobody_has_is_told_before_dask_asks_again_and_again(monkeypatch):
    def unknown(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(TwostreamError, match=r"nobody:8786: Name or service not known; start one"):
        reach_cluster("tcp://nobody:8786")


def test_an_address_without_a_port_is_none():
    with pytest.raises(TwostreamError, match=r"expected tcp://HOST:PORT.*found tcp://nobody"):
        check_cluster("tcp://nobody")


def test_what_answers_is_reached(cluster):
    for address in (cluster.address, "local:2", None):
        reach_cluster(address)


@pytest.mark.parametrize("there", [False, True])
def test_a_cluster_that_is_not_reached_leaves_nothing_behind(tmp_path, monkeypatch, there):
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.2)
    for name in ("a", "b"):
        (tmp_path / "videos" / name).mkdir(parents=True)
        (tmp_path / "videos" / name / "clip.avi").touch()
    out = tmp_path / "out"
    if there:
        out.mkdir()
    with pytest.raises(TwostreamError, match="--cluster: expected the address of a Dask scheduler"):
        prepare(tmp_path / "videos", out=out, cluster="tcp://127.0.0.1:1")
    assert out.exists() == there
    assert not there or [path for path in out.iterdir() if path.name[0] != "."] == []


def test_workers_of_another_version_are_refused_by_name(cluster, monkeypatch):
    there = twostream.version.__version__
    monkeypatch.setattr(twostream.version, "__version__", "99.1")
    with pytest.raises(FatalError) as refused:
        list(DaskCluster(cluster.address).map(tasks.double, [1]))
    assert refused.value.expected.startswith("a worker with twostream 99.1 on Python")
    assert refused.value.found == f"twostream {there}"


def test_a_worker_that_came_later_looks_at_the_versions_itself(cluster, monkeypatch):
    monkeypatch.setattr(room, "require_alike", lambda *_: None)
    monkeypatch.setattr(twostream.version, "__version__", "99.1")
    with pytest.raises(FatalError, match=r"expected a worker with twostream 99\.1"):
        list(DaskCluster(cluster.address).map(tasks.double, [1]))


def test_a_task_has_the_cores_of_its_worker(cluster):
    assert done(DaskCluster(cluster.address), tasks.cores, [0]) == [(0, (1, 1), None)]


def test_a_cluster_without_workers_is_told_and_given_up_in_time(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(connection, "warn", told.append)
    monkeypatch.setattr(connection, "UNTOLD_SECONDS", 0.1)
    monkeypatch.setattr(connection, "NO_WORKER_SECONDS", 0.2)
    with dask_cluster(tmp_path, workers=0) as empty:
        with pytest.raises(
            TwostreamError, match=r"expected a cluster with workers.*dask worker tcp:"
        ):
            list(DaskCluster(empty.address).map(tasks.double, [1]))
        assert len(told) == 1
        assert "no worker is there; waiting up to" in told[0]


def test_a_fatal_error_ends_the_job_as_itself(cluster):
    # The last one here, for what the workers have begun they end, whoever is still interested.
    with pytest.raises(FatalError, match="expected room, found none"):
        list(DaskCluster(cluster.address).map(tasks.full, [1, 0]))


@pytest.mark.parametrize("deaths", [2, room.TRIES])
def test_files_whose_worker_dies_on_their_way_are_sent_to_another_one(monkeypatch, deaths):
    monkeypatch.setattr(room, "wait_for_a_worker", lambda *_: None)
    monkeypatch.setattr(room, "answered", lambda _, __, ask: ask())
    sent = []

    class Client:
        def scatter(self, parcel, **_):
            sent.append(parcel)
            if len(sent) <= deaths:
                raise OSError("Timed out trying to connect to tcp://a:1 after 30 s")
            return "its future"

    job = room._Job(Client(), "tcp://a:1", None, None, None, None)
    if deaths < room.TRIES:
        assert job._in_the_cluster("parcel") == "its future"
    else:
        with pytest.raises(OSError, match="Timed out"):
            job._in_the_cluster("parcel")
    assert len(sent) == min(deaths + 1, room.TRIES)
