from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import worker_tasks as tasks
from twostream.errors import TwostreamError
from twostream.execution.outcomes import FatalError
from twostream.execution.processes import LocalProcesses, kept_processes


def outcomes(function, items, **options):
    executor = LocalProcesses(**{"workers": 2, **options})
    return {outcome.task: outcome for outcome in executor.map(function, items)}


def test_every_task_has_one_outcome():
    results = list(LocalProcesses(2).map(tasks.double, range(20)))
    assert sorted(outcome.task for outcome in results) == list(range(20))
    assert all(outcome.result == 2 * outcome.task for outcome in results)
    assert all(outcome.problem is None for outcome in results)


def test_equal_and_identical_tasks_are_different_tasks():
    results = list(LocalProcesses(2).map(tasks.double, [3, 3, 3]))
    assert [outcome.result for outcome in results] == [6, 6, 6]


def test_no_task_starts_no_worker():
    assert list(LocalProcesses(2).map(tasks.double, [])) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_as_many_processes_work_as_asked_for(workers):
    results = list(LocalProcesses(workers).map(tasks.process, range(30)))
    processes = {outcome.result for outcome in results}
    assert len(processes) == workers
    assert os.getpid() not in processes


def test_kept_workers_do_one_call_after_another_and_end_with_the_context():
    with kept_processes(2) as kept:
        first = {outcome.result for outcome in kept.map(tasks.process, range(10))}
        again = {outcome.result for outcome in kept.limited(60.0).map(tasks.process, range(10))}
        assert again == first
        assert [outcome.result for outcome in kept.map(tasks.double, [4])] == [8]
    assert multiprocessing.active_children() == []


def test_kept_workers_may_begin_before_there_are_tasks(tmp_path):
    with kept_processes(2) as kept:
        kept.start(1, tasks.nothing)
        (begun,) = multiprocessing.active_children()
        (outcome,) = kept.map(tasks.process, [0])
        assert outcome.result == begun.pid


def test_a_kept_worker_that_is_lost_or_given_up_is_replaced():
    with kept_processes(1) as kept:
        (outcome,) = kept.map(tasks.misbehave, ["killed"])
        assert "killed by SIGKILL" in outcome.problem
        with closing(kept.map(tasks.misbehave, ["fine", "hang"])) as running:
            assert next(running).result == "fine"
        assert [outcome.result for outcome in kept.map(tasks.double, [1])] == [2]


def test_the_last_task_has_the_cores_that_the_others_left():
    results = outcomes(tasks.share_of_the_last, ["long", "short", "short too"], workers=4)
    assert results["long"].result == 4


def test_a_users_error_is_one_tasks_problem():
    results = outcomes(tasks.odd_fails, [0, 1, 2])
    assert (results[0].result, results[2].result) == (0, 2)
    assert results[1].problem == "expected an even number, found 1; add one"


def test_whatever_goes_wrong_the_rest_goes_on(capfd):
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
def test_a_long_task_that_goes_on_is_not_given_up():
    results = outcomes(tasks.slow_but_alive, [40], workers=1, timeout_seconds=10.0)
    assert results[40].result == 40


def test_a_worker_that_is_killed_once_costs_nothing(tmp_path):
    names = [str(tmp_path / name) for name in "abc"]
    results = outcomes(tasks.killed_at_first, names)
    assert {outcome.result for outcome in results.values()} == {"a", "b", "c"}
    assert all((tmp_path / name).read_text() == "try\ntry\n" for name in "abc")


def test_a_problem_of_the_whole_job_ends_it_at_once():
    started = time.monotonic()
    with pytest.raises(FatalError, match="make room") as caught:
        list(LocalProcesses(2).map(tasks.full, [0, 1]))
    assert isinstance(caught.value, TwostreamError)
    assert time.monotonic() - started < 900  # the other task takes 1000 s


def test_the_time_in_which_a_worker_starts_is_not_its_tasks(tmp_path):
    # Importing the tasks takes longer than a task may.
    (tmp_path / "slow_to_import.py").write_text(
        "import sys, time\n"
        "if '--multiprocessing-fork' in sys.orig_argv: time.sleep(4)\n"
        "def double(number): return 2 * number\n"
    )
    script = tmp_path / "script.py"
    script.write_text(
        "from twostream.execution.processes import LocalProcesses; import slow_to_import\n"
        "done = LocalProcesses(1, timeout_seconds=2.0).map(slow_to_import.double, [1])\n"
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


def test_workers_end_when_the_job_is_given_up():
    running = LocalProcesses(2).map(tasks.misbehave, ["fine", "hang"])
    with closing(running):
        assert next(running).result == "fine"
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path):
    pid = tmp_path / "pid"
    code = (
        "from twostream.execution.processes import LocalProcesses; import worker_tasks as w;"
        f"list(LocalProcesses(1).map(w.mark_and_hang, [{str(pid)!r}]))"
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


def test_a_users_script_needs_no_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from twostream.execution.processes import LocalProcesses; import worker_tasks as w\n"
        "print(sorted(o.result for o in LocalProcesses(2).map(w.double, [1, 2])))\n"
    )
    assert run_script(script) == ("[2, 4]\n", "")
