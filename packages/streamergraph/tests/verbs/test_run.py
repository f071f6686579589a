from __future__ import annotations

import json

import pytest


def test_everything_from_published_form_to_the_page(simulated, tmp_path, call):
    source = tmp_path / "source"
    source.mkdir()
    for path in simulated.tables.glob("*.csv"):
        (source / path.name).write_bytes(path.read_bytes())
    status, _, err = call("run", source, "--out", tmp_path / "out")
    assert status == 0, err
    for name in ("graph", "explore.html", "quality.html", "view/graph.html", "view/graph.png"):
        assert (tmp_path / "out" / name).is_file(), name


@pytest.mark.parametrize("flag", ["--bots", "--allow", "--renames", "--steam"])
def test_a_file_that_a_later_step_would_refuse_ends_it_before_any_work(tmp_path, refusal, flag):
    source, file = tmp_path / "source", tmp_path / "file.csv"
    source.mkdir()
    file.write_text("id,channels\n7,50\n")
    assert "file.csv" in refusal("run", source, "--out", tmp_path / "out", flag, file)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("flag", "words", "text"),
    [
        ("--top", ["--top", 0], ""),
        ("--theme", [], "view:\n  theme: drak\n"),
        ("--measure", [], "process:\n  measure: jacard\n"),
        ("'measure' twice", [], "process:\n  measure: jaccard\n  measure: cosine\n"),
    ],
)
def test_a_setting_that_a_later_step_would_refuse_ends_it_before_any_work(
    tmp_path, refusal, monkeypatch, flag, words, text
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source").mkdir()
    (tmp_path / "run.yaml").write_text(text)
    words = [*words, "--config", "run.yaml"] if text else words
    assert flag in refusal("run", "source", "--out", "out", *words)
    assert not (tmp_path / "out").exists()


def test_what_tables_have_no_use_for_is_told(simulated, tmp_path, call):
    words = ["run", simulated.tables, "--out", tmp_path / "out", "--raid-minutes", 15, "--top", 10]
    status, out, err = call(*words)
    assert status == 0, err
    assert "note: tables are taken as they are, without --raid-minutes\n" in out


def test_a_run_reads_what_import_reads(tmp_path, refusal):
    words = ["--out", tmp_path / "out", "--key", tmp_path / "key"]
    line = refusal("run", "mongodb://127.0.0.1:1", *words)
    assert "expected mongodb://HOST:PORT/DATABASE.COLLECTION" in line


def test_a_run_on_snapshots_shows_hours_and_holes(tmp_path, call):
    world = ["--streamers", 12, "--viewers", 300, "--days", 1, "--interval-minutes", 30]
    assert call("simulate", "--out", tmp_path / "world", *world)[0] == 0
    words = ["run", tmp_path / "world" / "snapshots", "--out", tmp_path / "out"]
    status, _, err = call(*words, "--key", tmp_path / "key", "--timezone", "Europe/Rome")
    assert status == 0, err
    explored = json.loads((tmp_path / "out" / "explore.json").read_text())
    assert explored["hours_are_of"] == "Europe/Rome"
    assert max(explored["streams_by_hour"].values()) > 0
    checked = json.loads((tmp_path / "out" / "quality.json").read_text())
    assert [hole["minutes"] for hole in checked["sources"]["holes"]] == [150]
    assert checked["sources"]["runs"]["expected"] == 48
    assert checked["other_kind"]["channels"] == 0


def test_the_same_seed_simulates_the_same_bytes(tmp_path, call):
    for name in ("one", "two"):
        options = ["--streamers", 8, "--viewers", 200, "--days", 1, "--interval-minutes", 60]
        assert call("simulate", "--out", tmp_path / name, *options)[0] == 0
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(files) >= 15
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    settings = json.loads((tmp_path / "one" / "truth" / "simulation.json").read_text())
    assert settings["streamers"] == 8


def test_two_worlds_do_not_meet_in_one_folder(tmp_path, call, refusal, monkeypatch):
    world = ["simulate", "--out", tmp_path, "--streamers", 8, "--viewers", 200, "--days", 1]
    assert call(*world, "--interval-minutes", 60, "--seed", 1)[0] == 0
    assert call(*world, "--interval-minutes", 60, "--seed", 1)[0] == 0  # the same one goes on
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    line = refusal(*world, "--interval-minutes", 30, "--seed", 2)
    assert "interval_minutes 60, seed 1" in line
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before
    (tmp_path / "truth" / "simulation.json").unlink()
    assert "unknown settings" in refusal(*world, "--interval-minutes", 60, "--seed", 1)


def test_one_file_sets_every_step(simulated, tmp_path, call):
    config = tmp_path / "all.yaml"
    config.write_text(
        f"""\
key: {simulated.key}
raid-minutes: 30
process:
  threshold: 15
  measure: jaccard
  bot_channels: 15
graph:
  weight: cosine
communities:
  resolution: 1.5
  seeds: 1
layout:
  iterations: 20
  strong-gravity: true
view:
  title: Mine
"""
    )
    source = simulated.simulation / "snapshots"
    status, _, err = call("run", source, "--out", tmp_path / "out", "--config", config)
    assert status == 0, err
    made = json.loads((tmp_path / "out" / "tables" / "process.json").read_text())["settings"]
    assert (made["measure"], made["threshold"], made["bot_channels"]) == ("jaccard", 15, 15)
    assert made["raid_minutes"] == 30
    graph = json.loads((tmp_path / "out" / "audience-graph" / "graph.json").read_text())
    found = json.loads((tmp_path / "out" / "view" / "communities.json").read_text())
    placed = json.loads((tmp_path / "out" / "view" / "layout.json").read_text())
    assert graph["weight"] == "cosine"
    assert (found["resolution"], found["stability_seeds"]) == (1.5, 1)
    assert (placed["iterations"], placed["strong_gravity"]) == (20, True)
    assert graph["graph"] == found["graph"] == placed["graph"]
    assert not list((tmp_path / "out" / "view").glob("*.view.*"))
    assert "<title>Mine" in (tmp_path / "out" / "view" / "graph.svg").read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("process:\n  treshold: 5", "of 'process'"),
        ("process:\n  threshold: much", "threshold"),
        ("process:\n  every: week", "every"),
        ("view:\n  out: x", "out"),
        ("layout: 5", "layout"),
        ("layout:\n  iterations: 1.5", "whole number"),
        ("view:\n  title: [a]", "of 'view'"),
        ("process:\n  bots: absent.csv", "absent.csv"),
        ("sections:\n  a: b", "unknown key"),
    ],
)
def test_what_a_section_cannot_hold_is_refused_before_any_work(tmp_path, refusal, text, said):
    (tmp_path / "source").mkdir()
    config = tmp_path / "all.yaml"
    config.write_text(text)
    line = refusal("run", tmp_path / "source", "--out", tmp_path / "out", "--config", config)
    assert said in line
    assert not (tmp_path / "out").exists()


def test_sections_are_for_run_alone_and_steps_is_no_flag(tmp_path, refusal, simulated):
    config = tmp_path / "all.yaml"
    config.write_text("process:\n  threshold: 5")
    line = refusal("view", simulated.tables, "--out", tmp_path / "out", "--config", config)
    assert "unknown key" in line
    assert "--steps" in refusal("run", simulated.tables, "--out", tmp_path / "out", "--steps.a", 1)


def test_a_second_run_draws_today_and_leaves_what_a_person_made(simulated, tmp_path, call):
    def tables(folder, name):
        (tmp_path / folder).mkdir(exist_ok=True)
        for path in simulated.tables.glob("*.csv"):
            rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = rows[:-9] if path.name == name else rows
            (tmp_path / folder / path.name).write_text("".join(kept), encoding="utf-8")
        return tmp_path / folder

    out = ("--out", tmp_path / "out")
    assert call("run", tables("one", ""), *out)[0] == 0
    view = tmp_path / "out" / "view"
    first = json.loads((view / "layout.json").read_text())["graph"]
    today = tables("two", "Streamer-Streamer_dataset.csv")
    assert call("run", today, *out)[0] == 0
    second = json.loads((view / "layout.json").read_text())["graph"]
    assert second != first
    assert second in (view / "graph.gexf").read_text(encoding="utf-8")
    options = ("--resolution", 3, "--seeds", 1)
    graph = tmp_path / "out" / "audience-graph"
    assert call("communities", graph, "--out", view, *options)[0] == 0
    asked_for = (view / "communities.csv").read_bytes()
    assert call("run", tables("three", ""), *out)[0] == 0
    assert (view / "communities.csv").read_bytes() == asked_for
    assert json.loads((view / "communities.view.json").read_text())["resolution"] == 3
