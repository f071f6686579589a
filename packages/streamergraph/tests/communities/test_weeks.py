"""Communities keep their line from week to week, and who moves is told."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET

import polars as pl
import pytest
from streamergraph.communities.naming import Community
from streamergraph.communities.result import Communities
from streamergraph.communities.weeks import follow

SVG = "{http://www.w3.org/2000/svg}"


def week(*groups, ids=None):
    """Communities of groups of names; ids are ranks unless given."""
    names = [name for group in groups for name in group]
    labels = pl.DataFrame(
        {
            "streamer_id": range(len(names)) if ids is None else [ids[name] for name in names],
            "name": names,
            "community": [k for k, group in enumerate(groups) for _ in group],
        }
    )
    described = [
        Community(community=k, size=len(g), name=g[0], streamers=tuple(g), categories=())
        for k, g in enumerate(groups)
    ]
    return Communities(labels=labels, described=described, facts={})


def test_lines_hold_whatever_numbers_communities_have_and_ids_are_ranks():
    a, b, c = list("abcdef"), list("ghijkl"), list("mnopq")
    followed = follow(
        [("1", week(a, b)), ("2", week([*b, "a"], a[1:])), ("3", week(c, a[1:], [*b, "a", "z"]))]
    )
    sizes = {line.line: line.sizes for line in followed.lines}
    assert sizes == {0: {"1": 6, "2": 5, "3": 5}, 1: {"1": 6, "2": 7, "3": 8}, 2: {"3": 5}}
    assert followed.moves.rows() == [("1", "2", 6, "a", 0, 1)]
    assert followed.members.filter(pl.col("date") == "3").height == 18
    assert followed.flows.filter(pl.col("from") == 0).rows() == [
        ("1", "2", 0, 0, 5), ("1", "2", 0, 1, 1), ("2", "3", 0, 0, 5),
    ]  # fmt: skip


def test_a_community_that_ends_and_weeks_without_anybody_in_common():
    followed = follow([("1", week(list("abc"))), ("2", week(list("xyz")))])
    assert [line.sizes for line in followed.lines] == [{"1": 3}, {"2": 3}]
    assert followed.moves.height == 0


def test_ids_that_last_are_followed_under_another_name():
    ids = {name: 1000 + k for k, name in enumerate("abcdef")} | {"A": 1000}
    followed = follow([
        ("1", week(list("abc"), list("def"), ids=ids)), ("2", week(list("bc"), list("defA"), ids=ids)),
    ])  # fmt: skip
    assert followed.moves.rows() == [("1", "2", 1000, "A", 0, 1)]


@pytest.fixture
def folder(simulated, tmp_path):
    """Two weeks: of the second a community's first streamer takes another's place."""
    for name in ("2024-W18", "2024-W19"):
        (tmp_path / "weeks" / name).mkdir(parents=True)
        for path in simulated.tables.iterdir():
            if path.is_file():
                (tmp_path / "weeks" / name / path.name).write_bytes(path.read_bytes())
    (tmp_path / "weeks" / "notes").mkdir()
    return tmp_path / "weeks"


def test_by_the_command_line(folder, tmp_path, call, refusal):
    status, said, err = call("weeks", folder, "--out", tmp_path / "out", "--theme", "light")
    assert status == 0, err
    assert "0 moves" in said
    with (tmp_path / "out" / "lines.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["line", "name", "2024-W18", "2024-W19"]
    assert len(rows) >= 3
    assert all(row[2] == row[3] for row in rows)
    root = ET.parse(tmp_path / "out" / "weeks.svg").getroot()
    assert len(root.findall(f"{SVG}rect")) == 1 + 2 * len(rows)
    assert len(root.findall(f"{SVG}path")) == len(rows)
    assert pl.read_csv(tmp_path / "out" / "weeks.csv").columns == [
        "date",
        "streamer_id",
        "name",
        "line",
    ]
    assert "two weeks" in refusal("weeks", folder / "2024-W18", "--out", tmp_path / "out")
    assert "--theme" in refusal("weeks", folder, "--out", tmp_path / "out", "--theme", "grey")
