from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream import progress as module
from twostream.progress import Progress, clock


@pytest.fixture
def time_passes(monkeypatch):
    """A clock that stands still until told; returns the function that tells it."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def pass_seconds(seconds):
        now[0] += seconds

    return pass_seconds


@pytest.fixture
def screen(monkeypatch):
    class Screen(io.StringIO):
        terminal = False

        def isatty(self):
            return self.terminal

    screen = Screen()
    monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=screen))
    return screen


def test_the_line_tells_rates_and_the_time_left(time_passes, screen):
    with Progress("prepare", total=10) as progress:
        time_passes(4)
        progress.advance(2, frames=100)
        assert progress.text() == "prepare 2/10 clips · 0.5 clips/s · 25 frames/s · 16 s left"


def test_what_was_there_already_does_not_count_as_fast_work(time_passes, screen):
    with Progress("prepare", total=10) as progress:
        progress.already_done = 6
        progress.advance(6)
        assert progress.text() == "prepare 6/10 clips"
        time_passes(10)
        progress.advance(2)
        assert progress.text() == "prepare 8/10 clips · 0.2 clips/s · 10 s left"


def test_elsewhere_than_on_a_terminal_lines_are_few_and_plain(time_passes, screen):
    with Progress("prepare", total=40) as progress:
        for _ in range(40):
            time_passes(1)
            progress.advance()
    lines = screen.getvalue().splitlines()
    assert len(lines) == 3
    assert "\x1b" not in screen.getvalue()
    assert lines[-1].startswith("prepare 40/40 clips")
    assert lines[-1].endswith("took 40 s")


def test_on_a_terminal_one_row_is_redrawn_and_closed(time_passes, screen, monkeypatch):
    screen.terminal = True
    monkeypatch.setenv("COLUMNS", "100")
    with Progress("prepare", total=2) as progress:
        for _ in range(2):
            time_passes(1)
            progress.advance()
    rows = screen.getvalue().split("\r\x1b[2K")[1:]
    assert len(rows) >= 2
    assert all("\n" not in row for row in rows[:-1])
    assert rows[-1].startswith("█" * 24 + " prepare 2/2")
    assert rows[-1].endswith("\n")


@given(
    columns=st.integers(2, 200),
    done=st.integers(0, 10**6),
    total=st.integers(0, 10**6),
    note=st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=40),
)
def test_a_row_never_wraps(columns, done, total, note):
    progress = Progress("prepare", total=total, done=done, note=note)
    assert 0 < len(progress.bar(columns)) < columns


def test_no_work_at_all_is_fine(time_passes, screen):
    with Progress("prepare", total=0):
        pass
    assert screen.getvalue() == "prepare 0/0 clips\n"


@given(st.floats(0, 1e7))
def test_durations_read_well(duration_seconds):
    text = clock(duration_seconds)
    assert re.fullmatch(r"\d+ s|\d+ min \d\d s|\d+ h \d\d min", text)
    assert " 60 " not in text
