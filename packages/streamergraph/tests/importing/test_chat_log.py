"""Chat logs in the forms of loggers; every message counts, or is counted."""

from __future__ import annotations

import gzip
import json
from itertools import product

import numpy as np
import pytest
from importing_tables import table, write
from streamergraph.importing import chat_log
from streamergraph.observations.identity import number_of_name

USERS = ("carl", "dora")
# Two windows of five minutes, both people in both.
MINUTES = (0, 6)
EPOCH = 1651755600  # 2022-05-05 13:00 UTC
EVENTSUB = {"broadcaster_user_id": "44", "broadcaster_user_login": "anna", "broadcaster_user_name": "Anna",
            "message_id": "x", "message": {"text": "hi"}}  # fmt: skip


def iso(minute):
    return f"2022-05-05T13:{minute:02}:00Z"


def rows(line):
    return "".join(line(minute, user) for minute, user in product(MINUTES, USERS))


def event(minute, user):
    about = {"chatter_user_id": "1", "chatter_user_login": user, "chatter_user_name": "カール"}
    return {"timestamp": iso(minute), "event": {**EVENTSUB, **about}}


def irc(minute, user):
    tags = f"display-name={user.title()};room-id=44;tmi-sent-ts={EPOCH + 60 * minute}000;user-id=1"
    return f"@{tags} :{user}!{user}@{user}.tmi.twitch.tv PRIVMSG #anna :hi, all\n"


def downloaded(minute, user):
    return {"created_at": iso(minute), "channel_id": "44", "message": {"body": "hi"},
            "commenter": {"display_name": user.title(), "_id": "1", "name": user}}  # fmt: skip


FORMS = {
    "iso.csv": "time,channel,user\n" + rows(lambda m, u: f"{iso(m)},anna,{u}\n"),
    "semicolons.csv": "Timestamp;Channel;User Login\n" + rows(lambda m, u: f"{iso(m)};anna;{u}\n"),
    "tabs.tsv": "channel\tuser\tsent_at\n" + rows(lambda m, u: f"anna\t{u}\t{iso(m)}\n"),
    "bars.txt": "time|room|nick\n" + rows(lambda m, u: f"{iso(m)}|#anna|@{u}\n"),
    "seconds.csv": "time,channel,user\n" + rows(lambda m, u: f"{EPOCH + 60 * m}.0,Anna,{u}\n"),
    "micros.csv": "ts,channel,login\n" + rows(lambda m, u: f"{EPOCH + 60 * m}000000,ANNA,{u}\n"),
    "quoted.csv": "﻿time,channel,user,message\n"
    + rows(lambda m, u: f'{iso(m)},anna,{u},"one, ""two""\nthree"\n'),
    "message first.csv": "message,time,channel,user\n" + rows(lambda m, u: f"hi,{iso(m)},anna,{u}\n"),
    "names for show.csv": "time,channel,display_name,user_login\n"
    + rows(lambda m, u: f"{iso(m)},anna,カール,{u}\n"),
    "mixed.csv": "time,channel,user\n"
    + rows(lambda m, u: f"{iso(m) if u == 'carl' else EPOCH + 60 * m},anna,{u}\n"),
    "eventsub.jsonl": rows(lambda m, u: json.dumps(event(m, u)) + "\n"),
    "array.json": json.dumps([
        {"time": EPOCH + 60 * m, "channel": "#anna", "user": {"login": u, "id": 1}, "text": "hi"}
        for m, u in product(MINUTES, USERS)
    ]),
    "as the socket gave it.jsonl": rows(lambda m, u: json.dumps({
        "metadata": {"message_id": "x", "message_timestamp": iso(m)},
        "payload": {"subscription": {"created_at": iso(0)}, "event": event(m, u)["event"]}}) + "\n"),
    "answer.json": json.dumps({"messages": [
        {"text": "hi", "username": u, "displayName": "カール", "channel": "anna", "timestamp": iso(m),
         "tags": {"room-id": "44"}} for m, u in product(MINUTES, USERS)]}),
    "userstate.jsonl": rows(lambda m, u: json.dumps({"channel": "#anna", "message": "hi", "userstate": {
        "username": u, "room-id": "44", "tmi-sent-ts": f"{EPOCH + 60 * m}000"}}) + "\n"),
    "day and time.csv": "date,time,channel,user\n"
    + rows(lambda m, u: f"2022-05-05,13:{m:02}:00,anna,{u}\n"),
    "irc.log": rows(irc),
    "directions.log": rows(lambda m, u: "< " + irc(m, u)),
    "times before.log": rows(
        lambda m, u: f"[2022-05-05 13:{m:02}:00] :{u}!{u}@{u}.tmi.twitch.tv PRIVMSG #anna :hi\n"),
    "brackets.txt": rows(lambda m, u: f"[2022-05-05 13:{m:02}:00] #anna {u}: hi\n"),
    "anna-2022-05-05.log": "# Start logging at 2022-05-05 13:00:00 UTC\n"
    + rows(lambda m, u: f"[13:{m:02}:00]  {u}: hi: all\n"),
    "downloaded.json": json.dumps({"FileInfo": {}, "streamer": {"name": "anna", "id": 44}, "comments": [
        downloaded(m, u) for m, u in product(MINUTES, USERS)]}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_the_same_messages_in_every_form(tmp_path, imported, viewer, name):
    counts, store = imported(write(tmp_path, name, FORMS[name]))
    assert counts == {"stored": 2}
    assert store.losses().is_empty()
    found = table(store, "observations")
    assert set(found["channel_id"]) <= {44, number_of_name("anna")}
    assert found["time"].dt.minute().to_list() == [0, 5]
    assert set(found["coverage"]) == {"authors"}
    assert table(store, "authors")["viewer"].to_list() == 2 * sorted(map(viewer, USERS))
    assert set(table(store, "channels")["login"]) == {"anna"}


def test_a_packed_log_is_read(tmp_path, imported):
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(FORMS["iso.csv"].encode()))
    assert imported(tmp_path / "log.csv.gz")[0] == {"stored": 2}


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_log_in_another_encoding_is_read(tmp_path, imported, encoding):
    rows = [f"{iso(0)},{who},carl,Pokémon\n" for who in ("anna", "bert")]
    log = tmp_path / "log.csv"
    log.write_bytes(("time,channel,user,category\n" + "".join(rows)).encode(encoding))
    _, store = imported(log)
    assert table(store, "observations").height == 2
    assert table(store, "categories")["name"].unique().to_list() == ["Pokémon"]


def test_a_log_that_is_packed_otherwise_is_to_be_unpacked(tmp_path, refusal):
    (tmp_path / "log.csv").write_bytes(b"PK\3\4 and so on")
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    assert "unpack it" in refusal("import", tmp_path / "log.csv", *options)


def test_the_order_of_messages_does_not_matter(tmp_path, imported, monkeypatch):
    lines = [f"{iso(m)},{c},{u}\n" for m, c, u in product(range(60), ("a", "B", "b"), "xyz")]
    stores = []
    for number, seed in enumerate((None, 0, 1)):
        if seed is not None:
            lines = [str(line) for line in np.random.default_rng(seed).permutation(lines)]
            monkeypatch.setattr(chat_log, "MESSAGES_AT_ONCE", 50)
        log = write(tmp_path, "log.csv", "time,channel,user\n" + "".join(lines))
        counts, store = imported(log, store=f"store {number}")
        assert counts == {"stored": 12}
        stores.append([table(store, name) for name in ("observations", "authors")])
    assert all(
        one.equals(other) for store in stores for one, other in zip(store, stores[0], strict=True)
    )
    assert stores[0][0].height == 24  # two channels, whatever their case


def test_what_is_not_understood_is_counted_by_reason(tmp_path, call, imported):
    content = (
        "time,channel,user,message,viewers\n"
        f"{iso(0)},anna,carl,hi,7\n"
        "05/05/2022 13:00,anna,dora,hi,7\n"  # the day or the month
        "2099-01-01T00:00:00Z,anna,dora,hi,7\n"
        f"{iso(1)},anna,,hi,7\n"
        f"{iso(1)}\n"
        f"{iso(1)},anna,カール,hi,many\n"
        f"{iso(1)},anna,dora,one, two,7\n"
        f'{iso(2)},anna,dora,"hi,7\n'
        f"{iso(2)},anna,emil,hi,7\n"
    )
    log = write(tmp_path, "log.csv", content)
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key"]
    status, out, err = call("import", log, *options)
    assert (status, out.split(": ")[1].strip()) == (0, "1 stored")
    _, store = imported(log)
    assert dict(store.losses().select("reason", "count").rows()) == {
        "messages whose time is not understood": 1,
        "messages of a time that cannot be": 1,
        "messages without a channel or a user": 2,
        "messages whose user is no login": 1,
        "messages with more cells than the header has": 1,
        "quotation marks that do not close, which were taken as part of a message": 1,
    }
    assert table(store, "authors").height == 3
    assert "1 messages whose user is no login, in log.csv#2022-05-05T13:00:00+00:00" in err


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("time,channel,user\n05/05/2022 13:00,anna,secret\n", "such as '05/05/2022 13:00'"),
        ("time,channel,user\n17,anna,secret\n", "a number of 2 digits"),
        ("time,channel,user\nsecret,anna,x\n", "not understood"),  # its cells are in another order
        ("time,channel,user\n123456,anna,x\n", "a number of 6 digits"),  # this is a login, perhaps
        ("2022-05-05T13:00:00Z,anna,secret\n", "found 3 columns;"),
        ("when,channel,secret\n1,2,3\n", "found 3 columns, of these: channel;"),
        ("time,channel,user\n2022-05-05T13:00:00Z,anna,two words secret\n", "is no login"),
        (json.dumps([{"time": "secret", "channel": "anna", "user": "secret", "text": "x"}]), "not under"),
        ("", "found 0 columns"),
    ],
)  # fmt: skip
def test_a_log_of_which_nothing_is_left_is_refused_and_names_nobody(
    tmp_path, refusal, content, shown
):
    name = "log.json" if content.startswith("[") else "log.csv"
    log = write(tmp_path, name, content)
    said = refusal("import", log, "--out", tmp_path / "store", "--key", tmp_path / "key")
    assert shown in said
    assert "secret" not in said
    assert "123456" not in said
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("order", ["as written", "newest first"])
def test_an_hour_that_comes_twice_is_two_hours(tmp_path, imported, order):
    """Six hours in truth, of which local clocks of Rome show one twice."""
    local = [h * 60 + m for h in (0, 1, 2, 2, 3, 4) for m in range(0, 60, 5)]
    lines = [
        f"2022-10-30 {t // 60:02}:{t % 60:02}:00,anna,{user}\n" for t in local for user in USERS
    ]
    lines = lines[::-1] if order == "newest first" else lines
    log = write(tmp_path, "log.csv", "time,channel,user\n" + "".join(lines))
    counts, store = imported(log, timezone="Europe/Rome")
    assert counts == {"stored": 72}
    times = table(store, "observations")["time"]
    assert (times[-1] - times[0]).total_seconds() == 355 * 60


def test_where_the_order_tells_nothing_the_hour_is_said_to_be_unsure(tmp_path, call):
    local = [h * 60 + m for h in (0, 1, 2, 2, 3, 4) for m in range(0, 60, 5)]
    shuffled = np.random.default_rng(0).permutation(local)
    lines = [f"2022-10-30 {t // 60:02}:{t % 60:02}:00,anna,carl\n" for t in shuffled]
    log = write(tmp_path, "log.csv", "time,channel,user\n" + "".join(lines))
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key", "--timezone", "Europe/Rome"]
    status, out, err = call("import", log, *options)
    assert (status, out.split(": ")[1].strip()) == (0, "60 stored")
    assert "24 local times in an hour that came twice" in err


def test_the_hour_that_clocks_leave_out_is_counted(tmp_path, call):
    log = write(tmp_path, "log.csv", "time,channel,user\n2022-03-27 02:30:00,anna,carl\n"
                                     "2022-03-27 03:30:00,anna,carl\n")  # fmt: skip
    options = ["--out", tmp_path / "store", "--key", tmp_path / "key", "--timezone", "Europe/Rome"]
    assert "1 local times do not exist" in call("import", log, *options)[2]
