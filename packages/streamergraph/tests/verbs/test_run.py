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
