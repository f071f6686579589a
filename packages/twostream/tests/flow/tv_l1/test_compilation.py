"""Machine code is cached where it can be, and its absence or damage is never an error."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import numpy as np
from twostream.flow.tv_l1.resizing import resize, taps
source, target = np.ones((4, 4), np.float32), np.zeros((2, 2), np.float32)
resize(source, target, taps(4, 2, 2.0), taps(4, 2, 2.0), (4, 2), np.float32(1), source[0].copy())
assert (target == 1).all()
print(len(resize.stats.cache_hits))
"""


def start(folder, script=SCRIPT):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return int(output)


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A cache folder after two processes compiled into it at once."""
    folder = tmp_path_factory.mktemp("cache")
    # Each waits until the other is there too. One that gets no processor may yet come too late to compile.
    script = SCRIPT.replace(
        "source, target",
        f"""
import os, time
from pathlib import Path
ready = Path({str(tmp_path_factory.mktemp("ready"))!r})
(ready / str(os.getpid())).touch()
while len(list(ready.iterdir())) < 2:
    time.sleep(0.01)
source, target""",
        1,
    )
    both = [start(folder, script), start(folder, script)]
    assert sum(finish(process) for process in both) <= 1
    return folder


def test_two_processes_compiling_at_once_leave_one_whole_file(filled):
    assert [path.suffix for path in files(filled)] == [".nbc"]


def test_what_was_compiled_is_found_again(filled):
    assert finish(start(filled)) == 1


def test_a_damaged_cache_is_compiled_over(filled):
    (path,) = files(filled)
    whole = path.read_bytes()
    for damaged in (b"", whole[:1000], whole[:-1] + bytes([whole[-1] ^ 1])):
        path.write_bytes(damaged)
        assert finish(start(filled)) == 0
        assert finish(start(filled)) == 1


def test_a_folder_that_is_no_folder_is_no_error(tmp_path):
    (tmp_path / "file").touch()
    finish(start(tmp_path / "file" / "cache"))


def test_without_any_folder_it_compiles_in_memory(tmp_path):
    refusing = """
from numba.core import caching
def refuse(*arguments):
    raise RuntimeError("cannot cache function: no locator available")
caching.FunctionCache.__init__ = refuse
"""
    finish(start(tmp_path, refusing + SCRIPT))
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_to_later_is_no_error(tmp_path):
    # The cache folder exists when kernels are defined, and is gone when they are saved.
    script = SCRIPT.replace(
        "source, target", f"import shutil; shutil.rmtree({str(tmp_path)!r}); source, target", 1
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "inner")}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=120)
