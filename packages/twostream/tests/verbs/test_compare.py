"""The verb `compare`: tables, a page, and refusals in one line."""

from __future__ import annotations

import csv
import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from twostream import compare
from twostream.atomic import write_json
from twostream.evaluation.scores import ClipScores, save_scores

AWKWARD = ("a<b>&", "élan", "run")


def write_run(run: Path, *, clips: int, seed: int, classes: tuple[str, ...] = AWKWARD) -> Path:
    labels = np.arange(clips, dtype=np.int64) % 3
    ids = tuple(f"{classes[k]}/{i}" for i, k in enumerate(labels))
    values = np.random.default_rng(seed).dirichlet(np.ones(3), clips).astype(np.float32)
    scores = {"fusion": ClipScores(ids, classes, labels, values)}
    save_scores(run / "scores" / "whole-video.npz", scores)
    write_json(run / "results.json", {"protocols": {"whole-video": {"fusion": {}}}})
    return run


@pytest.mark.usefixtures("shown")
def test_it_writes_tables_and_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = (write_run(tmp_path / n, clips=c, seed=c) for n, c in (("a", 30), ("b", 42)))
    content = compare(a, b, out=tmp_path / "out")
    assert json.loads((tmp_path / "out" / "comparison.json").read_text()) == content
    assert len(content["only_in_B"]) == 12
    assert content["clips"] == 30
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        *("comparison.json", "comparison.html", "comparison.svg"),
        *("measures.csv", "per_class.csv", "clips.csv"),
    }
    with (tmp_path / "out" / "clips.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    hits = [row["label"] == row["B"] for row in rows]
    assert np.mean(hits) == pytest.approx(content["B"]["top1"])
    printed = capsys.readouterr().out
    assert "B − A" in printed
    assert "12 clips only B was tested on" in printed


@pytest.mark.usefixtures("shown")
def test_runs_that_were_not_scored_alike_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = (write_run(tmp_path / n, clips=30, seed=c) for n, c in (("a", 1), ("b", 2)))
    told = {"engine": "keras", "library": "keras 3", "device": "cpu", "threads": 2}
    for run, precision in ((a, "float32"), (b, "bfloat16")):
        results = json.loads((run / "results.json").read_text())
        one = {**told, "precision": precision}
        write_json(run / "results.json", {**results, "engines": {"spatial": [one]}})
    content = compare(a, b, out=tmp_path / "out")
    assert content["scored_alike"] is False
    assert content["B"]["computed_by"] == "keras 3, bfloat16, cpu, 2 threads"
    assert "A: keras 3, float32, cpu, 2 threads; B: keras 3, bfloat16" in capsys.readouterr().out
    assert "were not computed alike" in (tmp_path / "out" / "comparison.html").read_text()
    assert compare(a, a, out=tmp_path / "out")["scored_alike"] is True
    assert "alike" not in capsys.readouterr().out


def test_the_page_needs_nothing_else_and_escapes_names(tmp_path: Path) -> None:
    a, b = (write_run(tmp_path / str(k), clips=30, seed=k) for k in range(2))
    compare(a, b, out=tmp_path / "out")
    html = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    assert "a&lt;b&gt;&amp;" in html
    addresses: list[str] = []

    class Page(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag != "b"
            addresses.extend(v for k, v in attrs if k in ("src", "href") and v)

    Page().feed(html)
    assert addresses
    assert all((tmp_path / "out" / address).is_file() for address in addresses)


def test_runs_that_do_not_match_are_one_line(tmp_path: Path, run_twostream) -> None:
    a = write_run(tmp_path / "a", clips=9, seed=0)
    b = write_run(tmp_path / "b", clips=9, seed=0, classes=("a", "b", "c"))
    done = run_twostream("compare", a, b, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "same order" in done.stderr
    assert not (tmp_path / "out").exists()
