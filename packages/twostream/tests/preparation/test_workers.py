from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from twostream.errors import TwostreamError
from twostream.preparation.cores import CoreShare
from twostream.preparation.workers import FatalError, run_tasks

# What workers do must be importable in their processes.
TASKS = """
import os, signal, time
from pathlib import Path
from twostream.errors import TwostreamError
from twostream.preparation.workers import FatalError

def double(number):
    return 2 * number

def process(_):
    time.sleep(0.05)
    return os.getpid()

def odd_fails(number):
    if number % 2:
        raise TwostreamError("x", expected="an even number", found=str(number), remedy="add one")
    return number

def misbehave(kind):
    match kind:
        case "bug":
            return [][1]
        case "system":
            raise OSError(5, "Input/output error")
        case "memory":
            raise MemoryError
        case "exit":
            os._exit(7)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(1000)
    return kind

def killed_at_first(path):
    path = Path(path)
    with path.open("a") as file:
        file.write("try\\n")
    if len(path.read_text().split()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name

def full(number):
    if number == 1:
        raise FatalError("disk", expected="room", found="none", remedy="make room")
    time.sleep(1000)

def slow_but_alive(steps):
    from twostream.preparation.workers import still_alive
    for _ in range(steps):
        time.sleep(0.5)
        still_alive()
    return steps

def share_of_the_last(task, share):
    started = time.monotonic()
    while task == "long" and share() < 4 and time.monotonic() - started < 300:
        time.sleep(0.01)
    return share()

def mark_and_hang(path):
    Path(path).write_text(str(os.getpid()))
    time.sleep(1000)
"""


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    (tmp_path / "worker_tasks.py").write_text(TASKS)
    monkeypatch.syspath_prepend(tmp_path)
    import worker_tasks

    yield worker_tasks
    del sys.modules["worker_tasks"]


def outcomes(function, items, **options):
    return {o.task: o for o in run_tasks(function, items, **{"workers": 2, **options})}


def test_every_task_has_one_outcome(tasks):
    results = list(run_tasks(tasks.double, range(20), workers=2))
    assert sorted(outcome.task for outcome in results) == list(range(20))
    assert all(outcome.result == 2 * outcome.task for outcome in results)
    assert all(outcome.problem is None for outcome in results)


def test_equal_and_identical_tasks_are_different_tasks(tasks):
    results = list(run_tasks(tasks.double, [3, 3, 3], workers=2))
    assert [outcome.result for outcome in results] == [6, 6, 6]


def test_no_task_starts_no_worker(tasks):
    assert list(run_tasks(tasks.double, [], workers=2)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_as_many_processes_work_as_asked_for(tasks, workers):
    results = list(run_tasks(tasks.process, range(30), workers=workers))
    processes = {outcome.result for outcome in results}
    assert len(processes) == workers
    assert os.getpid() not in processes


def test_the_last_task_has_the_cores_that_the_others_left(tasks):
    share = CoreShare(4)
    function = partial(tasks.share_of_the_last, share=share)
    results = outcomes(function, ["long", "short", "short too"], workers=4, share=share)
    assert results["long"].result == 4


def test_a_users_error_is_one_tasks_problem(tasks):
    results = outcomes(tasks.odd_fails, [0, 1, 2])
    assert (results[0].result, results[2].result) == (0, 2)
    assert results[1].problem == "expected an even number, found 1; add one"


def test_whatever_goes_wrong_the_rest_goes_on(tasks, capfd):
    kinds = ["bug", "system", "memory", "exit", "killed", "hang", "fine"]
    results = outcomes(tasks.misbehave, kinds, timeout_seconds=8.0)
    problems = {kind: results[kind].problem for kind in kinds}
    assert problems["fine"] is None
    assert "IndexError" in problems["bug"]
    assert "please report" in problems["bug"]
    assert "Input/output error" in problems["system"]
    assert problems["memory"] == "not enough memory for it"
    assert problems["exit"] == "its worker ended with status 7 (2 tries)"
    assert problems["killed"] == "its worker was killed by SIGKILL (2 tries)"
    assert problems["hang"] == "no progress in 8 s: stopped"
    # A bug keeps its traceback; nothing else has one.
    assert capfd.readouterr().err.count("Traceback") == 1


@pytest.mark.slow
def test_a_long_task_that_goes_on_is_not_given_up(tasks):
    results = outcomes(tasks.slow_but_alive, [40], workers=1, timeout_seconds=10.0)
    assert results[40].result == 40


def test_a_worker_that_is_killed_once_costs_nothing(tasks, tmp_path):
    names = [str(tmp_path / name) for name in "abc"]
    results = outcomes(tasks.killed_at_first, names)
    assert {outcome.result for outcome in results.values()} == {"a", "b", "c"}
    assert all((tmp_path / name).read_text() == "try\ntry\n" for name in "abc")


def test_a_problem_of_the_whole_job_ends_it_at_once(tasks):
    started = time.monotonic()
    with pytest.raises(FatalError, match="make room") as caught:
        list(run_tasks(tasks.full, [0, 1], workers=2))
    assert isinstance(caught.value, TwostreamError)
    assert time.monotonic() - started < 900  # the other task takes 1000 s


def test_the_time_in_which_a_worker_starts_is_not_its_tasks(tasks, tmp_path):
    # Importing the tasks takes longer than a task may.
    (tmp_path / "slow_to_import.py").write_text(
        "import sys, time\n"
        "if '--multiprocessing-fork' in sys.orig_argv: time.sleep(4)\n"
        "def double(number): return 2 * number\n"
    )
    script = tmp_path / "script.py"
    script.write_text(
        "from twostream.preparation.workers import run_tasks; import slow_to_import\n"
        "done = run_tasks(slow_to_import.double, [1], workers=1, timeout_seconds=2.0)\n"
        "print([(o.result, o.problem) for o in done])\n"
    )
    assert run_script(script) == ("[(2, None)]\n", "")


def wait_for(condition, seconds=600.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)


def run_script(script):
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, done.stderr


def is_running(process):
    try:
        os.kill(process, 0)
        status = Path(f"/proc/{process}/stat").read_text()
        return status.rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_workers_end_when_the_job_is_given_up(tasks):
    running = run_tasks(tasks.misbehave, ["fine", "hang"], workers=2)
    with closing(running):
        assert next(running).result == "fine"
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_end_when_their_parent_is_killed(tasks, tmp_path):
    pid = tmp_path / "pid"
    code = (
        "from twostream.preparation.workers import run_tasks; import worker_tasks as w;"
        f"list(run_tasks(w.mark_and_hang, [{str(pid)!r}], workers=1))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    wait_for(lambda: pid.exists() and pid.read_text())
    worker = int(pid.read_text())
    assert is_running(worker)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not is_running(worker))


def test_a_users_script_needs_no_guard(tasks, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from twostream.preparation.workers import run_tasks; import worker_tasks as w\n"
        "print(sorted(o.result for o in run_tasks(w.double, [1, 2], workers=2)))\n"
    )
    assert run_script(script) == ("[2, 4]\n", "")
