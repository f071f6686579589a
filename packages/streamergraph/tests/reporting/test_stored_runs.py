"""What a store keeps of every look, as runs, holes and hours: whatever the source."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.schema import BROKEN, CLOCK
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms
from streamergraph.processing.thinning import thin
from streamergraph.reporting.collector_log import read_log
from streamergraph.reporting.hours import hour_facts, hour_sections
from streamergraph.reporting.runs import run_counts, run_facts, run_sections
from streamergraph.reporting.sources import source_facts, source_sections
from streamergraph.reporting.stored_runs import health_of_store

NOON = datetime.datetime(2022, 5, 5, 12, 0, tzinfo=datetime.UTC)


def after(minutes):
    return NOON + datetime.timedelta(minutes=minutes)


def look(minutes, *, streams=1, members=3, authors=None, source="it/*", first_id=1, **more):
    """A look so many minutes after noon, at streams of so many people each."""
    return Look(
        source=source,
        file=f"{source}-{minutes}",
        time=None if minutes is None else after(minutes),
        streams=tuple(
            SeenStream(
                user_id=first_id + k,
                members=None if members is None else tuple(range(members)),
                authors=None if authors is None else tuple(range(authors)),
            )
            for k in range(streams)
        ),
        **more,
    )


@pytest.fixture
def store(tmp_path):
    return Store.create(tmp_path / "store", Pseudonyms(key=bytes(32)))


@pytest.fixture
def health(store):
    def of(looks, **options):
        store.add(looks)
        return health_of_store(store, **options)

    return of


def test_every_expected_run_is_accounted_for(health):
    found = health(
        [
            *(look(m, streams=2) for m in (0, 5, 10, 15, 20, 40, 45)),
            look(25, streams=0, status=BROKEN, problem="Expecting value at character 17"),
            look(30, streams=0, status=BROKEN, problem="Expecting value at character 4"),
            look(-99999, streams=0, status=CLOCK, problem="a moment that cannot be"),
        ]
    )
    counts = run_counts(found)
    assert counts == {
        "expected": 10,
        "stored": 7,
        "never started": 0,
        "broken JSON (expecting value)": 2,
        "no time that can be": 1,
    }
    assert found.clock == "UTC"
    assert run_facts(found)["stored_percent"] == 70
    assert [hole.minutes for hole in found.holes()] == [20]
    assert run_sections(found)[1].title == "Holes of 20 minutes or more"


@settings(max_examples=8)
@given(
    st.sampled_from([1, 5, 15, 20, 30, 60]),
    st.integers(1, 30),
    st.lists(st.integers(-9, 9), min_size=100, max_size=100),
)
def test_missing_runs_are_found_at_any_interval_early_or_late(
    tmp_path_factory, minutes, long, early
):
    store = Store.create(tmp_path_factory.mktemp("any") / "store", Pseudonyms(key=bytes(32)))
    missing = {12, 25, *range(40, 40 + long)}
    # Looks of a minute are up to 7 s away: where one is late by more and the look after next is early by
    # as much, the time between is no longer that of two.
    most = min(1.0, 7 * minutes / 9)
    store.add([look(k * minutes + most * early[k] / 60) for k in range(80) if k not in missing])
    found = health_of_store(store)
    assert (found.expected, found.never_started) == (80, len(missing))


def test_a_change_of_the_interval_is_no_hole(health):
    found = health([look(m) for m in (*range(0, 120, 5), *range(120, 1200, 60))])
    assert (found.never_started, found.holes()) == (0, [])
    assert found.expected == 24 + 18


@pytest.mark.parametrize("minutes", [61, 120, 1440])
def test_collectors_slower_than_an_hour_miss_no_run_either(health, minutes):
    found = health([look(k * minutes) for k in range(12) if k not in (5, 6, 7, 8)])
    assert (found.expected, found.never_started) == (12, 4)
    assert [hole.minutes for hole in found.holes()] == [5 * minutes]


def test_a_retry_does_not_make_the_next_run_late(health):
    found = health([look(m) for m in (0, 5, 10, 11, 20, 25, 30, 35)])
    assert found.holes() == []
    assert found.never_started == 1


def test_languages_are_series_of_their_own_and_their_streams_add_up(health):
    found = health(
        [
            *(look(m, streams=2, source="it/*", language="it") for m in range(0, 300, 5)),
            *(look(m + 2, streams=3, source="en/*", first_id=50) for m in range(0, 300, 15)),
        ]
    )
    facts = {one["series"]: one for one in run_facts(found)["series"]}
    assert (facts["it/*"]["interval_minutes"], facts["en/*"]["interval_minutes"]) == (5, 15)
    assert facts["it/*"]["language"] == "it"
    assert (found.expected, found.never_started) == (60 + 20, 0)
    assert found.hourly("streams") == dict.fromkeys(range(12, 17), 5)
    assert found.hourly("presences") == dict.fromkeys(range(12, 17), 15)


def test_nobody_live_in_two_languages_is_a_run_of_each(health):
    found = health(
        [
            look(m, streams=streams if m < 30 else 0, source=source, first_id=streams)
            for source, streams in (("it/*", 2), ("en/*", 10))
            for m in range(0, 60, 5)
        ]
    )
    assert run_counts(found) == {"expected": 24, "stored": 24, "never started": 0}
    assert found.hourly("streams") == {12: 6}


def test_an_hour_in_which_one_language_is_missing_shows_not_too_few(health):
    found = health(
        [
            *(look(m, streams=2) for m in range(0, 300, 5) if not 60 <= m < 120),
            *(look(m, streams=3, source="en/*", first_id=50) for m in range(0, 300, 5)),
        ]
    )
    assert found.hourly("streams") == dict.fromkeys((12, 14, 15, 16), 5)
    assert [(hole.series, hole.minutes) for hole in found.holes()] == [("it/*", 65)]


def test_two_collectors_of_the_same_channels_count_them_once(health):
    found = health(
        [
            *(look(m, streams=4) for m in range(0, 120, 5)),
            *(look(m + 1, streams=4, source="other/*") for m in range(0, 120, 5)),
        ]
    )
    assert found.hourly("streams") == {12: 4, 13: 4}


def test_what_was_imported_twice_is_expected_once(health):
    found = health(
        [
            *(look(m) for m in range(0, 60, 5)),
            *(look(m, source="copy/*") for m in range(0, 60, 5)),
        ]
    )
    assert run_counts(found) == {"expected": 12, "stored": 12, "never started": 0}


def test_of_a_chat_log_no_window_is_missing(health):
    windows = (0, 5, 40, 45, 300)
    found = health([look(m, members=None, authors=2, source="chat.csv") for m in windows])
    assert run_counts(found) == {"expected": 5, "stored": 5, "never started": 0}
    assert found.holes() == []
    assert not any("Holes" in section.title for section in run_sections(found))
    assert [hole.minutes for hole in found.silences()] == [255, 35]
    assert any(
        "a window in which nobody wrote" in said for said in run_sections(found)[0].sentences
    )
    # A window shows the channels in which somebody wrote, and not who is online.
    assert list(hour_facts(found)) == ["channels_by_hour", "authors_by_hour"]
    chart = str(hour_sections(found)[0].chart)
    assert chart.count("<rect") == 2  # of 24 hours, those in which anything is known
    assert ">23</text>" in chart


def test_members_and_authors_are_never_added_up(health):
    found = health([look(m, streams=2, members=10, authors=3) for m in range(0, 60, 5)])
    assert found.hourly("presences") == {12: 20}
    assert found.hourly("authors") == {12: 6}


def test_of_thinned_days_members_and_authors_are_not_told_apart(health, store):
    looks = [look(m, streams=2, members=10, authors=3) for m in (0, 5, 10, 1500, 1505, 1510)]
    store.add(looks)
    thin(store, before=datetime.date(2022, 5, 6))
    found = health_of_store(store)
    assert found.hourly("streams") == {12: 2, 13: 2}
    assert (found.hourly("presences"), found.hourly("authors")) == ({13: 20}, {13: 6})


@pytest.mark.parametrize("more", [[], [360]])
def test_of_one_or_two_looks_no_interval_is_known(health, more):
    found = health([look(0), *(look(m) for m in more)])
    assert (found.never_started, found.holes()) == (0, [])


def test_hours_are_those_of_the_zone_that_is_asked_for_else_of_the_store(health, store):
    store.use_timezone("Europe/Rome")
    looks = [look(m) for m in range(0, 60, 5)]
    assert (health(looks).clock, health(looks).hourly("streams")) == ("Europe/Rome", {14: 1})
    assert health(looks, timezone="Asia/Kolkata").hourly("streams") == {17: 1, 18: 1}


@pytest.mark.parametrize("night", [datetime.date(2022, 3, 27), datetime.date(2022, 10, 30)])
def test_the_night_in_which_clocks_are_changed_is_no_hole(health, night):
    begin = datetime.datetime.combine(night, datetime.time(), datetime.UTC) - NOON
    minutes = begin.total_seconds() / 60
    found = health([look(minutes + m) for m in range(0, 180, 5)], timezone="Europe/Rome")
    assert (found.expected, found.never_started, found.holes()) == (36, 0, [])
    assert [run.start for run in found.runs] == sorted(run.start for run in found.runs)


def test_durations_are_told_where_they_are_known(health):
    timed = [
        look(m, started=after(m), ended=after(m + seconds / 60), planned=after(m))
        for m, seconds in ((0, 10), (5, 12), (10, 38))
    ]
    facts = run_facts(health([*timed, look(15)]))
    assert (facts["runs_of_known_duration"], facts["mean_duration_seconds"]) == (3, 20)
    assert (facts["runs_above_the_mean"], facts["their_mean_duration_seconds"]) == (1, 38)
    assert facts["mean_duration_by_hour"] == {12: 20}


def test_a_run_that_never_ended_takes_the_place_for_which_it_was_planned(health):
    lost = look(None, streams=0, planned=after(10), status=BROKEN, problem="time-out")
    counts = run_counts(health([*(look(m) for m in (0, 5, 15, 20)), lost]))
    assert counts == {"expected": 5, "stored": 4, "never started": 0, "time-out": 1}


def test_a_store_and_a_log_of_the_same_runs_say_the_same(health, tmp_path):
    begun = [*range(0, 40, 5), *range(70, 120, 5)]
    text = "".join(
        f"{after(m + s / 60):%Y-%m-%d %H:%M:%S},000,INFO,{code},{said}\n"
        for m in begun
        for s, code, said in ((0, 1, "x"), (1, 2, "n: 4"), (2, 3, f"n: {4 * m}"), (9, 4, "x"))
    )
    (tmp_path / "collector.log").write_text(text)
    logged = read_log(tmp_path / "collector.log")
    stored = health(
        [look(m, streams=4, members=m, started=after(m), ended=after(m + 0.15)) for m in begun]
    )
    assert run_counts(stored) == run_counts(logged)
    assert hour_facts(stored) == hour_facts(logged)
    assert [hole.minutes for hole in stored.holes()] == [hole.minutes for hole in logged.holes()]
    assert stored.mean_duration_seconds() == logged.mean_duration_seconds() == 9
    assert [s.title for s in run_sections(stored)] == [s.title for s in run_sections(logged)]


def test_what_was_left_out_and_not_understood_is_told_with_its_files(store):
    told = look(0, losses=Counter({"chat lists of no known form": 2}))
    store.add([told, look(5, streams=0, status=BROKEN, problem="no snapshot of streams")])
    facts = source_facts(store, health_of_store(store))
    assert facts["looks"] == {"stored": 1, "broken": 1}
    assert facts["not understood"][0] | {"files": []} == {
        "reason": "chat lists of no known form", "count": 2, "n_files": 1, "files": [],
    }  # fmt: skip
    tables = {section.title: section.table.rows for section in source_sections(facts)}
    assert tables["Looks that were left out"] == [["no snapshot of streams", "1", "it/*-5"]]


def test_a_store_of_the_older_format_has_the_same_reports(call, tmp_path):
    old = Path(__file__).parents[1] / "fixtures" / "store-format-1"
    status, out, err = call("health", old, "--out", tmp_path / "health.json")
    assert status == 0, err
    assert "35 of 36 runs stored" in out
    facts = json.loads((tmp_path / "health.json").read_text())
    assert facts["failed_runs"] == {"broken JSON (unterminated string)": 1}
    assert max(facts["mean_streams_by_hour"].values()) > 0


def test_the_simulated_mishaps_are_all_found(simulated, tmp_path, call):
    status, out, err = call("health", simulated.store, "--out", tmp_path / "health.json")
    assert status == 0, err
    facts = json.loads((tmp_path / "health.json").read_text())
    truth = json.loads((simulated.simulation / "truth" / "simulation.json").read_text())["written"]
    damaged = truth.get("broken", 0) + truth.get("half-written", 0)
    assert facts["expected_runs"] == truth["snapshots"] + truth["missing"]
    assert facts["never_started_runs"] == truth["missing"]
    assert facts["looks"]["broken"] == damaged
    assert sum(facts["failed_runs"].values()) == damaged + truth.get("wrong clock", 0)
    assert facts["holes"][0]["minutes"] == 135
    assert f"{facts['stored_runs']} of {facts['expected_runs']} runs stored" in out
    assert "holes of 60 minutes or more (times of UTC)" in out


def test_hours_of_a_store_stand_in_the_report(simulated, tmp_path, call, refusal):
    report = tmp_path / "explore.html"
    words = ["explore", simulated.tables, "--out", report, "--store", simulated.store]
    assert call(*words, "--timezone", "Europe/Rome")[0] == 0
    page = report.read_text(encoding="utf-8")
    assert "<h2>Streams online, by hour of the day" in page
    assert "Hours of Europe/Rome." in page
    facts = json.loads((tmp_path / "explore.json").read_text())
    assert (len(facts["streams_by_hour"]), facts["hours_are_of"]) == (24, "Europe/Rome")
    assert "expected a name such as Europe/Rome" in refusal(*words, "--timezone", "Rome")
    (tmp_path / "x.log").touch()
    assert "--store" in refusal(*words, "--log", tmp_path / "x.log")
    assert "--timezone" in refusal(
        "explore", simulated.tables, "--out", report, "--timezone", "UTC"
    )


def test_health_takes_the_interval_of_a_store_from_itself(simulated, refusal):
    said = refusal("health", simulated.store, "--interval-minutes", 5)
    assert "--interval-minutes: expected a log" in said
