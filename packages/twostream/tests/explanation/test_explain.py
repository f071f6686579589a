"""Explanations of what a run says of videos."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from twostream.cli.main import run_command
from twostream.errors import TwostreamError
from twostream.explanation.explain import Explainer
from twostream.prediction.naming import Source
from twostream.prediction.options import LookOptions
from twostream.prediction.predictor import RunPredictor, load_predictor
from twostream.prediction.runs import read_run
from twostream.reporting.looks import looks_along
from twostream.store.clip import open_clip


@pytest.fixture(scope="module")
def predictor(trained_run: Path) -> RunPredictor:
    return load_predictor(read_run(trained_run), LookOptions(), engine="keras")


@pytest.fixture(scope="module")
def video(small_videos: Path) -> Path:
    return next(small_videos.rglob("*.avi"))


def test_a_clip_is_explained_at_its_clearest_moment_by_both_streams(
    predictor: RunPredictor, video: Path
) -> None:
    source = Source(str(video))
    prediction = predictor.of_source(source)
    (found,) = Explainer(predictor).of(source, prediction)
    assert found.label == prediction.fused[0].label
    assert 0 <= found.start_s < found.end_s <= prediction.windows.windows_s[0, 1] + 0.1
    assert found.layers == {"spatial": "conv4_relu", "temporal": "conv4_relu"}
    assert all(one.shape == (2, 2) and (one >= 0).all() for one in found.maps.values())
    assert found.pictures["spatial"].shape == (32, 32, 3)
    assert found.drawn().shape == (32, 4 * 32 + 3 * 8, 3)


def test_the_maps_are_those_of_the_class_that_is_asked_for(
    predictor: RunPredictor, video: Path
) -> None:
    source = Source(str(video))
    prediction = predictor.of_source(source)
    by_class = [
        Explainer(predictor, label=label, layer="conv3").of(source, prediction)[0]
        for label in predictor.bundle.classes
    ]
    assert [one.label for one in by_class] == list(predictor.bundle.classes)
    maps = np.stack([one.maps["spatial"] for one in by_class])
    assert maps.shape[1:] == (4, 4)
    assert np.ptp(maps, axis=0).max() > 0


def test_along_a_clip_both_streams_are_shown_in_an_overlay(
    predictor: RunPredictor, video: Path
) -> None:
    source = Source(str(video))
    prediction = predictor.of_source(source)
    found = list(Explainer(predictor).along(source, prediction, every_s=0.1))
    assert len(found) > 1
    assert {one.label for one in found} == {prediction.fused[0].label}
    begins = [one.start_s for one in found]
    assert begins == sorted(begins)
    shown = list(looks_along(found))
    assert shown[-1][1] is None
    (first, second) = shown[0][1] or ()
    assert first.picture.shape == (32, 32, 3)
    assert first.words[0].startswith(prediction.fused[0].label)
    assert second.words[1] == "temporal: conv4_relu"


def test_a_stored_clip_is_explained_by_class(predictor: RunPredictor, small_data: Path) -> None:
    clip = open_clip(next((small_data / "clips").rglob("*.zip")))
    classes = list(predictor.bundle.classes)[:2]
    found = Explainer(predictor).of_clip(clip, classes)
    assert [one.label for one in found] == classes
    assert set(found[0].maps) == {"spatial", "temporal"}


def test_what_cannot_be_explained_is_refused_beforehand(predictor: RunPredictor) -> None:
    with pytest.raises(TwostreamError, match="--explain-class"):
        Explainer(predictor, label="dancing")
    with pytest.raises(TwostreamError, match="did you mean conv3"):
        Explainer(predictor, layer="conv33")


def test_predict_writes_pictures_names_them_and_shows_them_on_the_page(
    trained_run: Path, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, page = tmp_path / "looked", tmp_path / "page.html"
    words = ["predict", str(trained_run), str(video), "--json", "--engine", "keras"]
    words += ["--explain", str(folder), "--html", str(page)]
    assert run_command(words) == 0
    told = json.loads(capsys.readouterr().out)
    (one,) = told["explanations"]
    assert one["label"] == told["fused"][0]["label"]
    assert set(one["layers"]) == {"spatial", "temporal"}
    assert cv2.imread(one["file"]).shape == (32, 4 * 32 + 3 * 8, 3)
    text = page.read_text(encoding="utf-8")
    assert "Where the networks looked" in text
    assert "data:image/jpeg;base64," in text
    assert run_command([*words[:-4], "--explain-class", told["fused"][0]["label"]]) == 2
    assert "--explain FOLDER" in capsys.readouterr().err
