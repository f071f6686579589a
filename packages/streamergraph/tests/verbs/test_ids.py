"""Ids are Twitch's, large, or negative numbers of 52 bits; nothing takes them for positions or ranks."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET

import polars as pl
import pytest
from streamergraph.audience_graph.graph import graph_of
from streamergraph.communities.dates import compare_dates
from streamergraph.communities.result import CommunitySettings, find_communities
from streamergraph.graphs.ladybug import query_ladybug
from streamergraph.reporting.quality import id_stability
from streamergraph.tables.facts import TableFacts
from streamergraph.tables.reading import read_tables
from streamergraph.tables.tables import Tables, top_streamers
from streamergraph.tables.writing import write_tables

# In the order of viewers, which is not that of the ids.
IDS = [1234567890, -(2**52) + 1, 41, -7, 2**31 + 5, -(2**40), 988776655, -1]
GAMES = [509658, -(2**51)]


def make_tables(names="ABCDEFGH"):
    streamers = pl.DataFrame(
        {
            "streamer_id": IDS,
            "name": list(names),
            "minutes_live": [600] * 8,
            "mean_viewers": [1000 - 100 * k for k in range(8)],
            "peak_viewers": [2000] * 8,
            "mean_chatters": [50] * 8,
            "distinct_chatters": [400] * 8,
            "social_links": pl.Series([None] * 8, dtype=pl.String),
            "rank": list(range(1, 9)),
            "audience": [300] * 8,
            "login": [name.lower() for name in names],
        }
    ).sort("streamer_id")
    # Two cliques of four, joined once.
    ends = [(i, j) for k in (0, 4) for i in range(k, k + 4) for j in range(i + 1, k + 4)] + [(0, 4)]
    pairs = [sorted((IDS[i], IDS[j])) for i, j in ends]
    overlaps = pl.DataFrame(
        {
            "streamer_id_a": [a for a, _ in pairs],
            "streamer_id_b": [b for _, b in pairs],
            "overlap_percent": [20.0 + k for k in range(len(pairs))],
            "common_viewers": [60 + 3 * k for k in range(len(pairs))],
        }
    ).sort("streamer_id_a", "streamer_id_b")
    unknown = {
        c: pl.Series([None] * 2, dtype=pl.String)
        for c in ("steam_title", "developer", "publisher", "tags")
    }
    categories = pl.DataFrame(
        {
            "category_id": GAMES,
            "name": ["Chess", "Hades"],
            **unknown,
            "release_date": pl.Series([None] * 2, dtype=pl.Date),
            "igdb_id": [1, 2**33],
            "steam_app_id": pl.Series([None, 1145360], dtype=pl.Int64),
        }
    ).sort("category_id")
    played = pl.DataFrame(
        {
            "streamer_id": IDS,
            "category_id": [GAMES[0]] * 4 + [GAMES[1]] * 4,
            "minutes": [300 + k for k in range(8)],
        }
    ).sort("streamer_id", "category_id")
    facts = TableFacts(least_common_viewers=5, hidden_relations=12, audience="members")
    return Tables(
        streamers=streamers, categories=categories, played=played, overlaps=overlaps, facts=facts
    )


@pytest.fixture
def folder(tmp_path):
    write_tables(tmp_path / "tables", make_tables())
    return tmp_path / "tables"


def test_tables_are_read_as_they_were_written(folder):
    read = read_tables(folder)
    for name in ("streamers", "categories", "played", "overlaps"):
        written = getattr(make_tables(), name)
        assert getattr(read, name).select(written.columns).equals(written)


def test_the_top_are_those_with_the_most_viewers(folder):
    assert set(top_streamers(read_tables(folder), 3).streamers["name"]) == set("ABC")


def test_pictures_name_the_same_streamers_by_the_same_ids(folder, tmp_path, call):
    status, _, err = call("view", folder, "--out", tmp_path / "v")
    assert status == 0, err
    names = {str(i): n for i, n in zip(IDS, "ABCDEFGH", strict=True)}
    expected = {(str(a), str(b)): w for a, b, w, _ in make_tables().overlaps.iter_rows()}

    labels = pl.read_csv(tmp_path / "v" / "communities.csv")
    group = dict(labels.select("name", "community").iter_rows())
    assert dict(zip(map(str, labels["streamer_id"]), labels["name"], strict=True)) == names
    assert len({group[n] for n in "ABCD"}) == len({group[n] for n in "EFGH"}) == 1

    ns = {"g": "http://gexf.net/1.3"}
    gexf = ET.parse(tmp_path / "v" / "graph.gexf").getroot()
    assert {n.get("id"): n.get("label") for n in gexf.iterfind(".//g:node", ns)} == names
    edges = {
        (e.get("source"), e.get("target")): float(e.get("weight"))
        for e in gexf.iterfind(".//g:edge", ns)
    }
    assert edges == expected
    with (tmp_path / "v" / "Streamer_dataset_short.csv").open(newline="") as file:
        assert {row["Id"]: row["Label"] for row in csv.DictReader(file)} == names
    with (tmp_path / "v" / "Streamer-Streamer_dataset_short.csv").open(newline="") as file:
        rows = {(r["Source"], r["Target"]): float(r["Weight"]) for r in csv.DictReader(file)}
    assert rows == expected

    page = (tmp_path / "v" / "graph.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    assert {node[0]: node[1] for node in data["nodes"]} == names  # texts: `#node=` compares them
    keys = [node[0] for node in data["nodes"]]
    assert {(keys[a], keys[b]): w for a, b, w in data["edges"]} == expected
    assert all(node[7][-1] == 300 for node in data["nodes"])
    assert "12 were hidden" in data["made"]
    # A second look uses what is there, and the GEXF is what networkx reads.
    before = (tmp_path / "v" / "layout.csv").read_bytes()
    assert call("view", folder, "--out", tmp_path / "v")[0] == 0
    assert (tmp_path / "v" / "layout.csv").read_bytes() == before
    networkx = pytest.importorskip("networkx")
    graph = networkx.read_gexf(tmp_path / "v" / "graph.gexf")
    assert set(graph.nodes) == set(names)


def test_databases_and_files_keep_the_ids(folder, tmp_path, call):
    for name in ("graph", "graph.graphml", "graph.gexf", "graph.jsonl", "graph.cypher"):
        status, out, err = call("model", folder, "--out", tmp_path / name)
        assert status == 0, err
    assert "12 were hidden" in out
    assert call("model", folder, "--format", "neo4j-csv", "--out", tmp_path / "admin")[0] == 0
    expected = dict(zip(IDS, "ABCDEFGH", strict=True))
    _, rows = query_ladybug(
        tmp_path / "graph", "MATCH (s:Streamer) RETURN s.idStreamer, s.Name", {}
    )
    assert dict(rows) == expected
    _, rows = query_ladybug(
        tmp_path / "graph",
        "MATCH (a:Streamer)-[r:HAS_VIEWERSHIP_OVERLAPPED_WITH]->(b:Streamer) "
        "RETURN a.idStreamer, b.idStreamer, r.overlapPercentage",
        {},
    )
    assert sorted(map(tuple, rows)) == sorted(make_tables().overlaps.drop("common_viewers").rows())
    _, rows = query_ladybug(tmp_path / "graph", "MATCH (g:Game) RETURN g.idGame, g.igdb_id", {})
    assert {tuple(row) for row in rows} == {(GAMES[0], 1), (GAMES[1], 2**33)}

    lines = [
        json.loads(line) for line in (tmp_path / "graph.jsonl").read_text("utf-8").splitlines()
    ]
    nodes = {line["id"]: line["properties"] for line in lines if line["type"] == "node"}
    assert {p["idStreamer"]: p["Name"] for p in nodes.values() if "idStreamer" in p} == expected
    ends = {
        line[end]["id"]
        for line in lines
        if line["type"] == "relationship"
        for end in ("start", "end")
    }
    assert ends == set(nodes)
    networkx = pytest.importorskip("networkx")
    graph = networkx.read_graphml(tmp_path / "graph.graphml")
    assert {
        d["idStreamer"]: d["Name"] for _, d in graph.nodes(data=True) if "idStreamer" in d
    } == expected
    with (tmp_path / "admin" / "Streamer.csv").open(newline="") as file:
        assert {int(row[0]): row[1] for row in list(csv.reader(file))[1:]} == expected
    text = (tmp_path / "graph.cypher").read_text("utf-8")
    assert all(f"[{i}, " in text for i in IDS)
    gexf = ET.parse(tmp_path / "graph.gexf").getroot()
    ids = {node.get("id") for node in gexf.iterfind(".//{http://gexf.net/1.3}node")}
    assert ids == {f"streamer-{i}" for i in IDS} | {f"game-{i}" for i in GAMES}


def test_a_question_takes_a_name_or_any_id(folder, tmp_path, call):
    assert call("model", folder, "--out", tmp_path / "graph")[0] == 0
    answer = tmp_path / "answer.csv"
    for who, minutes in (("A", 300), (IDS[0], 300), (IDS[1], 301), (IDS[3], 303)):
        options = (f"--streamer={who}", "--out", answer)
        status, _, err = call("query", tmp_path / "graph", "streamer", *options)
        assert status == 0, err
        assert answer.read_text().splitlines()[1:] == [f"Chess,{minutes}"]


def test_a_streamer_keeps_the_id_under_another_name(folder):
    before = find_communities(
        graph_of(make_tables()), CommunitySettings(seeds=0, trials=1, min_size=2)
    )
    after = find_communities(
        graph_of(make_tables("ABxyEFGH")), CommunitySettings(seeds=0, trials=1, min_size=2)
    )
    assert compare_dates(before, after).facts["streamers_in_both"] == 8
    # Ranks of two dates name different people: names decide there.
    ranks = {i: k for k, i in enumerate(IDS)}
    moved = [(ranks[i] + 1) % 8 for i in before.labels["streamer_id"]]
    ranked = find_communities(
        graph_of(make_tables()), CommunitySettings(seeds=0, trials=1, min_size=2)
    )
    other = pl.Series("streamer_id", moved)
    by_name = compare_dates(
        before,
        type(ranked)(
            labels=ranked.labels.with_columns(other), described=ranked.described, facts={}
        ),
    )
    assert by_name.facts["adjusted_rand"] == 1
    assert id_stability(make_tables(), read_tables(folder))["streamers with another id"] == 0
