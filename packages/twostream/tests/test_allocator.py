"""What the C library does with memory: one heap for all threads, where that is asked for in time."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from twostream.allocator import glibc

# Threads that hold memory at the same time, each of a heap of its own unless there is one alone.
HEAPS = """
import ctypes, sys, threading
from twostream.allocator import ONE_HEAP, glibc, tune
library = glibc()
if "one" in sys.argv:
    tune(ONE_HEAP)
library.malloc.restype = library.fdopen.restype = ctypes.c_void_p
library.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
library.fflush.argtypes = [ctypes.c_void_p]
together = threading.Barrier(4)
def hold():
    library.malloc(1000)
    together.wait(30)
threads = [threading.Thread(target=hold) for _ in range(4)]
for one in threads: one.start()
for one in threads: one.join()
told = library.fdopen(1, b"w")
library.malloc_info(0, told)
library.fflush(told)
"""


@pytest.mark.skipif(glibc() is None, reason="heaps are glibc's")
@pytest.mark.parametrize("asked", ["one", "as it is"])
def test_threads_have_one_heap_where_that_is_asked_for(asked: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HEAPS, asked], capture_output=True, text=True, check=True
    )
    heaps = len(re.findall(r"<heap nr=", done.stdout))
    assert heaps == 1 if asked == "one" else heaps > 1
