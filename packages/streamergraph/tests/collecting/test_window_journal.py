"""A collector that is killed while it listens: its tick is there, with who was heard until then."""

from __future__ import annotations

import datetime
import shutil
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.collecting.audience import Heard, News
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.collecting.collector import Collector, Plan
from streamergraph.collecting.looking import blank_look
from streamergraph.collecting.rooms import Rooms
from streamergraph.collecting.sinks import open_sink
from streamergraph.collecting.window_journal import NEWS_SECONDS, WindowJournal
from streamergraph.observations.looks import SeenStream, digest_of
from streamergraph.observations.opt_out import of_people
from streamergraph.observations.schema import AUTHORS, MEMBERS, OBSERVATIONS, SCHEMAS, STORED
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms

MIDNIGHT = datetime.datetime(2026, 3, 28, tzinfo=datetime.UTC)
QUARTER = datetime.timedelta(minutes=15)
KEYED = Pseudonyms(key=bytes(32))


class Chat:
    """Somebody new writes in channel 1 every second; channel 2 is heard for a minute only."""

    listens = True

    def __init__(self, clock):
        self.clock, self.told = clock, 0

    def begin(self, streams, *, until):
        self.began, self.told = self.clock.monotonic(), 0

    def news(self):
        passed = self.clock.monotonic() - self.began
        new = tuple(range(self.told, int(passed)))
        self.told = int(passed)
        return [
            News(channel_id=1, seconds=passed, authors=new, members=(7, 8)),
            News(channel_id=2, seconds=min(60.0, passed), authors=new),
        ]

    def end(self):
        passed = self.clock.monotonic() - self.began
        return [Heard(channel_id=1, kind=AUTHORS, viewers=tuple(range(int(passed))))]

    def problems(self):
        return {}

    def close(self):
        pass


class Killed(BaseException):
    """What a kill leaves is copied before this is raised."""


@pytest.fixture
def run(tmp_path):
    """Runs a collector, killed after so many seconds; returns the store and what was told."""

    def collect(*, folder="store", killed_after=None, leap=0.0, hours=1.0):
        clock = SimulatedClock(MIDNIGHT + datetime.timedelta(seconds=leap))
        store, told = tmp_path / folder, []

        def observe(language, planned, **_):
            streams = (
                SeenStream(user_id=1, login="a", viewers=9),
                SeenStream(user_id=2, login="b"),
            )
            return replace(
                blank_look(language, planned), status=STORED, problem="", time=planned,
                started=planned, ended=planned, streams=streams, digest=digest_of(streams),
            )  # fmt: skip

        with open_sink(str(store), key=tmp_path / "key", clock=clock) as opened:
            slept = clock.sleep

            def sleep(length):
                slept(length)
                if killed_after is not None and clock.passed >= killed_after:
                    shutil.copytree(store, tmp_path / "left")
                    raise Killed

            clock.sleep = sleep
            made = Collector(
                plan=Plan(
                    languages=("it",), every=QUARTER, ends=MIDNIGHT + datetime.timedelta(hours=hours)
                ),
                clock=clock, observe=observe, sink=opened.sink, audiences=[Chat(clock)],
                warn=told.append, journal=opened.journal,
            )  # fmt: skip
            try:
                made.run()
            except Killed:
                pass
            else:
                assert not opened.journal.path.exists()
        return Store(tmp_path / (folder if killed_after is None else "left")), told

    return collect


def listed(store, kind, tick):
    rows = [day.read(kind, SCHEMAS[kind]) for day in store.days()]
    return [row["viewer"] for row in rows[0].filter(time=tick).iter_rows(named=True)]


def test_the_tick_is_stored_by_the_next_collector_with_who_was_heard(run):
    left, _ = run(killed_after=900 + 700)
    assert left.runs().height == 1
    store, told = run(folder="left", leap=1700)
    assert "was killed" in told[0]
    assert store.runs()["planned"].to_list() == [MIDNIGHT + k * QUARTER for k in range(4)]
    heard = listed(store, AUTHORS, MIDNIGHT + QUARTER)
    assert 700 - NEWS_SECONDS - 1 <= len(heard) <= 700
    assert listed(store, MEMBERS, MIDNIGHT + QUARTER) == [7, 8]
    # Heard for less than half of the window: missing, and not empty.
    (day,) = store.days()
    second = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS]).filter(
        channel_id=2, time=MIDNIGHT + QUARTER
    )
    assert second["coverage"].to_list() == ["missing"]
    assert store.losses()["reason"].to_list() == ["collecting: windows of chats that were cut off"]


def test_after_a_few_seconds_it_is_known_who_was_live(run):
    run(killed_after=900 + 30)
    store, _ = run(folder="left", leap=5000)
    (day,) = store.days()
    observed = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS]).filter(time=MIDNIGHT + QUARTER)
    assert observed.select("channel_id", "coverage").rows() == [(1, "missing"), (2, "missing")]


def test_what_was_stored_before_the_kill_is_not_stored_again(run, tmp_path):
    run(killed_after=900 + 700)
    journal = next((tmp_path / "left").glob(".*.window"))
    text = journal.read_bytes()
    store, _ = run(folder="left", leap=1700)
    rows = store.runs().height
    journal.write_bytes(text)  # the kill came between storing and deleting it
    store, told = run(folder="left", leap=1700)
    assert store.runs().height == rows
    assert not any("killed" in text for text in told)


def test_the_end_of_a_file_that_broke_off_costs_a_line(run, tmp_path):
    run(killed_after=900 + 700)
    journal = next((tmp_path / "left").glob(".*.window"))
    journal.write_bytes(journal.read_bytes()[:-25])
    store, _ = run(folder="left", leap=1700)
    assert len(listed(store, AUTHORS, MIDNIGHT + QUARTER)) >= 600


@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b'{"looks": 1}\n'])
def test_a_file_of_something_else_is_nothing(tmp_path, content):
    (tmp_path / "w").write_bytes(content)
    assert WindowJournal(tmp_path / "w").left() is None


def test_a_disk_that_is_full_is_told_once_and_ends_nothing(run, monkeypatch):
    def full(self, *_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(WindowJournal, "begin", full)
    monkeypatch.setattr(WindowJournal, "add", full)
    store, told = run()
    assert store.runs().height == 4
    assert len(told) <= 4
    assert "No space left" in told[0]


def test_who_is_forgotten_is_not_in_it_either(run, tmp_path, call):
    run(killed_after=900 + 700)
    journal = next((tmp_path / "left").glob(".*.window"))
    with open_sink(
        str(tmp_path / "left"), key=tmp_path / "key", clock=SimulatedClock(MIDNIGHT)
    ) as opened:
        anna = opened.pseudonyms.viewer("anna")
        seen = WindowJournal(journal).left()
        seen.heard[0] = replace(seen.heard[0], viewers=(1, anna))
        stream = SeenStream(user_id=77_777, login="anna", name="Anna", members=(anna,))
        WindowJournal(journal).begin(
            [replace(seen.looks[0], streams=(*seen.looks[0].streams, stream))], seen.heard, 0
        )
        assert str(anna) in journal.read_text()
        opened.forget(of_people(["anna"], opened.pseudonyms, channels=True))
    text = journal.read_text().lower()
    assert str(anna) not in text
    assert "77777" not in text
    assert "anna" not in text
    for path in (tmp_path / "left").rglob("*"):
        if path.is_file() and path.name != "opt-out.list":
            assert struct.pack("<q", anna) not in path.read_bytes()


@given(
    steps=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), min_size=1, max_size=6),
)
def test_news_add_up_to_what_was_heard(tmp_path_factory, steps):
    rooms = Rooms(KEYED)
    stream = SeenStream(user_id=1, login="a", viewers=5)
    journal = WindowJournal(tmp_path_factory.mktemp("journal") / "window")
    rooms.choose([stream], 0.0)
    rooms.joined("a", 0.0)
    journal.begin([replace(blank_look("it", MIDNIGHT), streams=(stream,))], [], 10.0 * len(steps))
    for number, people in enumerate(steps, 1):
        for who in people:
            rooms.wrote("a", who)
        journal.add(rooms.news(10.0 * number), 10.0 * number)
    left = journal.left()
    assert left.heard == rooms.take(10.0 * len(steps))
    assert left.looks[0].streams == (stream,)
