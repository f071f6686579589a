"""`run --folds` and `--final`: every clip tested once, then networks of all clips."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import twostream
from twostream.errors import TwostreamError
from twostream.training.record import read_record
from twostream.training.two_streams import read_two_streams
from twostream.verbs.settings import load_settings

# Three trainings and their evaluations; what is measured and carried is tested fast in tests/evaluation.
pytestmark = [pytest.mark.usefixtures("short_heads"), pytest.mark.slow]

OPTIONS: dict[str, Any] = {
    "flow": "dis",
    "backbone": "cnn-s",
    "size": 32,
    "epochs": 1,
    "stack_length": 4,
    "engine": "keras",
    "protocols": "one-frame",
    "streams": "spatial",
    "folds": 2,
}


@pytest.fixture(scope="module")
def folds(small_videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two folds, and of all clips."""
    out = tmp_path_factory.mktemp("folds") / "run"
    twostream.run(small_videos, out=out, **OPTIONS)
    before = networks(out)
    twostream.run(small_videos, out=out, final=True, **OPTIONS)
    # What was trained before stays as it is.
    assert before.items() < networks(out).items()
    return out


def networks(run: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in run.rglob("model.keras")}


def results_of(run: Path) -> Any:
    return json.loads((run / "results.json").read_text(encoding="utf-8"))


def test_every_clip_is_measured_once(folds: Path) -> None:
    results = results_of(folds)
    assert list(results["splits"]) == ["1", "2"]
    assert {one["folds"] for one in results["splits"].values()} == {2}
    assert results["pooled"]["n_test"] == results["pooled"]["n_clips"] == 12
    page = (folds / "report.html").read_text(encoding="utf-8")
    assert "each clip once, in 2 splits" in page


def test_the_final_model_learns_from_all_clips_and_carries_the_accuracy_of_the_folds(
    folds: Path,
) -> None:
    record = read_record(folds / "final" / "spatial")
    assert (record.n_train, record.n_validation, record.split) == (12, 0, 0)
    results = results_of(folds)
    carried = json.loads((folds / "final" / "accuracy.json").read_text(encoding="utf-8"))
    assert carried["protocols"] == results["pooled"]["protocols"]
    said = "the accuracies are those of the splits, not of the final model"
    assert said in carried["meaning"]
    assert results["final"]["meaning"] == carried["meaning"]
    assert "Final model:" in (folds / "report.html").read_text(encoding="utf-8")
    assert not (folds / "final" / "results.json").exists()


def test_a_second_call_finds_all_of_it_there(folds: Path, small_videos: Path) -> None:
    before = networks(folds)
    results = twostream.run(small_videos, out=folds, splits="all", final=True, **OPTIONS)
    assert results == results_of(folds)
    assert networks(folds) == before
    assert any("not of the final model" in note for note in results.notes)


def test_a_bundle_and_predictions_take_the_final_model(folds: Path, tmp_path: Path) -> None:
    twostream.bundle(folds, out=tmp_path / "bundle")
    bundle = read_two_streams(tmp_path / "bundle")
    assert bundle.spatial is not None
    assert bundle.spatial.training.n_train == 12
    assert bundle.accuracy is not None
    assert "not of the final model" in bundle.accuracy["meaning"]


def test_the_saved_configuration_repeats_all_folds(folds: Path) -> None:
    settings = load_settings(folds / "config.yaml", twostream.run)
    assert (settings["folds"], settings["final"]) == (2, True)
    assert "split" not in settings
    for number in (1, 2):
        of_split = load_settings(folds / f"split{number}" / "config.yaml", twostream.run)
        assert (of_split["split"], of_split["final"]) == (number, False)


def test_a_final_model_cannot_be_tested(folds: Path) -> None:
    for verb in (twostream.evaluate, twostream.report):
        with pytest.raises(TwostreamError, match="found a final model, which was trained on all"):
            verb(folds / "final")


def test_evaluating_again_keeps_the_final_model_and_one_of_other_options_is_told(
    folds: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(folds, run)
    options = {"protocols": "one-frame", "engine": "keras"}
    assert twostream.evaluate(run, **options)["final"] == results_of(folds)["final"]
    path = run / "final" / "spatial" / "training.json"
    told = json.loads(path.read_text())
    told["options"]["dropout"] = 0.1
    path.write_text(json.dumps(told))
    results = twostream.evaluate(run, **options)
    assert "final" not in results
    assert any("with other options than the splits" in note for note in results.notes)
    assert not (run / "final" / "accuracy.json").exists()


def test_a_folder_of_folds_is_no_folder_for_one_split(folds: Path, small_videos: Path) -> None:
    with pytest.raises(TwostreamError, match=r"found a run of the splits 1, 2; .* --splits 1,2"):
        twostream.run(small_videos, out=folds, split=1, **OPTIONS)


def test_all_clips_are_no_split_to_run(small_videos: Path, tmp_path: Path) -> None:
    with pytest.raises(TwostreamError, match="--final trains on all clips"):
        twostream.run(small_videos, out=tmp_path, split=0, **OPTIONS)


def test_of_a_single_split_the_final_model_carries_that_ones_accuracy(
    small_videos: Path, tmp_path: Path
) -> None:
    options = {**OPTIONS, "folds": None}
    results = twostream.run(small_videos, out=tmp_path / "run", final=True, **options)
    assert "those of split 1, not" in results["final"]["meaning"]
    assert read_record(tmp_path / "run" / "final" / "spatial").n_train == 12
    assert "Final model:" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    before = networks(tmp_path / "run")
    # Other options replace both, or neither.
    with pytest.raises(TwostreamError, match="--dropout"):
        twostream.run(small_videos, out=tmp_path / "run", final=True, dropout=0.1, **options)
    assert networks(tmp_path / "run") == before
    replaced = twostream.run(
        small_videos, out=tmp_path / "run", final=True, dropout=0.1, replace=True, **options
    )
    assert "final" in replaced
    assert all(time > before[path] for path, time in networks(tmp_path / "run").items())
