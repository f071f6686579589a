"""What collectors write, in the forms in which they write it."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest
from importing_tables import table, write

NAME = "2022-05-05_15-09.json"
PEOPLE = ["carl", "dora"]
HELIX = {
    "id": "40944", "user_id": "44", "user_login": "anna_tv", "user_name": "Anna_TV", "game_id": "743",
    "game_name": "Chess", "type": "live", "title": "hello", "tags": ["English", "carl"],
    "viewer_count": 7, "started_at": "2022-05-05T11:00:00Z", "language": "it",
}  # fmt: skip
CHATTERS = [{"user_id": "1", "user_login": "carl", "user_name": "カール"},
            {"user_id": "2", "user_login": "dora", "user_name": "Dora"}]  # fmt: skip
KRAKEN = {
    "_id": 9, "game": "Chess", "viewers": 7, "created_at": "2022-05-05T11:00:00Z", "spect": PEOPLE,
    "channel": {"_id": 44, "name": "anna_tv", "display_name": "Anna_TV", "game": "Chess",
                "language": "it", "status": "hello", "followers": 3},
}  # fmt: skip
GRAPHQL = {
    "viewersCount": 7, "game": {"id": "743", "displayName": "Chess"}, "chatters": {
        "count": 2, "viewers": [{"login": "carl"}], "moderators": [], "vips": [{"login": "dora"}]},
    "broadcaster": {"id": "44", "login": "anna_tv", "displayName": "Anna_TV"}, "language": "it",
}  # fmt: skip


def no_login_in(*texts):
    return not any(login in text.lower() for text in texts for login in PEOPLE)


@pytest.mark.parametrize(
    "content",
    [
        {"data": [{**HELIX, "chatters": CHATTERS}], "pagination": {}},
        {"Anna_TV": {**HELIX, "chatters": {"data": CHATTERS, "total": 2, "pagination": {}}}},
        {"44": {**HELIX, "spect": PEOPLE}},
        {"anna_tv": {**HELIX, "spect": PEOPLE}},
        {**HELIX, "chat_list": PEOPLE},
        {"streams": [KRAKEN], "_total": 1, "_links": {}},
        [GRAPHQL],
        [{"userId": 44.0, "userLogin": "anna_tv", "userName": "Anna_TV", "gameName": "Chess",
          "viewerCount": "7.0", "language": "it", "chatList": CHATTERS}],
        {"Anna_TV": {**HELIX, "spect": PEOPLE, "viewer_count": 7.0, "user_id": "44.0"}},
    ],
)  # fmt: skip
def test_the_same_stream_in_every_form(tmp_path, imported, viewer, content):
    write(tmp_path / "source", NAME, content)
    _, store = imported(tmp_path / "source", timezone="Europe/Rome")
    (row,) = table(store, "observations").rows(named=True)
    assert (row["channel_id"], row["viewers"], row["language"]) == (44, 7, "it")
    (channel,) = table(store, "channels").rows(named=True)
    assert (channel["login"], channel["name"]) == ("anna_tv", "Anna_TV")
    assert table(store, "categories")["name"].to_list() == ["Chess"]
    assert table(store, "members")["viewer"].to_list() == sorted(viewer(login) for login in PEOPLE)
    assert store.losses().is_empty()


HOLES = [None, float("nan"), "", "NaN", "null"]


@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_of_a_table_says_nothing_and_is_no_loss(tmp_path, imported, hole):
    stream = {"user_id": hole, "user_login": hole, "viewer_count": hole, "game_name": hole,
              "game_id": hole, "language": hole, "spect": PEOPLE}  # fmt: skip
    write(tmp_path / "source", NAME, {"Anna": stream})
    _, store = imported(tmp_path / "source")
    (row,) = table(store, "observations").rows(named=True)
    assert (row["viewers"], row["category_id"], row["language"]) == (None, None, None)
    assert store.losses().is_empty()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"data": CHATTERS, "pagination": {}, "total": 2}, "people who are no streams"),
        (CHATTERS, "people who are no streams"),
        ([{"id": "1", "login": "carl", "display_name": "Carl", "view_count": 3}], "no streams"),
        (PEOPLE, "entries that are no stream"),
        ({"chatter_count": 2, "chatters": {"viewers": PEOPLE}}, "do not say whose"),
        ({"chatters": PEOPLE}, "do not say whose"),
        ([{"channel": "anna", "user_login": "carl", "message": "hi", "timestamp": 1651756140}],
         "chat messages in the place of streams"),
        ({"name": "collector", "version": "1.0.0", "author": {"name": "carl"}}, "no stream"),
        ({"error": "Unauthorized", "status": 401, "message": "carl"}, "an error"),
        ({"data": [{**HELIX, "is_live": False}]}, "not live"),
        ({"data": [{**HELIX, "is_live": "False"}]}, "not live"),
        ({"data": [{**HELIX, "isLive": 0.0}]}, "not live"),
    ],
)  # fmt: skip
def test_what_is_no_snapshot_is_counted_and_names_nobody(tmp_path, call, imported, content, reason):
    """A chat list beside the snapshots must not make streamers of those who are in it."""
    write(tmp_path / "source", NAME, {"Anna": {"spect": PEOPLE}})
    write(tmp_path / "source", f"page_{NAME}", content)
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    status, out, err = call("import", tmp_path / "source", *options)
    assert (status, out.split(": ")[1].strip()) == (0, "1 broken, 1 stored")
    assert reason in err
    assert f"page_{NAME}" in err
    _, store = imported(tmp_path / "source")
    assert reason in " ".join(store.losses()["reason"])
    kept = [
        str(store.runs().rows()),
        str(store.losses().rows()),
        str(table(store, "channels").rows()),
    ]
    assert no_login_in(out, err, *kept)


def test_packed_files_are_read_and_other_files_counted(tmp_path, call):
    source = tmp_path / "source"
    write(source, NAME, {"Anna": {"spect": PEOPLE}})
    packed = gzip.compress(json.dumps({"Anna": {"spect": PEOPLE}}).encode())
    (source / "2022-05-05_15-14.json.gz").write_bytes(packed)
    (source / "2022-05-05_15-19.JSON").write_text('{"Anna": {"spect": ["carl"]}}')
    (source / "2022-05-05_15-24.json.gz").write_bytes(packed[:-9])
    write(source, "package.json", {"name": "collector"})
    for name in ("chat.csv", "more.csv", "README"):
        (source / name).touch()
    status, out, err = call(
        "import", source, "--out", tmp_path / "store", "--key", tmp_path / "key"
    )
    assert (status, out.split(": ")[1].strip()) == (0, "2 broken, 3 stored")
    assert "1 left out (EOFError): 2022-05-05_15-24.json.gz" in err
    assert "2 *.csv, 1 without a suffix" in err


def test_streams_without_a_chat_list_are_told(tmp_path, call):
    write(tmp_path / "source", NAME, {"data": [HELIX, {**HELIX, "user_id": 45, "present": PEOPLE}]})
    status, _, err = call(
        "import", tmp_path / "source", "--out", tmp_path / "store", "--key", tmp_path / "key"
    )
    assert status == 0
    assert f"2 streams without a list of who is there, in {NAME}" in err


def test_a_stream_that_stands_on_two_pages_is_one(tmp_path, imported, viewer):
    pages = [{"data": [{**HELIX, "spect": ["carl"]}]}, {"data": [{**HELIX, "spect": ["dora"]}]}]
    write(tmp_path / "source", NAME, pages)
    _, store = imported(tmp_path / "source")
    assert table(store, "observations").height == 1
    assert Counter(table(store, "members")["viewer"]) == Counter(viewer(login) for login in PEOPLE)
