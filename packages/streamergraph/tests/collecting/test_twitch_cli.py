"""The whole way on a server that Twitch wrote: keys, token, streams on eleven pages, ticks, tables."""

from __future__ import annotations

import datetime
import json
import time
import urllib.request

import pytest
from streamergraph.collecting.clock import SystemClock
from streamergraph.collecting.credentials import Credentials
from streamergraph.collecting.tokens import Token, Tokens
from streamergraph.collecting.web import Web
from streamergraph.observations.schema import OBSERVATIONS, SCHEMAS
from streamergraph.observations.store import Store
from twitch_cli import twitch_cli

# The server makes its world for some seconds.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    pytest.importorskip("httpx", reason="httpx is not installed: pip install 'httpx>=0.27,<0.29'")
    with twitch_cli(tmp_path_factory.mktemp("twitch")) as found:
        found.data("--users", "1500", "--live", "1000", "--languages", "en,it,de")
        yield found


@pytest.fixture
def collect(call, server, tmp_path, monkeypatch):
    monkeypatch.setenv("STREAMERGRAPH_TWITCH_ID", server.client_id)
    monkeypatch.setenv("STREAMERGRAPH_TWITCH_SECRET", server.client_secret)

    def run(*words):
        if "--chat" not in words:
            words = ("--chat", "none", *words)
        return call(
            "collect", "--once", "--store", tmp_path / "store", "--key", tmp_path / "key",
            "--tokens", tmp_path / "tokens", "--helix-url", server.helix_url,
            "--auth-url", server.auth_url, *words,
        )  # fmt: skip

    return run


def test_every_stream_of_two_languages_once(collect, server, tmp_path):
    status, out, err = collect("--language", "it", "--language", "de")
    assert status == 0, err
    assert "2 stored" in out
    language_of = {user["id"]: user["stream_language"] for user in server.units("users")}
    wanted = {
        int(one["user_id"])
        for one in server.units("streams")
        if language_of[one["user_id"]] in ("it", "de")
    }
    assert len(wanted) > 500
    (day,) = Store.open(tmp_path / "store").days()
    observations = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])
    assert observations.height == len(wanted)
    assert set(observations["channel_id"]) == wanted
    heartbeat = (tmp_path / "store" / "heartbeat.json").read_text()
    assert server.client_secret not in out + err + heartbeat


def test_all_languages_on_eleven_pages_and_a_world_that_moves_on(collect, call, server, tmp_path):
    assert collect()[0] == 0
    server.data("--change", "--seed", "2")
    time.sleep(1.0)  # a tick of the same second would be the same tick
    assert collect()[0] == 0
    runs = Store.open(tmp_path / "store").runs()
    assert runs["streams"].to_list()[0] >= 1000
    assert runs["problem"].to_list() == ["", ""]
    beat = json.loads((tmp_path / "store" / "heartbeat.json").read_text())
    assert beat["state"] == "ended"
    assert beat["last_tick"][0]["streams"] == runs["streams"].to_list()[-1]
    status, _, err = call(
        "process", tmp_path / "store", "--out", tmp_path / "tables", "--min-live-minutes", 0,
        "--min-mean-viewers", 0, "--min-mean-chatters", 0, "--min-watch-minutes", 0,
    )  # fmt: skip
    assert status == 0, err
    assert len(list((tmp_path / "tables").glob("Streamer*_dataset.csv"))) == 3
    where = (
        tmp_path / "tables", "--tokens", tmp_path / "tokens", "--helix-url", server.helix_url,
        "--auth-url", server.auth_url,
    )  # fmt: skip
    status, out, err = call("games", *where)
    assert (status, out.rpartition(", ")[2]) == (0, "5 new\n"), err
    status, out, err = call("links", *where)
    assert status == 0, err
    links = (tmp_path / "tables" / "Streamer_dataset.csv").read_text()
    assert links.count("https://twitter.com/channel_") > 200


def test_a_wrong_secret_is_one_line(refusal, server, tmp_path, monkeypatch):
    monkeypatch.setenv("STREAMERGRAPH_TWITCH_ID", server.client_id)
    monkeypatch.setenv("STREAMERGRAPH_TWITCH_SECRET", "not-the-secret")
    line = refusal("auth", "check", "--auth-url", server.auth_url, "--tokens", tmp_path / "tokens")
    assert "refused" in line
    assert "not-the-secret" not in line


def test_chatters_under_a_user_s_token(collect, server, tmp_path):
    """The user's own room: this server knows no list of the rooms that somebody moderates."""
    live = {one["user_id"] for one in server.units("streams")}
    user = next(one["id"] for one in server.units("users") if one["id"] in live)
    address = (
        f"{server.auth_url}/authorize?client_id={server.client_id}&client_secret="
        f"{server.client_secret}&grant_type=user_token&user_id={user}&scope=moderator:read:chatters"
    )
    with urllib.request.urlopen(urllib.request.Request(address, method="POST")) as answer:
        access = json.load(answer)["access_token"]
    clock = SystemClock()
    web = Web(clock)
    tokens = Tokens(
        web=web, clock=clock, folder=tmp_path / "tokens", auth_url=server.auth_url, kind="user",
        credentials=Credentials(client_id=server.client_id, client_secret=server.client_secret),
    )  # fmt: skip
    expires = clock.now() + datetime.timedelta(hours=20)
    tokens.keep(tokens.validated(Token(access=access, expires=expires)))
    web.close()
    status, _, err = collect("--chat", "helix-chatters")
    assert status == 0, err
    (day,) = Store.open(tmp_path / "store").days()
    observations = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])
    told = set(observations.filter(coverage="full")["channel_id"])
    assert int(user) in told
    assert day.read("members", SCHEMAS["members"]).filter(channel_id=int(user)).height >= 1500
