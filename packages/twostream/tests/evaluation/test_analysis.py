"""The analysis of scores, and its files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from twostream.evaluation.analysis import Analysis, analyse
from twostream.evaluation.analysis_files import are_analyses_current, write_analyses
from twostream.evaluation.metrics import accuracy, confusion_matrix
from twostream.evaluation.scores import ClipScores

CLASSES = ("climb", "golf", "run")
CAMERA = ("nm", "cm")


def hmdb_ids(labels: np.ndarray) -> list[str]:
    return [
        f"{CLASSES[k]}/title{i // 2}_{CLASSES[k]}_f_{CAMERA[i % 2]}_np1_fr_goo_{i}"
        for i, k in enumerate(labels)
    ]


def random_scores(
    streams: tuple[str, ...], ids: list[str], labels: np.ndarray
) -> dict[str, ClipScores]:
    return {
        stream: ClipScores(
            tuple(ids),
            CLASSES,
            labels,
            np.random.default_rng(k).dirichlet(np.ones(3), len(ids)).astype(np.float32),
        )
        for k, stream in enumerate(streams)
    }


STREAMS = ("spatial", "temporal", "fusion", "fusion-logit")


@pytest.fixture(name="analysis")
def _analysis() -> Analysis:
    labels = np.arange(24, dtype=np.int64) % 2  # nobody runs
    return analyse(random_scores(STREAMS, hmdb_ids(labels), labels), {})


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_classes_and_tags_divide_the_clips(analysis: Analysis) -> None:
    found = accuracy(analysis.scores["fusion"].values, analysis.scores["fusion"].labels)
    assert [row.name for row in analysis.classes] == ["climb", "golf"]
    assert np.mean([row.top1["fusion"] for row in analysis.classes]) == pytest.approx(
        found.mean_class
    )
    of_camera = [row for row in analysis.tags if row.tag == "camera motion"]
    assert {row.value: row.clips for row in of_camera} == {"static": 12, "moving": 12}
    hits = sum(row.clips * row.top1["fusion"] for row in of_camera)
    assert hits / 24 == pytest.approx(found.top1)
    for row in analysis.tags:
        low, high = row.intervals["fusion"]
        assert low <= row.top1["fusion"] <= high


def test_the_gain_of_motion_is_against_appearance(analysis: Analysis) -> None:
    for row in analysis.classes:
        assert list(row.gain) == ["temporal", "fusion", "fusion-logit"]
        assert row.gain["temporal"] == row.top1["temporal"] - row.top1["spatial"]


def test_every_fusion_is_compared_with_the_best_stream(analysis: Analysis) -> None:
    found = analysis.resamples.found
    best = max(("spatial", "temporal"), key=lambda s: found[s].top1)
    assert [(p.first, p.second) for p in analysis.fusion_gains] == [
        ("fusion", best),
        ("fusion-logit", best),
    ]
    for pairing in analysis.fusion_gains:
        top1 = pairing.differences["top1"]
        net = pairing.only_first_right - pairing.only_second_right
        assert top1.difference == pytest.approx(net / 24)
        assert top1.low <= top1.difference <= top1.high


def test_confused_pairs_are_the_errors(analysis: Analysis) -> None:
    for stream, pairs in analysis.confusions.items():
        scores = analysis.scores[stream]
        counts = confusion_matrix(scores.values, scores.labels)
        assert sum(pair.clips for pair in pairs) == 24 - counts.trace()
        assert [p.clips for p in pairs] == sorted((p.clips for p in pairs), reverse=True)
        for pair in pairs:
            i, j = CLASSES.index(pair.truth), CLASSES.index(pair.recognised_as)
            assert (counts[i, j], counts[i].sum()) == (pair.clips, pair.clips_of_class)


def test_the_files_hold_the_analysis(analysis: Analysis, tmp_path: Path) -> None:
    write_analyses(tmp_path, {"one-frame": analysis, "whole-video": analysis})
    content = json.loads((tmp_path / "analysis.json").read_text())
    assert list(content["protocols"]) == ["one-frame", "whole-video"]
    told = content["protocols"]["whole-video"]
    assert (told["clips"], told["source_videos"]) == (24, 24)
    assert list(told["calibration"]) == list(STREAMS)
    assert told["per_class"][0]["top1"] == analysis.classes[0].top1
    folder = tmp_path / "analysis" / "whole-video"
    assert {path.name for path in folder.iterdir()} == {
        *(f"confusion_{stream}.csv" for stream in STREAMS),
        *("per_class.csv", "per_tag.csv", "confused_pairs.csv", "calibration.csv", "clips.csv"),
        "fusion_minus_best_stream.csv",
    }
    assert len(rows_of(folder / "fusion_minus_best_stream.csv")) == 2 * 3
    with (folder / "confusion_fusion.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    fused = analysis.scores["fusion"]
    assert header[1:] == [row[0] for row in rows] == list(CLASSES)
    np.testing.assert_array_equal(
        np.array([[int(cell) for cell in row[1:]] for row in rows]),
        confusion_matrix(fused.values, fused.labels),
    )


def test_scores_that_are_no_probabilities_are_not_calibrated_nor_called_so(tmp_path: Path) -> None:
    labels = np.arange(24, dtype=np.int64) % 2
    scores = random_scores(("spatial", "fusion-svm"), hmdb_ids(labels), labels)
    analysis = analyse(scores, {})
    write_analyses(tmp_path, {"whole-video": analysis})
    told = json.loads((tmp_path / "analysis.json").read_text())["protocols"]["whole-video"]
    assert list(told["calibration"]) == ["spatial"]
    assert told["not_calibrated"] == {"fusion-svm": analysis.no_chances["fusion-svm"]}
    folder = tmp_path / "analysis" / "whole-video"
    assert {row["stream"] for row in rows_of(folder / "calibration.csv")} == {"spatial"}
    columns = list(rows_of(folder / "clips.csv")[0])
    assert {"spatial_probability", "fusion-svm_score", "fusion-svm_score_of_truth"} <= set(columns)
    assert not [name for name in columns if name.startswith("fusion-svm_prob")]


def test_analyses_of_a_version_that_calibrated_everything_are_not_current(
    analysis: Analysis, tmp_path: Path
) -> None:
    assert not are_analyses_current(tmp_path)
    write_analyses(tmp_path, {"whole-video": analysis})
    assert are_analyses_current(tmp_path)
    content = json.loads((tmp_path / "analysis.json").read_text())
    del content["protocols"]["whole-video"]["not_calibrated"]
    (tmp_path / "analysis.json").write_text(json.dumps(content))
    assert not are_analyses_current(tmp_path)


def test_the_table_of_clips_has_what_every_stream_says(analysis: Analysis, tmp_path: Path) -> None:
    write_analyses(tmp_path, {"whole-video": analysis})
    rows = rows_of(tmp_path / "analysis" / "whole-video" / "clips.csv")
    assert [row["clip_id"] for row in rows] == list(analysis.scores["fusion"].ids)
    for i, row in enumerate(rows):
        for stream, scores in analysis.scores.items():
            values = scores.values[i]
            assert row[f"{stream}_prediction"] == CLASSES[int(values.argmax())]
            assert float(row[f"{stream}_probability"]) == pytest.approx(values.max(), abs=1e-6)
            of_truth = values[CLASSES.index(row["label"])]
            assert float(row[f"{stream}_probability_of_truth"]) == pytest.approx(of_truth, abs=1e-6)
            first = row[f"{stream}_rank_of_truth"] == "1"
            assert (row[f"{stream}_prediction"] == row["label"]) == first


def test_nothing_is_left_of_an_earlier_analysis(tmp_path: Path) -> None:
    labels = np.arange(6, dtype=np.int64) % 3
    tagged = analyse(random_scores(STREAMS, hmdb_ids(labels), labels), {})
    plain = analyse(random_scores(("temporal",), [f"run/{k}" for k in range(6)], labels), {})
    write_analyses(tmp_path, {"one-frame": tagged, "whole-video": tagged})
    write_analyses(tmp_path, {"one-frame": plain})
    assert [path.name for path in (tmp_path / "analysis").iterdir()] == ["one-frame"]
    names = {path.name for path in (tmp_path / "analysis" / "one-frame").iterdir()}
    assert "per_tag.csv" not in names
    assert {name for name in names if name.startswith("confusion")} == {"confusion_temporal.csv"}
    assert rows_of(tmp_path / "analysis" / "one-frame" / "fusion_minus_best_stream.csv") == []


def test_a_lone_temporal_stream_has_no_gain_over_appearance() -> None:
    labels = np.arange(6, dtype=np.int64) % 3
    found = analyse(random_scores(("temporal",), [f"run/{k}" for k in range(6)], labels), {})
    assert all(row.gain == {} for row in found.classes)
    assert found.fusion_gains == []
    assert found.tags == []
