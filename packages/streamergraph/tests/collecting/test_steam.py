"""Facts of games from Steam's own interfaces and SteamSpy, from a server that imitates all three."""

from __future__ import annotations

import datetime
import json
import shutil
from collections import Counter

import pytest
from steam_mock import DETAILS, LIST, TAGS, game, steam_mock
from streamergraph.collecting import steam_web
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.tables.reading import read_tables

NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture
def clock(monkeypatch):
    made = SimulatedClock(NOW)
    monkeypatch.setattr("streamergraph.collecting.clock.SystemClock", lambda: made)
    return made


@pytest.fixture
def tables(simulated, tmp_path):
    return shutil.copytree(simulated.tables, tmp_path / "tables")


@pytest.fixture
def names(tables):
    return [name for name in read_tables(tables).categories["name"] if name.isascii()][:3]


@pytest.fixture
def mock(monkeypatch, names):
    pytest.importorskip("httpx", reason="httpx is not installed: pip install 'httpx>=0.27,<0.29'")
    monkeypatch.setenv("STREAMERGRAPH_STEAM_KEY", "steam-key")
    games = {10 * k: game(name) for k, name in enumerate(names, 1)}
    games |= {500: game("Nothing That Anybody Plays"), 501: game("Something Else")}
    with steam_mock(games=games, tags={10: {"FPS": 90, "Classic": 50}}) as server:
        yield server


@pytest.fixture
def ask(mock, clock, tables, tmp_path, call):
    def said(*options):
        cache = ("--cache", tmp_path / "cache")
        return call("games", tables, "--ask", "steam", "--steam-url", mock.url, *cache, *options)

    return said


def facts(tables, name):
    columns = ("developer", "publisher", "release_date", "tags", "steam_app_id")
    return read_tables(tables).categories.filter(name=name).select(columns).row(0)


def test_facts_of_games_that_categories_may_mean_and_of_no_others(ask, mock, tables, names):
    status, out, err = ask()
    assert status == 0, err
    day = datetime.date(2011, 4, 18)
    assert facts(tables, names[0]) == ("Valve, Other", "Valve", day, "FPS; Classic", 10)
    assert facts(tables, names[1]) == ("Valve, Other", "Valve", day, "Action", 20)
    assert Counter(mock.asked) == {LIST: 3, DETAILS: 3, TAGS: 3}
    assert "5 games on Steam, 3 of them" in out


def test_an_answer_is_kept_and_asked_for_again_after_its_time(ask, mock, clock, tables):
    ask()
    before, asked = read_tables(tables).categories, len(mock.asked)
    assert ask()[0] == 0
    assert len(mock.asked) == asked
    assert read_tables(tables).categories.equals(before)
    clock.leap(8 * 86_400)
    ask()
    assert Counter(mock.asked[asked:]) == {LIST: 3}
    clock.leap(31 * 86_400)
    ask()
    assert Counter(mock.asked[asked + 3 :]) == {LIST: 3, DETAILS: 3, TAGS: 3}


def test_it_asks_no_faster_than_the_servers_allow(ask, mock, clock):
    ask()
    assert clock.passed >= 2 * steam_web.PAUSES_SECONDS["details"]
    assert steam_web.PAUSES_SECONDS["details"] >= 300 / 200
    assert steam_web.PAUSES_SECONDS["tags"] >= 1


@pytest.mark.parametrize("refusal", [(429, "null"), (200, "null"), (503, "<html>"), (200, "[]")])
def test_a_refusal_is_waited_for(ask, mock, clock, tables, names, refusal):
    mock.faults[DETAILS].extend([refusal] * 3)
    status, *_ = ask()
    assert status == 0
    assert facts(tables, names[0])[0] == "Valve, Other"
    assert clock.passed > 3 * steam_web.FIRST_PAUSE_SECONDS / 2


def test_what_does_not_answer_is_told_and_asked_for_again(ask, mock, tables, names):
    mock.faults[DETAILS].extend([(500, "")] * steam_web.TRIES)
    status, _, err = ask()
    assert status == 0
    assert "1 games are left out" in err
    assert facts(tables, names[0])[0] is None
    mock.asked.clear()
    ask()
    assert Counter(mock.asked) == {DETAILS: 1, TAGS: 1}
    assert facts(tables, names[0])[0] == "Valve, Other"


def test_an_older_answer_is_better_than_none(ask, mock, clock, tables, names):
    ask()
    clock.leap(40 * 86_400)
    for path in (LIST, DETAILS, TAGS):
        mock.faults[path].extend([(500, "")] * 100)
    status, _, err = ask()
    assert status == 0
    assert "older" in err
    assert facts(tables, names[0])[0] == "Valve, Other"


def test_without_steamspy_there_are_genres(ask, mock, tables, names):
    mock.faults[TAGS].extend([(500, "")] * 100)
    _, _, err = ask()
    assert facts(tables, names[0])[3] == "Action"
    assert "3 games without an answer of SteamSpy" in err


def test_games_that_are_gone_or_are_none(ask, mock, names):
    mock.games[10] = {"name": names[0], "gone": True}
    mock.games[20]["type"] = "dlc"
    mock.games[30]["release_date"] = {"coming_soon": True, "date": "Soon"}
    status, out, _ = ask()
    assert status == 0
    assert "2 are no games" in out


def test_two_games_of_one_title_wait_for_a_person(ask, mock, tables, names):
    mock.games[11] = game(names[0], developers=["Another"])
    ask()
    assert facts(tables, names[0])[0] is None
    assert names[0] in (tables / "review.csv").read_text()


def test_the_key_is_asked_for_first_and_never_shown(
    ask, mock, monkeypatch, refusal, tables, tmp_path
):
    options = (
        "games",
        tables,
        "--ask",
        "steam",
        "--steam-url",
        mock.url,
        "--cache",
        tmp_path / "c",
    )
    monkeypatch.setenv("STREAMERGRAPH_STEAM_KEY", "wrong-key")
    said = refusal(*options)
    assert "403" in said
    assert "wrong-key" not in said
    monkeypatch.delenv("STREAMERGRAPH_STEAM_KEY")
    assert "steamcommunity.com/dev/apikey" in refusal(*options)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"wrong-key" not in path.read_bytes()


def test_a_list_that_does_not_go_on_is_no_list(ask, mock, refusal):
    page = {"response": {"apps": [], "have_more_results": True, "last_appid": 0}}
    mock.faults[LIST].extend([(200, json.dumps(page))] * 10)
    status, _, err = ask()
    assert status == 2
    assert "does not go on" in err


def test_a_source_that_is_none(tables, refusal):
    assert "--ask" in refusal("games", tables, "--ask", "gog")
