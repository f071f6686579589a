"""`bench inference`: the engines agree, and what is reported hangs together."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from twostream.cli.tables.benchmarks import print_benchmark
from twostream.lab.benchmarks.bench_inference import TOLERANCE, Way, _like, bench_inference
from twostream.models.computation import Computation


@pytest.mark.parametrize("backbone", ["cnn-s", pytest.param("MobileNetV2", marks=pytest.mark.slow)])
@pytest.mark.parametrize("channels", [3, 8])
def test_every_way_gives_the_probabilities_of_keras(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], channels: int, backbone: str
) -> None:
    pytest.importorskip("openvino")
    results = bench_inference(
        backbone=backbone,
        size=64,
        channels=channels,
        images=20,
        rounds=1,
        out=tmp_path / "figures.json",
    )
    onnx = ["onnx"] if importlib.util.find_spec("onnxruntime") else []
    engines = ["openvino", "torch", *onnx]
    assert list(results["ways"]) == [*engines, "keras in batches", "keras predict"]
    assert list(results["ratios"]) == engines
    assert set(results["ratios"]["torch"]) == {"keras predict", "openvino"}
    measured = ("openvino", "torch", "keras")
    assert list(results["matrix_products"]) == [f"matrix product by {name}" for name in measured]
    for row in results["ways"].values():
        assert row["largest_difference"] <= TOLERANCE
        assert row["computation"]["precision"] == "float32"
        assert 0 < row["share_of_peak"] <= 1
        needed = row["images_per_second"] * results["operations_per_image"]
        assert row["share_of_peak"] == pytest.approx(needed / row["peak_operations_per_second"])
    assert json.loads((tmp_path / "figures.json").read_text()) == results
    print_benchmark("inference", results)
    assert "torch: as fast as" in capsys.readouterr().out


def test_other_numbers_stand_beside_the_same_engine_in_float32() -> None:
    torch_backend = pytest.importorskip("torch")
    if not torch_backend.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("no bfloat16 here")
    results = bench_inference(
        backbone="cnn-s", size=32, channels=3, images=2, rounds=1, precision="bf16"
    )
    assert results["precision"] == "bfloat16"
    rows = results["ways"]
    assert rows["torch"]["computation"]["precision"] == "bfloat16"
    assert rows["torch in float32"]["computation"]["precision"] == "float32"
    ratio = rows["torch"]["images_per_second"] / rows["torch in float32"]["images_per_second"]
    assert results["ratios"]["torch"]["torch in float32"] == pytest.approx(ratio)


def test_a_share_is_only_of_a_peak_on_the_same_device_in_the_same_precision() -> None:
    def way(engine: str, precision: str, device: str) -> Way:
        told = Computation(
            engine=engine, library=engine, precision=precision, device=device, threads=2
        )
        return Way(lambda: None, told)

    ways = {
        "openvino": way("openvino", "float32", "cpu"),
        "rounded": way("openvino", "bfloat16", "cpu"),
        "gpu": way("keras", "float32", "cuda (NVIDIA H100)"),
        "keras": way("keras", "float32", "cpu"),
    }
    assert _like(ways["keras"], ways) == ["openvino", "keras"]
    assert _like(ways["rounded"], ways) == ["rounded"]
    assert _like(ways["gpu"], ways) == ["gpu"]


@pytest.mark.slow
def test_int8_stands_beside_openvino_in_float32() -> None:
    for package in ("nncf", "openvino", "onnxscript"):
        pytest.importorskip(package)
    results = bench_inference(
        backbone="cnn-s", size=32, channels=3, images=4, rounds=1, precision="int8"
    )
    rows = results["ways"]
    assert rows["openvino"]["computation"]["precision"] == "int8"
    assert rows["openvino"]["largest_difference"] < 0.1
    assert set(results["ratios"]) == {"openvino"}
    assert set(results["matrix_products"]) == {
        f"matrix product by {e}" for e in ("openvino", "keras")
    }
    assert rows["openvino"]["peak_of"] == "openvino"
    assert rows["openvino in float32"]["peak_of"] != "openvino"
