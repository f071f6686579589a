"""Several splits: each in its folder, and their mean."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from twostream.datasets.manifest import ManifestRow, read_manifest, write_manifest
from twostream.errors import TwostreamError
from twostream.evaluation.metrics import accuracy
from twostream.evaluation.results import read_results
from twostream.evaluation.scores import ClipScores, load_scores, save_scores
from twostream.evaluation.split_results import (
    differing_options,
    overall,
    parse_splits,
    split_folder,
    trained_splits,
    write_split_results,
)
from twostream.training.record import TrainingRecord, write_record

CLASSES = ("a", "b", "c")


def clip_rows(count: int = 30) -> list[ManifestRow]:
    return [
        ManifestRow(
            f"{CLASSES[k % 3]}/{k}", CLASSES[k % 3], k % 3, "", "", 9, 25.0, 9, 9, 1.0, f"g{k // 2}",
            splits=("test", "test"),
        )
        for k in range(count)
    ]  # fmt: skip


def one_split(
    run: Path,
    number: int,
    *,
    streams: tuple[str, ...],
    rows: list[ManifestRow] | None = None,
) -> dict[str, Any]:
    """The scores of a split as `evaluate` leaves them, and its results."""
    rows = clip_rows()[10 * (number - 1) :] if rows is None else rows
    labels = np.array([row.label for row in rows])
    rng = np.random.default_rng(number)
    scores = {
        stream: ClipScores(
            tuple(row.clip_id for row in rows),
            CLASSES,
            labels,
            rng.dirichlet(np.ones(3), len(rows)).astype(np.float32),
        )
        for stream in streams
    }
    save_scores(split_folder(run, number) / "scores" / "25.npz", scores)
    cells = {name: accuracy(s.values, s.labels).to_dict() for name, s in scores.items()}
    return {
        "dataset": "made up",
        "split": number,
        "n_test": len(rows),
        "classes": list(CLASSES),
        "protocols": {"25": {name: {**cell, "intervals": {}} for name, cell in cells.items()}},
        "fusion": {"method": "average of softmax", "variants": {}},
        "data": str(run / "data"),
    }


@pytest.fixture
def combined(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "data").mkdir()
    write_manifest(tmp_path / "data", clip_rows(), 2)
    results = {
        2: one_split(tmp_path, 2, streams=("spatial", "temporal", "fusion")),
        1: one_split(tmp_path, 1, streams=("spatial", "temporal", "fusion", "fusion-svm")),
    }
    return write_split_results(tmp_path, results)


def test_the_mean_has_the_shape_of_one_split(combined: dict[str, Any], tmp_path: Path) -> None:
    assert list(combined["splits"]) == ["1", "2"]
    first, second = combined["splits"].values()
    assert set(combined["mean"]) >= {"dataset", "split", "n_test", "classes", "protocols", "fusion"}
    assert combined["mean"]["n_test"] == first["n_test"] + second["n_test"] == 50
    for stream, values in combined["mean"]["protocols"]["25"].items():
        for measure in ("top1", "top5", "mean_class"):
            cells = [one["protocols"]["25"][stream][measure] for one in (first, second)]
            assert values[measure] == pytest.approx(np.mean(cells))
            spread = combined["standard_deviation"]["protocols"]["25"][stream][measure]
            assert spread == pytest.approx(np.std(cells, ddof=1))
            low, high = values["intervals"][measure]
            assert low <= values[measure] <= high
    assert json.loads((tmp_path / "results.json").read_text()) == combined


def test_the_mean_tells_by_how_much_fusion_is_above_the_best_stream(
    combined: dict[str, Any],
) -> None:
    cells = combined["mean"]["protocols"]["25"]
    (gain,) = combined["mean"]["fusion_minus_best_stream"]["25"]
    best = max(("spatial", "temporal"), key=lambda stream: cells[stream]["top1"])
    assert (gain["first"], gain["second"]) == ("fusion", best)
    for measure in ("top1", "mean_class"):
        difference = cells["fusion"][measure] - cells[best][measure]
        assert gain[measure]["difference"] == pytest.approx(difference)
        low, high = gain[measure]["interval"]
        assert low <= difference <= high


def test_only_what_every_split_has_is_averaged(combined: dict[str, Any]) -> None:
    assert list(combined["mean"]["protocols"]["25"]) == ["spatial", "temporal", "fusion"]
    assert "fusion-svm" in combined["splits"]["1"]["protocols"]["25"]


def test_the_table_has_every_split_the_mean_and_the_spread(
    combined: dict[str, Any], tmp_path: Path
) -> None:
    rows = list(csv.DictReader((tmp_path / "results.csv").read_text().splitlines()))
    assert [row["split"] for row in rows] == (
        ["1"] * 4 + ["2"] * 3 + ["mean"] * 3 + ["standard_deviation"] * 3
    )


def test_of_a_single_split_there_is_no_spread(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    write_manifest(tmp_path / "data", clip_rows(), 2)
    found = write_split_results(tmp_path, {1: one_split(tmp_path, 1, streams=("spatial",))})
    spread = found["standard_deviation"]["protocols"]["25"]["spatial"]
    assert set(spread.values()) == {None}


def test_the_folders_of_splits_are_found(combined: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "splitter").mkdir()
    assert trained_splits(tmp_path) == ()
    for folder in ("split1/temporal", "split2/spatial"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "training.json").write_text("{}")
    assert trained_splits(tmp_path) == (1, 2)
    assert trained_splits(tmp_path / "split1") == ()


def test_splits_that_were_not_trained_alike_are_told(tmp_path: Path) -> None:
    for number, dropout in ((1, 0.5), (2, 0.5), (3, 0.8)):
        record = TrainingRecord(
            stream="temporal",
            data="data",
            content="c",
            split=number,
            classes=CLASSES,
            backbone="cnn-s",
            weights=None,
            n_train=1,
            n_validation=0,
            selection="",
            selected_epoch=1,
            options={"split": number, "dropout": dropout, "epochs": 1},
            environment={},
            duration_seconds=1.0,
            fingerprint="f",
        )
        folder = split_folder(tmp_path, number) / "temporal"
        folder.mkdir(parents=True)
        write_record(folder, record)
    assert differing_options(tmp_path, (1, 2)) == ()
    assert differing_options(tmp_path, (1, 2, 3)) == ("dropout",)


def test_what_is_about_one_split_says_which_folder_to_name(
    combined: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(TwostreamError, match="split1"):
        read_results(tmp_path)


@pytest.mark.parametrize("text", ["", "one", "0", "1,x", "-1"])
def test_splits_are_numbers(text: str) -> None:
    with pytest.raises(TwostreamError, match="--splits"):
        parse_splits(text)


@pytest.fixture
def folds(tmp_path: Path) -> dict[str, Any]:
    """Two folds of different sizes: clips 0 to 9, and 10 to 29."""
    (tmp_path / "data").mkdir()
    rows = [
        replace(row, splits=("test", "train") if k < 10 else ("train", "test"))
        for k, row in enumerate(clip_rows())
    ]
    write_manifest(tmp_path / "data", rows, 2)
    results = {}
    for number, part in ((1, slice(0, 10)), (2, slice(10, 30))):
        results[number] = one_split(
            tmp_path, number, streams=("spatial", "temporal", "fusion"), rows=clip_rows()[part]
        )
    return write_split_results(tmp_path, results)


def test_where_each_clip_is_tested_once_all_are_measured_together(
    folds: dict[str, Any], tmp_path: Path
) -> None:
    pooled = folds["pooled"]
    assert (pooled["n_test"], pooled["n_clips"], pooled["source_videos"]) == (30, 30, 15)
    for stream, values in pooled["protocols"]["25"].items():
        one, other = (folds["splits"][k]["protocols"]["25"][stream]["top1"] for k in "12")
        assert values["top1"] == pytest.approx((10 * one + 20 * other) / 30)
        low, high = values["intervals"]["top1"]
        assert low <= values["top1"] <= high
    assert overall(folds) == pooled
    stored = load_scores(tmp_path / "scores" / "25.npz")
    assert list(stored["fusion"].ids) == [
        row.clip_id for row in read_manifest(tmp_path / "data").rows
    ]
    assert (tmp_path / "analysis" / "25" / "per_class.csv").is_file()
    table = (tmp_path / "results.csv").read_text()
    assert table.count("pooled,25,") == 3


def test_what_was_pooled_before_goes_where_clips_are_tested_twice(
    folds: dict[str, Any], tmp_path: Path
) -> None:
    streams = ("spatial", "temporal", "fusion")
    again = {k: one_split(tmp_path, k, streams=streams) for k in (1, 2)}
    found = write_split_results(tmp_path, again)
    assert "pooled" not in found
    assert overall(found) == found["mean"]
    assert not (tmp_path / "scores" / "25.npz").exists()
    assert not (tmp_path / "analysis" / "25").exists()


def test_of_one_fold_alone_nothing_is_pooled(folds: dict[str, Any], tmp_path: Path) -> None:
    assert "pooled" not in write_split_results(tmp_path, {1: folds["splits"]["1"]})


def test_all_stands_for_every_split() -> None:
    assert parse_splits("all", known=(3, 1)) == (1, 3)
