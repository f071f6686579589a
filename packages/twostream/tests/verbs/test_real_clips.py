"""The whole way on real clips: 13 classes of UCF-101, one training clip each."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import twostream
from twostream.datasets.manifest import read_manifest

SCRIPTS = Path(__file__).parents[4] / "scripts"
SCRIPT = SCRIPTS / "ucf101_rotations.py"
AGREEMENT = SCRIPTS / "engines_agree.py"


@pytest.mark.slow
@pytest.mark.shared
def test_one_epoch_recognises_real_clips_far_above_chance(
    shared_data: Path, tmp_path: Path
) -> None:
    videos = shared_data / "ucf101" / "videos"
    runpy.run_path(str(SCRIPT))["write_rotations"](videos, tmp_path / "lists")
    results = twostream.run(
        videos,
        out=tmp_path / "run",
        annotations=tmp_path / "lists",
        backbone=str(shared_data / "weights" / "resnet50_conv4_imagenet.keras"),
        flow="dis",
        size=128,
        epochs=1,
        protocols="one-frame",
    )
    assert results["n_test"] == 21
    assert len(results["classes"]) == 13
    accuracies = results["protocols"]["one-frame"]
    assert accuracies["spatial"]["top1"] >= 0.15
    assert accuracies["fusion"]["top5"] >= 0.5
    for stream in ("spatial", "temporal"):
        record = json.loads((tmp_path / "run" / stream / "training.json").read_text())
        assert record["n_validation"] == 0
        assert "only one source group" in record["selection"]
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "only one source group" in page
    training = read_manifest(tmp_path / "run" / "data").part(1, "train")
    assert len({row.class_name for row in training}) == len(training) == 13
    # The engines agree on the trained networks, as this processor computes and as an older one does.
    for variables in ({}, {"ONEDNN_MAX_CPU_ISA": "AVX2"}):
        done = subprocess.run(
            [sys.executable, str(AGREEMENT), "--run", str(tmp_path / "run")],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
