"""Inputs of kinds on which importing once went wrong, each from its file to the tables.

Anna and Bert have an audience of 60 each, 30 of them the same people: an overlap of 50.0.
"""

from __future__ import annotations

import datetime
import json

import pytest
from importing_tables import store_of, table, tables_of, write

BEGIN = datetime.datetime(2022, 5, 5, 12, 0, tzinfo=datetime.UTC)
AUDIENCES = {"Anna": range(60), "Bert": range(30, 90)}


def somebody(numbers):
    return [f"somebody_{number}" for number in numbers]


def snapshots(folder, entry_of, *, minutes=range(0, 240, 5), audiences=AUDIENCES):
    """A folder of snapshots; `entry_of(name, numbers, minute)` gives a stream."""
    for minute in minutes:
        moment = BEGIN + datetime.timedelta(minutes=minute)
        content = {name: entry_of(name, numbers, minute) for name, numbers in audiences.items()}
        write(folder, f"{moment:%Y-%m-%d_%H-%M}.json", content)
    return folder


def entry(name, numbers, minute):
    return {"spect": somebody(numbers), "game_name": "Chess", "viewer_count": 100}


def streamers(processed, *columns):
    return processed.tables.streamers.select("name", *columns).sort("name").rows()


def relations(processed):
    names = dict(processed.tables.streamers.select("streamer_id", "name").rows())
    return {
        tuple(sorted((names[one], names[other]))): round(value, 1)
        for one, other, value, *_ in processed.tables.overlaps.rows()
    }


def test_chat_lists_of_objects(tmp_path):
    def objects(name, numbers, minute):
        people = [{"user_id": str(k), "user_login": one, "user_name": "誰か"}
                  for k, one in enumerate(somebody(numbers))]  # fmt: skip
        return {**entry(name, numbers, minute), "spect": people}

    processed = tables_of(snapshots(tmp_path / "snapshots", objects))
    assert streamers(processed, "minutes_live", "audience") == [
        ("Anna", 240, 60),
        ("Bert", 240, 60),
    ]
    assert relations(processed) == {("Anna", "Bert"): 50.0}


@pytest.mark.parametrize("order", ["as written", "the later half first"])
def test_ids_from_the_middle_on(tmp_path, order):
    ids = {"Anna": 11, "Bert": "12"}

    def known(name, numbers, minute):
        return {**entry(name, numbers, minute), **({"user_id": ids[name]} if minute >= 120 else {})}

    halves = [
        snapshots(tmp_path / str(k), known, minutes=range(120 * k, 120 * k + 120, 5))
        for k in range(2)
    ]
    first, second = halves if order == "as written" else halves[::-1]
    store_of(first, tmp_path)
    processed = tables_of(second, folder=tmp_path)
    rows = [("Anna", 240, 11), ("Bert", 240, 12)]
    assert streamers(processed, "minutes_live", "streamer_id") == rows
    assert relations(processed) == {("Anna", "Bert"): 50.0}


def test_one_name_with_two_ids_is_not_joined_and_said(tmp_path):
    def two(name, numbers, minute):
        ids = {"Anna": None if minute < 80 else 11 if minute < 160 else 13, "Bert": 12}
        return {**entry(name, numbers, minute), "user_id": ids[name]}

    processed = tables_of(snapshots(tmp_path / "snapshots", two))
    assert [minutes for _, minutes in streamers(processed, "minutes_live")] == [80, 80, 80, 240]
    assert processed.summary["channels"]["names_of_several_ids"] == 1


@pytest.mark.parametrize("interval", [5, 30])
def test_snapshots_at_any_interval_are_the_time_between_them(tmp_path, interval):
    half = {"Anna": range(40), "Bert": range(20, 60)}
    processed = tables_of(
        snapshots(tmp_path / "snapshots", entry, minutes=range(0, 240, interval), audiences=half)
    )
    assert streamers(processed, "minutes_live") == [("Anna", 240), ("Bert", 240)]
    assert processed.tables.played["minutes"].to_list() == [240, 240]
    assert relations(processed) == {("Anna", "Bert"): 50.0}


@pytest.mark.parametrize("window", [5, 15])
def test_a_busy_hour_of_chat_counts_every_message(tmp_path, window):
    """In each quarter five people of each channel write in its first minutes, fifteen of both later."""
    lines = ["time,channel,user"]
    for quarter in range(16):
        for minute, channels, people in (
            *((k, (name,), [f"{name}_{k}"]) for name in ("anna", "bert") for k in range(5)),
            *((6 + k % 9, ("anna", "bert"), [f"both_{k}"]) for k in range(15)),
        ):
            moment = BEGIN + datetime.timedelta(minutes=15 * quarter + minute)
            lines += [f"{moment.isoformat()},{c},{p}" for c in channels for p in people]
    log = write(tmp_path, "log.csv", "\n".join(lines))
    processed = tables_of(log, window_minutes=window)
    rows = streamers(processed, "minutes_live", "distinct_chatters")
    assert rows == [("anna", 240, 20), ("bert", 240, 20)]
    assert relations(processed) == {("anna", "bert"): 75.0}


def test_two_languages_side_by_side_are_both_kept(tmp_path):
    for language, names in (("it", {"Anna": range(60)}), ("en", {"Bert": range(30, 90)})):
        snapshots(tmp_path / "snapshots" / language, entry, audiences=names)
    processed = tables_of(tmp_path / "snapshots")
    assert streamers(processed, "minutes_live") == [("Anna", 240), ("Bert", 240)]
    assert relations(processed) == {("Anna", "Bert"): 50.0}


def test_counts_that_went_through_a_table(tmp_path):
    def floats(name, numbers, minute):
        odd = {0: 100.5, 5: "many", 10: float("nan"), 15: None}.get(minute, 100.0)
        return {**entry(name, numbers, minute), "viewer_count": odd}

    source = snapshots(tmp_path / "snapshots", floats)
    processed = tables_of(source)
    assert streamers(processed, "minutes_live", "mean_viewers", "peak_viewers") == [
        ("Anna", 240, 100, 100), ("Bert", 240, 100, 100)
    ]  # fmt: skip
    losses = store_of(source, tmp_path).losses()
    assert losses.select("reason", "count").sum()["count"].item() == 4


@pytest.mark.parametrize("form", ["rows", "second column"])
def test_bots_by_a_list_in_any_form(tmp_path, call, form):
    bots = somebody(range(30, 50))
    content = {
        "rows": json.dumps({"bots": [[one, 99, 1651756140] for one in bots], "_total": 20}),
        "second column": "\n".join(f"{k},{one}" for k, one in enumerate(["login", *bots])),
    }[form]
    store_of(snapshots(tmp_path / "snapshots", entry), tmp_path)
    suffix = "csv" if form == "second column" else "json"
    listed = write(tmp_path, f"bots.{suffix}", content.replace("0,login", "number,login", 1))
    status, out, err = call(
        "process",
        tmp_path / "store",
        "--out",
        tmp_path / "tables",
        "--key",
        tmp_path / "key",
        "--bots",
        listed,
    )
    assert status == 0
    assert "20 bots (640 presences) by list" in out  # quarters of an hour
    assert "20 logins read, 20 of them seen" in out + err


def test_times_in_milliseconds_equal_those_in_words(tmp_path):
    stores = []
    for name, say in (
        ("iso", lambda t: t.isoformat()),
        ("ms", lambda t: f"{t.timestamp():.0f}000"),
    ):
        lines = [
            f"{say(BEGIN + datetime.timedelta(minutes=k))},anna,user_{u}"
            for k in range(60)
            for u in range(3)
        ]
        log = write(tmp_path / name, "log.csv", "time,channel,user\n" + "\n".join(lines))
        stores.append(store_of(log, tmp_path / name))
    assert stores[0].runs()["status"].to_list() == ["stored"] * 12
    assert table(stores[0], "observations").equals(table(stores[1], "observations"))
    assert table(stores[0], "authors").height == table(stores[1], "authors").height == 36


@pytest.mark.parametrize("place", ["{time}_page_{k}.json", "{name}_{time}.json"])
def test_pages_of_one_tick_stand_for_the_time_to_the_next_tick(tmp_path, place):
    """A file for each channel, written some seconds after the other."""
    for tick in range(48):
        for k, (name, numbers) in enumerate(AUDIENCES.items()):
            moment = BEGIN + datetime.timedelta(minutes=5 * tick, seconds=7 * k)
            file = place.format(time=f"{moment:%Y-%m-%d_%H-%M}", k=k, name=name)
            stream = {**entry(name, numbers, 0), "date_time": moment.isoformat()}
            write(tmp_path / "snapshots", file, {name: stream})
    processed = tables_of(tmp_path / "snapshots")
    assert streamers(processed, "minutes_live") == [("Anna", 240), ("Bert", 240)]
    assert relations(processed) == {("Anna", "Bert"): 50.0}


@pytest.mark.parametrize("apart", [2, 4])
@pytest.mark.parametrize("lists", ["both with lists", "one without"])
def test_two_collectors_of_the_same_channels_share_the_time(tmp_path, apart, lists):
    for k, collector in enumerate(("here", "there")):
        for tick in range(48):
            moment = BEGIN + datetime.timedelta(minutes=5 * tick + apart * k)
            content = {name: entry(name, numbers, 0) for name, numbers in AUDIENCES.items()}
            if k and lists == "one without":
                for stream in content.values():
                    del stream["spect"]
            write(tmp_path / "snapshots" / collector, f"{moment:%Y-%m-%d_%H-%M}.json", content)
    processed = tables_of(tmp_path / "snapshots")
    assert {minutes for _, minutes in streamers(processed, "minutes_live")} == {240 + apart}
    assert relations(processed) == {("Anna", "Bert"): 50.0}
