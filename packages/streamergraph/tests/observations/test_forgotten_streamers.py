"""A streamer who is forgotten: nothing of the channel stays, and nothing brings it back."""

from __future__ import annotations

import datetime
import struct
from dataclasses import replace

import pytest
from streamergraph.errors import StreamergraphError
from streamergraph.observations import upkeep
from streamergraph.observations.identity import number_of_name
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.opt_out import OptOut, of_people
from streamergraph.observations.reading import readable
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


def forget(store, *names):
    return upkeep.forget(store, of_people(names, KEYED, channels=True))


def channels_in(store):
    return {
        number
        for day in store.days()
        for number in day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])["channel_id"]
    }


def test_no_file_but_the_list_has_a_trace(store):
    assert forget(store, "Anna_Live") == {"presences": 2, "rows of channels": 2 + 4 + 2}
    traces = [b"anna_live", b"Anna_Live", b"anna_new", struct.pack("<q", ID)]
    traces += [struct.pack("<q", KEYED.viewer("anna_live")), str(ID).encode()]
    for path in store.folder.rglob("*"):
        if path.is_file() and path.name != "opt-out.list":
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
    forget(store, "anna_live")
    store.add([look(30, again, BERT)])
    assert channels_in(store) == {2}


def test_who_was_known_by_name_only_is_known_by_id_from_then_on(tmp_path):
    store = Store.create(tmp_path / "store", KEYED)
    store.add([look(0, anna(user_id=None), BERT)])
    assert number_of_name("anna_live") in channels_in(store)
    forget(store, "anna_live")
    store.add([look(15, anna(), BERT)])
    store.add([look(30, anna(login="other", name="Other"), BERT)])
    assert channels_in(store) == {2}


def test_without_the_key_nothing_is_added(store):
    forget(store, "anna_live")
    with pytest.raises(StreamergraphError, match="the key"):
        Store(store.folder).add([look(30, BERT)])


@pytest.mark.parametrize("where", ["mine", "theirs"])
def test_merging_brings_nothing_back(store, tmp_path, where):
    other = Store.create(tmp_path / "other", KEYED)
    other.add([look(45, anna(), BERT, source="o")])
    forget(store if where == "mine" else other, "anna_live")
    without = Store(store.folder)
    with pytest.raises(StreamergraphError, match="--key"):
        upkeep.merge(without, other)
    upkeep.merge(store, other)
    assert channels_in(store) == {2}
    store.add([look(60, anna(), BERT)])
    assert channels_in(store) == {2}


def test_names_of_files_and_series_are_taken_out(tmp_path):
    store = Store.create(tmp_path / "store", KEYED)
    named = replace(look(0, BERT, source="logs/Anna_Live"), file="logs/anna_live_2026-03-28.csv")
    store.add([named])
    forget(store, "anna_live")
    assert store.runs().select("source", "file", "run_id").row(0) == (
        "logs/forgotten", "logs/forgotten_2026-03-28.csv", "logs/Anna_Live#logs/anna_live_2026-03-28.csv"
        .replace("Anna_Live", "forgotten").replace("anna_live", "forgotten"),
    )  # fmt: skip
    store.add([named, replace(named, file="anna_live", time=NOON + datetime.timedelta(minutes=15))])
    assert "anna" not in "".join(store.runs()["run_id"]).lower()


def test_the_names_of_a_collectors_looks_stay(tmp_path):
    store = Store.create(tmp_path / "store", KEYED)
    planned = replace(look(0, BERT, source="twitch/it"), planned=NOON)
    store.add([planned])
    forget(store, "twitch")
    assert store.add([planned])[0].run_id == planned.run_id == store.runs()["run_id"].item()


def test_while_people_are_being_deleted_nobody_reads(store):
    store.use_opt_out(replace(of_people(["anna_live"], KEYED, channels=True), unfinished=True))
    with pytest.raises(StreamergraphError, match="interrupted"), readable(store):
        pass
    forget(store, "anna_live")
    with readable(store):
        pass
    assert channels_in(store) == {2}


def test_a_list_of_an_earlier_version_moves_into_its_file(store):
    description = replace(store.description(), forgotten=(5,), forgotten_channels=("0" * 32,))
    store.describe(description)
    assert store.opt_out() == OptOut(viewers=frozenset({5}), channels=frozenset({"0" * 32}))
    store.use_opt_out(store.opt_out())
    assert "forgotten" not in (store.folder / "store.json").read_text()
    assert store.opt_out().viewers == {5}


@pytest.mark.parametrize("text", ["key 00\n", "", "key {}\nnobody 7\n", "key {}\nviewer x\n"])
def test_a_list_that_cannot_be_read_is_never_an_empty_one(store, text):
    (store.folder / "opt-out.list").write_text(text.format(KEYED.fingerprint))
    with pytest.raises(StreamergraphError, match=r"opt-out\.list"):
        store.add([look(30, BERT)])


def test_on_the_command_line(store, tmp_path, call):
    (tmp_path / "key").write_text(KEYED.key.hex())
    status, out, _ = call("store", "forget", store.folder, "anna_live", "--key", tmp_path / "key")
    assert status == 0
    assert "2 presences and 8 rows of channels deleted" in out


def test_a_viewers_own_channel_may_stay(store, tmp_path, call):
    (tmp_path / "key").write_text(KEYED.key.hex())
    options = ("anna_live", "--only-as-viewers", "--key", tmp_path / "key")
    assert "2 presences and 0 rows" in call("store", "forget", store.folder, *options)[1]
    assert channels_in(store) == {2, ID}
