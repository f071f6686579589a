"""What one verb adds to tables, another does not remove."""

from __future__ import annotations

import json

import pytest
from streamergraph.tables.reading import read_tables

ANN = [f"ann{k}" for k in range(60)]
BOB = [f"bob{k}" for k in range(40)] + ANN[:20]


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "snapshots"
    folder.mkdir()
    add_snapshots(folder, hours=(12, 13), games={"Anna": "Chess", "Bert": "Racer"})
    (tmp_path / "steam.csv").write_text(
        "title,developer,publisher,release_date,categories\n"
        "Chess,Alpha Works,,2 March 2010,Board Game\nRacer,Beta Works,,5 May 2017,Racing\n"
    )
    return folder


def add_snapshots(folder, *, hours, games):
    for k, hour in enumerate(hours):
        for minute in range(0, 60, 5):
            content = {
                name: {"spect": logins, "game_name": games[name], "viewer_count": 100 + k,
                       "date_time": f"2024-05-01T{hour}:{minute:02}:00"}
                for name, logins in (("Anna", ANN), ("Bert", BOB))
            }  # fmt: skip
            (folder / f"2024-05-01_{hour}-{minute:02}.json").write_text(json.dumps(content))


def facts(tables):
    frame = read_tables(tables).categories
    return {
        name: (developer, str(day))
        for name, developer, day in frame.select("name", "developer", "release_date").iter_rows()
    }


BOTH = {"Chess": ("Alpha Works", "2010-03-02"), "Racer": ("Beta Works", "2017-05-05")}


def test_tables_that_were_enriched_keep_their_facts_when_the_store_has_grown(
    source, tmp_path, call
):
    store, tables = tmp_path / "store", tmp_path / "tables"
    key = ["--key", tmp_path / "key"]

    def ok(*tokens):
        status, out, err = call(*tokens)
        assert status == 0, err
        return out

    ok("import", source, "--out", store, *key)
    ok("process", store, "--out", tables, *key)
    ok("enrich", tables, "--steam", tmp_path / "steam.csv")
    matches = (tables / "matches.csv").read_bytes()
    assert facts(tables) == BOTH
    assert "facts of 2 categories" in ok("process", store, "--out", tables, *key)
    assert facts(tables) == BOTH
    # A third category comes first in the alphabet.
    add_snapshots(source, hours=(15,), games={"Anna": "Backgammon", "Bert": "Racer"})
    ok("import", source, "--out", store, *key)
    out = ok("process", store, "--out", tables, *key)
    assert "1 new categories have no Steam facts yet: run enrich (Backgammon)" in out
    assert facts(tables) == BOTH | {"Backgammon": (None, "None")}
    assert json.loads((tables / "process.json").read_text())["kept"]["waiting"] == ["Backgammon"]
    assert (tables / "matches.csv").read_bytes() == matches
    assert (tables / "review.csv").is_file()


def test_tables_that_are_imported_again_keep_their_facts(source, tmp_path, call, simulated):
    published = tmp_path / "published"
    published.mkdir()
    for path in simulated.tables.glob("*.csv"):
        (published / path.name).write_bytes(path.read_bytes())
    name = read_tables(published).categories["name"][0]
    (tmp_path / "steam.csv").write_text(
        f'title,developer,publisher,release_date,categories\n"{name}",Alpha Works,,2 March 2010,\n'
    )
    tables = tmp_path / "tables"
    for verb in (["import", published, "--out", tables],
                 ["enrich", tables, "--steam", tmp_path / "steam.csv"],
                 ["import", published, "--out", tables]):  # fmt: skip
        status, out, err = call(*verb)
        assert status == 0, err
    assert "facts of 1 categories" in out
    assert facts(tables)[name] == ("Alpha Works", "2010-03-02")
