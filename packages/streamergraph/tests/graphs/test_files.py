from __future__ import annotations

import csv
import json
import re

import pytest
from streamergraph.graphs.literals import cypher_literal
from streamergraph.tables.reading import read_tables


@pytest.fixture
def written(simulated, tmp_path, call):
    def write(name, *options):
        status, _, err = call("model", simulated.tables, "--out", tmp_path / name, *options)
        assert status == 0, err
        return tmp_path / name

    return write


@pytest.fixture(scope="module")
def tables(simulated):
    return read_tables(simulated.tables)


def test_neo4j_admin_files(written, tables):
    folder = written("admin", "--format", "neo4j-csv")
    assert sorted(path.name for path in folder.iterdir()) == [
        "Game.csv", "HAS_VIEWERSHIP_OVERLAPPED_WITH.csv", "PLAYED.csv", "Streamer.csv", "load.cypher",
    ]  # fmt: skip
    with (folder / "Streamer.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[0] == "idStreamer:ID(Streamer){id-type: long}"
    assert header[-1] == ":LABEL"
    assert [row[1] for row in rows] == tables.streamers["name"].to_list()
    with (folder / "PLAYED.csv").open(encoding="utf-8", newline="") as file:
        assert next(file).strip() == ":START_ID(Streamer),:END_ID(Game),minutesPlayed:long,:TYPE"


def test_the_load_csv_script_names_columns_that_the_files_have(written):
    folder = written("admin", "--format", "neo4j-csv")
    statements = (folder / "load.cypher").read_text(encoding="utf-8").split(";\n")[:-1]
    loads = [one for one in statements if one.startswith("LOAD CSV")]
    assert len(loads) == 4
    for one in loads:
        (name,) = re.findall(r"file:///([A-Z_a-z]+\.csv)", one)
        with (folder / name).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        assert set(re.findall(r"row\.`([^`]+)`", one)) == set(header) - {":LABEL", ":TYPE"}


def test_json_lines(written, tables):
    entries = [
        json.loads(line) for line in written("graph.jsonl").read_text("utf-8").split("\n")[:-1]
    ]
    assert len(entries) == tables.n_nodes + tables.n_relationships
    ids = {entry["id"] for entry in entries if entry["type"] == "node"}
    ends = {
        e[side]["id"] for e in entries if e["type"] == "relationship" for side in ("start", "end")
    }
    assert ends <= ids


def test_the_cypher_script_runs_statement_by_statement(written, tables):
    text = written("graph.cypher").read_text(encoding="utf-8")
    statements = text.split(";\n")[:-1]
    assert sum("CREATE CONSTRAINT" in s for s in statements) == 2
    assert sum(s.startswith("UNWIND") and "MERGE" in s for s in statements) == 4
    assert all(cypher_literal(name) in text for name in tables.streamers["name"])


def test_formats_that_do_not_exist_are_refused(simulated, tmp_path, refusal):
    assert "--format" in refusal(
        "model", simulated.tables, "--out", tmp_path / "g", "--format", "xls"
    )
