from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import twostream
from small_dataset import prepared
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.evaluation.bundle_scores import load_for_scoring, notes_of_use
from twostream.evaluation.chosen import chosen_scores
from twostream.evaluation.scores import load_scores
from twostream.preparation.options import ExtractionOptions
from twostream.sources.opening import open_source
from twostream.store.clip import open_clip
from twostream.training.bundle import SourceFacts, StreamBundle
from twostream.training.fusion_rule import FusionSpecification
from twostream.training.options import TrainingOptions
from twostream.training.stream import train_stream
from twostream.training.two_streams import TwoStreamBundle, read_two_streams
from twostream.transforms.preprocessing import Preprocessing
from version_0_1 import unpacked


@pytest.mark.parametrize(
    "engine",
    [
        "keras",
        "torch",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("openvino", "onnx")),
    ],
)
def test_a_bundle_alone_scores_a_clip_as_the_run_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    if engine in ("openvino", "onnx"):
        pytest.importorskip("openvino" if engine == "openvino" else "onnxruntime")
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
        assert set(found) == {"spatial", "temporal", "fusion", "chosen"}
        for stream, scores in found.items():
            expected = kept[stream].values[kept[stream].ids.index(row.clip_id)]
            np.testing.assert_allclose(scores, expected, atol=1e-4)


@pytest.mark.parametrize(
    "changes",
    [{}, pytest.param({"step": 2, "short_side_px": 32, "layout": "rawframes"}, marks=pytest.mark.slow),
     pytest.param({"fps": 10}, marks=pytest.mark.slow)], ids=str,
)  # fmt: skip
def test_a_bundle_alone_scores_the_video_as_evaluate_scored_the_stored_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_videos: Path, changes: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ExtractionOptions(**{"flow": "dis", "bound_px": 10.0, **changes})
    prepared(Path("run/data"), small_videos, extraction=options)
    for stream in ("spatial", "temporal"):
        training = TrainingOptions(
            stream=stream,  # type: ignore[arg-type]
            backbone="cnn-s", weights=None, epochs=0, head_epochs=1, size_px=32, stack_length=4,
        )  # fmt: skip
        train_stream(Path("run/data"), Path("run"), options=training)
    twostream.evaluate("run", protocols="one-frame,25,whole-video", engine="torch")
    twostream.bundle("run", out="bundle")
    row = read_manifest(Path("run/data")).part(1, "test")[0]
    Path("run").rename("gone")
    loaded = load_for_scoring(read_two_streams(Path("bundle")), engine="torch")
    assert loaded.bundle.flow == options.specification()
    clip = open_source(small_videos / row.source, loaded.bundle.flow)
    for protocol in ("one-frame", "25", "whole-video"):
        kept = load_scores(Path("gone/scores") / f"{protocol}.npz")
        found = loaded.score(clip, protocol=protocol)  # type: ignore[arg-type]
        for stream, scores in found.items():
            expected = kept[stream].values[kept[stream].ids.index(row.clip_id)]
            np.testing.assert_allclose(scores, expected, atol=1e-4)
    assert notes_of_use(loaded.bundle, clip) == ()


def test_what_a_model_did_not_learn_from_is_told(
    tmp_path: Path, small_videos: Path, small_data: Path, write_video: Any, moving_texture: Any
) -> None:
    flow = ExtractionOptions(flow="dis").specification()
    facts = SourceFacts(clips=9, fps=25.0, lowest_fps=24.0, highest_fps=25.0, width=48, height=48)
    stream = StreamBundle(
        folder=tmp_path, classes=("a",), preprocessing=Preprocessing(stream="spatial"), flow=flow,
        training=None, sources=facts,  # type: ignore[arg-type]
    )  # fmt: skip
    bundle = TwoStreamBundle(folder=tmp_path, spatial=stream, temporal=None)
    row = read_manifest(small_data).rows[0]
    assert notes_of_use(bundle, open_clip(small_data / row.path)) == ()
    assert notes_of_use(bundle, open_source(small_videos / row.source, flow)) == ()
    fast = write_video(tmp_path / "fast.avi", moving_texture(4), fps=50)
    (note,) = notes_of_use(bundle, open_source(fast, flow))
    assert note.startswith("fast: 50 frames a second, where the model learnt from 24 to 25")
    otherwise = open_source(small_videos / row.source, replace(flow, bound_px=7.0))
    (note,) = notes_of_use(bundle, otherwise)
    assert "made otherwise" in note
    assert "--bound 7 instead of 20" in note
    smaller = replace(bundle, spatial=replace(stream, flow=replace(flow, short_side_px=24)))
    (note,) = notes_of_use(smaller, open_clip(small_data / row.path))
    assert "the size 48x48 instead of 24x24" in note


def test_a_temperature_softens_and_keeps_the_order() -> None:
    one, other = np.float32([0.7, 0.2, 0.1]), np.float32([0.5, 0.4, 0.1])
    plain = chosen_scores(one, other, FusionSpecification(spatial_weight=0.25))
    np.testing.assert_allclose(plain, 0.25 * one + 0.75 * other, atol=1e-6)
    soft = chosen_scores(one, other, FusionSpecification(spatial_weight=0.25, temperature=3))
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
