"""Ticks: on a fixed grid, each once, whatever the clock, the server and the disk do."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import replace

import pytest
from streamergraph.collecting.audience import Heard
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.collecting.collector import Collector, Plan
from streamergraph.collecting.looking import blank_look
from streamergraph.collecting.parquet import ParquetSink
from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import SeenStream, digest_of
from streamergraph.observations.schema import BROKEN, OBSERVATIONS, SCHEMAS, STORED
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms
from streamergraph.reporting.stored_runs import health_of_store

KEYED = Pseudonyms(key=bytes(32))
QUARTER = datetime.timedelta(minutes=15)
START = datetime.datetime(2026, 3, 28, 23, 58, tzinfo=datetime.UTC)  # the night of summer time
MIDNIGHT = datetime.datetime(2026, 3, 29, tzinfo=datetime.UTC)


class World:
    """Two streams at each look, which takes some seconds; what `happens` at a planned moment goes first."""

    def __init__(self, clock):
        self.clock, self.happens, self.looks, self.befores = clock, {}, [], []
        self.seconds, self.slow = 3.0, {}

    def __call__(self, language, planned, *, before, until):
        self.befores.append(set(before))
        if (event := self.happens.get(planned)) is not None and (found := event()) is not None:
            return found
        started = self.clock.now()
        self.clock.sleep(self.slow.get(planned, self.seconds))
        streams = (
            SeenStream(user_id=1, login="a", viewers=4, category="Chess"),
            SeenStream(user_id=2, login="b", viewers=2),
        )
        self.looks.append(planned)
        return replace(
            blank_look(language, planned), status=STORED, problem="", time=max(started, planned),
            started=started, ended=self.clock.now(), streams=streams, digest=digest_of(streams),
        )  # fmt: skip


class Listener:
    """Hears viewer 7 write in channel 1 in every window, and says how long each window was."""

    listens = True

    def __init__(self, clock):
        self.clock, self.lengths, self.began, self.closed = clock, [], None, False

    def begin(self, streams, *, until):
        self.began = self.clock.monotonic()

    def news(self):
        return []

    def end(self):
        self.lengths.append(self.clock.monotonic() - self.began)
        return [Heard(channel_id=1, kind="authors", viewers=(7,))]

    def problems(self):
        return {"reconnections": 1}

    def close(self):
        self.closed = True


@pytest.fixture
def clock():
    return SimulatedClock(START)


@pytest.fixture
def world(clock):
    return World(clock)


@pytest.fixture
def collector(tmp_path, clock, world):
    def make(*, hours=2.0, languages=("it",), audiences=(), sink=None):
        store = Store.create(tmp_path / "store", KEYED)
        ends = clock.now() + datetime.timedelta(hours=hours)
        told = []
        made = Collector(
            plan=Plan(languages=languages, every=QUARTER, ends=ends),
            clock=clock,
            observe=world,
            sink=sink or ParquetSink(store, clock),
            audiences=audiences,
            warn=told.append,
        )
        return made, store, told

    return make


def test_ticks_are_at_full_quarters_of_an_hour_in_utc_whatever_summer_time_does(collector, world):
    made, store, _ = collector(hours=6)
    assert made.run() == {STORED: 24}
    assert world.looks == [MIDNIGHT + k * QUARTER for k in range(24)]
    health = health_of_store(store, timezone="Europe/Rome")
    assert (health.expected, health.stored_percent, health.holes()) == (24, 100.0, [])
    assert health.mean_duration_seconds() == 3.0


def test_each_look_is_told_who_was_live_at_the_one_before(collector, world):
    made, *_ = collector(hours=0.5)
    made.run()
    assert world.befores == [set(), {1, 2}]


def test_a_tick_is_skipped_while_the_one_before_still_runs_and_it_is_told(collector, world):
    made, store, _ = collector(hours=2)
    world.slow[MIDNIGHT + QUARTER] = 40 * 60
    assert made.run() == {STORED: 6, BROKEN: 2}
    health = health_of_store(store)
    assert health.failures() == Counter({"skipped: the tick before was still running": 2})
    assert health.expected == 8


def test_a_collector_that_starts_again_goes_on_with_the_next_tick(collector, world, clock):
    made, *_ = collector(hours=1)
    made.run()
    clock.sleep(1800)  # nobody was there
    made, store, _ = collector(hours=1)
    made.run()
    assert len(set(world.looks)) == len(world.looks)
    health = health_of_store(store)
    assert health.never_started == health.expected - len(health.stored) > 0


def test_a_clock_that_is_set_back_loses_nothing_and_takes_no_tick_twice(collector, world, clock):
    made, store, told = collector(hours=3)
    world.happens[MIDNIGHT + 4 * QUARTER] = lambda: clock.leap(-3600)
    made.run()
    assert len(set(world.looks)) == len(world.looks)
    assert any("set back" in line for line in told)
    assert store.runs()["status"].to_list() == [STORED] * len(world.looks)


@pytest.mark.parametrize("seconds", [-3600.0, 5 * 3600.0])
def test_a_leap_of_the_clock_between_two_ticks_is_noticed(collector, world, clock, seconds):
    made, store, told = collector(hours=12)
    slept, leapt = clock.sleep, []
    world.seconds = 0.0

    def sleep(length):
        slept(length)
        if clock.passed > 4000 and not leapt:
            leapt.append(True)
            clock.leap(seconds)

    clock.sleep = sleep
    made.run()
    assert told
    assert len(set(world.looks)) == len(world.looks) == store.runs().height
    # Every look began at its tick, also behind the leap.
    late = (store.runs()["started"] - store.runs()["planned"]).dt.total_seconds()
    assert late.max() <= 1


def test_what_fails_is_a_run_that_failed_and_the_next_one_goes_on(collector, world):
    made, store, _ = collector(hours=1)
    bad = MIDNIGHT + QUARTER
    world.happens[bad] = lambda: blank_look("it", bad)
    assert made.run() == {STORED: 3, BROKEN: 1}
    assert health_of_store(store).failures() == Counter({"nothing was seen": 1})


def test_of_two_languages_one_may_fail(collector, world):
    made, store, _ = collector(hours=0.25, languages=("it", "de"))
    calls = []

    def second_fails():
        calls.append(1)
        return blank_look("de", MIDNIGHT) if len(calls) == 2 else None

    world.happens[MIDNIGHT] = second_fails
    assert made.run() == {STORED: 1, BROKEN: 1}
    assert store.runs().filter(status=STORED)["source"].to_list() == ["twitch/it"]


class FullDisk:
    """A sink that has no room at its second and third call."""

    def __init__(self, sink):
        self.sink, self.calls = sink, 0

    def known(self):
        return self.sink.known()

    def add(self, looks):
        self.calls += 1
        if self.calls in (2, 3):
            raise OSError(28, "No space left on device")
        return self.sink.add(looks)


def test_a_full_disk_loses_its_ticks_alone_and_says_so(collector, clock, tmp_path):
    store = Store.create(tmp_path / "store", KEYED)
    made, _, told = collector(hours=1.25, sink=FullDisk(ParquetSink(store, clock)))
    counts = made.run()
    assert counts[STORED] == 3
    assert counts["lost"] == 2
    assert any("is lost" in line for line in told)
    assert health_of_store(store).failures() == Counter(
        {"lost, for it could not be stored: No space left on device": 2}
    )


def test_what_is_wrong_from_the_start_ends_it(collector):
    class Refusing:
        def known(self):
            return {}

        def add(self, looks):
            raise StreamergraphError("x", expected="a", found="b", remedy="c")

    made, *_ = collector(sink=Refusing())
    with pytest.raises(StreamergraphError):
        made.run()


def test_a_window_lasts_until_the_next_tick_and_its_look_has_what_was_heard(collector, clock):
    listener = Listener(clock)
    made, store, _ = collector(hours=1, audiences=[listener])
    assert made.run() == {STORED: 4}
    assert listener.closed
    assert all(890 < seconds <= 900 for seconds in listener.lengths[:-1])
    assert store.runs()["presences"].to_list() == [1, 1, 1, 1]
    assert store.losses()["count"].sum() == 4
    (day,) = store.days()
    observations = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])
    # Channel 2 was not heard: it is missing, not empty.
    assert set(observations.filter(channel_id=2)["coverage"]) == {"missing"}
    assert set(observations.filter(channel_id=1)["coverage"]) == {"authors"}


def test_an_interrupt_keeps_what_was_seen_and_heard(collector, clock):
    listener = Listener(clock)
    made, store, _ = collector(hours=5, audiences=[listener])
    slept = clock.sleep

    def sleep(length):
        slept(length)
        if clock.passed > 1500:
            raise KeyboardInterrupt

    clock.sleep = sleep
    with pytest.raises(KeyboardInterrupt):
        made.run()
    assert store.runs().height == 2
    assert listener.closed


def test_one_tick_and_not_twice(collector, clock):
    made, *_ = collector(audiences=[Listener(clock)])
    assert made.once(MIDNIGHT, listen_seconds=60) == {STORED: 1}
    made, store, _ = collector()
    assert made.once(MIDNIGHT, listen_seconds=60) == {"already stored": 1}
    assert store.runs().height == 1
