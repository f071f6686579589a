from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from streamergraph.importing.folder import import_snapshots
from streamergraph.importing.snapshots import read_snapshot
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms

KEYED = Pseudonyms(key=bytes(32))
ROME = ZoneInfo("Europe/Rome")


def entry(**changes):
    base = {"spect": ["anna", "bert"], "game_name": "Chess", "viewer_count": 7}
    return {**base, **changes}


@pytest.fixture
def read(tmp_path):
    def make(content, name="2022-05-05_15-09.json"):
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return read_snapshot(path, zone=ROME, pseudonyms=KEYED)

    return make


def test_a_snapshot_without_date_time_has_the_moment_of_its_name(read):
    snapshot = read({"Streamer": entry()})
    assert snapshot.status == "stored"
    assert snapshot.time.isoformat() == "2022-05-05T13:09:00+00:00"
    (row,) = snapshot.observations
    assert row["streamer_key"] == "streamer"
    assert row["chatters"] == sorted([KEYED.viewer("anna"), KEYED.viewer("bert")])
    assert (row["category"], row["viewers"], row["coverage"]) == ("Chess", 7, "full")


@pytest.mark.parametrize("form", ["2022-05-05_15-09", "2022-05-05 15:09:00"])
def test_both_forms_of_date_time_are_read(read, form):
    assert read({"A": entry(date_time=form)}, "any.json").time.hour == 13


@pytest.mark.parametrize("text", ["", "{", '{"A": {"spect": ["anna"', "<html>", "[]", "\x00\x01"])
def test_broken_json_is_broken_and_its_problem_does_not_quote_it(read, text):
    snapshot = read(text)
    assert snapshot.status == "broken"
    assert "anna" not in snapshot.problem


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"A": entry(date_time="1970-01-01_00-00")}, "2022-05-05_15-09.json"),
        ({"A": entry(date_time="2022-05-05_18-09")}, "2022-05-05_15-09.json"),
        ({"A": entry()}, "2099-01-01_00-00.json"),
        ({"A": entry()}, "no time.json"),
    ],
)
def test_wrong_clocks_are_found(read, content, name):
    assert read(content, name).status == "clock"


def test_missing_chatters_are_not_empty_ones(read):
    content = {"None": entry(spect=None), "Empty": entry(spect=[]), "Absent": {"viewer_count": 3}}
    by_name = {row["name"]: row for row in read(content).observations}
    assert by_name["Empty"]["chatters"] == []
    assert by_name["Empty"]["coverage"] == "full"
    for name in ("None", "Absent"):
        assert by_name[name]["chatters"] is None
        assert by_name[name]["coverage"] == "missing"


def test_odd_values_are_read_or_left_open(read):
    name = 'Quote", 😀\nline'
    content = {
        name: entry(game_name="", viewer_count="1204", spect=["x", "x", "", None, 5]),
        "B": entry(viewer_count=-3, game_name=None),
        "C": "no stream",
        " ": entry(),
    }
    snapshot = read(content)
    first, second = snapshot.observations
    assert (first["name"], first["category"], first["viewers"]) == (name, None, 1204)
    assert first["chatters"] == [KEYED.viewer("x")]
    assert (second["viewers"], second["category"]) == (None, None)
    assert "2 entries unusable" in snapshot.problem


def test_a_platform_id_outlives_a_rename(read):
    rows = read({"Old": entry(user_id="44"), "New": entry(user_id=44)}).observations
    assert {row["streamer_key"] for row in rows} == {"id:44"}


def test_duplicates_are_left_out_and_a_second_import_changes_nothing(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    one = json.dumps({"A": entry(date_time="2022-05-05_15-09")})
    (source / "2022-05-05_15-09.json").write_text(one)
    (source / "2022-05-05_15-09 (copy).json").write_text(one)
    (source / "2022-05-05_15-14.json").write_text("{}")
    (source / "2022-05-05_15-19.json").write_text("{}")
    (source / "2022-05-05_15-24.json").write_text("{")
    counts, contents = [], []
    for _ in range(2):
        store = Store.create(tmp_path / "store", KEYED)
        counts.append(import_snapshots(source, store, zone=ROME, pseudonyms=KEYED))
        files = sorted(store.folder.rglob("*.parquet"))
        contents.append([pl.read_parquet(path).rows() for path in files])
    assert counts[0] == {"stored": 3, "duplicate": 1, "broken": 1}
    assert counts[0] == counts[1]
    assert contents[0] == contents[1]
    assert len(contents[0][0]) == 1


def test_a_chat_log_becomes_windows_of_authors(tmp_path, call):
    log = tmp_path / "chat.csv"
    log.write_text(
        "time,channel,user,viewers\n"
        "2022-05-05T13:01:00Z,Chan,anna,10\n2022-05-05T13:04:59Z,chan,Bert,12\n"
        "2022-05-05T13:05:00Z,chan,anna,\nnever,chan,anna,\n"
    )
    status, out, _ = call("import", log, "--out", tmp_path / "store", "--key", tmp_path / "key")
    assert status == 0
    assert "2 stored, 1 unusable messages" in out
    (path,) = tmp_path.rglob("part.parquet")
    frame = pl.read_parquet(path)
    assert frame["coverage"].to_list() == ["authors", "authors"]
    assert frame["chatters"].list.len().to_list() == [2, 1]
    assert frame["viewers"].to_list() == [12, None]


def test_sources_that_are_none_are_refused(tmp_path, refusal):
    (tmp_path / "empty").mkdir()
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    assert "snapshot files" in refusal("import", tmp_path / "empty", *options)
    assert "no such file or folder" in refusal("import", tmp_path / "absent", *options)
    log = tmp_path / "chat.csv"
    log.write_text("a,b\n1,2\n")
    assert "columns time, channel, user" in refusal(
        "import", log, "--out", tmp_path / "s2", *options[2:]
    )
    assert "--timezone" in refusal("import", log, *options, "--timezone", "Mars/Base")


def test_a_refused_import_leaves_nothing_and_takes_nothing_away(tmp_path, refusal, call):
    def everything():
        return {path: path.read_bytes() if path.is_file() else b"" for path in tmp_path.rglob("*")}

    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    (tmp_path / "good.csv").write_text("time,channel,user\n2022-05-05T13:01:00Z,Chan,anna\n")
    for name in ("none", "empty"):
        (tmp_path / name).mkdir()
    options = ["--key", tmp_path / "key", "--out"]
    assert call("import", tmp_path / "good.csv", *options, tmp_path / "store")[0] == 0
    before = everything()
    for source in ("wrong.csv", "none"):
        for out in ("new", "deep/er/new", "empty", "store"):
            refusal("import", tmp_path / source, *options, tmp_path / out)
            assert everything() == before, (source, out)
    # A store that was empty before is not this import's to remove.
    (tmp_path / "empty" / "store.json").write_bytes((tmp_path / "store/store.json").read_bytes())
    before = everything()
    refusal("import", tmp_path / "wrong.csv", *options, tmp_path / "empty")
    assert everything() == before


def test_an_interrupted_import_goes_on_and_doubles_nothing(tmp_path, monkeypatch):
    from streamergraph.importing import folder

    source = tmp_path / "source"
    source.mkdir()
    for day in (5, 6, 7):
        for minute in (10, 15, 20):
            content = json.dumps({"A": entry(spect=["anna", f"b{day}{minute}"])})
            (source / f"2022-05-0{day}_15-{minute}.json").write_text(content)
    real, calls = folder.read_snapshot, []

    def interrupted(*arguments, **options):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    def imported(name):
        store = Store.create(tmp_path / name, KEYED)
        import_snapshots(source, store, zone=ROME, pseudonyms=KEYED)
        return [pl.read_parquet(path).rows() for path in sorted(store.folder.rglob("*.parquet"))]

    with monkeypatch.context() as patch:
        patch.setattr(folder, "read_snapshot", interrupted)
        with pytest.raises(KeyboardInterrupt):
            imported("store")
    assert len(list((tmp_path / "store").rglob("part.parquet"))) == 1  # the first day is whole
    assert imported("store") == imported("other")
