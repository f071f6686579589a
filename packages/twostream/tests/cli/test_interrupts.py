"""Ctrl-C at the moments at which Python itself makes it hard; each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from twostream.cli.interrupts import LINE, STATUS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")

START = """
import atexit, os, signal, sys, time
from twostream.cli import interrupts
interrupts.leave_at_once()
def interrupt(): os.kill(os.getpid(), signal.SIGINT)
"""


@pytest.fixture
def program(tmp_path):
    """Run a program as `python -m` does; returns (status, standard output, standard error)."""

    def run(text, **options):
        (tmp_path / "program.py").write_text(START + text)
        done = subprocess.run(
            [sys.executable, "-m", "program"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,  # a program that goes on waiting for a day was not interrupted
            **options,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("interrupt(); time.sleep(9)", id="before the command"),
        pytest.param("interrupts.call(interrupt)", id="in the command"),
        # Dataclasses and compiled functions are made so.
        pytest.param('interrupts.call(lambda: exec("interrupt()"))', id="within exec"),
        pytest.param(
            """
class Owner:
    def __del__(self): interrupt(); time.sleep(0)
def command(): Owner(); time.sleep(86400)
interrupts.call(command)
""",
            id="in a destructor",
        ),
        pytest.param(
            """
def command():
    try: interrupt()
    except KeyboardInterrupt: raise ImportError("numpy.core.multiarray failed to import")
interrupts.call(command)
""",
            id="made another error by a module in C",
        ),
        pytest.param(
            """
def command():
    try: interrupt()
    except KeyboardInterrupt: sys.exit(2)
interrupts.call(command)
""",
            id="told as an error of the user",
        ),
        pytest.param(
            """
def command():
    try: interrupt()
    finally: interrupt()
interrupts.call(command)
""",
            id="twice",
        ),
        pytest.param(
            "atexit.register(interrupt); interrupts.call(interrupt)",
            id="and while Python shuts down",
        ),
    ],
)
def test_one_line_and_status_130(program, text):
    assert program(text) == (STATUS, "", LINE)


def test_a_module_is_loaded_to_its_end(program, tmp_path):
    # Modules in C may abort the whole process where their loading is interrupted.
    (tmp_path / "other.py").write_text(
        "from program import interrupt; interrupt(); print('loaded')"
    )
    text = (
        "if __name__ == '__main__': interrupts.call(lambda: (__import__('other'), time.sleep(9)))"
    )
    assert program(text) == (STATUS, "loaded\n", LINE)


def test_a_worker_is_started_to_its_end(program):
    # Else it says with a traceback that nobody tells it what to do.
    text = """
def work():
    from multiprocessing import get_context, util
    usual = util.spawnv_passfds
    def interrupted(*words):
        interrupt()
        return usual(*words)
    util.spawnv_passfds = interrupted
    get_context("spawn").Process(target=print, args=("worked",)).start()
    time.sleep(9)
if __name__ == "__main__": interrupts.call(work)
"""
    status, out, err = program(text)
    assert (status, err) == (STATUS, LINE)
    assert out in ("worked\n", "")  # it may have been stopped with the command that began it


def test_once_all_is_done_nothing_changes(program):
    text = "atexit.register(interrupt); interrupts.call(lambda: print('done'))"
    assert program(text) == (0, "done\n", "")


def test_a_bug_keeps_its_traceback(program):
    status, _, err = program("interrupts.call(lambda: __import__('no_such_module'))")
    assert status == 1
    assert err.endswith("ModuleNotFoundError: No module named 'no_such_module'\n")


def test_what_a_shell_starts_in_its_background_goes_on(program):
    text = "interrupts.call(interrupt); print('done')"
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert program(text) == (0, "done\n", "")
    finally:
        signal.signal(signal.SIGINT, usual)


def test_it_is_looked_after_before_anything_large_is_loaded(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "cyclopts": os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
"""
    )
    paths = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "twostream", "--help"],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (STATUS, "", LINE)
