"""What `process` was asked for weighs relations in every later verb, and every output names it."""

from __future__ import annotations

import csv
import datetime
import json
import re
import xml.etree.ElementTree as ET

import polars as pl
import pytest
from streamergraph.graphs.ladybug import query_ladybug
from streamergraph.tables.reading import read_tables


def people(stem, count):
    return [f"{stem}{k}" for k in range(count)]


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """Tables of {name: audience}, who watch for an hour, by a measure; made once for each name."""
    from streamergraph.verbs.import_observations import import_observations
    from streamergraph.verbs.process import process as make

    def run(audiences, **settings):
        folder = tmp_path_factory.mktemp("case")
        (folder / "snapshots").mkdir()
        for k in range(4):
            moment = datetime.datetime(2024, 5, 1, 12, 15 * k)
            snapshot = {
                name: {
                    "spect": logins,
                    "game_name": "Chess",
                    "viewer_count": 900 - 100 * rank,
                    "date_time": moment.isoformat(),
                }
                for rank, (name, logins) in enumerate(audiences.items())
            }
            path = folder / "snapshots" / f"{moment:%Y-%m-%d_%H-%M}.json"
            path.write_text(json.dumps(snapshot))
        import_observations(folder / "snapshots", out=folder / "store", key=folder / "key")
        make(folder / "store", out=folder / "tables", key=folder / "key", **settings)
        return folder / "tables"

    return run


@pytest.fixture(scope="module")
def disagreeing(process):
    """All 20 viewers of Bert watch Anna (200); Cleo and Dora (150) share 100, Emil and Fritz chance."""
    anna, cleo, emil = people("a", 200), people("c", 150), people("e", 100)
    audiences = {
        "Anna": anna,
        "Bert": anna[:20],
        "Cleo": cleo,
        "Dora": [*people("d", 50), *cleo[:100]],
        "Emil": emil,
        "Fritz": [*people("f", 88), *emil[:12]],
    }
    return process(audiences, measure="jaccard", threshold=5, significance=0.05)


@pytest.fixture(scope="module")
def weak(process):
    """Anna and Bert (15,000 each) have six viewers in common; Anna and Cleo (2,000) have 500."""
    anna = people("a", 15000)
    audiences = {
        "Anna": anna,
        "Bert": [*people("b", 14994), *anna[:6]],
        "Cleo": [*people("c", 1500), *anna[1000:1500]],
    }
    return process(audiences, measure="count", threshold=5)


def pairs(tables, column):
    """Values of a column of the overlaps by the names of the two."""
    name = dict(tables.streamers.select("streamer_id", "name").iter_rows())
    rows = tables.overlaps.select("streamer_id_a", "streamer_id_b", column).iter_rows()
    return {frozenset((name[a], name[b])): value for a, b, value in rows}


def named(rows, names):
    """{pair of names: weight} from rows of source, target, weight."""
    return {frozenset((names[str(a)], names[str(b)])): float(w) for a, b, w in rows}


def all_outputs(tables, out, call):
    """Every verb that reads tables, once; each must end with status 0."""
    for verb in (
        ("communities", tables, "--out", out / "found", "--seeds", 1, "--min-size", 2),
        ("layout", tables, "--out", out / "layout", "--iterations", 20),
        ("view", tables, "--out", out / "view"),
        ("explore", tables, "--out", out / "explore.html"),
        ("quality", tables, "--out", out / "quality.html"),
        ("model", tables, "--out", out / "graph"),
        *(
            ("model", tables, "--out", out / f"graph.{kind}")
            for kind in ("gexf", "graphml", "cypher", "jsonl")
        ),
        ("model", tables, "--format", "neo4j-csv", "--out", out / "admin"),
    ):
        status, _, err = call(*verb)
        assert status == 0, err


@pytest.mark.parametrize(
    ("case", "column", "label", "weights"),
    [
        ("disagreeing", "jaccard", "Jaccard index (%)", {"Anna Bert": 10.0, "Cleo Dora": 50.0}),
        ("weak", "common_viewers", "common viewers", {"Anna Bert": 6, "Anna Cleo": 500}),
    ],
)
def test_the_measure_weighs_relations_in_every_output(
    request, case, column, label, weights, tmp_path, call
):
    folder = request.getfixturevalue(case)
    tables = read_tables(folder)
    expected = {frozenset(pair.split()): float(value) for pair, value in weights.items()}
    assert pairs(tables, column) == expected
    all_outputs(folder, tmp_path, call)
    names = {str(i): n for i, n in tables.streamers.select("streamer_id", "name").iter_rows()}

    found = json.loads((tmp_path / "found" / "communities.json").read_text())
    placed = json.loads((tmp_path / "layout" / "layout.json").read_text())
    for facts in (found, placed):
        assert (facts["weight"], facts["weight_is"]) == (column, label)
        assert facts["measure"] == tables.facts.measure
    assert found["modularity"] > 0 or case == "weak"

    with (tmp_path / "view" / "Streamer-Streamer_dataset_short.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert named(((r["Source"], r["Target"], r["Weight"]) for r in rows), names) == expected
    assert {row["Measure"] for row in rows} == {label}
    drawn = ET.parse(tmp_path / "view" / "graph.gexf").getroot()
    ns = {"g": "http://gexf.net/1.3"}
    edges = [
        (e.get("source"), e.get("target"), e.get("weight")) for e in drawn.iterfind(".//g:edge", ns)
    ]
    assert named(edges, names) == expected
    named_in_gexf = {v.get("value") for v in drawn.iterfind(".//g:attvalue[@for='measure']", ns)}
    assert named_in_gexf == {label}
    page = (tmp_path / "view" / "graph.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    keys = [node[0] for node in data["nodes"]]
    assert named(((keys[a], keys[b], w) for a, b, w in data["edges"]), names) == expected
    assert data["weight"]["label"] == label
    assert label in (tmp_path / "view" / "graph.svg").read_text(encoding="utf-8")

    explored = json.loads((tmp_path / "explore.json").read_text())
    assert explored["weight_is"] == label
    assert explored["relations_by_threshold"]["5"] == 2

    name = {"jaccard": "jaccard", "common_viewers": "commonViewers"}[column]
    _, rows = query_ladybug(
        tmp_path / "graph",
        f"MATCH (a:Streamer)-[r:HAS_VIEWERSHIP_OVERLAPPED_WITH]->(b:Streamer) "
        f"RETURN a.Name, b.Name, r.{name}, r.measure, r.overlapPercentage",
        {},
    )
    assert {frozenset(row[:2]): float(row[2]) for row in rows} == expected
    assert {row[3] for row in rows} == {tables.facts.measure}
    overlaps = pairs(tables, "overlap_percent")
    assert {frozenset(row[:2]): row[4] for row in rows} == overlaps
    for file in (
        "graph.cypher",
        "graph.jsonl",
        "graph.graphml",
        "admin/HAS_VIEWERSHIP_OVERLAPPED_WITH.csv",
    ):
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert name in text
        assert tables.facts.measure in text
    edges = (
        ET.parse(tmp_path / "graph.gexf")
        .getroot()
        .iterfind(".//g:edge[@kind='HAS_VIEWERSHIP_OVERLAPPED_WITH']", ns)
    )
    found = {
        frozenset(
            names[e.get(end).removeprefix("streamer-")] for end in ("source", "target")
        ): float(e.get("weight"))
        for e in edges
    }
    assert found == expected


def test_another_weight_can_be_asked_for_but_no_p_value(disagreeing, tmp_path, call, refusal):
    for verb in ("communities", "layout", "view"):
        line = refusal(verb, disagreeing, "--out", tmp_path / verb, "--weight", "p_value")
        for column in (
            "overlap_percent", "common_viewers", "jaccard", "cosine", "share_a", "share_b", "time_weighted",
        ):  # fmt: skip
            assert column in line
    status, out, _ = call(
        "view", disagreeing, "--out", tmp_path / "v", "--weight", "overlap_percent"
    )
    assert status == 0
    assert "overlap (%)" in out
    edges = pl.read_csv(tmp_path / "v" / "Streamer-Streamer_dataset_short.csv")
    assert edges.columns == ["Source", "Target", "Type", "Weight"]
    assert sorted(edges["Weight"]) == pytest.approx([200 / 3, 100])


def test_a_weak_relation_is_rounded_to_nothing_nowhere(weak):
    overlaps = pairs(read_tables(weak), "overlap_percent")
    assert overlaps == {frozenset(("Anna", "Bert")): 0.04, frozenset(("Anna", "Cleo")): 25.0}
    published = pl.read_csv(weak / "Streamer-Streamer_dataset.csv")["overlap_percentage"]
    assert sorted(published) == [0.04, 25.0]
    for path in weak.glob("*.parquet"):
        path.rename(path.with_suffix(".kept"))
    try:
        assert sorted(read_tables(weak).overlaps["overlap_percent"]) == [0.04, 25.0]
    finally:
        for path in weak.glob("*.kept"):
            path.rename(path.with_suffix(".parquet"))


def test_pictures_made_for_another_measure_are_made_anew(disagreeing, tmp_path, call):
    assert call("view", disagreeing, "--out", tmp_path, "--weight", "overlap_percent")[0] == 0
    assert call("view", disagreeing, "--out", tmp_path, "--weight", "jaccard")[0] == 0
    for file in ("communities.json", "layout.json"):
        assert json.loads((tmp_path / file).read_text())["weight"] == "jaccard"
    # Communities that somebody found by another weight for the same tables are kept.
    options = ("--out", tmp_path, "--weight", "cosine", "--seeds", 1)
    assert call("communities", disagreeing, *options)[0] == 0
    assert call("view", disagreeing, "--out", tmp_path)[0] == 0
    assert json.loads((tmp_path / "communities.json").read_text())["weight"] == "cosine"
    # Who compares with communities of another weight is told.
    options = (
        "--out",
        tmp_path / "now",
        "--seeds",
        1,
        "--min-size",
        2,
        "--compare",
        tmp_path / "before",
    )
    call(
        "communities",
        disagreeing,
        "--out",
        tmp_path / "before",
        *options[2:6],
        "--weight",
        "cosine",
    )
    status, out, _ = call("communities", disagreeing, *options)
    assert status == 0
    assert "by cosine before and by jaccard now" in out
