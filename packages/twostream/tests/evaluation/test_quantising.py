"""A run scored in 8-bit integers: by samples of the clips that it learnt from, beside float32."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import twostream
from manifest_rows import row
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.evaluation.quantising import calibration_clips, keep_int8, learnt_from
from twostream.evaluation.scores import load_scores
from twostream.models.engines import needs
from twostream.models.int8 import calibration_of
from twostream.verbs.evaluate import evaluate


def needs_nncf() -> None:
    for package in ("nncf", "openvino", "onnxscript"):
        pytest.importorskip(package)


def test_only_clips_that_trained_are_looked_at(run: Path, small_data: Path) -> None:
    part = read_manifest(small_data).part(1, "train")
    validated = part[0].clip_id
    with (run / "spatial" / "clips.csv").open("w", newline="") as file:
        told = [(one.clip_id, "training") for one in part[1:]]
        csv.writer(file).writerows([("clip_id", "part"), (validated, "validation"), *told])
    found = list(learnt_from(run / "spatial", part))
    assert [one.clip_id for one in found] == [clip_id for clip_id, _ in told]


def test_so_many_clips_are_drawn_the_same_each_time() -> None:
    rows = [row(f"a/{k}", "group") for k in range(500)]
    chosen = calibration_clips(rows)
    assert len(chosen) == 300
    assert chosen == calibration_clips(rows) != rows[:300]
    assert calibration_clips(rows[:7]) == rows[:7]


def test_without_nncf_nothing_is_begun(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setattr(needs, "is_installed", lambda package: package != "nncf")
    with pytest.raises(TwostreamError, match="the package nncf for scores in int8"):
        evaluate(run, protocols="one-frame", precision="int8")
    assert not (run / "results.json").exists()


def test_without_training_clips_it_is_told_what_else_to_do(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "is_installed", lambda _: True)
    (run / "spatial" / "training.json").unlink()
    with pytest.raises(TwostreamError, match=r"clips that it learnt from.*where they are.*bf16"):
        keep_int8(run, ["spatial"])


@pytest.mark.slow
@pytest.mark.usefixtures("shown")
def test_a_run_in_int8_is_told_beside_float32(
    run: Path, small_data: Path, small_videos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_nncf()
    exact = evaluate(run, protocols="one-frame")
    floats = load_scores(run / "scores" / "one-frame.npz")
    capsys.readouterr()

    results = evaluate(run, protocols="one-frame", precision="int8")
    told = " ".join("".join(capsys.readouterr()).split())
    assert "spatial: in int8, quantised by" in told
    assert "scores in int8 differ from float32 by up to" in told
    assert "one-frame: top-1 in int8 (in float32): spatial" in told
    assert results["float32"]["protocols"] == {
        "one-frame": {
            stream: exact["protocols"]["one-frame"][stream]
            for stream in ("spatial", "temporal", "fusion", "chosen")
        }
    }
    found = load_scores(run / "scores" / "one-frame.npz")
    for stream in ("spatial", "temporal"):
        apart = np.abs(found[stream].values - floats[stream].values).max()
        assert 0 < apart < 0.1
        agreement = results["float32"]["agreement"]["one-frame"][stream]
        assert agreement["largest_difference"] == pytest.approx(apart)
        assert {one["precision"] for one in results["engines"][stream]} == {"int8"}

    kept = calibration_of(run / "spatial" / "model.keras")
    assert kept is not None
    trained = {one.clip_id for one in read_manifest(small_data).part(1, "train")}
    assert kept.clips
    assert set(kept.clips) <= trained

    # What is kept is used again, also where no clip is at hand; and float32 is what it was.
    record = run / "spatial" / "training.json"
    values = json.loads(record.read_text())
    record.write_text(json.dumps({**values, "data": str(run / "gone")}))
    video = next((small_videos / "left").iterdir())
    in_int8, in_full = (
        twostream.load(run, protocol="25", precision=precision).predict(video)
        for precision in ("int8", "float32")
    )
    told = " ".join("".join(capsys.readouterr()).split())
    assert "spatial: scores in int8 differ from float32" in told
    for stream, scores in in_full.scores.items():
        assert 0 < np.abs(in_int8.scores[stream] - scores).max() < 0.1
    record.write_text(json.dumps(values))

    # The same networks for other programs, with their own accuracy on the card.
    export = twostream.export(run, format="openvino", int8=True, out=run / "out")
    assert_told_of_int8(export.path, "spatial", "temporal")
    made, kept_here = (
        (folder / name).read_bytes()
        for folder, name in (
            (export.path, "spatial.bin"),
            (run / "spatial" / "int8", "network.bin"),
        )
    )
    assert made == kept_here
    assert "measured in" not in (export.path / "README.md").read_text()
    again = evaluate(run, protocols="one-frame")
    assert again["protocols"] == exact["protocols"]


@pytest.mark.slow
def test_onnx_runtime_scores_as_the_run_does(run: Path, tmp_path: Path) -> None:
    needs_nncf()
    pytest.importorskip("onnxruntime")
    shutil.rmtree(run / "temporal")
    export = twostream.export(run, format="onnx", int8=True, out=tmp_path / "out")
    assert_told_of_int8(export.path, "spatial")
    assert "spatial: scores in int8 differ from float32" in export.notes[0]


def assert_told_of_int8(export: Path, *streams: str) -> None:
    about = json.loads((export / "export.json").read_text())
    assert about["precision"] == "int8"
    assert tuple(about["calibration"]) == streams
    told = about["calibration"]["spatial"]
    assert told["samples"] >= told["clips"] > 0
    assert "names" not in json.dumps(told)
    assert "scores in int8 differ from float32" in (export / "README.md").read_text()


def test_formats_without_8_bits_are_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(TwostreamError, match=r"--int8: expected --format onnx or openvino.*torch"):
        twostream.export(run, format="torch", int8=True, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
