"""A streamer who is forgotten: nothing of the channel stays, and nothing brings it back."""

from __future__ import annotations

import datetime
import struct

import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.observations import upkeep
from streamergraph.observations.identity import number_of_name
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.schema import OBSERVATIONS, SCHEMAS
from streamergraph.observations.store import Store
from streamergraph.privacy import Pseudonyms

KEYED = Pseudonyms(key=bytes(range(32)))
NOON = datetime.datetime(2026, 3, 28, 12, 0, tzinfo=datetime.UTC)
ID = 123_456_789_123


def look(minute, *streams, source="s"):
    time = NOON + datetime.timedelta(minutes=minute)
    return Look(source=source, file=str(minute), time=time, streams=streams)


def anna(**more):
    return SeenStream(**{"user_id": ID, "login": "anna_live", "name": "Anna_Live", "members": (1, 2),
                         "viewers": 2, **more})  # fmt: skip


BERT = SeenStream(user_id=2, login="bert", members=(KEYED.viewer("anna_live"), 5), viewers=2)


@pytest.fixture
def store(tmp_path):
    made = Store.create(tmp_path / "store", KEYED)
    made.add([look(0, anna(), BERT), look(15, anna(login="anna_new", name="Anna_New"), BERT)])
    return made


def channels_in(store):
    return {
        number
        for day in store.days()
        for number in day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])["channel_id"]
    }


def test_no_file_but_the_list_has_a_trace(store):
    assert upkeep.forget_streamers(store, ["Anna_Live"], KEYED) == 2 + 4 + 2
    upkeep.forget(store, {KEYED.viewer("anna_live")})
    traces = [b"anna_live", b"Anna_Live", b"anna_new", struct.pack("<q", ID)]
    traces += [struct.pack("<q", KEYED.viewer("anna_live")), str(ID).encode()]
    for path in store.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(one in content for one in traces), path
    assert channels_in(store) == {2}


@pytest.mark.parametrize(
    "again",
    [
        anna(),
        anna(login="third_name", name=None),
        anna(user_id=None, name=None),
        anna(user_id=None, login=None),
    ],
)
def test_nothing_brings_it_back(store, again):
    upkeep.forget_streamers(store, ["anna_live"], KEYED)
    store.add([look(30, again, BERT)])
    assert channels_in(store) == {2}


def test_who_was_known_by_name_only_is_known_by_id_from_then_on(tmp_path):
    store = Store.create(tmp_path / "store", KEYED)
    store.add([look(0, anna(user_id=None), BERT)])
    assert number_of_name("anna_live") in channels_in(store)
    upkeep.forget_streamers(store, ["anna_live"], KEYED)
    store.add([look(15, anna(), BERT)])
    store.add([look(30, anna(login="other", name="Other"), BERT)])
    assert channels_in(store) == {2}


def test_without_the_key_nothing_is_added(store):
    upkeep.forget_streamers(store, ["anna_live"], KEYED)
    with pytest.raises(StreamergraphError, match="the key"):
        Store(store.folder).add([look(30, BERT)])


@pytest.mark.parametrize("where", ["mine", "theirs"])
def test_merging_brings_nothing_back(store, tmp_path, where):
    other = Store.create(tmp_path / "other", KEYED)
    other.add([look(45, anna(), BERT, source="o")])
    upkeep.forget_streamers(store if where == "mine" else other, ["anna_live"], KEYED)
    without = Store(store.folder)
    with pytest.raises(StreamergraphError, match="--key"):
        upkeep.merge(without, other)
    upkeep.merge(store, other)
    assert channels_in(store) == {2}
    store.add([look(60, anna(), BERT)])
    assert channels_in(store) == {2}


def test_on_the_command_line(store, tmp_path, call):
    (tmp_path / "key").write_text(KEYED.key.hex())
    status, out, _ = call(
        "store", "forget", store.folder, "anna_live", "--streamer", "--key", tmp_path / "key"
    )
    assert status == 0
    assert "8 rows of the channels of 1 streamers deleted" in out
    assert "2 presences deleted" in out
