"""The verbs `auth` and `collect` on the command line."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest
from helix_mock import CLIENT_ID, CLIENT_SECRET, Fault, helix_mock, stream
from irc_mock import irc_mock
from streamergraph.observations.schema import OBSERVATIONS, SCHEMAS
from streamergraph.observations.store import Store
from streamergraph.privacy import load_pseudonyms

pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def mock():
    pytest.importorskip("httpx", reason="httpx is not installed: pip install 'httpx>=0.27,<0.29'")
    with helix_mock(
        streams=[stream(k, language="it" if k % 2 else "de") for k in range(30)]
    ) as one:
        yield one


@pytest.fixture
def keys(monkeypatch, tmp_path):
    monkeypatch.setenv("STREAMERGRAPH_TWITCH_ID", CLIENT_ID)
    monkeypatch.setenv("STREAMERGRAPH_TWITCH_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def words(mock, tmp_path):
    return [
        "collect", "--store", str(tmp_path / "store"), "--helix-url", mock.helix_url,
        "--auth-url", mock.auth_url, "--irc-url", "irc://127.0.0.1:1", "--listen", "1s",
    ]  # fmt: skip


def until(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def test_one_tick(words, call, tmp_path):
    status, out, err = call(*words, "--once", "--language", "it", "--chat", "none")
    assert status == 0, err
    assert out == f"{tmp_path / 'store'}: 1 stored\n"
    (run,) = Store.open(tmp_path / "store").runs().to_dicts()
    assert (run["source"], run["streams"], run["language"]) == ("twitch/it", 15, "it")
    assert run["planned"] <= run["started"] <= run["ended"]


def test_nothing_that_is_written_or_said_holds_the_secret_or_a_token(mock, words, call, tmp_path):
    mock.faults["/mock/streams"].append(Fault(status=401))
    status, out, err = call(*words, "--once", "--chat", "none")
    assert status == 0
    secret = [CLIENT_SECRET, *mock.tokens]
    assert len(mock.tokens) == 2
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.parent.name != "tokens":
            assert not any(one.encode() in path.read_bytes() for one in secret), path
        elif path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert CLIENT_SECRET not in path.read_text()
    assert not any(one in out + err for one in secret)


def test_a_list_that_cannot_be_had_is_one_line_and_a_run_that_failed(
    mock, words, refusal, tmp_path
):
    mock.faults["/mock/streams"].append(Fault(status=400, body=b'{"message": "no"}'))
    assert "status 400: no" in refusal(*words, "--once", "--chat", "none")
    runs = Store(tmp_path / "store").runs()
    assert runs["status"].to_list() == ["broken"]


@pytest.mark.parametrize(
    ("option", "value", "part"),
    [
        ("--language", "italian", "two letters"),
        ("--every", "often", "such as 15m"),
        ("--every", "10s", "at least"),
        ("--for", "3", "such as 15m"),
        ("--chat", "telepathy", "helix-chatters"),
        ("--chat-channels", "500", "Twitch allows"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(
    mock, words, refusal, option, value, part
):
    assert part in refusal(*words, option, value)
    assert not mock.asked


def test_who_writes_and_who_is_there_from_the_chat_to_the_tables(mock, words, call, tmp_path):
    with irc_mock() as chat:
        chat.people["channel_1"] = ["anna", "bert"]
        at = words.index("irc://127.0.0.1:1")
        words[at] = chat.url
        over = threading.Event()

        def talk():
            while not over.wait(0.05):
                chat.say("channel_1", "carl")

        talking = threading.Thread(target=talk)
        talking.start()
        status, _, err = call(*words, "--once", "--language", "it")
        over.set()
        talking.join()
        assert status == 0, err
    store = Store.open(tmp_path / "store")
    viewer = load_pseudonyms(tmp_path / "config" / "streamergraph" / "key", create=False).viewer
    (day,) = store.days()
    for kind, people in (("members", ["anna", "bert"]), ("authors", ["carl"])):
        rows = day.read(kind, SCHEMAS[kind])
        assert set(rows.filter(channel_id=1)["viewer"]) == {viewer(one) for one in people}
    for path in (tmp_path / "store").rglob("*"):
        if path.is_file():
            assert b"carl" not in path.read_bytes()


def test_lists_of_chatters_after_auth_login(mock, words, call, refusal, tmp_path, monkeypatch):
    monkeypatch.setattr("streamergraph.collecting.device.SHORTEST_PAUSE_SECONDS", 0.01)
    mock.device_seconds = 0.01
    words += ["--once", "--chat", "helix-chatters"]
    assert "auth login" in refusal(*words)
    status, out, err = call("auth", "login", "--auth-url", mock.auth_url)
    assert status == 0, err
    assert "ABCD" in out
    assert "moderator:read:chatters" in out
    mock.chatters = {"1": [{"user_login": "anna"}], "3": []}
    status, _, err = call(*words)
    assert status == 0, err
    (day,) = Store.open(tmp_path / "store").days()
    observations = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])
    assert set(observations.filter(coverage="full")["channel_id"]) == {1, 3}
    assert day.read("members", SCHEMAS["members"]).height == 1


def test_an_address_is_an_address(call, tmp_path):
    status, _, err = call("collect", "--store", tmp_path / "store", "--helix-url", "localhost")
    assert status == 2
    assert "https://" in err


def test_no_keys(words, refusal, monkeypatch):
    monkeypatch.delenv("STREAMERGRAPH_TWITCH_ID")
    monkeypatch.delenv("STREAMERGRAPH_TWITCH_SECRET")
    assert "dev.twitch.tv" in refusal(*words, "--once")


def test_auth(mock, call, tmp_path):
    status, out, _ = call("auth", "check", "--auth-url", mock.auth_url)
    assert status == 0
    assert "holds until" in out
    assert call("auth", "logout", "--auth-url", mock.auth_url)[1] == "1 tokens deleted\n"
    assert not list((tmp_path / "config" / "streamergraph" / "tokens").iterdir())


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_is_alone_and_ends_between_ticks_when_it_is_told_to(
    words, refusal, tmp_path, number, status
):
    process = subprocess.Popen(
        [sys.executable, "-m", "streamergraph", *words, "--every", "1h"],
        env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    beat = tmp_path / "store" / "heartbeat.json"
    end = time.monotonic() + 60
    while not beat.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    process.stdout.readline()  # the first tick is told
    assert "nobody else who is collecting" in refusal(*words)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    assert "Traceback" not in err
    assert json.loads(beat.read_text())["state"] == "ended", err


def next_second():
    """A tick of the same second would be the same tick."""
    time.sleep(1.01 - time.time() % 1)


@pytest.mark.slow
def test_a_kill_while_it_listens_costs_seconds_and_not_the_tick(mock, words, call, tmp_path):
    with irc_mock() as chat:
        command = [*words, "--once", "--language", "it"]
        command[command.index("--irc-url") + 1] = chat.url
        command[command.index("--listen") + 1] = "16s"
        child = subprocess.Popen([sys.executable, "-m", "streamergraph", *command])
        journal = tmp_path / "store" / ".heartbeat.json.window"
        try:
            until(lambda: "channel_1" in chat.rooms())
            chat.say("channel_1", "anna")
            until(lambda: journal.exists() and len(journal.read_bytes().splitlines()) > 1)
        finally:
            child.kill()
            child.wait()
        assert Store(tmp_path / "store").runs().height == 0
        status, _, err = call(*words, "--once", "--language", "it", "--chat", "none")
    assert status == 0
    assert "was killed" in err
    store = Store.open(tmp_path / "store")
    assert store.runs()["presences"].to_list() == [1, 0]
    assert not journal.exists()


def test_health_of_own_runs_ends_with_a_status(mock, words, call, refusal, tmp_path):
    assert call(*words, "--once", "--chat", "none", "--language", "it")[0] == 0
    store = tmp_path / "store"
    status, out, _ = call(
        "health", store, "--fresh", "5m", "--at-least", "100", "--out", tmp_path / "health.json"
    )
    assert status == 0
    assert "1 of 1 runs stored" in out
    assert json.loads((tmp_path / "health.json").read_text())["partial_runs"] == 0
    body = b'{"data": [{"user_id": "7", "user_login": "x"}], "pagination": {"cursor": "1"}}'
    next_second()
    mock.faults["/mock/streams"].extend([Fault(body=body), Fault(status=400), Fault(status=400)])
    assert call(*words, "--once", "--chat", "none", "--language", "it")[0] == 0
    status, out, _ = call("health", store)
    assert "broke off" in out
    next_second()
    mock.faults["/mock/streams"].append(Fault(status=400))
    refusal(*words, "--once", "--chat", "none", "--language", "it")
    assert "at least 90 %" in refusal("health", store, "--at-least", "90")
    assert "at least 1m" in refusal("health", store, "--fresh", "soon")
    assert "from 0 to 100" in refusal("health", store, "--at-least", "950")


def test_health_tells_why_every_run_failed_or_saw_nobody(mock, words, call, refusal, tmp_path):
    words += ["--once", "--chat", "none", "--language", "it"]
    mock.faults["/mock/streams"].append(Fault(status=404))
    refusal(*words)
    store = tmp_path / "store"
    status, out, err = call("health", store, "--out", tmp_path / "health.html")
    assert status == 0, err
    assert "0 of 1 runs stored" in out
    assert "status 404" in out
    assert "no hole" not in out
    assert "0.0 MiB" not in out
    assert "last 45m, found none" in refusal("health", store, "--fresh", "45m")
    next_second()
    mock.streams.clear()
    assert call(*words)[0] == 0
    assert "1 of 2 runs stored" in call("health", store)[1]
    assert "found none; fill it with `import` or `collect`" in refusal(
        "process", store, "--out", tmp_path / "tables"
    )


def test_tables_without_any_chat_list_say_so(words, call, tmp_path):
    assert call(*words, "--once", "--chat", "none")[0] == 0
    low = [
        f"--min-{of}=0" for of in ("live-minutes", "mean-viewers", "mean-chatters", "watch-minutes")
    ]
    status, out, err = call("process", tmp_path / "store", "--out", tmp_path / "tables", *low)
    assert status == 0, err
    assert "no look has a list of who is in a chat" in out
