"""Documents of MongoDB: what `mongoexport` writes, and a collection itself."""

from __future__ import annotations

import datetime
import json

import pytest
from importing_tables import table, write
from streamergraph.importing import documents
from streamergraph.importing.mongodb import Collection
from streamergraph.observations.identity import number_of_name

PEOPLE = ("carl", "dora")
BEGIN = datetime.datetime(2022, 5, 5, 13, 0, tzinfo=datetime.UTC)
OID = "6273d0b0"  # an ObjectId of 2022-05-05 13:24


def moment(number):
    return BEGIN + datetime.timedelta(minutes=5 * number)


def entry(**more):
    return {"spect": list(PEOPLE), "game_name": "Chess", "viewer_count": 7, **more}


def oid(number):
    return {"$oid": f"{OID}{number:016x}"}


def canonical(number, name, **more):
    millis = {"$numberLong": str(int(moment(number).timestamp()) * 1000)}
    return entry(
        user_name=name, viewer_count={"$numberInt": "7"}, date_time={"$date": millis}, **more
    )


def relaxed(number, name, **more):
    when = {"$date": moment(number).isoformat().replace("+00:00", "Z")}
    return entry(user_name=name, date_time=when, **more)


def snapshot(form, number):
    names = ("Anna", "Bert")
    return {"_id": oid(number), **{name: form(number, name) for name in names}}


def streams(form, number, **more):
    return [{"_id": oid(2 * number + k), **form(number, name), **more}
            for k, name in enumerate(("Anna", "Bert"))]  # fmt: skip


def lines(listed):
    return "".join(json.dumps(document) + "\n" for document in listed)


SNAPSHOTS = [snapshot(canonical, number) for number in range(3)]
EXPORTS = {
    "canonical lines": lines(SNAPSHOTS),
    "relaxed lines": lines(snapshot(relaxed, number) for number in range(3)),
    "array": "[" + ",\n".join(json.dumps(document) for document in SNAPSHOTS) + "]\n",
    "array on a line": json.dumps(SNAPSHOTS),
    "pretty": "\n".join(json.dumps(document, indent="\t") for document in SNAPSHOTS),
    "pretty array": json.dumps(SNAPSHOTS, indent=1),
    "streams": lines(one for number in range(3) for one in streams(canonical, number)),
    "streams in any order": lines(
        streams(relaxed, number)[k] for k, number in ((0, 2), (1, 0), (0, 1), (1, 2), (0, 0), (1, 1))
    ),
    "broken lines between": "{broken\n".join(["", *lines(SNAPSHOTS).splitlines(keepends=True)]),
    "half a line at the end": lines(SNAPSHOTS) + '{"_id": {"$oid": "62',
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("characters", [1 << 20, 17])
def test_every_form_of_an_export_tells_the_same(
    tmp_path, imported, viewer, monkeypatch, name, characters
):
    monkeypatch.setattr(documents, "READ_CHARACTERS", characters)
    export = write(tmp_path, "export.json", EXPORTS[name])
    counts, store = imported(export)
    assert counts.get("broken", 0) == {"broken lines between": 3, "half a line at the end": 1}.get(
        name, 0
    )
    found = table(store, "observations")
    assert found["time"].to_list() == [moment(number) for number in (0, 0, 1, 1, 2, 2)]
    assert set(found["channel_id"]) == {number_of_name("anna"), number_of_name("bert")}
    assert table(store, "members")["viewer"].to_list() == 6 * sorted(map(viewer, PEOPLE))
    assert "stored" not in imported(export)[0]


def test_streams_that_were_looked_at_one_after_the_other_are_one_look(tmp_path, imported):
    """Three channels in a minute, every five minutes; one joins in between, at the front."""
    listed = []
    for tick in range(6):
        names = ["Anna", "Bert", "Carl"] if tick < 3 else ["Zoe", "Anna", "Bert"]
        for second, name in zip((0, 20, 40), names, strict=True):
            time = moment(tick) + datetime.timedelta(seconds=second)
            listed.append({**entry(user_name=name), "date_time": time.isoformat()})
    counts, store = imported(write(tmp_path, "export.jsonl", lines(listed)))
    assert counts == {"stored": 6}
    found = table(store, "observations")
    assert sorted(set(found["time"])) == [moment(tick) for tick in range(6)]
    zoe = found.filter(channel_id=number_of_name("zoe"))
    assert zoe["time"].to_list() == [moment(tick) for tick in (3, 4, 5)]


def test_the_moment_is_what_a_document_says_and_not_when_it_was_stored(tmp_path, call, imported):
    later = {"_id": {"$oid": f"63{'0' * 22}"}, "date_time": "2022-05-05T13:00:00Z",
             "streams": [entry(user_name="Anna")]}  # fmt: skip
    silent = [{"_id": oid(k), "Bert": entry()} for k in range(2)]
    named = {"_id": "2022-05-05_14-00", "Carl": entry()}
    export = write(tmp_path, "export.json", lines([later, *silent[:1], named]))
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    status, out, err = call("import", export, *options)
    assert (status, out.split(": ")[1].strip()) == (0, "3 stored")
    assert "1 documents say no time; they have that at which they were stored" in err
    _, store = imported(export)
    times = [time.strftime("%H:%M") for time in table(store, "observations")["time"]]
    assert times == ["13:00", "13:27", "14:00"]


@pytest.mark.parametrize("content", [{"Anna": entry()}, [entry(user_name="Anna")]])
def test_one_snapshot_may_be_named_by_itself(tmp_path, imported, content):
    _, store = imported(write(tmp_path, "2022-05-05_13-00.json", content))
    assert table(store, "observations")["time"].to_list() == [BEGIN]


@pytest.mark.parametrize("content", ['["carl", "dora"]', '{"a": "carl"}', "carl", "{carl", "17"])
def test_an_export_of_which_nothing_is_left_is_refused_and_names_nobody(tmp_path, refusal, content):
    export = write(tmp_path, "export.json", content)
    said = refusal("import", export, "--out", tmp_path / "store", "--key", tmp_path / "key")
    assert "carl" not in said
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("form", ["snapshots", "streams"])
def test_a_collection_tells_the_same_as_its_export(tmp_path, mongo, imported, form):
    from bson import ObjectId
    from pymongo import MongoClient

    def stored(document):
        content = {name: value for name, value in document.items() if name != "_id"}
        for one in content.values() if form == "snapshots" else [content]:
            one["date_time"] = datetime.datetime.fromisoformat(one["date_time"]["$date"])
        return {"_id": ObjectId(document["_id"]["$oid"]), **content}

    numbers = range(3)
    if form == "snapshots":
        listed = [snapshot(relaxed, number) for number in numbers]
    else:
        listed = [one for number in numbers for one in streams(relaxed, number)]
    _, expected = imported(write(tmp_path, "export.json", lines(listed)), store="from the file")
    with MongoClient(mongo) as client:
        client["Twitch_db"][form].insert_many(stored(document) for document in listed)
    counts, store = imported(f"{mongo}/Twitch_db.{form}")
    assert counts == {"stored": 3}
    source = ["source"]
    for name in ("observations", "members", "channels"):
        assert (
            table(store, name)
            .drop(source, strict=False)
            .equals(table(expected, name).drop(source, strict=False))
        )
    assert imported(f"{mongo}/Twitch_db.{form}")[0] == {"unchanged": 3}


def test_a_collection_that_is_not_there_is_refused_by_name(tmp_path, mongo, refusal):
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    assert "collection" in refusal("import", f"{mongo}/Twitch_db", *options)
    assert "a collection with documents" in refusal("import", f"{mongo}/Twitch_db.absent", *options)


def test_a_server_that_is_not_there_is_refused(tmp_path, refusal, monkeypatch):
    pytest.importorskip("pymongo", reason="the driver of MongoDB is not installed")
    from streamergraph.importing import mongodb

    monkeypatch.setattr(mongodb, "PATIENCE_MS", 50)
    said = refusal("import", "mongodb://user:secret@127.0.0.1:9/Twitch_db.streams",
                   "--out", tmp_path / "store", "--key", tmp_path / "key")  # fmt: skip
    assert "a MongoDB that answers" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("address", "name", "server"),
    [
        ("mongodb://here:1/a.b", "a.b", "mongodb://here:1/?"),
        ("mongodb://u:p@one,two/a.b.c?authSource=admin", "a.b.c", "mongodb://u:p@one,two/?authSource=admin"),
        ("mongodb+srv://here/a.b?tlsCAFile=/etc/ca.pem", "a.b", "mongodb+srv://here/?tlsCAFile=/etc/ca.pem"),
        ("mongodb://127.0.0.1:1", "", "mongodb://127.0.0.1:1/?"),
    ],
)  # fmt: skip
def test_an_address_is_a_server_and_a_collection(address, name, server):
    collection = Collection(address)
    assert (collection.name, collection.server) == (name, server)
