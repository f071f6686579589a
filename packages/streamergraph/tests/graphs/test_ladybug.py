from __future__ import annotations

import csv
import os
import subprocess
import sys

import polars as pl
import pytest
from streamergraph.graphs import ladybug
from streamergraph.graphs.queries import QUERIES
from streamergraph.graphs.records import NodeTable, PropertyGraph


@pytest.fixture(scope="module")
def published_graph(published, tmp_path_factory):
    from streamergraph.verbs.model import model

    path = tmp_path_factory.mktemp("published") / "graph"
    assert model(published, out=str(path)) == (4121, 54931)
    return path


@pytest.fixture
def ask(call, tmp_path):
    """Ask by the command line; returns the rows of the answer as texts."""

    def run(graph, *tokens):
        status, _, err = call("query", graph, *tokens, "--out", tmp_path / "answer.csv")
        assert status == 0, err
        with (tmp_path / "answer.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))[1:]

    return run


def test_the_original_second_query_has_its_seven_rows(published_graph, ask):
    rows = ask(published_graph, "overlap", "--streamer", 12)
    assert rows == [
        ["roccobrazz", "70.8"], ["kajbomb", "67.0"], ["Maadux", "55.2"], ["StupidoHotelShow", "52.7"],
        ["LawayTV", "51.6"], ["panetty", "51.3"], ["VAXPOWER", "50.8"],
    ]  # fmt: skip
    assert ask(published_graph, "overlap", "--streamer", "Homyatol") == rows


def test_the_original_third_query_has_its_sum(published_graph, ask):
    assert ask(published_graph, "minutes-of-tag", "--tag", "Open World") == [["540870"]]


def test_the_original_first_query_shows_25_paths(published_graph, ask):
    assert len(ask(published_graph, "paths")) == 25


def test_nodes_and_relationships_are_counted_in_the_database(published_graph, ask):
    assert ask(published_graph, "count") == [
        ["nodes", "Game", "1144"],
        ["nodes", "Streamer", "2977"],
        ["relationships", "HAS_VIEWERSHIP_OVERLAPPED_WITH", "47222"],
        ["relationships", "PLAYED", "7709"],
    ]
    assert ask(published_graph, "--cypher", "MATCH ()-[r]->() RETURN count(r)") == [["54931"]]


def test_numbers_are_numbers(published_graph, ask):
    text = "MATCH (s:Streamer) WHERE s.viewerMean > 10000 RETURN count(s)"
    assert ask(published_graph, "--cypher", text) == [["4"]]


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_question_has_an_answer(published_graph, ask, name):
    assert ask(published_graph, name, "--streamer", "12", "--tag", "Simulation")


def test_a_second_run_doubles_nothing_and_odd_names_survive(simulated, tmp_path, call, ask):
    for _ in range(2):
        assert call("model", simulated.tables, "--out", tmp_path / "graph")[0] == 0
    from streamergraph.tables.reading import read_tables

    tables = read_tables(simulated.tables)
    text = "MATCH (s:Streamer) RETURN s.Name ORDER BY s.idStreamer"
    assert [row[0] for row in ask(tmp_path / "graph", "--cypher", text)] == tables.streamers[
        "name"
    ].to_list()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_is_no_database_is_refused_and_kept(simulated, tmp_path, refusal):
    other = tmp_path / "letter.txt"
    other.write_text("Dear")
    assert "something else" in refusal("model", simulated.tables, "--out", other)
    assert other.read_text() == "Dear"
    assert "Ladybug" in refusal("query", other, "paths")
    assert "check GRAPH" in refusal("query", tmp_path / "absent", "paths")


def test_queries_that_cannot_run_are_refused(published_graph, refusal):
    assert "--cypher" in refusal("query", published_graph, "--cypher", "MATCH (x RETURN")
    assert "--cypher" in refusal("query", published_graph, "--cypher", "CREATE (:Streamer)")
    assert "NAME" in refusal("query", published_graph, "nonsense")
    assert "--streamer" in refusal("query", published_graph, "overlap")


@pytest.mark.parametrize(
    ("question", "flag", "value", "near"),
    [("overlap", "--streamer", "homyatol", "Homyatol"), ("streamer", "--streamer", "99999", "none like"),
     ("streamer", "--streamer", "Tumblur", "Tumblurr"),
     ("minutes-of-category", "--category", "just chating", "Just Chatting"),
     ("minutes-of-tag", "--tag", "open world", "Open World"), ("compare-tags", "--tag", "Simulatio", None),
     ("compare-tags", "--other-tag", "Strtegy", "Strategy"),
     ("new-releases", "--since", "May 2022", "YYYY"), ("new-releases", "--since", "2022-13", "YYYY"),
     ("new-releases", "--since", "2030", "the latest release is of 2022-06-02"),
     ("categories", "--limit", "0", "at least 1")],
)  # fmt: skip
def test_what_is_not_there_is_refused_with_what_is_near(
    published_graph, ask, refusal, question, flag, value, near
):
    if near is None:  # a part of a tag is enough
        assert ask(published_graph, question, flag, value)
        return
    line = refusal("query", published_graph, question, flag, value)
    assert flag in line
    assert value in line
    assert near in line


def test_a_graph_without_dates_says_where_they_come_from(simulated, tmp_path, call, refusal):
    assert call("model", simulated.tables, "--out", tmp_path / "graph")[0] == 0
    line = refusal("query", tmp_path / "graph", "new-releases", "--since", "2022")
    assert "dates of release come from `enrich`" in line


@pytest.mark.parametrize("suffix", ["gexff", "jsonL2", "graphm", "cyper"])
def test_a_suffix_that_is_nearly_one_makes_no_database(simulated, tmp_path, call, refusal, suffix):
    path = tmp_path / f"graph.{suffix}"
    assert "did you mean graph." in refusal("model", simulated.tables, "--out", path)
    assert call("model", simulated.tables, "--out", path, "--format", "ladybug")[0] == 0


def test_a_full_disk_is_a_sentence(simulated, tmp_path, refusal, monkeypatch):
    def full(*_):
        raise RuntimeError("IO exception: Cannot write to file. Error: No space left on device")

    monkeypatch.setattr("ladybug.Connection.execute", full)
    line = refusal("model", simulated.tables, "--out", tmp_path / "graph")
    assert "expected room on the disk, found No space left on device; make room" in line
    assert str(tmp_path / "graph") in line
    assert not list(tmp_path.iterdir())


def test_queries_write_only_where_that_is_said(simulated, tmp_path, call, ask, refusal):
    assert call("model", simulated.tables, "--out", tmp_path / "graph")[0] == 0
    text = "CREATE (:Streamer {idStreamer: 77, Name: 'New'})"
    line = refusal("query", tmp_path / "graph", "--cypher", text)
    assert "--write" in line
    assert call("query", tmp_path / "graph", "--cypher", text, "--write")[0] == 0
    assert ask(
        tmp_path / "graph", "--cypher", "MATCH (s:Streamer {Name: 'New'}) RETURN count(s)"
    ) == [["1"]]
    assert "--write" in refusal("query", tmp_path / "graph", "count", "--write")
    for flag, value in (("--database", "x"), ("--keep", None)):
        words = [flag] if value is None else [flag, value]
        assert flag in refusal("model", simulated.tables, "--out", tmp_path / "graph", *words)
    assert "--database" in refusal("query", tmp_path / "graph", "count", "--database", "x")


def test_a_query_that_speaks_of_label_in_a_text_is_left_as_it_is(published_graph, ask):
    text = "MATCH (s:Streamer) RETURN 'label(r)' LIMIT 1"
    assert ask(published_graph, "--cypher", text) == [["label(r)"]]


def test_a_database_is_made_and_read_under_a_limit_of_address_space(simulated, tmp_path):
    """By default Ladybug reserves eight terabytes."""
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))\n"
        "from streamergraph.cli.main import run_command\n"
        "sys.exit(run_command(sys.argv[1:]))"
    )
    words = [str(simulated.tables), "--out", str(tmp_path / "graph")]
    for verb, *rest in (("model", *words), ("query", str(tmp_path / "graph"), "count")):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
        result = subprocess.run(
            [sys.executable, "-c", program, verb, *rest],
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr[-2000:]


def test_the_bound_of_a_database_grows_with_what_it_holds(tmp_path, monkeypatch):
    monkeypatch.setattr(ladybug, "SMALLEST", 2**23)
    opened = []
    real = ladybug._open
    monkeypatch.setattr(
        ladybug, "_open", lambda path, size, **more: opened.append(size) or real(path, size, **more)
    )
    numbers = pl.int_range(100_000, eager=True)
    names = numbers.hash(1).cast(pl.String) + numbers.hash(2).cast(pl.String)
    rows = pl.DataFrame({"idStreamer": numbers, "Name": names})
    graph = PropertyGraph(nodes=(NodeTable(label="Streamer", rows=rows),), relations=(), made="")
    ladybug.write_ladybug(tmp_path / "graph", graph)
    question = "MATCH (s:Streamer) RETURN count(s), min(s.Name)"
    _, answer = ladybug.query_ladybug(tmp_path / "graph", question, {})
    assert answer == [[100_000, names.min()]]
    size = (tmp_path / "graph").stat().st_size
    assert opened[0] >= 4 * size > 2**23
    assert opened[1] >= size
