"""`bench inference`: the engines agree, and what is reported hangs together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from twostream.verbs.bench_inference import TOLERANCE, bench_inference


@pytest.mark.parametrize("channels", [3, 8])
def test_openvino_gives_the_probabilities_of_keras(tmp_path: Path, channels: int) -> None:
    pytest.importorskip("openvino")
    results = bench_inference(
        backbone="MobileNetV2",
        size=64,
        channels=channels,
        images=20,
        rounds=1,
        out=tmp_path / "figures.json",
    )
    assert list(results["ways"]) == ["openvino", "keras in batches", "keras predict"]
    for row in results["ways"].values():
        assert row["largest_difference"] <= TOLERANCE
        assert row["share_of_peak"] == pytest.approx(
            row["images_per_second"] / results["peak_images_per_second"]
        )
    assert json.loads((tmp_path / "figures.json").read_text()) == results
