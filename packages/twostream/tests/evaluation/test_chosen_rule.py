from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_dataset
from twostream.datasets.manifest import read_manifest
from twostream.evaluation.chosen_rule import choose_fusion, rule_of_run
from twostream.evaluation.run import evaluate_run
from twostream.evaluation.scores import load_scores
from twostream.evaluation.trained import trained_streams
from twostream.training.options import TrainingOptions
from twostream.training.stream import train_stream
from twostream.training.two_streams import read_two_streams
from twostream.transforms.preprocessing import load_preprocessing


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory, small_data: Path, backbone_file: Path) -> Path:
    """Two heads on a pretrained backbone, as few clips have them."""
    run = tmp_path_factory.mktemp("heads")
    for stream in ("spatial", "temporal"):
        options = TrainingOptions(
            stream=stream,  # type: ignore[arg-type]
            backbone=str(backbone_file), size_px=32, stack_length=4, feature_samples_per_clip=2,
        )  # fmt: skip
        train_stream(small_data, run, options=options)
    return run


@pytest.fixture
def run(heads: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(heads, tmp_path / "run"))


def test_few_clips_train_heads_that_see_whole_frames_and_flow_pictures(heads: Path) -> None:
    records = trained_streams(heads)
    for stream, record in records.items():
        assert (record.options["epochs"], record.options["head"]) == (0, "logistic")
        assert load_preprocessing(heads / stream / "preprocessing.json").view == "full"
    assert records["temporal"].options["flow_input"] == "pictures"


def test_the_rule_is_chosen_once_on_training_clips_and_bundles_use_it(
    run: Path, small_data: Path
) -> None:
    manifest = read_manifest(small_data)
    assert read_two_streams(run).fusion.pool == "average"  # nothing chosen yet
    (told,) = choose_fusion(run, manifest)
    kept = json.loads((run / "chosen.json").read_text())
    assert kept["fusion"]["reason"] in told
    assert kept["evidence"]["clips"] <= len(manifest.part(1, "train"))
    rule = rule_of_run(run, trained_streams(run), manifest, score_part=None)
    assert read_two_streams(run).fusion == rule
    results = evaluate_run(run, protocols=("one-frame",), engine="keras")
    assert results["fusion"]["chosen"]["reason"] == rule.reason
    assert results["views"] == {"spatial": "full", "temporal": "full"}


def test_test_clips_choose_nothing(run: Path, small_data: Path, tmp_path: Path) -> None:
    relabelled = small_dataset.with_wrong_test_labels(small_data, tmp_path / "relabelled")
    kept = []
    for data in (small_data, relabelled):
        (run / "chosen.json").unlink(missing_ok=True)
        choose_fusion(run, read_manifest(data))
        kept.append(json.loads((run / "chosen.json").read_text()))
    assert kept[0] == kept[1]


def test_without_weight_chosen_is_right_where_frames_are(
    run: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from twostream.evaluation import choosing

    monkeypatch.setattr(choosing, "LEAST_SOURCES", 10**6)
    evaluate_run(run, protocols=("25",), engine="keras")
    scores = load_scores(run / "scores" / "25.npz")
    chosen, spatial = scores["chosen"].values, scores["spatial"].values
    np.testing.assert_array_equal(chosen.argsort(axis=1), spatial.argsort(axis=1))


def test_one_source_video_a_class_leaves_frames_alone(
    run: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from twostream.evaluation import chosen_rule

    def nothing(features: Any, rows: Any, *, n_classes: int, **_: Any) -> Any:
        return np.zeros((len(rows), n_classes), np.float32), np.zeros(len(rows), np.bool_)

    monkeypatch.setattr(chosen_rule, "held_out_probabilities", nothing)
    choose_fusion(run, read_manifest(small_data))
    rule = read_two_streams(run).fusion
    assert rule.temporal_weight == 0
    assert "frames alone" in rule.reason
