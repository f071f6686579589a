"""The three stores: the same looks in each, whole, once, and read back by `import` as they were."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from looks_at_noon import LOOKS, NOON, ODD, QUARTER, content, look, stream
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.collecting.looking import blank_look
from streamergraph.collecting.sinks import open_sink
from streamergraph.errors import StreamergraphError
from streamergraph.observations.schema import BROKEN, SCHEMAS, STORED
from streamergraph.observations.store import Store
from streamergraph.verbs.import_observations import import_observations


def test_what_is_stored_comes_back_as_it_was(address, opened, tmp_path):
    with opened() as sink:
        assert [one.status for one in sink.sink.add(LOOKS)] == [STORED] * 3
        direct = Store.create(tmp_path / "direct", sink.pseudonyms)
    direct.add(LOOKS)
    if "://" in address or address.startswith("json:"):
        source = address.removeprefix("json:")
        import_observations(source, out=tmp_path / "imported", key=tmp_path / "key")
        stored = Store.open(tmp_path / "imported")
    else:
        stored = Store.open(tmp_path / "store")
    # Streams of one tick in two languages lie seconds apart, and are one look of a collection.
    assert content(stored) == content(direct)


def test_known_are_all_looks_with_what_became_of_them(opened):
    failed = blank_look("it", NOON + 5 * QUARTER)
    with opened() as sink:
        assert sink.sink.known() == {}
        sink.sink.add([*LOOKS, failed])
    with opened() as sink:
        assert sink.sink.known() == {
            **{one.run_id: STORED for one in LOOKS},
            failed.run_id: BROKEN,
        }


def test_a_tick_that_is_stored_again_is_not_there_twice(address, opened, tmp_path):
    with opened() as sink:
        sink.sink.add(LOOKS)
        sink.sink.add(LOOKS)
    if "://" in address:
        from pymongo import MongoClient

        with MongoClient(address.rpartition("/")[0]) as client:
            assert client["twitch"][tmp_path.name].count_documents({}) == 6
    elif address.startswith("json:"):
        assert len(list((tmp_path / "store").glob("*/*.json"))) == 3
    else:
        assert Store.open(tmp_path / "store").runs().height == 3


def test_another_key_is_refused(opened, tmp_path):
    with opened() as sink:
        sink.sink.add(LOOKS)
    (tmp_path / "other").write_text("ab" * 32)
    with pytest.raises(StreamergraphError, match="another one"), opened("other"):
        pass
    with pytest.raises(StreamergraphError, match="no file"), opened("absent"):
        pass


def test_no_file_is_for_others(address, opened, tmp_path):
    if "://" in address:
        pytest.skip("files of MongoDB are MongoDB's")
    with opened() as sink:
        sink.sink.add(LOOKS)
    for path in (tmp_path / "store").rglob("*"):
        assert not path.stat().st_mode & 0o077, path


class TestJson:
    @pytest.fixture
    def sink(self, tmp_path):
        with open_sink(
            f"json:{tmp_path / 'store'}", key=tmp_path / "key", clock=SimulatedClock(NOON)
        ) as found:
            yield found.sink

    def test_pseudonyms_are_texts_under_their_key(self, sink, tmp_path):
        sink.add(LOOKS)
        path = tmp_path / "store" / "it" / "2026-03-28T12-00-00Z.json"
        told = json.loads(path.read_text())
        assert told["C1"]["spect"]["pseudonyms"] == [str(number) for number in ODD]
        assert told["C1"]["spect"]["key_fingerprint"] == sink.fingerprint
        assert "spect" not in told["C3"]
        assert told["C1"]["date_time"] == "2026-03-28T12:00:02+00:00"

    def test_what_a_kill_left_is_no_look_and_goes(self, sink, tmp_path):
        sink.add(LOOKS[:1])
        left = tmp_path / "store" / "it" / ".partial-0123.json"
        left.write_text("{")
        assert sink.known() == {LOOKS[0].run_id: STORED}
        with open_sink(
            f"json:{tmp_path / 'store'}", key=tmp_path / "key", clock=SimulatedClock(NOON)
        ):
            assert not left.exists()

    def test_a_line_that_broke_off_does_no_harm_to_the_next(self, sink, tmp_path):
        sink.add(LOOKS[:1])
        runs = tmp_path / "store" / "runs.jsonl"
        runs.write_bytes(runs.read_bytes()[:-20])
        sink.add(LOOKS[1:])
        assert sink.known() == {one.run_id: STORED for one in LOOKS}

    def test_a_disk_that_is_full_leaves_nothing_of_the_tick(self, sink, tmp_path, monkeypatch):
        sink.add(LOOKS[:1])
        runs = (tmp_path / "store" / "runs.jsonl").read_bytes()

        def full(path):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("streamergraph.collecting.json_files.flush_to_disk", full)
        with pytest.raises(OSError, match="No space"):
            sink.add(LOOKS[1:])
        monkeypatch.undo()
        assert len(list((tmp_path / "store").glob("*/*.json"))) == 1
        assert sink.known() == {LOOKS[0].run_id: STORED}
        assert (tmp_path / "store" / "runs.jsonl").read_bytes().startswith(runs)

    def test_nobody_live_and_a_name_that_two_channels_show(self, sink, tmp_path):
        two = (replace(stream(1), name="Same"), replace(stream(2), name="Same"))
        sink.add([look(0), look(1, *two)])
        counts = import_observations(tmp_path / "store", out=tmp_path / "x", key=tmp_path / "key")
        assert counts["stored"] == 2
        assert Store.open(tmp_path / "x").runs()["streams"].to_list() == [0, 2]

    def test_a_folder_of_something_else(self, tmp_path):
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "file").write_text("x")
        with (
            pytest.raises(StreamergraphError, match="other files"),
            open_sink(
                f"json:{tmp_path / 'other'}", key=tmp_path / "key", clock=SimulatedClock(NOON)
            ),
        ):
            pass


class TestMongo:
    @pytest.fixture
    def database(self, mongo):
        from pymongo import MongoClient

        with MongoClient(mongo) as client:
            yield client["twitch"]

    @pytest.fixture
    def sink(self, mongo, tmp_path):
        with open_sink(
            f"{mongo}/twitch.{tmp_path.name}", key=tmp_path / "key", clock=SimulatedClock(NOON)
        ) as found:
            yield found.sink

    def test_documents_are_bounded(self, sink, database, tmp_path, monkeypatch):
        monkeypatch.setattr("streamergraph.collecting.mongodb.VIEWERS_OF_A_DOCUMENT", 4)
        sink.add(LOOKS[:1])
        parts = list(database[tmp_path.name].find({"user_id": 1}).sort("part"))
        assert [one["spect"]["pseudonyms"] for one in parts] == [list(ODD[:4]), list(ODD[4:])]
        import_observations(sink.address, out=tmp_path / "imported", key=tmp_path / "key")
        (day,) = Store.open(tmp_path / "imported").days()
        assert day.read("members", SCHEMAS["members"])["viewer"].to_list() == sorted(ODD)

    def test_what_a_tick_left_that_was_not_completed_is_deleted(self, sink, database, tmp_path):
        sink.add(LOOKS)
        database[tmp_path.name].insert_one(
            {"run_id": "twitch/it#later", "planned": NOON + 9 * QUARTER, "user_id": 1, "part": 0}
        )
        assert len(sink.known()) == 3
        assert database[tmp_path.name].count_documents({}) == 6

    def test_what_is_lost_is_not_half_there(self, sink, database, tmp_path):
        sink.add(LOOKS)
        sink.add([blank_look("it", NOON)])
        assert database[tmp_path.name].count_documents({"run_id": LOOKS[0].run_id}) == 0

    def test_a_channel_is_there_once_a_tick_whoever_writes(self, sink, database, tmp_path):
        from pymongo.errors import DuplicateKeyError

        sink.add(LOOKS)
        one = database[tmp_path.name].find_one({}, {"_id": 0})
        with pytest.raises(DuplicateKeyError):
            database[tmp_path.name].insert_one(one)

    def test_a_server_that_is_gone_is_told_without_a_password(self, tmp_path, monkeypatch):
        pytest.importorskip("pymongo")
        monkeypatch.setattr("streamergraph.collecting.mongodb.PATIENCE_MS", 50)
        with pytest.raises(StreamergraphError) as error, open_sink(
            "mongodb://me:hidden@127.0.0.1:1/twitch.streams", key=tmp_path / "key",
            clock=SimulatedClock(NOON),
        ):  # fmt: skip
            pass
        assert "hidden" not in str(error.value)

    def test_an_address_names_a_collection(self, mongo, tmp_path):
        with (
            pytest.raises(StreamergraphError, match=r"DATABASE\.COLLECTION"),
            open_sink(f"{mongo}/twitch", key=tmp_path / "key", clock=SimulatedClock(NOON)),
        ):
            pass
