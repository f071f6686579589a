"""Several splits of clips with several labels: means over splits, in files and on a page."""

import json

import numpy as np
import pytest
from twostream.datasets.manifest import ManifestRow, write_manifest
from twostream.evaluation.carried import mean_rule
from twostream.evaluation.label_thresholds import LabelThresholds, mean_thresholds
from twostream.evaluation.split_results import write_split_results
from twostream.reporting.page import write_report
from twostream.training.fusion_rule import FusionSpecification


@pytest.fixture
def by_split(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    row = ManifestRow(
        "walk/a", "walk", 0, "clips/walk/a.zip", "a.mp4", 50, 25.0, 64, 64, 2.0, "a",
        ("train", "test"), labels=("walk",),
    )  # fmt: skip
    write_manifest(data, [row], 2)

    def results(share):
        values = {"map": share, "f1_macro": share - 0.1, "f1_micro": share - 0.2}
        streams = {name: {**values, "intervals": {}} for name in ("spatial", "temporal", "fusion")}
        return {
            "dataset": "two at once",
            "multi_label": True,
            "chance_map": 0.3,
            "left_out": "confusion is left out",
            "n_test": 40,
            "classes": ["walk", "wave"],
            "untested_classes": [],
            "protocols": {"25": streams},
            "fusion": None,
            "data": str(data),
        }

    return {1: results(0.8), 2: results(0.9)}


def test_means_over_splits_are_those_of_labels(tmp_path, by_split):
    combined = write_split_results(tmp_path, by_split)
    mean = combined["mean"]
    assert mean["multi_label"]
    assert mean["protocols"]["25"]["fusion"]["map"] == pytest.approx(0.85)
    spread = combined["standard_deviation"]["protocols"]["25"]["fusion"]
    assert spread["f1_micro"] == pytest.approx(np.std([0.6, 0.7], ddof=1))
    assert "pooled" not in combined
    head = (tmp_path / "results.csv").read_text().splitlines()[0]
    assert head == "split,protocol,stream,map,f1_macro,f1_micro"
    assert json.loads((tmp_path / "results.json").read_text())["mean"] == mean


def test_the_page_of_several_splits_tells_map(tmp_path, by_split):
    write_split_results(tmp_path, by_split)
    page = write_report(tmp_path).read_text()
    assert "mean average precision of 85.0 %" in page
    assert "mAP, split 2" in page


def test_a_final_model_has_the_mean_of_thresholds_and_of_rules():
    one, other = (
        LabelThresholds(
            by_stream={"chosen": {"walk": value}}, chosen_on="validation", clips=9, reason="",
            trainings={"spatial": "a"}, unseen=("wave",) if value < 0.5 else (),
        )
        for value in (0.4, 0.6)
    )  # fmt: skip
    found = mean_thresholds([one, other], trainings={"spatial": "b"})
    assert found.by_stream == {"chosen": {"walk": 0.5}}
    assert (found.clips, found.unseen, found.trainings) == (18, (), {"spatial": "b"})
    assert mean_rule([FusionSpecification(multi_label=True)]).multi_label
