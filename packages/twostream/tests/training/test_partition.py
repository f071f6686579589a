"""What is held out, and that the test part never is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from twostream.datasets.manifest import Manifest, ManifestRow
from twostream.errors import TwostreamError
from twostream.training.partition import partition_training_part


def manifest(groups_per_class: int, *, classes: int = 3, clips_per_group: int = 2) -> Manifest:
    rows = [
        ManifestRow(
            clip_id=f"c{label}/g{group}_{side}_{clip}",
            class_name=f"c{label}",
            label=label,
            path="",
            source="",
            frames=20,
            fps=25.0,
            width=8,
            height=8,
            duration_seconds=0.8,
            group=f"{label}-{side}-{group}",
            splits=(side,),
        )
        for label in range(classes)
        for side in ("train", "test")
        for group in range(groups_per_class)
        for clip in range(clips_per_group)
    ]
    return Manifest(Path("data"), tuple(f"c{k}" for k in range(classes)), tuple(rows))


def test_validation_comes_from_the_training_part_by_whole_groups() -> None:
    data = manifest(6)
    part = partition_training_part(data, split=1, fraction=0.2, seed=0)
    training, validation = set(part.training), set(part.validation)
    assert training | validation == set(data.part(1, "train"))
    assert not training & validation
    assert not {row.group for row in training} & {row.group for row in validation}
    assert {row.label for row in validation} == {0, 1, 2} == {row.label for row in training}
    assert "held out of the training part" in part.selection


def test_a_class_with_one_group_means_that_nothing_is_held_out_and_says_so() -> None:
    part = partition_training_part(manifest(1), split=1, fraction=0.2, seed=0)
    assert part.validation == ()
    assert len(part.training) == 6
    assert "only one source group" in part.selection


def test_nothing_is_held_out_when_nothing_was_asked_for() -> None:
    part = partition_training_part(manifest(4), split=1, fraction=0.0, seed=0)
    assert part.validation == ()
    assert "no validation asked for" in part.selection


def test_one_class_cannot_be_trained() -> None:
    with pytest.raises(TwostreamError, match="at least 2 classes"):
        partition_training_part(manifest(3, classes=1), split=1, fraction=0.2, seed=0)


def with_validation_part(data: Manifest) -> Manifest:
    """The same with every class's last training group in a val part of its own."""
    rows = tuple(
        replace(row, splits=("val",)) if row.group.endswith("train-0") else row for row in data.rows
    )
    return replace(data, rows=rows)


@pytest.mark.parametrize("fraction", [0.01, 0.15, 0.9])
def test_a_val_part_of_its_own_validates_and_never_trains(fraction: float) -> None:
    data = with_validation_part(manifest(3))
    part = partition_training_part(data, split=1, fraction=fraction, seed=0)
    assert {row.group for row in part.validation} == {f"{k}-train-0" for k in range(3)}
    assert part.training == data.part(1, "train")
    assert not {row.clip_id for row in data.part(1, "test")} & {
        row.clip_id for row in (*part.training, *part.validation)
    }
    assert "6 validation clips that the data set gives" in part.selection


def test_a_val_part_is_left_alone_where_nothing_is_selected() -> None:
    data = with_validation_part(manifest(3))
    for options in ({"fraction": 0.0}, {"fraction": 0.15, "selects": False}):
        part = partition_training_part(data, split=1, seed=0, **options)  # type: ignore[arg-type]
        assert part.validation == ()
        assert part.training == data.part(1, "train")
