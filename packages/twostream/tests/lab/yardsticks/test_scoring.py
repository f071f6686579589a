"""`bench evaluate`: both ways see the same and score the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import pytest
from twostream.cli.tables.benchmarks import print_benchmark
from twostream.datasets.manifest import read_manifest
from twostream.lab.benchmarks.bench_evaluate import bench_evaluate
from twostream.lab.yardsticks.scoring import time_stream
from twostream.models.inference import Scoring
from twostream.training.options import TrainingOptions
from twostream.training.stream import train_stream


@pytest.fixture(scope="session")
def temporal_run(tmp_path_factory: pytest.TempPathFactory, small_data: Path) -> Path:
    run = tmp_path_factory.mktemp("temporal run")
    options = TrainingOptions(
        stream="temporal", backbone="cnn-s", epochs=1, batch_size=8, size_px=32, stack_length=4
    )
    train_stream(small_data, run, options=options)
    return run


def test_the_originals_way_reads_and_calls_as_often_as_it_is_said_to(
    temporal_run: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, called = cv2.imread, keras.Model.predict
    counts = {"read": 0, "called": 0}

    def counting(name: str, function: Any) -> Any:
        def counted(*arguments: Any, **options: Any) -> Any:
            counts[name] += 1
            return function(*arguments, **options)

        return counted

    monkeypatch.setattr(cv2, "imread", counting("read", read))
    monkeypatch.setattr(keras.Model, "predict", counting("called", called))
    row = read_manifest(small_data).part(1, "test")[0]
    (timing,) = time_stream(
        temporal_run,
        "temporal",
        [row],
        data=small_data,
        scoring=Scoring("keras"),
        rounds=1,
        on_clip=lambda: None,
    )
    stacks = row.frames - 1 - 4 + 1
    assert timing.samples == stacks
    assert counts["read"] == stacks * 2 * 4
    assert counts["called"] == stacks + 1  # once before the clock starts
    assert timing.difference < 1e-5


def test_figures_are_printed_and_written(
    temporal_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    results = bench_evaluate(temporal_run, clips=2, rounds=1, engine="keras", out=out)
    assert json.loads(out.read_text()) == results
    row = results["streams"]["temporal"]
    assert row["samples"] == sum(clip["samples"] for clip in results["clips"])
    assert row["least_ratio"] == min(clip["ratio"] for clip in results["clips"])
    assert np.isfinite(row["largest_difference"])
    print_benchmark("evaluate", results)
    assert "temporal" in capsys.readouterr().out
