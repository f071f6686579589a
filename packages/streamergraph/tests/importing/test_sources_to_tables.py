"""One small world, from every source to the tables: minutes, audiences and relations are the same."""

from __future__ import annotations

import datetime
import json
import random
from dataclasses import dataclass

import pytest
from importing_tables import store_of, tables_of, write
from streamergraph.privacy import load_pseudonyms
from streamergraph.simulation.files import SimulationSettings, simulate_files

LOOKS = 24
SIMULATED = SimulationSettings(
    streamers=6, viewers=400, days=1, communities=2, bots=2, raids=0, renames=0
)


@dataclass(frozen=True)
class Seen:
    """A stream at a moment of the world."""

    moment: datetime.datetime
    name: str
    login: str
    user_id: int
    people: list[str]
    category: str
    viewers: int


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """What a simulated collector saw, look by look."""
    folder = tmp_path_factory.mktemp("world")
    simulate_files(folder, SIMULATED)
    looks, names = [], {}
    for path in sorted((folder / "snapshots").glob("????-??-??_??-??.json")):
        moment = datetime.datetime.strptime(path.stem, "%Y-%m-%d_%H-%M").replace(
            tzinfo=datetime.UTC
        )
        try:
            content = json.loads(path.read_text())
        except ValueError:
            continue  # one of its mishaps, which have tests of their own
        if not content or any("1970" in entry.get("date_time", "") for entry in content.values()):
            continue
        streams = []
        for name, entry in content.items():
            number = names.setdefault(name, len(names))
            about = (moment, name, f"login_{number}", 1000 + number)
            streams.append(
                Seen(*about, entry.get("spect", []), entry["game_name"], entry["viewer_count"])
            )
        looks.append(streams)
    busiest = max(range(len(looks) - LOOKS), key=lambda k: sum(map(len, looks[k : k + LOOKS])))
    return looks[busiest : busiest + LOOKS]


def of_names(seen):
    return {"spect": seen.people, "game_name": seen.category, "viewer_count": seen.viewers,
            "date_time": seen.moment.strftime("%Y-%m-%d_%H-%M")}  # fmt: skip


def of_helix(seen, chatters):
    return {"id": "1", "user_id": str(seen.user_id), "user_login": seen.login, "user_name": seen.name,
            "game_id": "", "game_name": seen.category, "type": "live", "viewer_count": float(seen.viewers),
            "started_at": "2022-05-05T00:00:00Z", "chatters": chatters}  # fmt: skip


def objects(logins):
    return [
        {"user_id": str(k), "user_login": one, "user_name": one.title()}
        for k, one in enumerate(logins)
    ]


def pages(logins):
    half = len(logins) // 2
    return [
        {"data": objects(logins[:half]), "pagination": {"cursor": "x"}, "total": len(logins)},
        {"data": objects(logins[half:]), "pagination": {}, "total": len(logins)},
    ]


def groups(logins):
    return {"_links": {}, "chatter_count": len(logins),
            "chatters": {"vips": logins[:3], "moderators": [], "viewers": logins[3:]}}  # fmt: skip


def folder_of(tmp_path, looks, content_of):
    for streams in looks:
        name = f"{streams[0].moment:%Y-%m-%d_%H-%M}.json"
        write(tmp_path / "snapshots", name, content_of(streams))
    return tmp_path / "snapshots"


def names_folder(tmp_path, looks):
    return folder_of(tmp_path, looks, lambda s: {one.name: of_names(one) for one in s})


def helix_folder(tmp_path, looks):
    return folder_of(
        tmp_path,
        looks,
        lambda s: {"data": [of_helix(one, objects(one.people)) for one in s], "pagination": {}},
    )


def raw_pages_folder(tmp_path, looks):
    def content(streams):
        listed = [of_helix(one, pages(one.people)) for one in streams]
        return [
            {"data": listed[:2], "pagination": {"cursor": "x"}},
            {"data": listed[2:], "pagination": {}},
        ]

    return folder_of(tmp_path, looks, content)


def groups_folder(tmp_path, looks):
    return folder_of(
        tmp_path,
        looks,
        lambda s: {one.name: {**of_names(one), "spect": groups(one.people)} for one in s},
    )


def pseudonyms_folder(tmp_path, looks):
    keyed = load_pseudonyms(tmp_path / "key", create=True)

    def marked(logins):
        return {
            "pseudonyms": [keyed.viewer(one) % 2**64 for one in logins],
            "key_fingerprint": keyed.fingerprint,
        }

    return folder_of(
        tmp_path,
        looks,
        lambda s: {one.name: {**of_names(one), "spect": marked(one.people)} for one in s},
    )


def snapshot_documents(looks):
    for number, streams in enumerate(looks):
        yield {"_id": {"$oid": f"{number:024x}"}, **{one.name: of_names(one) for one in streams}}


def stream_documents(looks):
    for streams in looks:
        for seconds, one in enumerate(streams):  # one after the other
            when = (one.moment + datetime.timedelta(seconds=seconds)).isoformat()
            yield {"_id": {"$oid": f"{one.user_id:024x}"}, **of_names(one), "user_name": one.name,
                   "date_time": {"$date": when}}  # fmt: skip


def snapshots_export(tmp_path, looks):
    return write(
        tmp_path, "export.json", "".join(json.dumps(d) + "\n" for d in snapshot_documents(looks))
    )


def streams_export(tmp_path, looks):
    return write(tmp_path, "export.json", list(stream_documents(looks)))


def chat_log(tmp_path, looks):
    """Everybody who is there writes once in each five minutes."""
    draw = random.Random(0)
    lines = [
        f"{(one.moment + datetime.timedelta(seconds=draw.randrange(60))).isoformat()}\t{one.login}\t"
        f"{who}\t{one.viewers}\t{one.category}\n"
        for streams in looks for one in streams for who in one.people
    ]  # fmt: skip
    draw.shuffle(lines)
    return write(tmp_path, "log.tsv", "time\tchannel\tuser\tviewers\tcategory\n" + "".join(lines))


MEMBERS = {
    "names": names_folder, "helix": helix_folder, "raw pages": raw_pages_folder, "groups": groups_folder,
    "pseudonyms": pseudonyms_folder, "snapshots export": snapshots_export, "streams export": streams_export,
}  # fmt: skip


def told(processed):
    """What tables say, by names: minutes, viewers and audiences; relations; minutes of categories."""
    tables = processed.tables
    names = dict(tables.streamers.select("streamer_id", "name").rows())
    streamers = {
        row["name"]: (
            row["minutes_live"],
            row["mean_viewers"],
            row["distinct_chatters"],
            row["audience"],
        )
        for row in tables.streamers.rows(named=True)
    }
    relations = {
        frozenset((names[one], names[other])): value
        for one, other, value, *_ in tables.overlaps.rows()
    }
    categories = dict(tables.categories.select("category_id", "name").rows())
    played = {
        (names[one], categories[other]): minutes for one, other, minutes, *_ in tables.played.rows()
    }
    return streamers, relations, played


@pytest.fixture(scope="module")
def expected(world, tmp_path_factory):
    return told(tables_of(names_folder(tmp_path_factory.mktemp("names"), world)))


def test_the_world_is_worth_comparing(expected):
    streamers, relations, played = expected
    assert len(streamers) >= 3
    assert len(relations) >= 2
    assert len(played) >= 3


@pytest.mark.parametrize("source", MEMBERS)
def test_every_source_of_members_gives_the_same_tables(tmp_path, world, expected, source):
    processed = tables_of(MEMBERS[source](tmp_path, world))
    assert processed.choice.kind == "members"
    assert told(processed) == expected


def test_a_chat_log_of_everybody_gives_the_same_numbers_as_authors(tmp_path, world, expected):
    processed = tables_of(chat_log(tmp_path, world))
    assert processed.choice.kind == "authors"
    assert processed.tables.facts.audience == "authors"
    logins = {one.name: one.login for streams in world for one in streams}
    streamers, relations, played = expected
    assert told(processed) == (
        {logins[name]: numbers for name, numbers in streamers.items()},
        {frozenset(logins[name] for name in pair): value for pair, value in relations.items()},
        {(logins[name], category): minutes for (name, category), minutes in played.items()},
    )


def test_a_collection_gives_the_same_tables(tmp_path, world, expected, mongo):
    from bson import ObjectId
    from pymongo import MongoClient

    with MongoClient(mongo) as client:
        client["Twitch_db"]["world"].insert_many(
            {**document, "_id": ObjectId(document["_id"]["$oid"])}
            for document in snapshot_documents(world)
        )
    assert told(tables_of(f"{mongo}/Twitch_db.world", folder=tmp_path)) == expected


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_the_order_of_imports_does_not_matter(tmp_path, world, expected, order):
    """Three thirds, in three forms, of which one alone knows ids."""
    forms = (names_folder, helix_folder, streams_export)
    third = LOOKS // 3
    parts = [
        form(tmp_path / str(k), world[k * third : (k + 1) * third]) for k, form in enumerate(forms)
    ]
    for number in order[:-1]:
        store_of(parts[number], tmp_path)
    assert told(tables_of(parts[order[-1]], folder=tmp_path)) == expected
