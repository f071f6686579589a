"""Evaluating a run: all test clips, each read once, resumable, never mixed up."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_dataset
from twostream.datasets.manifest import read_manifest, write_manifest
from twostream.errors import TwostreamError
from twostream.evaluation import sample_scores, stream_scores
from twostream.evaluation.metrics import accuracy
from twostream.evaluation.run import evaluate_run
from twostream.evaluation.scores import load_scores
from twostream.lab.as_original.run import evaluate_original
from twostream.models.inference import make_predictor, resolve_engine
from twostream.reporting.page import write_report
from twostream.sampling.stacks import even_positions
from twostream.training.samples import DataSetClips
from twostream.transforms.preprocessing import load_preprocessing
from twostream.transforms.views import ten_views
from twostream.verbs.evaluate import evaluate

EVERY_PROTOCOL: Any = ("one-frame", "25", "25x10", "whole-video")


def test_every_test_clip_is_scored_in_every_cell(run: Path, small_data: Path) -> None:
    results = evaluate_run(run, protocols=("one-frame", "whole-video"))
    rows = read_manifest(small_data).part(1, "test")
    assert results["n_test"] == len(rows) == 3
    assert results["classes"] == ["down", "left", "right"]
    for (one,) in results["engines"].values():
        assert (one["engine"], one["precision"]) == (resolve_engine("auto"), "float32")
    for protocol in ("one-frame", "whole-video"):
        cells = ["spatial", "temporal", "fusion", "chosen", "fusion-logit"]
        assert list(results["protocols"][protocol]) == cells
        scores = load_scores(run / "scores" / f"{protocol}.npz")
        for stream, found in scores.items():
            assert found.ids == tuple(row.clip_id for row in rows)
            told = dict(results["protocols"][protocol][stream])
            for measure, (low, high) in told.pop("intervals").items():
                assert 0 <= low <= told[measure] <= high <= 1
            assert told == accuracy(found.values, found.labels).to_dict()
    assert json.loads((run / "results.json").read_text()) == results
    assert len((run / "results.csv").read_text().splitlines()) == 11


def test_protocols_are_what_their_names_say(run: Path, small_data: Path) -> None:
    evaluate_run(run, protocols=("one-frame", "whole-video"), engine="keras")
    import keras

    model = keras.saving.load_model(run / "temporal" / "model.keras", compile=False)
    kind = load_preprocessing(run / "temporal" / "preprocessing.json")
    row = read_manifest(small_data).part(1, "test")[0]
    clip = DataSetClips(small_data).clip(row)
    view = kind.evaluation_views(clip)[0]
    starts = range(kind.count_positions(row.frames))
    every = make_predictor(model, engine="keras")(
        np.stack([kind.sample(clip, start, view) for start in starts])
    )
    found = {
        name: load_scores(run / "scores" / f"{name}.npz")["temporal"].values[0]
        for name in ("one-frame", "whole-video")
    }
    np.testing.assert_allclose(found["whole-video"], every.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found["one-frame"], every[(len(starts) - 1) // 2], atol=1e-5)


def test_25_and_25x10_are_means_over_even_positions_and_views(run: Path, small_data: Path) -> None:
    evaluate_run(run, protocols=("25", "25x10"), engine="keras")
    import keras

    for stream in ("spatial", "temporal"):
        model = keras.saving.load_model(run / stream / "model.keras", compile=False)
        kind = load_preprocessing(run / stream / "preprocessing.json")
        row = read_manifest(small_data).part(1, "test")[-1]
        clip = DataSetClips(small_data).clip(row)
        positions = even_positions(kind.count_positions(row.frames), samples=25)
        for protocol, views in {
            "25": [kind.evaluation_views(clip)[0]],
            "25x10": ten_views(clip.metadata.height, clip.metadata.width),
        }.items():
            samples = [kind.sample(clip, int(k), view) for k in positions for view in views]
            expected = make_predictor(model, engine="keras")(np.stack(samples)).mean(axis=0)
            found = load_scores(run / "scores" / f"{protocol}.npz")[stream]
            assert found.ids[-1] == row.clip_id
            np.testing.assert_allclose(found.values[-1], expected, atol=1e-5)


def test_25_takes_what_whole_video_has_scored(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate_run(run, protocols=("25",), engine="keras")
    alone = load_scores(run / "scores" / "25.npz")
    assert (run / "spatial" / "even_scores.npz").is_file()
    evaluate_run(run, protocols=("whole-video",), engine="keras")
    for stream in ("spatial", "temporal"):
        (run / stream / "even_scores.npz").unlink()
    monkeypatch.setattr(stream_scores, "load_network", None)  # nothing is left to do
    evaluate_run(run, protocols=("25",), engine="keras")
    for stream, scores in load_scores(run / "scores" / "25.npz").items():
        np.testing.assert_allclose(scores.values, alone[stream].values, atol=1e-6)


@pytest.mark.parametrize("whole_first", [False, True])
def test_one_frame_alone_gives_the_same_numbers(run: Path, whole_first: bool) -> None:
    asked: tuple[Any, Any] = (("one-frame",), ("one-frame", "whole-video"))
    first, second = (
        evaluate_run(run, protocols=protocols, engine="keras")
        for protocols in (reversed(asked) if whole_first else asked)
    )
    assert first["protocols"]["one-frame"] == second["protocols"]["one-frame"]
    # Nothing is left that results.json does not speak of.
    assert (run / "scores" / "whole-video.npz").exists() != whole_first


def test_results_of_a_stream_trained_anew_since_are_not_reported(run: Path) -> None:
    evaluate_run(run, protocols=("one-frame",), engine="keras")
    write_report(run)
    record = json.loads((run / "temporal" / "training.json").read_text())
    record["fingerprint"] = "another"
    (run / "temporal" / "training.json").write_text(json.dumps(record))
    with pytest.raises(TwostreamError, match="trained anew"):
        write_report(run)


@pytest.fixture
def relabelled(small_data: Path, tmp_path: Path) -> Path:
    """The same data, but every test clip has the label of another class."""
    return small_dataset.with_wrong_test_labels(small_data, tmp_path / "relabelled")


def test_nothing_is_chosen_on_the_test_part(run: Path, relabelled: Path) -> None:
    every: Any = ("average", "weighted", "logit", "svm")
    asked: Any = ("one-frame", "25")
    true = evaluate_run(run, protocols=asked, fusions=every, engine="keras")
    scores = {name: load_scores(run / "scores" / f"{name}.npz") for name in asked}
    assert list(scores["25"])[3:] == ["chosen", "fusion-weighted", "fusion-logit", "fusion-svm"]
    for learnt in ("fusion-weighted", "fusion-svm"):
        assert true["fusion"]["variants"][learnt]["chosen_on"]["part"] == "validation"
        assert true["fusion"]["variants"][learnt]["chosen_on"]["clips"] == 3
    permuted = evaluate_run(run, protocols=asked, fusions=every, engine="keras", data=relabelled)
    assert permuted["fusion"] == true["fusion"]
    for name in asked:
        again = load_scores(run / "scores" / f"{name}.npz")
        for stream, found in scores[name].items():
            assert not np.array_equal(found.labels, again[stream].labels)
            np.testing.assert_array_equal(found.values, again[stream].values)


def test_fusions_that_were_not_asked_for_are_not_made(run: Path) -> None:
    results = evaluate_run(run, protocols=("one-frame",), fusions=("average",), engine="keras")
    assert list(results["protocols"]["one-frame"]) == ["spatial", "temporal", "fusion", "chosen"]
    assert results["fusion"]["method"] == "average of softmax"
    assert results["fusion"]["variants"] == {}


def test_the_originals_table_stands_apart_and_is_marked(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = evaluate_run(
        run, protocols=("one-frame",), original=evaluate_original, engine="keras"
    )
    original = results["original"]
    assert original["comparable"] is False
    assert len(original["defects"]) > 4
    assert set(results["protocols"]) == {"one-frame"}
    for cell in ("one-frame", "whole-video"):
        assert list(original["protocols"][cell]) == ["spatial", "temporal", "fusion"]
    counts = {
        stream: (cell["instances"], cell["of"])
        for stream, cell in original["protocols"]["one-frame"].items()
    }
    assert counts == {"spatial": (36, "frames"), "temporal": (128, "draws"), "fusion": (3, "clips")}
    monkeypatch.setattr(sample_scores, "clip_scores", None)  # everything is kept
    again = evaluate_run(run, protocols=("one-frame",), original=evaluate_original, engine="keras")
    assert again["original"] == original


def test_streams_validated_on_different_clips_teach_no_fusion(run: Path) -> None:
    record = json.loads((run / "temporal" / "training.json").read_text())
    record["options"]["validation_fraction"] = 0.0
    (run / "temporal" / "training.json").write_text(json.dumps(record))
    results = evaluate_run(
        run, protocols=("one-frame",), fusions=("average", "weighted"), engine="keras"
    )
    assert list(results["protocols"]["one-frame"]) == ["spatial", "temporal", "fusion", "chosen"]
    assert "cannot be told" in results["fusion"]["variants"]["fusion-weighted"]["absent"]


def test_a_stream_can_be_left_out(run: Path) -> None:
    results = evaluate_run(run, protocols=("one-frame",), streams=("temporal",), engine="keras")
    assert list(results["protocols"]["one-frame"]) == ["temporal"]


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (None, "found no such file; call the command that trained it again"),
        (b"damaged", "remove the file and train the stream again"),
    ],
)
def test_a_model_that_cannot_be_read_is_a_sentence(
    run: Path, content: bytes | None, remedy: str
) -> None:
    (run / "spatial" / "model.keras").unlink()
    if content is not None:
        (run / "spatial" / "model.keras").write_bytes(content)
    with pytest.raises(TwostreamError, match=remedy):
        evaluate_run(run, protocols=("one-frame",), engine="keras")


def test_each_clip_is_read_once_and_never_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    images = DataSetClips.clip

    def counted(self: DataSetClips, row: Any) -> Any:
        read.append(row.clip_id)
        return images(self, row)

    monkeypatch.setattr(DataSetClips, "clip", counted)
    first = evaluate_run(run, protocols=EVERY_PROTOCOL, engine="keras")
    assert len(read) == 2 * first["n_test"]
    assert evaluate_run(run, protocols=EVERY_PROTOCOL, engine="keras") == first
    assert len(read) == 2 * first["n_test"]


def test_an_interrupted_evaluation_goes_on(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: tuple[Any, Any] = ("25x10", "whole-video")
    whole = evaluate_run(run, protocols=asked, engine="keras")
    for stream in ("spatial", "temporal"):
        for kind in ("frame", "ten_view"):
            (run / stream / f"{kind}_scores.npz").unlink()
    score = sample_scores.clip_scores
    calls: list[str] = []

    def interrupted(row: Any, **rest: Any) -> Any:
        calls.append(row.clip_id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return score(row, **rest)

    monkeypatch.setattr(sample_scores, "clip_scores", interrupted)
    with pytest.raises(KeyboardInterrupt):
        evaluate_run(run, protocols=asked, engine="keras")
    assert evaluate_run(run, protocols=asked, engine="keras") == whole
    assert len(calls) == 2 + 2 + 3  # spatial: 1 kept, 1 lost and repeated, 1 new; temporal: 3


def test_a_single_stream_is_evaluated_without_fusion(run: Path) -> None:
    shutil.rmtree(run / "temporal")
    results = evaluate_run(run, protocols=("one-frame",), engine="keras")
    assert list(results["protocols"]["one-frame"]) == ["spatial"]
    assert results["fusion"] is None


def test_streams_of_different_splits_or_stack_lengths_are_not_fused(run: Path) -> None:
    record = json.loads((run / "temporal" / "training.json").read_text())
    record["options"]["stack_length"] = 7
    (run / "temporal" / "training.json").write_text(json.dumps(record))
    with pytest.raises(TwostreamError, match="train both streams alike"):
        evaluate_run(run, protocols=("one-frame",), engine="keras")


def test_a_stream_of_other_classes_is_refused(run: Path) -> None:
    record = json.loads((run / "temporal" / "training.json").read_text())
    record["classes"] = ["left", "right"]
    (run / "temporal" / "training.json").write_text(json.dumps(record))
    with pytest.raises(TwostreamError, match="train it again"):
        evaluate_run(run, protocols=("one-frame",), engine="keras")


def test_clips_that_a_stream_was_trained_on_are_never_its_test_clips(
    run: Path, small_data: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(small_data, tmp_path / "other"))
    manifest = read_manifest(data)
    other = {"train": "test", "test": "train"}
    rows = [replace(row, splits=(other[str(row.splits[0])],)) for row in manifest.rows]
    write_manifest(data, rows, 1)
    with pytest.raises(TwostreamError, match="9 of them among the clips it has learnt from"):
        evaluate_run(run, protocols=("one-frame",), engine="keras", data=data)


def test_fusions_learn_only_from_the_clips_that_the_streams_say(run: Path) -> None:
    told = (run / "temporal" / "clips.csv").read_text().splitlines()
    turned = [line.replace("validation", "training") for line in told]
    (run / "temporal" / "clips.csv").write_text("\n".join(turned) + "\n")
    results = evaluate_run(run, protocols=("one-frame",), fusions=("weighted",), engine="keras")
    assert "cannot be told" in results["fusion"]["variants"]["fusion-weighted"]["absent"]


@pytest.mark.usefixtures("shown")
def test_a_stream_that_is_not_finished_is_named(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "temporal" / "training.json").unlink()
    evaluate(run, protocols="one-frame", engine="keras")
    assert "temporal stream of" in capsys.readouterr().out
    with pytest.raises(TwostreamError, match=r"temporal begun but not finished.*train temporal"):
        evaluate(run, protocols="one-frame", engine="keras", streams="temporal")


@pytest.mark.usefixtures("shown")
def test_clips_that_were_prepared_anew_since_are_told(
    run: Path, small_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate(run, protocols="one-frame", engine="keras")
    assert "prepared anew" not in capsys.readouterr().out
    data = Path(shutil.copytree(small_data, tmp_path / "data"))
    told = (data / "prepare.yaml").read_text()
    (data / "prepare.yaml").write_text(re.sub("content: .*", "content: another", told))
    evaluate(run, protocols="one-frame", engine="keras", streams="temporal", data=data)
    printed = capsys.readouterr().out
    assert "prepared anew since the temporal stream" in printed
    assert "spatial" not in printed


def test_an_untrained_run_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TwostreamError, match="twostream train"):
        evaluate_run(tmp_path, protocols=("one-frame",))
