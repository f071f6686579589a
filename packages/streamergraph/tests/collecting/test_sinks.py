"""The three stores: the same looks in each, whole, once, and read back by `import` as they were."""

from __future__ import annotations

import datetime
import json
import struct
from collections import Counter
from dataclasses import replace

import pytest
from mongo_server import mongo_server
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.collecting.looking import blank_look
from streamergraph.collecting.sinks import open_sink
from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import SeenStream, digest_of
from streamergraph.observations.opt_out import of_people
from streamergraph.observations.schema import BROKEN, OBSERVATIONS, SCHEMAS, STORED
from streamergraph.observations.store import Store
from streamergraph.verbs.import_observations import import_observations

NOON = datetime.datetime(2026, 3, 28, 12, 0, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
QUARTER = datetime.timedelta(minutes=15)
ODD = (-(2**63), -1, 0, 1, 2**53 + 1, 2**63 - 1)  # what readers of JSON round


@pytest.fixture(scope="session")
def mongo(tmp_path_factory):
    with mongo_server(tmp_path_factory.mktemp("mongo")) as address:
        yield address


@pytest.fixture(params=["parquet", "json", "mongodb"])
def address(request, tmp_path):
    """Where to store."""
    if request.param == "mongodb":
        return f"{request.getfixturevalue('mongo')}/twitch.{tmp_path.name}"
    return f"{'json:' if request.param == 'json' else ''}{tmp_path / 'store'}"


@pytest.fixture
def opened(address, tmp_path):
    def make(key="key"):
        return open_sink(address, key=tmp_path / key, clock=SimulatedClock(NOON))

    return make


def look(number, *streams, language="it"):
    planned = NOON + number * QUARTER
    return replace(
        blank_look(language, planned), status=STORED, problem="", streams=streams,
        time=planned + datetime.timedelta(seconds=2), started=planned, ended=planned,
        digest=digest_of(streams),
    )  # fmt: skip


def stream(number, **more):
    return SeenStream(user_id=number, login=f"c{number}", name=f"C{number}", viewers=number,
                      category_id=7, category="Chess", language="it", **more)  # fmt: skip


LOOKS = [
    look(0, stream(1, members=ODD, authors=(5,)), stream(2, authors=()), stream(3)),
    look(1, stream(1, members=(), authors=ODD), stream(2)),
    look(1, stream(4, members=(4,)), language="de"),
]


def content(store):
    """Everything but how it came there."""
    found = {}
    for day in store.days():
        observed = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])
        names = ("time", "channel_id", "viewers", "category_id", "language", "coverage")
        found[day.name] = sorted(observed.select(names).iter_rows(), key=repr)
        for kind in ("members", "authors"):
            found[day.name, kind] = sorted(day.read(kind, SCHEMAS[kind]).iter_rows())
    return found


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


class TestForget:
    """After `forget` no store has a trace but its opt-out list, and nothing brings anybody back."""

    ID = 123_456_789_123
    LOGIN = "anna_live"

    def looks(self, viewer):
        """Anna under two names, in the chat of another channel, and as one who wrote there."""
        renamed = replace(self.anna(), login="anna_new", name="Anna_New")
        other = stream(2, members=(viewer, 4), authors=(viewer,))
        return [look(0, self.anna(), other), look(1, renamed, stream(2, authors=(4,)))]

    def anna(self):
        return SeenStream(
            user_id=self.ID, login=self.LOGIN, name="Anna_Live", viewers=3, members=(4,)
        )

    def texts(self, address, folder):
        """All that a store holds, as bytes: its files, or every document of its database."""
        if "://" in address:
            from pymongo import MongoClient

            with MongoClient(address.rpartition("/")[0]) as client:
                database = client["twitch"]
                for name in database.list_collection_names():
                    if name.startswith(folder.name) and not name.endswith("_opt_out"):
                        yield name, repr(list(database[name].find())).encode()
            return
        for path in (folder / "store").rglob("*"):
            if path.is_file() and path.name != "opt-out.list":
                yield path.name, path.read_bytes()

    def forget(self, address, tmp_path, call):
        status, out, err = call("store", "forget", address, "Anna_Live", "--key", tmp_path / "key")
        assert (status, err) == (0, "")
        return out

    @pytest.fixture
    def filled(self, opened):
        with opened() as sink:
            viewer = sink.pseudonyms.viewer(self.LOGIN)
            sink.sink.add(self.looks(viewer))
        return viewer

    def traces(self, viewer):
        numbers = (self.ID, viewer)
        return [
            b"anna", *(str(number).encode() for number in numbers),
            *(struct.pack("<q", number) for number in numbers),
        ]  # fmt: skip

    def test_no_byte_of_a_store_tells_of_them(self, address, filled, tmp_path, call):
        out = self.forget(address, tmp_path, call)
        assert "2 presences" in out
        held = dict(self.texts(address, tmp_path))
        assert len(held) >= 2
        for name, content in held.items():
            for trace in self.traces(filled):
                assert trace not in content.lower(), (name, trace)

    def test_others_stay_as_they_were(self, address, opened, filled, tmp_path, call):
        self.forget(address, tmp_path, call)
        if "://" in address or address.startswith("json:"):
            import_observations(address, out=tmp_path / "read", key=tmp_path / "key")
            store = Store.open(tmp_path / "read")
        else:
            store = Store.open(tmp_path / "store")
        without = [look(0, stream(2, members=(4,), authors=())), look(1, stream(2, authors=(4,)))]
        with opened() as sink:
            direct = Store.create(tmp_path / "direct", sink.pseudonyms)
        direct.add(without)
        assert content(store) == content(direct)
        assert store.opt_out().viewers == {filled}

    def test_no_tick_brings_them_back(self, address, opened, filled, tmp_path, call):
        self.forget(address, tmp_path, call)
        with opened() as sink:
            later = replace(self.anna(), login="third_name", name="Third_Name")
            added = sink.sink.add([look(2, later, stream(2, members=(filled, 4)))])
            assert [one.streams for one in added] == [(stream(2, members=(4,)),)]
        held = b"".join(content for _, content in self.texts(address, tmp_path))
        assert b"third_name" not in held.lower()
        assert str(filled).encode() not in held
        assert struct.pack("<q", filled) not in held

    def test_a_source_that_still_has_them_brings_nobody_back(self, opened, filled, tmp_path, call):
        """Another store under the same key was imported before its people were forgotten here."""
        with opened() as sink:
            other = Store.create(tmp_path / "other", sink.pseudonyms)
        other.add(self.looks(filled))
        status = call("store", "forget", tmp_path / "other", self.LOGIN, "--key", tmp_path / "key")[
            0
        ]
        assert status == 0
        with open_sink(
            f"json:{tmp_path / 'snapshots'}", key=tmp_path / "key", clock=SimulatedClock(NOON)
        ) as sink:
            sink.sink.add(self.looks(filled))
        import_observations(tmp_path / "snapshots", out=tmp_path / "other", key=tmp_path / "key")
        (day,) = Store.open(tmp_path / "other").days()
        assert set(day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])["channel_id"]) == {2}
        assert filled not in set(day.read("members", SCHEMAS["members"])["viewer"])

    def test_who_was_never_there_is_told_and_left_out(self, address, filled, tmp_path, call):
        out = call("store", "forget", address, "somebody", "--key", tmp_path / "key")[1]
        assert "none of them was ever seen" in out

    def test_a_store_that_is_not_there_is_not_made(self, address, tmp_path, refusal, opened):
        said = refusal("store", "forget", f"{address}x", "anna", "--key", tmp_path / "key")
        assert "expected" in said
        assert not (tmp_path / "storex").exists()


def test_who_is_forgotten_while_a_tick_is_written_to_mongodb_is_not_in_it(mongo, tmp_path):
    address = f"{mongo}/twitch.{tmp_path.name}"
    clock = SimulatedClock(NOON)
    with open_sink(address, key=tmp_path / "key", clock=clock) as first:
        first.sink.add(LOOKS[:1])
        lists, read = [], first.sink._opt_out

        def forgets_meanwhile():
            lists.append(read())
            if len(lists) == 1:  # the collector has read the list; now somebody calls `forget`
                with open_sink(address, key=tmp_path / "key", clock=clock) as second:
                    second.sink.forget(of_people(["c4"], second.pseudonyms, channels=True))
            return lists[-1]

        first.sink._opt_out = forgets_meanwhile
        first.sink.add([look(1, stream(4, members=(4,)), stream(2))])
    import_observations(address, out=tmp_path / "read", key=tmp_path / "key")
    (day,) = Store.open(tmp_path / "read").days()
    assert set(day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])["channel_id"]) == {1, 2, 3}


class TestHealth:
    """What `health` says of own runs is the same whatever the store."""

    def looks(self):
        met = {"collecting: asked again: too many requests (429)": 3, "streams of no id": 1}
        ended = [
            replace(
                look(k, stream(1, members=(1, 2), authors=(3,))), ended=look(k).ended + k * SECOND
            )
            for k in (0, 1, 2, 9)
        ]
        partial = replace(ended[1], problem="partial: a server error (500)", losses=Counter(met))
        failed = replace(blank_look("it", NOON + 3 * QUARTER), problem="no list of streams: a 500")
        other = [look(k, stream(4, authors=(4, 5)), language="de") for k in range(10)]
        return [ended[0], partial, *ended[2:], failed, *other]

    @pytest.fixture
    def facts(self, address, opened, tmp_path, call):
        def said(*options):
            with opened() as sink:
                sink.sink.add(self.looks())
            path = tmp_path / "health.html"
            status, out, err = call("health", address, "--out", path, *options)
            return status, out, err, json.loads(path.with_suffix(".json").read_text())

        return said

    def test_the_numbers(self, facts, tmp_path):
        status, out, _, said = facts()
        assert status == 0
        assert "14 of 20 runs stored" in out
        assert said["partial_runs"] == 1
        assert said["failed_runs"] == {"no list of streams: a 500": 1}
        assert said["never_started_runs"] == 5
        assert [(hole["series"], hole["minutes"]) for hole in said["holes"]] == [
            ("twitch/it", 105.0)
        ]
        assert said["mean_duration_seconds"] == round(12 / 14, 3)
        assert [(one["reason"], one["count"]) for one in said["met while collecting"]] == [
            ("asked again: too many requests (429)", 3)
        ]
        assert [one["reason"] for one in said["not understood"]] == ["streams of no id"]
        assert set(said["mean_presences_by_hour"].values()) == {2.0}
        assert set(said["mean_authors_by_hour"].values()) <= {1.0, 2.0, 3.0}
        assert said["disk"]["store_bytes"] > 0
        assert said["disk"]["free_bytes"] > 0
        page = (tmp_path / "health.html").read_text()
        assert "105.0" in page
        assert "too many requests" in page

    def test_the_exit_status_says_whether_it_is_as_it_should_be(self, facts):
        status, _, err, _ = facts("--at-least", "95")
        assert status == 2
        assert "70.0 %" in err

    def test_runs_that_are_too_old(self, facts):
        status, _, err, _ = facts("--fresh", "45m")
        assert status == 2
        assert "twitch/de up to" in err

    def test_where_nothing_was_collected(self, address, opened, refusal):
        assert "expected" in refusal("health", f"{address}x")


def test_a_snapshot_whose_line_a_kill_has_taken_is_a_run(opened, tmp_path, call):
    with open_sink(
        f"json:{tmp_path / 's'}", key=tmp_path / "key", clock=SimulatedClock(NOON)
    ) as sink:
        sink.sink.add(LOOKS)
    runs = tmp_path / "s" / "runs.jsonl"
    runs.write_text("".join(runs.read_text().splitlines(keepends=True)[:-1]))
    assert "3 of 3 runs stored" in call("health", tmp_path / "s")[1]
