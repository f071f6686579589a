"""What Twitch says of categories and of streamers, into the tables."""

from __future__ import annotations

import shutil

import polars as pl
import pytest
from helix_mock import CLIENT_ID, CLIENT_SECRET, Fault, helix_mock
from streamergraph.collecting.social import links_in
from streamergraph.tables.reading import read_tables


@pytest.fixture
def mock(monkeypatch, tmp_path):
    pytest.importorskip("httpx", reason="httpx is not installed: pip install 'httpx>=0.27,<0.29'")
    monkeypatch.setenv("STREAMERGRAPH_TWITCH_ID", CLIENT_ID)
    monkeypatch.setenv("STREAMERGRAPH_TWITCH_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with helix_mock() as server:
        yield server


@pytest.fixture
def tables(simulated, tmp_path):
    return shutil.copytree(simulated.tables, tmp_path / "tables")


def test_ids_of_igdb_by_whole_names_and_once(mock, tables, call):
    names = read_tables(tables).categories["name"].to_list()
    mock.games = [
        {"id": str(k), "name": name.upper(), "igdb_id": str(1000 + k)}
        for k, name in enumerate(names[:2])
    ]
    mock.games[0]["name"] = names[0]
    mock.games[1]["name"] = names[1]
    where = ("--helix-url", mock.helix_url, "--auth-url", mock.auth_url)
    status, out, err = call("games", tables, *where)
    assert status == 0, err
    assert "2 new" in out
    found = dict(read_tables(tables).categories.select("name", "igdb_id").iter_rows())
    assert (found[names[0]], found[names[1]]) == (1000, 1001)
    assert sum(number is not None for number in found.values()) == 2
    mock.asked.clear()
    status, out, _ = call("games", tables, *where)
    assert "0 new" in out
    asked = [name for path, query in mock.asked if path == "/mock/games" for name in query["name"]]
    assert names[0] not in asked


def test_links_of_descriptions(mock, tables, call):
    streamers = read_tables(tables).streamers
    first = streamers["name"][0]
    login = (streamers["login"][0] if "login" in streamers.columns else None) or first
    mock.users = [
        {"id": "1", "login": login.lower(), "description": "Find me: https://twitter.com/me!"}
    ]
    where = ("--helix-url", mock.helix_url, "--auth-url", mock.auth_url)
    status, out, err = call("links", tables, *where)
    assert status == 0, err
    assert "1 of them new" in out
    found = read_tables(tables).streamers
    assert found["social_links"].drop_nulls().to_list() == ["https://twitter.com/me"]
    assert found.drop("social_links").equals(streamers.drop("social_links", strict=False))
    mock.users[0]["description"] = ""  # what was known stays
    call("links", tables, *where)
    assert read_tables(tables).streamers["social_links"].drop_nulls().len() == 1


def test_links_of_a_table(tables, call, refusal, tmp_path):
    name = read_tables(tables).streamers["name"][0]
    csv = tmp_path / "links.csv"
    csv.write_text(
        f"streamer,links\n{name.upper()},\"['https://a.example/x', instagram.com/me]\"\n"
    )
    status, _, err = call("links", tables, "--table", csv)
    assert status == 0, err
    links = read_tables(tables).streamers["social_links"].drop_nulls().to_list()
    assert links == ["https://a.example/x; https://instagram.com/me"]
    assert (
        pl.read_csv(tables / "Streamer_dataset.csv")["socialLinks"].drop_nulls().to_list() == links
    )
    csv.write_text("a,b\n1,2\n")
    assert "columns streamer and links" in refusal("links", tables, "--table", csv)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_links_of_a_table_as_spreadsheets_write_it(tables, call, tmp_path, encoding, sign):
    """And in several rows on one streamer."""
    name = read_tables(tables).streamers["name"][0]
    rows = [["User login", "Größe", "URL"], [f"@{name}", "1", "https://a.example/x"],
            [name.upper(), "2", "https://b.example/y"]]  # fmt: skip
    path = tmp_path / "links.csv"
    path.write_bytes("\r\n".join(sign.join(row) for row in rows).encode(encoding))
    status, _, err = call("links", tables, "--table", path)
    assert status == 0, err
    links = read_tables(tables).streamers["social_links"].drop_nulls().to_list()
    assert links == ["https://a.example/x; https://b.example/y"]


def test_rows_that_give_no_link_are_told(tables, call, tmp_path):
    first, second = read_tables(tables).streamers["name"][:2]
    path = tmp_path / "links.csv"
    rows = [
        f"https://twitch.tv/{first},https://a.example/x",
        f"{second},my page",
        "nobody_here,b.example/y",
    ]
    path.write_text("\n".join(["streamer,links", *rows]) + "\n")
    status, out, err = call("links", tables, "--table", path)
    assert status == 0, err
    assert "links.csv: 1 streamers of it are not in the tables: 'nobody_here'" in out
    assert f"1 streamers have a text in which no link is understood: {second.lower()!r}" in out
    assert read_tables(tables).streamers["social_links"].drop_nulls().to_list() == [
        "https://a.example/x"
    ]


def test_a_table_of_links_of_nobody_is_refused(tables, refusal, tmp_path):
    path = tmp_path / "links.csv"
    path.write_text("streamer,links\nnobody_here,https://a.example/x\n")
    assert "1 streamers, none of them there" in refusal("links", tables, "--table", path)


def test_a_server_that_fails_changes_nothing(mock, tables, refusal):
    before = {path.name: path.read_bytes() for path in tables.iterdir() if path.is_file()}
    mock.faults["/mock/games"].append(Fault(status=400))
    mock.faults["/mock/users"].append(Fault(status=400))
    where = ("--helix-url", mock.helix_url, "--auth-url", mock.auth_url)
    assert "400" in refusal("games", tables, *where)
    assert "400" in refusal("links", tables, *where)
    assert {path.name: path.read_bytes() for path in tables.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", []),
        ("mail me at anna@twitter.com/x or a.b@x.com", []),
        ("www.youtube.com/anna and YouTube.com/anna", ["https://www.youtube.com/anna", "https://YouTube.com/anna"]),
        ("https://x.com/a https://x.com/a", ["https://x.com/a"]),
        ("(https://example.org/a(b), https://localhost/x http://[broken", ["https://example.org/a(b"]),
        ("netflix.com/watch", []),
    ],
)  # fmt: skip
def test_links_in_texts(text, links):
    assert links_in(text) == links
