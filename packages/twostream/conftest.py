"""The surroundings of every test of this package, and of the examples in its sources."""

from __future__ import annotations

import os
import signal

import pytest
from twostream.environment import available_cores

# Both are read when Keras or OpenMP is loaded, so before any test.
os.environ.setdefault("KERAS_BACKEND", "torch")
if "PYTEST_XDIST_WORKER" in os.environ:
    # Workers share the cores. More threads than cores wait for each other, and waiting threads turn
    # in a loop: that took half of all processor time.
    share = available_cores() // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    os.environ.setdefault("OMP_NUM_THREADS", str(max(share, 1)))
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So it is in whatever a shell starts in the background, and programs leave it so; those that tests
    # start and interrupt are to begin as in a terminal.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the last of the slow tests, whole trainings: no worker is to wait for them at the end."""
    if all(item.get_closest_marker("slow") for item in items):
        items.reverse()
