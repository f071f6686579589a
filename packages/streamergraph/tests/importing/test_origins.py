"""Two collectors whose folders or files have the same names, in one store."""

from __future__ import annotations

import json
import shutil

import pytest
from importing_tables import store_of, table, write
from streamergraph.observations.upkeep import merge


def looks(name, minutes, form="folder"):
    """What a collector of one channel wrote at these minutes, in files of usual names."""
    entry = {"game_name": "Chess", "viewer_count": 7, "spect": [f"of_{name}"]}
    if form == "folder":
        return {f"snapshots/2022-05-05_15-{minute:02}.json": {name: entry} for minute in minutes}
    said = [{name: {**entry, "date_time": f"2022-05-05 15:{minute:02}"}} for minute in minutes]
    return {"export.json": "".join(json.dumps(document) + "\n" for document in said)}


def collected(place, *arguments):
    files = looks(*arguments)
    for file, content in files.items():
        write(place, file, content)
    return place / next(iter(files)).partition("/")[0]


@pytest.mark.parametrize(("form", "later"), [("folder", 0), ("export", 2)])
def test_another_collector_of_the_same_name_takes_nothing_away(tmp_path, call, form, later):
    places = {
        name: collected(tmp_path / name, name, range(later * k, 40, 5), form)
        for k, name in enumerate(("Anna", "Bert"))
    }
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    said = [call("import", place, *options) for place in (*places.values(), *places.values())]
    assert [status for status, _, _ in said] == [0] * 4
    called = places["Bert"].name
    assert f"is called {called}; this one is kept as {called} (2)" in said[1][2]
    assert [" stored" in out for _, out, _ in said] == [True, True, False, False]
    store = store_of(places["Anna"], tmp_path)
    found = table(store, "observations")
    assert found.height == table(store, "members").height == 16
    assert found["source"].n_unique() == found["channel_id"].n_unique() == 2
    assert str(tmp_path) not in (store.folder / "store.json").read_text()


def test_a_folder_that_was_moved_or_goes_on_elsewhere_is_the_same_collector(tmp_path):
    first = collected(tmp_path / "first", "Anna", range(0, 20, 5))
    store_of(first, tmp_path)
    second = collected(tmp_path / "second", "Anna", range(20, 40, 5))
    store_of(second, tmp_path)
    shutil.move(first, tmp_path / "moved" / "snapshots")
    write(tmp_path / "moved", "snapshots/2022-05-05_15-40.json", {"Anna": {"spect": []}})
    store = store_of(tmp_path / "moved" / "snapshots", tmp_path)
    assert table(store, "observations")["source"].unique().to_list() == ["snapshots/*"]
    assert table(store, "observations").height == 9


def test_stores_of_two_collectors_are_merged_as_two_series(tmp_path):
    stores = []
    for k, name in enumerate(("Anna", "Bert")):
        place = collected(tmp_path / name, name, range(2 * k, 40, 5))
        shutil.copy(tmp_path / "Anna" / "key", tmp_path / name) if k else None
        stores.append(store_of(place, tmp_path / name))
    assert [merge(*stores).get("observations") for _ in range(2)] == [8, None]
    found = table(stores[0], "observations").group_by("source").len().sort("source")
    assert found.rows() == [("snapshots/*", 8), ("snapshots/* (2)", 8)]


def test_a_file_that_tells_of_others_altogether_corrects_nothing(tmp_path):
    for name in ("Anna", "Bert"):
        store = store_of(collected(tmp_path / "one", name, [0]), tmp_path)
    assert table(store, "observations").height == 2
