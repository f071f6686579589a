from __future__ import annotations

import csv

import pytest
from streamergraph.graphs.queries import QUERIES


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
    assert ask(published_graph, "count") == [["Game", "1144"], ["Streamer", "2977"]]
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
