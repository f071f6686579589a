from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import twostream
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.evaluation.bundle_scores import FusionSpecification, fused, load_for_scoring
from twostream.evaluation.scores import load_scores
from twostream.store.clip import open_clip
from twostream.training.two_streams import read_two_streams
from version_0_1 import unpacked


@pytest.mark.parametrize(
    "engine", ["keras", "torch", pytest.param("openvino", marks=pytest.mark.slow)]
)
def test_a_bundle_alone_scores_a_clip_as_the_run_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    if engine == "openvino":
        pytest.importorskip("openvino")
    monkeypatch.chdir(unpacked(tmp_path))  # a run of version 0.1
    twostream.evaluate("run", protocols="25,whole-video", engine=engine)
    twostream.bundle("run", out="elsewhere/bundle")
    row = read_manifest(Path("run/data")).part(1, "test")[0]
    clip = Path("elsewhere/clip.zip")
    Path("run/data", row.path).rename(clip)
    Path("run").rename("gone")
    loaded = load_for_scoring(read_two_streams(Path("elsewhere/bundle")), engine=engine)
    assert {one.engine for one in loaded.computations.values()} == {engine}
    for protocol in ("25", "whole-video"):
        kept = load_scores(Path("gone/scores") / f"{protocol}.npz")
        found = loaded.score(open_clip(clip), protocol=protocol)  # type: ignore[arg-type]
        assert set(found) == {"spatial", "temporal", "fusion"}
        for stream, scores in found.items():
            expected = kept[stream].values[kept[stream].ids.index(row.clip_id)]
            np.testing.assert_allclose(scores, expected, atol=1e-4)


def test_a_temperature_softens_and_keeps_the_order() -> None:
    one, other = np.float32([0.7, 0.2, 0.1]), np.float32([0.5, 0.4, 0.1])
    plain = fused(one, other, FusionSpecification(spatial_weight=0.25))
    np.testing.assert_allclose(plain, 0.25 * one + 0.75 * other, atol=1e-6)
    soft = fused(one, other, FusionSpecification(spatial_weight=0.25, temperature=3))
    assert soft.max() < plain.max()
    assert soft.argsort().tolist() == plain.argsort().tolist()
    np.testing.assert_allclose(soft.sum(), 1, rtol=1e-5)
    with pytest.raises(ValueError, match="temperature"):
        FusionSpecification(temperature=0)


def test_a_bundle_replaces_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(unpacked(tmp_path))
    with pytest.raises(TwostreamError, match="--out"):
        twostream.bundle("run", out="videos")
    with pytest.raises(TwostreamError, match="--spatial-weight"):
        twostream.bundle("run", out="new", spatial_weight=2)
