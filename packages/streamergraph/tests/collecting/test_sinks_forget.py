"""People who are forgotten in the three stores: nothing holds them any more but the list."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from looks_at_noon import LOOKS, NOON, content, look, stream
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.collecting.sinks import open_sink
from streamergraph.observations.looks import SeenStream
from streamergraph.observations.opt_out import of_people
from streamergraph.observations.schema import OBSERVATIONS, SCHEMAS
from streamergraph.observations.store import Store
from streamergraph.verbs.import_observations import import_observations


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
        for name, text in held.items():
            for trace in self.traces(filled):
                assert trace not in text.lower(), (name, trace)

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
