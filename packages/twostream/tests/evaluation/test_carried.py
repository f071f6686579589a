"""What a final model carries, and when it carries nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from twostream.errors import TwostreamError
from twostream.evaluation.carried import carry_to_final, mean_rule
from twostream.training.final import (
    folder_for_use,
    has_final,
    read_accuracy,
    refuse_final,
)
from twostream.training.fusion_rule import (
    ChosenFusion,
    FusionSpecification,
    read_chosen,
    write_chosen,
)
from twostream.training.record import TrainingRecord, write_record

STREAMS = ("spatial", "temporal")


def record(stream: str, *, split: int, **options: Any) -> TrainingRecord:
    return TrainingRecord(
        stream=stream,
        data="",
        content="None",  # as where nothing is recorded of the data
        split=split,
        classes=("a", "b"),
        backbone="cnn-s",
        weights=None,
        n_train=20 if split == 0 else 14,
        n_validation=0,
        selection="",
        selected_epoch=1,
        options={"dropout": 0.5, "split": split, "validation_fraction": 0.15 * split, **options},
        environment={},
        duration_seconds=1.0,
        fingerprint=f"{stream}-{split}",
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of one split with a final model, before anything is carried."""
    for stream in STREAMS:
        for folder, split in ((tmp_path, 1), (tmp_path / "final", 0)):
            (folder / stream).mkdir(parents=True)
            write_record(folder / stream, record(stream, split=split))
    return tmp_path


def results(run: Path) -> dict[str, Any]:
    return {
        "dataset": "made up",
        "split": 1,
        "n_test": 6,
        "classes": ["a", "b"],
        "protocols": {"25": {"fusion": {"top1": 0.5}}},
        "trainings": {stream: f"{stream}-1" for stream in STREAMS},
        "data": str(run / "data"),
    }


def test_it_carries_what_the_split_measured_and_says_whose_that_is(run: Path) -> None:
    assert folder_for_use(run) == run
    told, notes = carry_to_final(run, results(run))
    assert notes == ()
    assert told["final"]["n_train"] == 20
    carried = read_accuracy(run / "final")
    assert carried is not None
    assert carried["protocols"] == results(run)["protocols"]
    assert "those of split 1, not of the final model" in carried["meaning"]
    assert json.loads((run / "results.json").read_text()) == told
    assert has_final(run)
    assert folder_for_use(run) == run / "final"


def test_half_a_final_model_is_none(run: Path) -> None:
    (run / "final" / "temporal" / "training.json").unlink()
    assert carry_to_final(run, results(run)) == (results(run), ())
    assert not has_final(run)


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"options": {"dropout": 0.1}}, "with other options"), ({"content": "x"}, "on other clips")],
)
def test_one_that_was_trained_otherwise_loses_what_it_carried(
    run: Path, changed: dict[str, Any], told: str
) -> None:
    carry_to_final(run, results(run))
    write_record(run / "final" / "spatial", replace(record("spatial", split=0), **changed))
    found, notes = carry_to_final(run, results(run))
    assert "final" not in found
    assert told in notes[0]
    assert "--final --replace" in notes[0]
    assert not has_final(run)


def test_its_streams_are_fused_as_the_split_chose(run: Path) -> None:
    rule = FusionSpecification(spatial_weight=0.7, pool="product", temperature=2.0)
    trainings = {stream: f"{stream}-1" for stream in STREAMS}
    write_chosen(run, ChosenFusion(rule=rule, trainings=trainings, evidence={}))
    carry_to_final(run, results(run))
    kept = read_chosen(run / "final", trainings={stream: f"{stream}-0" for stream in STREAMS})
    assert kept is not None
    assert (kept.rule.spatial_weight, kept.rule.pool) == (0.7, "product")
    assert kept.rule.temperature == pytest.approx(2.0)
    assert "1 split chose" in kept.rule.reason


def test_rules_that_differ_are_averaged() -> None:
    found = mean_rule(
        [FusionSpecification(spatial_weight=1.0, pool="product"), FusionSpecification()]
    )
    assert found.spatial_weight == 0.75


def test_a_final_model_cannot_be_tested(run: Path) -> None:
    refuse_final(run, purpose="evaluate")
    with pytest.raises(TwostreamError, match="found a final model"):
        refuse_final(run / "final", purpose="evaluate")
