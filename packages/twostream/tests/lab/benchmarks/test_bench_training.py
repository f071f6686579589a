"""The benchmarks of training run, and say what they measured."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import pytest
from twostream.cli.tables.benchmarks import print_benchmark
from twostream.lab.benchmarks.bench_loading import bench_loading
from twostream.lab.benchmarks.bench_training import bench_training


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="for Keras on PyTorch")
def test_bench_training_compares_steps_that_compute_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = keras.applications.ResNet50(include_top=False, weights=None)
    cut = keras.Model(whole.input, whole.get_layer("conv2_block2_out").output, name="resnet50_cut")
    cut.save(tmp_path / "cut.keras")
    results = bench_training(
        backbone=str(tmp_path / "cut.keras"),
        batch_size=2,
        size=32,
        steps=1,
        rounds=1,
        feature_samples=4,
        out=tmp_path / "bench.json",
    )
    losses = list(results["first_losses"].values())
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-3)
    assert results["ratio"]["PyTorch"] == {"clock": 1.0, "processor": 1.0}
    written = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert written["ratio"] == results["ratio"]
    assert written["frozen_epoch"]["recomputed_seconds"] > written["frozen_epoch"]["cached_seconds"]
    print_benchmark("training", results)
    printed = capsys.readouterr().out
    assert "twostream" in printed
    assert "cached features" in printed


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
def test_bench_loading_feeds_as_many_steps_as_it_holds(
    small_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], stream: str
) -> None:
    results = bench_loading(
        small_data,
        stream=stream,  # type: ignore[arg-type]
        backbone="cnn-s",
        batch_size=4,
        size=32,
        steps=2,
        rounds=1,
        out=tmp_path / "bench.json",
    )
    assert set(results["seconds_a_step"]) == {"loader", "one batch in memory"}
    parts = results["of_which_processor_ms"]
    assert set(parts) == {"read", "decode"}
    assert results["sample_processor_ms"] > parts["decode"]
    assert 0 < results["share_of_bare_decoding"] < 1
    assert json.loads((tmp_path / "bench.json").read_text(encoding="utf-8")) == results
    print_benchmark("loading", results)
    assert "times the time in memory" in capsys.readouterr().out
