from __future__ import annotations

import threading

import pytest
from streamergraph.graphs.patience import SilenceError, patiently


def test_work_that_is_heard_of_may_take_longer_than_the_silence_allowed():
    pause = threading.Event()

    def work(heard):
        for _ in range(8):
            pause.wait(0.1)
            heard()
        return "done"

    assert patiently(work, quiet_seconds=0.6) == "done"


def test_silence_ends_the_waiting():
    never = threading.Event()
    with pytest.raises(SilenceError, match=r"no answer for 0\.05 s"):
        patiently(lambda heard: never.wait(60), quiet_seconds=0.05)
    never.set()


def test_errors_of_the_work_are_raised_where_somebody_waits():
    def work(heard):
        heard()
        raise ZeroDivisionError("here")

    with pytest.raises(ZeroDivisionError, match="here"):
        patiently(work, quiet_seconds=5)
