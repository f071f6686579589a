"""What the run chose that goes on holds where the later one has nothing to choose by."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from twostream.datasets.manifest import read_manifest
from twostream.evaluation import chosen_rule, of_earlier
from twostream.evaluation.chosen_rule import heads_left_out, rule_of_run
from twostream.evaluation.label_thresholds import LabelThresholds, write_label_thresholds
from twostream.evaluation.of_earlier import earlier_rule, earlier_thresholds
from twostream.evaluation.trained import trained_streams
from twostream.training.fusion_rule import ChosenFusion, FusionSpecification, write_chosen
from twostream.training.record import TrainingRecord

RULE = FusionSpecification(spatial_weight=0.2, pool="product", reason="chosen on 40 clips")


def gone_on(run: Path, earlier: Path, *, head: str = "kept") -> dict[str, TrainingRecord]:
    more = {"from_run": str(earlier), "head": head}
    return {
        stream: replace(record, options={**record.options, **more})
        for stream, record in trained_streams(run).items()
    }


@pytest.fixture
def earlier(run: Path, tmp_path: Path) -> Path:
    """A run whose fusion was chosen."""
    folder = Path(shutil.copytree(run, tmp_path / "earlier"))
    trainings = {s: record.fingerprint for s, record in trained_streams(folder).items()}
    write_chosen(folder, ChosenFusion(rule=RULE, trainings=trainings, evidence={}))
    return folder


def test_both_streams_are_fused_as_before(run: Path, earlier: Path, small_data: Path) -> None:
    found = rule_of_run(run, gone_on(run, earlier), read_manifest(small_data), score_part=None)
    assert (found.spatial_weight, found.pool) == (RULE.spatial_weight, RULE.pool)
    assert RULE.reason in found.reason
    assert "as in the run that goes on" in found.reason


def test_heads_that_are_learnt_anew_choose_nothing_for_one_that_goes_on(
    run: Path, earlier: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> None:
        raise LookupError("clips were asked for")

    monkeypatch.setattr(chosen_rule, "partitions_of", asked)
    for head, is_asked in (("kept", False), ("logistic", True)):
        records = {
            stream: replace(record, options={**record.options, "epochs": 0})
            for stream, record in gone_on(run, earlier, head=head).items()
        }
        with pytest.raises(LookupError) if is_asked else nullcontext():
            assert heads_left_out(run, records, read_manifest(small_data)) is None


def test_of_another_start_nothing_is_taken(run: Path, earlier: Path) -> None:
    assert earlier_rule(gone_on(run, earlier), "") is not None
    assert earlier_rule(gone_on(run, earlier, head="logistic"), "") is None
    assert earlier_rule(trained_streams(run), "") is None
    one = {**gone_on(run, earlier), "temporal": gone_on(run, run)["temporal"]}
    assert earlier_rule(one, "") is None
    (earlier / "chosen.json").unlink()
    assert earlier_rule(gone_on(run, earlier), "") is None
    assert earlier_rule(gone_on(run, earlier / "gone"), "") is None


def test_labels_hold_from_the_scores_from_which_they_held(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = LabelThresholds(
        by_stream={"spatial": {"wave": 0.3}},
        chosen_on="validation",
        clips=9,
        reason="the highest F1",
        trainings={"spatial": "of before"},
    )
    write_label_thresholds(tmp_path, kept)
    stream = SimpleNamespace(stream="spatial", training=SimpleNamespace(fingerprint="of before"))
    bundle = SimpleNamespace(folder=tmp_path, streams=(stream,), multi_label=True)
    monkeypatch.setattr(of_earlier, "read_two_streams", lambda folder: bundle)
    records = gone_on(run, tmp_path)
    found = earlier_thresholds(records, "nothing validates", trainings={"spatial": "of now"})
    assert found is not None
    assert found.of("spatial", ("wave", "walk")).tolist() == [0.3, 0.5]
    assert found.trainings == {"spatial": "of now"}
    assert "the highest F1" in found.reason
    bundle.multi_label = False
    assert earlier_thresholds(records, "", trainings={}) is None
