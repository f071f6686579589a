"""The features of videos: what the heads of the networks see, and what can be learnt from them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import keras
import numpy as np
import polars as pl
import pytest
from twostream.cli.main import run_command
from twostream.embeddings.features import features_of
from twostream.events import Warned, listening
from twostream.prediction.naming import Source
from twostream.prediction.options import LookOptions
from twostream.prediction.predictor import RunPredictor, load_predictor
from twostream.prediction.runs import read_run
from twostream.sources.opening import open_source

PAGE = Path(__file__).resolve().parents[4] / "docs" / "features.md"


@pytest.fixture(scope="module")
def predictor(trained_run: Path) -> RunPredictor:
    return load_predictor(read_run(trained_run), LookOptions(), engine="keras")


def test_features_are_those_that_the_scores_of_predict_come_from(
    predictor: RunPredictor, small_videos: Path
) -> None:
    path = next(small_videos.rglob("*.avi"))
    found = features_of(predictor, Source(str(path)))
    (batch,) = predictor.windows(open_source(str(path), predictor.bundle.flow))
    np.testing.assert_array_equal(found.windows_s, batch.windows_s)
    for stream, vectors in found.vectors.items():
        model = predictor.networks.loaded.networks[stream].model
        layers = [model.get_layer(name) for name in ("dropout", "classes")]
        x = keras.ops.convert_to_tensor(vectors)
        for layer in layers:
            x = layer(x)
        np.testing.assert_allclose(keras.ops.convert_to_numpy(x), batch.scores[stream], atol=1e-4)


def test_the_verbs_write_features_and_find_the_like(
    trained_run: Path, small_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "features.parquet"
    videos = sorted(small_videos.rglob("*.avi"))
    words = ["features", str(trained_run), *map(str, videos[:3]), "--out", str(file)]
    assert run_command([*words, "--engine", "keras"]) == 0
    assert "3 sources" in capsys.readouterr().out
    table = pl.read_parquet(file)
    assert set(table["stream"]) == {"spatial", "temporal"}
    assert table["source"].n_unique() == 3
    assert run_command(["nearest", str(file), str(videos[0]), "--top", "1", "--json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert one["source"] in map(str, videos[1:3])
    assert run_command(["nearest", str(file), str(videos[0])]) == 0
    assert run_command([*words, "--engine", "keras", "--whole"]) == 0
    assert pl.read_parquet(file).height == 2 * 3


def test_the_classifier_of_the_docs_learns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    centres = {"walk": rng.normal(size=8), "run": rng.normal(size=8)}
    rows = [
        {"source": f"videos/{label}/{k}.mp4", "stream": "spatial", "start_s": 0.0, "end_s": 1.0}
        | {"features": (centre + rng.normal(0, 0.1, 8)).astype(np.float32).tolist()}
        for label, centre in centres.items()
        for k in range(6)
    ]
    pl.DataFrame(rows).write_parquet(tmp_path / "features.parquet")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(code.splitlines()) <= 11
    names: dict[str, object] = {}
    exec(code, names)  # the docs' own lines
    assert names["accuracy"] == 1.0


def test_what_is_odd_about_a_video_is_told(
    predictor: RunPredictor, small_videos: Path, tmp_path: Path
) -> None:
    """The vectors of a video that is cut off look like those of a whole one."""
    path = tmp_path / "cut.avi"
    whole = next(small_videos.rglob("*.avi")).read_bytes()
    path.write_bytes(whole[: len(whole) * 19 // 20])
    heard: list[object] = []
    with listening(heard.append):
        features_of(predictor, Source(str(path)))
    told = [event.message for event in heard if isinstance(event, Warned)]
    assert any(line.startswith("cut: ") and "frames are used" in line for line in told)
