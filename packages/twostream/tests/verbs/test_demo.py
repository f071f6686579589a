"""The demo's point: motion needs the temporal stream, appearance the spatial one, fusion has both."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
import twostream
from twostream.evaluation.scores import ClipScores, load_scores
from twostream.lab.generated.actions import APPEARANCE_CLASSES, MOTION_CLASSES

AGREEMENT = Path(__file__).parents[4] / "scripts" / "engines_agree.py"


def top1(scores: ClipScores, classes: tuple[str, ...]) -> float:
    chosen = np.isin(np.asarray(scores.classes)[scores.labels], classes)
    right = scores.values.argmax(axis=1) == scores.labels
    return float(right[chosen].mean())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_fusion_beats_both_streams_and_each_is_better_at_its_own(tmp_path: Path, seed: int) -> None:
    twostream.demo(out=tmp_path, seed=seed)
    scores = load_scores(tmp_path / "scores" / "whole-video.npz")
    everything = MOTION_CLASSES + APPEARANCE_CLASSES
    streams = ("spatial", "temporal", "fusion")
    spatial, temporal, fusion = (top1(scores[s], everything) for s in streams)
    assert top1(scores["temporal"], MOTION_CLASSES) > top1(scores["spatial"], MOTION_CLASSES) + 0.2
    assert (
        top1(scores["spatial"], APPEARANCE_CLASSES)
        > top1(scores["temporal"], APPEARANCE_CLASSES) + 0.1
    )
    assert fusion > max(spatial, temporal) + 0.05
    for difference, differing in runpy.run_path(str(AGREEMENT))["agreement"](tmp_path).values():
        assert difference <= 1e-4
        assert differing == 0
