from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from twostream.datasets.manifest import ALL_CLIPS, Manifest, read_manifest
from twostream.training.options import TrainingOptions
from twostream.training.settled import FEW_CLIPS, settled, settled_as_before

PRETRAINED = TrainingOptions(backbone="ResNet50")


@pytest.fixture(scope="module")
def few(small_data: Path) -> Manifest:
    return read_manifest(small_data)


@pytest.fixture(scope="module")
def many(few: Manifest) -> Manifest:
    copies = [
        replace(row, clip_id=f"{row.clip_id}-{k}") for row in few.rows for k in range(FEW_CLIPS)
    ]
    return replace(few, rows=tuple(copies))


def test_a_pretrained_backbone_with_few_clips_trains_its_head_alone(few: Manifest) -> None:
    spatial = settled(PRETRAINED, few)
    assert (spatial.epochs, spatial.head, spatial.flow_input) == (0, "logistic", "stack")
    temporal = settled(replace(PRETRAINED, stream="temporal"), few)
    assert (temporal.epochs, temporal.head, temporal.flow_input) == (0, "logistic", "pictures")


def test_with_many_clips_and_from_scratch_all_layers_learn(few: Manifest, many: Manifest) -> None:
    for options, manifest in (
        (PRETRAINED, many),
        (replace(PRETRAINED, stream="temporal"), many),
        (TrainingOptions(backbone="cnn-s"), few),
        (TrainingOptions(backbone="ResNet50", weights="none", stream="temporal"), few),
    ):
        found = settled(options, manifest)
        assert (found.epochs, found.head, found.flow_input) == (10, "dropout", "stack")


def test_what_was_said_stays_and_settling_twice_changes_nothing(few: Manifest) -> None:
    said = replace(PRETRAINED, epochs=3, head="logistic", view="centre")
    assert settled(said, few) == replace(said, flow_input="stack")
    for options in (PRETRAINED, said):
        once = settled(options, few)
        assert settled(once, few) == once


def test_what_earlier_versions_trained_is_told_by_their_defaults() -> None:
    before = settled_as_before(PRETRAINED)
    assert (before.epochs, before.head, before.flow_input, before.view) == (
        10, "dropout", "stack", "centre",
    )  # fmt: skip


def test_all_folds_and_the_final_model_are_settled_alike(few: Manifest) -> None:
    """Of 21 and 20 clips a class each fold would be of another kind than the final model."""
    first = few.rows[0]
    rows = [
        replace(first, clip_id=f"{label}/{k}", label=label, class_name=f"{label}", splits=sides)
        for label in (0, 1)
        for k, sides in enumerate([("test", "train")] * 21 + [("train", "test")] * 18)
    ]
    folds = Manifest(few.folder, ("0", "1"), tuple(rows))
    found = [settled(replace(PRETRAINED, split=split), folds) for split in (1, 2, ALL_CLIPS)]
    assert {(one.epochs, one.head) for one in found} == {(0, "logistic")}
    halves = [replace(row, splits=row.splits[:1]) for row in rows]
    one_split = Manifest(few.folder, ("0", "1"), tuple(halves))
    assert settled(replace(PRETRAINED, split=ALL_CLIPS), one_split).head == "logistic"
