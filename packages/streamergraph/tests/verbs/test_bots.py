"""A list of bots, made by published lists and by rule, does what lists and rules of `process` do."""

from __future__ import annotations

import json
import re

import pytest
from streamergraph.tables.reading import read_tables


@pytest.fixture
def made(simulated, tmp_path, call):
    """Makes a list; returns what was said, and the file."""

    def bots(*options):
        out = tmp_path / "bots.json"
        status, said, err = call(
            "bots", simulated.store, "--out", out, "--key", simulated.key, *options
        )
        assert status == 0, err
        return said, out

    return bots


def test_tables_are_those_of_the_same_list_and_rule(made, simulated, tmp_path, call):
    truth = simulated.simulation / "truth"
    said, out = made("--listed", truth / "bots.csv", "--bot-channels", 15)
    assert "bots by list" in said
    options = ("--renames", truth / "renames.csv", "--raid-minutes", 30, "--key", simulated.key)
    status, *_ = call(
        "process", simulated.store, "--out", tmp_path / "t", "--bots", out, "--bot-channels", 0, *options
    )  # fmt: skip
    assert status == 0
    ours, theirs = read_tables(tmp_path / "t"), read_tables(simulated.tables)
    for name in ("streamers", "categories", "played", "overlaps"):
        assert getattr(ours, name).equals(getattr(theirs, name)), name


def test_where_the_rule_finds_nobody_it_is_told_how_many_chats_anybody_was_in(made):
    """A store of few channels has bots that are in all of them, and yet in fewer than the default."""
    said, out = made("--bot-channels", 1000)
    assert json.loads(out.read_text())["bots"] == []
    most = int(re.search(r"but in (\d+) at most", said)[1])
    assert 15 < most < 1000
    said, out = made("--bot-channels", most)
    assert json.loads(out.read_text())["bots"] == []
    said, out = made("--bot-channels", most - 1)
    assert json.loads(out.read_text())["bots"]
    assert "nobody was in more" not in said


def test_several_lists_in_their_own_forms_and_an_allow_list(made, simulated, tmp_path):
    said, out = made("--bot-channels", 15)
    by_rule = {one["pseudonym"]: one for one in json.loads(out.read_text())["bots"]}
    assert all(one["rule"] == "channels" and one["chats"] > 15 for one in by_rule.values())
    (tmp_path / "insights.json").write_text(
        json.dumps({"bots": [["never_seen_1", 9000, 1714560000], ["bot_0", 5, 1]], "_total": 2})
    )
    (tmp_path / "plain.txt").write_text("# known\n@never_seen_2\nbot_1\n")
    said, out = made(
        "--bot-channels", 0,
        "--listed", tmp_path / "insights.json", "--listed", tmp_path / "plain.txt",
    )  # fmt: skip
    assert "insights.json: 2 logins read" in said
    assert "more of the lists were never seen" in said
    text = out.read_text()
    assert "bot_" not in text
    assert "never_seen" not in text
    assert len(json.loads(text)["bots"]) == 4
    (tmp_path / "allow.txt").write_text("never_seen_2\n")
    _, out = made(
        "--bot-channels", 0, "--listed", tmp_path / "plain.txt", "--allow", tmp_path / "allow.txt"
    )
    assert len(json.loads(out.read_text())["bots"]) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda said: said | {"key_fingerprint": "0" * 16}, "another key"),
        (lambda said: said | {"bots": [{"pseudonym": "anna"}]}, "pseudonyms"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(made, simulated, tmp_path, refusal, change, named):
    _, out = made("--bot-channels", 15)
    out.write_text(json.dumps(change(json.loads(out.read_text()))))
    options = ("--bots", out, "--key", simulated.key, "--out", tmp_path / "t")
    assert named in refusal("process", simulated.store, *options)


def test_neither_a_list_nor_a_rule(simulated, tmp_path, refusal):
    options = ("--out", tmp_path / "b.json", "--bot-channels", 0, "--key", simulated.key)
    assert "--bot-channels" in refusal("bots", simulated.store, *options)
    assert "--listed" in refusal("bots", simulated.store, "--listed", tmp_path / "x", *options)


def test_tables_are_no_store_and_a_folder_is_no_list(simulated, tmp_path, refusal):
    said = refusal("bots", simulated.tables, "--out", tmp_path / "b.json", "--key", simulated.key)
    assert "found tables" in said
    said = refusal("bots", simulated.store, "--out", tmp_path, "--key", simulated.key)
    assert "found a folder; name a file in it" in said
