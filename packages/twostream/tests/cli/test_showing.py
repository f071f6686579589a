"""What the command line shows of events."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.cli import showing
from twostream.cli.showing import Shown, bar, shown, text
from twostream.cli.tables.lines import print_line
from twostream.events import Advanced, Finished, Said, Started, Warned, Work
from twostream.progress import step


class Screen(io.StringIO):
    terminal = False

    def isatty(self):
        return self.terminal


@pytest.fixture
def screen(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(showing, "sys", SimpleNamespace(stderr=screen))
    return screen


def prepare(total, *, every_seconds=1):
    """The events of a piece of work whose items take `every_seconds` each."""
    yield Started(label="prepare", total=total)
    for done in range(1, total + 1):
        taken = done * every_seconds
        yield Advanced(label="prepare", total=total, done=done, duration_seconds=taken)
    taken = total * every_seconds
    yield Finished(label="prepare", total=total, done=total, duration_seconds=taken)


def show(events, shown):
    for event in events:
        shown(event)


def test_the_line_tells_rates_and_the_time_left():
    work = Work(
        label="prepare", total=10, done=2, duration_seconds=4, counters={"frames": 100}, note="ill"
    )
    assert text(work) == "prepare 2/10 clips · 0.5 clips/s · 25 frames/s · 16 s left · ill"


def test_what_was_there_already_does_not_count_as_fast_work():
    there = {"label": "prepare", "total": 10, "already_done": 6}
    assert text(Work(**there, done=6)) == "prepare 6/10 clips"
    went_on = text(Work(**there, done=8, duration_seconds=10))
    assert went_on == "prepare 8/10 clips · 0.2 clips/s · 10 s left"


def test_the_time_left_counts_no_compiling():
    """A network was compiled for 30 s, with the first 2 of 10 items; the next 2 took a second each."""
    begun = {"label": "predict", "total": 10, "warm_up_items": 2, "warm_up_seconds": 30}
    assert text(Work(**begun, done=2, duration_seconds=30)) == "predict 2/10 clips"
    went_on = text(Work(**begun, done=4, duration_seconds=32))
    assert went_on == "predict 4/10 clips · 1.0 clips/s · 6 s left"
    assert text(Work(**begun, done=10, duration_seconds=38)).endswith("0.3 clips/s · took 38 s")


def test_what_goes_on_slowly_does_not_stand_still():
    slow = Work(
        label="predict", unit="source", total=4, done=1, duration_seconds=40, counters={"frames": 4}
    )
    assert text(slow) == "predict 1/4 sources · 0.03 sources/s · 0.1 frames/s · 2 min 00 s left"


def test_elsewhere_than_on_a_terminal_lines_are_few_and_plain(screen):
    show(prepare(40), Shown())
    lines = screen.getvalue().splitlines()
    assert len(lines) == 3
    assert "\x1b" not in screen.getvalue()
    assert lines[-1].startswith("prepare 40/40 clips")
    assert lines[-1].endswith("took 40 s")


def test_on_a_terminal_one_row_is_redrawn_and_closed(screen, monkeypatch):
    screen.terminal = True
    monkeypatch.setenv("COLUMNS", "100")
    show(prepare(2), Shown())
    rows = screen.getvalue().split("\r\x1b[2K")[1:]
    assert len(rows) >= 2
    assert all("\n" not in row for row in rows[:-1])
    assert rows[-1].startswith("█" * 24 + " prepare 2/2")
    assert rows[-1].endswith("\n")


def test_a_line_does_not_run_into_the_row_of_a_bar(screen):
    screen.terminal = True
    events = list(prepare(2))
    show([*events[:2], Said("a clip is ill"), *events[2:]], Shown())
    assert "\na clip is ill\n" in screen.getvalue()


def test_a_stage_tells_its_time_unless_an_error_ended_it(screen):
    with shown():
        with step("look"):
            pass
        with pytest.raises(ValueError, match="no"), step("fail"):
            raise ValueError("no")
    assert screen.getvalue() == "look …\nlook: 0 s\nfail …\n"


def test_a_warning_is_a_note_and_comes_once(screen):
    show([Warned("look out"), Warned("look out")], Shown())
    assert screen.getvalue() == "note: look out\n"


@given(
    columns=st.integers(2, 200),
    done=st.integers(0, 10**6),
    total=st.integers(0, 10**6),
    note=st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=40),
)
def test_a_row_never_wraps(columns, done, total, note):
    work = Work(label="prepare", total=total, done=done, note=note)
    assert 0 < len(bar(work, columns)) < columns


def test_no_work_at_all_is_fine(screen):
    show(prepare(0), Shown())
    assert screen.getvalue() == "prepare 0/0 clips\n"


def test_names_with_control_characters_stay_in_their_line(screen, capsys):
    show([Said("note: a\nb\x1b[31m.mp4")], Shown())
    assert screen.getvalue() == "note: a\\nb\\x1b[31m.mp4\n"
    print_line("scan: a\nb\x1b[31m.mp4")
    assert capsys.readouterr().out == "scan: a\\nb\\x1b[31m.mp4\n"
