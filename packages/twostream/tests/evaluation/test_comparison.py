"""Two runs on the same clips."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.atomic import write_json
from twostream.errors import TwostreamError
from twostream.evaluation.comparison import A, B, compare_runs
from twostream.evaluation.scores import ClipScores, save_scores
from twostream.training.record import TrainingRecord

CLASSES = ("golf", "run", "walk")
IDS = tuple(f"{CLASSES[k % 3]}/v_{CLASSES[k % 3]}_g{k // 6:02d}_c{k}" for k in range(36))
LABELS = np.arange(36, dtype=np.int64) % 3


def write_run(
    run: Path,
    *,
    ids: tuple[str, ...] = IDS,
    labels: np.ndarray = LABELS,
    classes: tuple[str, ...] = CLASSES,
    right: np.ndarray | None = None,
    seed: int = 0,
) -> Path:
    """A run with a stream `fusion` that is right where `right` says so, else at random."""
    rng = np.random.default_rng(seed)
    hits = rng.random(len(ids)) < 0.6 if right is None else right
    values = np.full((len(ids), len(classes)), 0.1, np.float32)
    values[np.arange(len(ids)), np.where(hits, labels, (labels + 1) % len(classes))] = 0.8
    save_scores(
        run / "scores" / "whole-video.npz", {"fusion": ClipScores(ids, classes, labels, values)}
    )
    write_json(run / "results.json", {"protocols": {"whole-video": {"fusion": {}}}})
    return run


def compared(one: Path, other: Path, **asked: str):
    return compare_runs(one, other, **{"protocol": "whole-video", "stream": "fusion", **asked})


def test_a_run_equals_itself(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a")
    found = compared(run, run)
    assert found.difference.differences["top1"].difference == 0
    assert found.difference.only_first_right == found.difference.only_second_right == 0
    assert found.only_in_a == found.only_in_b == ()
    assert found.resamples.groups == 18


def test_clips_are_joined_by_their_ids_and_the_rest_is_named(tmp_path: Path) -> None:
    right = np.arange(36) % 2 == 0
    order = np.random.default_rng(0).permutation(36)[:30]
    a = write_run(tmp_path / "a", right=right)
    b = write_run(
        tmp_path / "b",
        ids=(*(IDS[k] for k in order), "walk/new"),
        labels=np.array([*LABELS[order], 2]),
        right=np.array([*right[order], True]),
    )
    found = compared(a, b)
    assert set(found.only_in_a) == {IDS[k] for k in range(36) if k not in order}
    assert found.only_in_b == ("walk/new",)
    assert found.scores[A].ids == found.scores[B].ids
    assert found.difference.only_first_right == found.difference.only_second_right == 0


@given(seed=st.integers(0, 1000))
def test_swapping_the_runs_turns_every_sign(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    a, b = write_run(folder / "a", seed=seed), write_run(folder / "b", seed=seed + 1)
    one, other = compared(a, b), compared(b, a)
    for measure, told in one.difference.differences.items():
        back = other.difference.differences[measure]
        assert told.difference == pytest.approx(-back.difference)
        assert (told.low, told.high) == pytest.approx((-back.high, -back.low))
    for row, turned in zip(one.classes, other.classes, strict=True):
        assert (row.top1_a, row.only_a) == (turned.top1_b, turned.only_b)
    net = sum(row.only_b - row.only_a for row in one.classes)
    assert one.difference.differences["top1"].difference == pytest.approx(net / 36)


def test_other_classes_or_labels_or_clips_are_refused(tmp_path: Path) -> None:
    a = write_run(tmp_path / "a")
    classes = write_run(tmp_path / "classes", classes=("golf", "jump", "walk"))
    order = write_run(tmp_path / "order", classes=("run", "golf", "walk"))
    labels = write_run(tmp_path / "labels", labels=(LABELS + (np.arange(36) == 7)) % 3)
    clips = write_run(tmp_path / "clips", ids=tuple(f"walk/{k}" for k in range(36)))
    for run, found in (
        (classes, "jump"),
        (order, "another order"),
        (labels, "other labels for 1 clip, such as run/v_run_g01_c7"),
        (clips, "none"),
    ):
        with pytest.raises(TwostreamError, match=found):
            compared(a, run)


def test_scores_of_a_stream_trained_anew_since_are_not_compared(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a")
    told = {"protocols": {"whole-video": {"fusion": {}}}, "trainings": {"spatial": "then"}}
    write_json(run / "results.json", told)
    known = {item.name: "" for item in fields(TrainingRecord) if item.name != "format"}
    now = {**known, "classes": [], "options": {}, "environment": {}}
    write_json(run / "spatial" / "training.json", {**now, "fingerprint": "then"})
    assert compared(run, run)
    write_json(run / "spatial" / "training.json", {**now, "fingerprint": "now"})
    with pytest.raises(TwostreamError, match="trained anew"):
        compared(run, run)


def test_missing_scores_are_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a")
    with pytest.raises(TwostreamError, match="choose with --protocol"):
        compared(run, run, protocol="one-frame")
    with pytest.raises(TwostreamError, match="found fusion; choose one of these with --stream"):
        compared(run, run, stream="temporal")
    with pytest.raises(TwostreamError, match="twostream evaluate"):
        compared(run, tmp_path / "nothing")


def test_a_run_of_several_splits_is_compared_split_by_split(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a")
    write_run(tmp_path / "several" / "split1")
    with pytest.raises(TwostreamError, match="one by one, such as"):
        compared(run, tmp_path / "several")


def test_of_folds_all_clips_are_compared_however_they_were_divided(tmp_path: Path) -> None:
    right = np.arange(36) % 2 == 0
    a = write_run(tmp_path / "a", right=right)
    folds = write_run(tmp_path / "folds", right=~right)
    results = json.loads((folds / "results.json").read_text())
    one = {"protocols": {}, "data": str(tmp_path)}
    write_json(
        folds / "results.json", {"splits": {"1": one, "2": one}, "mean": results, "pooled": results}
    )
    write_json(folds / "split1" / "results.json", one)
    found = compared(a, folds)
    assert found.difference.only_first_right == found.difference.only_second_right == 18
    assert found.only_in_a == found.only_in_b == ()
