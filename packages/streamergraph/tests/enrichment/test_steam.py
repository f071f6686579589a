from __future__ import annotations

import csv
import datetime
import json

import pytest
from streamergraph.enrichment.matching import match_titles
from streamergraph.enrichment.release_dates import read_dates
from streamergraph.enrichment.steam import SteamGame, read_steam
from streamergraph.errors import StreamergraphError
from streamergraph.tables.reading import read_tables

CHESS = SteamGame(
    title="Chess, 2nd",
    developer="Alpha, Beta",
    publisher="Gamma",
    release_date=datetime.date(2008, 10, 21),
    tags="Board Game; Indie",
    app_id=730,
)
GO = SteamGame(title="Go", developer="Delta", publisher="Delta", app_id=570)
API = {
    "name": CHESS.title, "steam_appid": 730, "developers": ["Alpha", "Beta"], "publishers": ["Gamma"],
    "release_date": {"coming_soon": False, "date": "Oct 21, 2008"},
    "genres": [{"id": "1", "description": "Board Game"}, {"id": "2", "description": "Indie"}],
    "movies": [{"id": 5, "name": "Trailer"}],
}  # fmt: skip
API_GO = {
    "name": "Go", "steam_appid": 570, "developers": ["Delta"], "publishers": [],
    "release_date": {"coming_soon": True, "date": ""}, "genres": [],
}  # fmt: skip
PLAIN = {
    "appid": "730", "title": CHESS.title, "developer": "Alpha, Beta", "publisher": "Gamma",
    "release_date": "21 October 2008", "categories": ["Board Game", "Indie"],
}  # fmt: skip
PLAIN_GO = {"appid": 570, "title": "Go", "developer": "Delta", "release_date": None}
KAGGLE = {
    "name": CHESS.title, "release_date": "Oct 21, 2008", "developers": ["Alpha", "Beta"],
    "publishers": ["Gamma"], "categories": ["Single-player"], "tags": {"Board Game": 22, "Indie": 3},
}  # fmt: skip
KAGGLE_GO = {
    "name": "Go",
    "release_date": "",
    "developers": ["Delta"],
    "publishers": [],
    "tags": [],
}
MONGO = PLAIN | {
    "_id": {"$oid": "62"}, "appid": {"$numberInt": "730"},
    "release_date": {"$date": {"$numberLong": "1224547200000"}},
}  # fmt: skip
JSON_FORMS = {
    "array": json.dumps([PLAIN, PLAIN_GO], indent=1),
    "under a key": json.dumps({"name": "my list", "games": [PLAIN, PLAIN_GO], "total": 2}),
    "by app id": json.dumps({"730": KAGGLE, "570": KAGGLE_GO}),
    "answers of the store": json.dumps(
        {"730": {"success": True, "data": API}, "570": {"success": True, "data": API_GO}}
    ),
    "by title": json.dumps(
        {one["title"]: {k: v for k, v in one.items() if k != "title"} for one in (PLAIN, PLAIN_GO)}
    ),
    "lines": f"{json.dumps(PLAIN)}\n{json.dumps(PLAIN_GO)}\n",
    "lines of Python": f"{PLAIN!r}\n{PLAIN_GO!r}\n",
    "a database's export": f"{json.dumps(MONGO)}\n{json.dumps(PLAIN_GO)}\n",
}
CSV_FORMS = {
    "as published": (
        ["appid", "title", "developer", "publisher", "release_date", "categories"],
        ",",
    ),
    "other names": (["AppID", "Name", "Developers", "Publishers", "Release date", "Tags"], ","),
    "semicolons": (["steam_appid", "name", "developer", "publisher", "releaseDate", "genres"], ";"),
    "tabs": (["url", "app_name", "developer", "publisher", "Released", "popular_tags"], "\t"),
}


@pytest.fixture
def read(tmp_path):
    def make(content, name="steam_games.json", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        return read_steam(path)

    return make


@pytest.mark.parametrize("form", JSON_FORMS)
def test_json_in_all_shapes_has_the_same_games(read, form):
    table = read(JSON_FORMS[form])
    assert table.games == [CHESS, GO]
    assert table.not_understood == {}


@pytest.mark.parametrize("form", CSV_FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_with_other_columns_delimiters_and_encodings_have_the_same_games(
    tmp_path, read, form, encoding
):
    header, delimiter = CSV_FORMS[form]
    number = "https://store.steampowered.com/app/{}/Chess/" if header[0] == "url" else "{}"
    path = tmp_path / "written.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([
            header,
            [number.format(730), CHESS.title, "Alpha, Beta", "Gamma", "Oct 21, 2008", "Board Game; Indie"],
            [number.format(570), "Go", "Delta", "", "", ""],
        ])  # fmt: skip
    assert read(path.read_text(encoding="utf-8"), "steam.csv", encoding).games == [CHESS, GO]


def test_what_is_not_read_is_counted_by_reason(read):
    table = read(
        "title,developer,release_date\nChess,Alpha,TBA\n,Beta,2 March 2010\nGo,Gamma,x,too many\n"
        "Draughts,Delta,03/04/2017\n",
        "steam.csv",
    )
    assert [game.title for game in table.games] == ["Chess", "Draughts"]
    assert table.not_understood == {
        "rows with more fields than there are columns": 1,
        "without a title": 1,
    }
    said = "\n".join(table.told())
    assert "nothing is known of publisher, tags: no such column" in said
    assert "2 of 2 release dates could not be read" in said
    assert "'TBA'" in said
    assert "'03/04/2017'" in said
    broken = read('{"title": "Chess"}\n{"title": \n7\n{"success": false}\n')
    assert broken.not_understood == {"entries that are no object": 2, "answers without data": 1}


@pytest.mark.parametrize(
    ("content", "name"),
    [("", "a.csv"), ("title,developer\n,Alpha\n", "a.csv"),
     ("id,developer\n5,Alpha\n", "a.csv"), ("[]", "a.json"),
     ("{}", "a.json"), ('[{"developer": "Alpha"}]', "a.json"), ('{"730": {"success": false}}', "a.json"),
     ('[{"title": ', "a.json"), ("[1, 2]", "a.json")],
)  # fmt: skip
def test_a_file_without_a_title_is_refused(read, content, name):
    with pytest.raises(StreamergraphError, match="titles"):
        read(content, name)


def test_a_date_beside_an_empty_release_date_is_another_date(read):
    (game,) = read("title,release_date,date\nChess,,2024-05-01\n", "a.csv").games
    assert game.release_date is None


def test_published_titles_have_the_same_dates_as_the_store_writes_them_elsewhere(
    published, tmp_path
):
    table = read_steam(published / "steam_games.csv")
    dates = [game.release_date for game in table.games]
    assert len(table.games) == 3498
    assert table.dates.read == 3136
    assert table.dates.n_unread == 3498 - 3136
    for form in ("%b %d, %Y", "%B %d, %Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%dT00:00:00Z"):
        texts = ["Coming soon" if day is None else day.strftime(form) for day in dates]
        assert read_dates(texts).dates == dates
    names = read_tables(published).categories["name"].to_list()
    titles = [game.title for game in table.games]
    for spellings, count in ((False, 410), (True, 417)):
        accepted = [m for m in match_titles(names, titles, spellings=spellings) if m.accepted]
        assert len(accepted) == count


def test_of_two_columns_of_one_name_none_is_guessed(read):
    for same in ("Chess", ""):
        assert [
            game.title for game in read(f"name,appid,name\nChess,730,{same}\n", "a.csv").games
        ] == ["Chess"]
    with pytest.raises(StreamergraphError, match="2 columns named name, with other texts in each"):
        read("name,appid,name\nChess,730,Alpha Works\n", "a.csv")
    (game,) = read("title,tags,tags\nChess,Board Game,\n", "a.csv").games
    assert game.tags == "Board Game"


def test_signs_as_the_store_escapes_them(tmp_path):
    path = tmp_path / "steam.json"
    path.write_text(json.dumps([{"name": "Tom&#39;s Chess &amp; Go", "developers": ["A &amp; B"]}]))
    (game,) = read_steam(path).games
    assert (game.title, game.developer) == ("Tom's Chess & Go", "A & B")
