from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream import progress as module
from twostream.cli.showing import text
from twostream.events import Advanced, Finished, Started, listening
from twostream.progress import Progress, clock, step


@pytest.fixture
def time_passes(monkeypatch):
    """A clock that stands still until told; returns the function that tells it."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def pass_seconds(seconds):
        now[0] += seconds

    return pass_seconds


def test_counted_work_tells_how_far_it_is(time_passes):
    heard = []
    with listening(heard.append), Progress("prepare", total=10) as progress:
        time_passes(4)
        progress.advance(2, frames=100)
        progress.advance(1, frames=50)
    assert [type(event) for event in heard] == [Started, Advanced, Advanced, Finished]
    assert [event.done for event in heard] == [0, 2, 3, 3]
    assert heard[1].counters == {"frames": 100}  # as it was then
    assert heard[2].counters == {"frames": 150}
    assert heard[-1].duration_seconds == 4
    assert heard[-1].completed


def test_what_came_before_it_was_warm_is_told_once(time_passes):
    heard = []
    with listening(heard.append), Progress("predict", total=10) as progress:
        time_passes(30)
        progress.done = 2
        progress.is_warm()
        progress.tell()
        time_passes(1)
        progress.done = 3
        progress.is_warm()
        progress.tell()
    assert [(e.warm_up_items, e.warm_up_seconds) for e in heard[1:3]] == [(2, 30.0), (2, 30.0)]


def test_the_first_of_what_warms_up_tells_nothing_of_the_rest(time_passes):
    heard = []
    with (
        listening(heard.append),
        Progress("score", total=10, done=4, already_done=4, warms_up=True) as work,
    ):
        for seconds in (30, 1):
            time_passes(seconds)
            work.advance(samples=25)
    lines = [text(event) for event in heard[1:3]]
    assert lines == ["score 5/10 clips", "score 6/10 clips · 1.0 clips/s · 25 samples/s · 4 s left"]


@pytest.mark.parametrize("work", [lambda: Progress("a", total=2), lambda: step("a")])
def test_work_that_an_error_ends_is_not_completed(work):
    heard = []
    with listening(heard.append), pytest.raises(KeyboardInterrupt), work():
        raise KeyboardInterrupt
    assert heard[-1].to_dict() | {"duration_seconds": 0} == {
        **heard[0].to_dict(),
        "event": "finished",
        "completed": False,
        "duration_seconds": 0,
    }


@given(st.floats(0, 1e7))
def test_durations_read_well(duration_seconds):
    text = clock(duration_seconds)
    assert re.fullmatch(r"\d+ s|\d+ min \d\d s|\d+ h \d\d min", text)
    assert " 60 " not in text
