"""A training is known by what changes its weights, and by nothing else."""

from __future__ import annotations

import shutil
from dataclasses import asdict, field, fields, make_dataclass
from pathlib import Path
from typing import Any

import pytest
from manifest_rows import row
from twostream.differences import differences
from twostream.fingerprints import added_field, fingerprint_of
from twostream.training.made_of import FLAGS, difference_from, effective_options, made_of
from twostream.training.options import CIRCUMSTANCES, TrainingOptions
from twostream.training.partition import Partition

PARTITION = Partition((row("a/1", "1"), row("b/2", "2")), (row("a/3", "3"),), "")
CHANGED: dict[str, Any] = {
    "stream": "spatial",
    "split": 2,
    "backbone": "ResNet101",
    "weights": "none",
    "cross_modality": "random",
    "partial_batch_norm": False,
    "input_convention": "torch",
    "epochs": 3,
    "head": "logistic",
    "flow_input": "pictures",
    "view": "three",
    "head_epochs": 3,
    "batch_size": 6,
    "optimizer": "sgd",
    "learning_rate": 0.5,
    "schedule": "constant",
    "head_rate_factor": 2.0,
    "weight_decay": 0.5,
    "dropout": 0.1,
    "stochastic_depth": 0.2,
    "label_smoothing": 0.0,
    "mixup": 0.5,
    "cutmix": 0.5,
    "class_weights": "balanced",
    "samples_per_clip": 2,
    "segments": 1,
    "frames_per_clip": 2,
    "crops": "random",
    "smallest_crop": 0.5,
    "color_jitter": 0.0,
    "rand_augment": 9.0,
    "rand_augment_operations": 3,
    "flow_mirror": "as-published",
    "mean_subtraction": False,
    "accumulation_steps": 2,
    "average_weights": True,
    "precision": "mixed",
    "patience": 2,
    "feature_samples_per_clip": 2,
    "stack_length": 5,
    "size_px": 64,
    "test_size_px": 64,
    "seed": 1,
}


@pytest.fixture(autouse=True)
def on_a_processor_that_trains_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `auto` comes to depends on the machine; its name does not."""
    monkeypatch.setattr("twostream.models.device.bf16_unit", lambda: None)


def test_auto_is_one_name_on_machines_of_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    auto, bf16, float32 = (
        TrainingOptions(stream="temporal", precision=p) for p in ("auto", "bf16", "float32")
    )
    here = name(auto)
    assert (name(float32) == here, name(bf16) == here) == (True, False)
    monkeypatch.setattr("twostream.models.device.bf16_unit", lambda: "AMX")
    assert name(auto) == here
    assert (name(float32) == here, name(bf16) == here) == (False, True)


def name(options: TrainingOptions, partition: Partition = PARTITION, content: str = "c") -> str:
    return made_of(options, partition, classes=("a", "b"), content=content).fingerprint


@pytest.mark.parametrize("option", CHANGED)
def test_every_option_that_changes_weights_changes_the_name(option: str) -> None:
    of_frames = option in ("color_jitter", "rand_augment", "rand_augment_operations")
    stream: Any = "spatial" if of_frames else "temporal"
    strength = 9.0 if option == "rand_augment_operations" else 0.0
    plain = TrainingOptions(stream=stream, rand_augment=strength)
    assert name(TrainingOptions(**{**asdict(plain), option: CHANGED[option]})) != name(plain)


def test_no_option_is_forgotten() -> None:
    # An earlier run needs files, and which clips are held out is told clip by clip.
    known = {item.name for item in fields(TrainingOptions)} - {"from_run", "validation_fraction"}
    assert known - set(CIRCUMSTANCES) == set(CHANGED)


@pytest.mark.parametrize(
    ("plain", "spelled"),
    [
        ({}, {"weights": "imagenet"}),
        ({}, {"learning_rate": 1e-4}),
        ({}, {"color_jitter": 0.5}),
        ({}, {"rand_augment": 9.0}),
        ({"stream": "spatial"}, {"stream": "spatial", "rand_augment_operations": 3}),
        ({}, {"precision": "float32"}),
        ({"backbone": "cnn-s"}, {"backbone": "cnn-s", "weights": "none"}),
        ({"backbone": "cnn-s"}, {"backbone": "cnn-s", "head_epochs": 3}),
        ({"dropout": 0.0}, {"dropout": 0}),
        ({"stream": "spatial"}, {"stream": "spatial", "mean_subtraction": False}),
    ],
)
def test_what_takes_no_effect_does_not_change_the_name(
    plain: dict[str, Any], spelled: dict[str, Any]
) -> None:
    first, second = (TrainingOptions(**{"stream": "temporal", **one}) for one in (plain, spelled))
    assert name(first) == name(second)


def test_a_precision_under_its_earlier_name_is_the_same_training() -> None:
    now, before = (TrainingOptions(stream="spatial", precision=p) for p in ("bf16", "mixed"))
    assert now == before
    made = made_of(now, PARTITION, classes=("a", "b"), content="c")
    assert made.options["precision"] == "mixed"  # as records of earlier versions have it
    plain = made_of(TrainingOptions(stream="spatial"), PARTITION, classes=("a", "b"), content="c")
    told = difference_from(plain.to_dict(), made)
    assert [str(one) for one in told] == ["--precision bf16 instead of auto"]


@pytest.mark.parametrize("otherwise", [{"device": "cpu"}, {"workers": 3}, {"loader": "processes"}])
def test_where_and_by_whom_it_is_trained_does_not_change_what_is_trained(
    otherwise: dict[str, Any],
) -> None:
    here, anywhere = (
        made_of(
            TrainingOptions(stream="spatial", **options),
            PARTITION,
            classes=("a", "b"),
            content="c",
        )
        for options in (otherwise, {})
    )
    assert here == anywhere
    # So that earlier fingerprints stay what they are.
    assert not here.options.keys() & set(CIRCUMSTANCES)


def test_patience_counts_where_something_is_held_out() -> None:
    nothing = Partition(PARTITION.training, (), "")
    plain, patient = (TrainingOptions(stream="spatial", patience=p) for p in (None, 2))
    assert name(plain) != name(patient)
    assert name(plain, nothing) == name(patient, nothing)


def test_clips_and_their_content_change_the_name() -> None:
    plain = TrainingOptions(stream="spatial")
    fewer = Partition(PARTITION.training[:1], PARTITION.validation, "")
    moved = Partition((*PARTITION.training, *PARTITION.validation), (), "")
    names = {name(plain), name(plain, fewer), name(plain, moved), name(plain, content="d")}
    assert len(names) == 4


def test_a_backbone_is_known_by_its_content(tmp_path: Path) -> None:
    first = tmp_path / "first.keras"
    first.write_bytes(b"weights")
    second = Path(shutil.copy(first, tmp_path / "second.keras"))
    of_first, of_second = (
        TrainingOptions(stream="spatial", backbone=str(path)) for path in (first, second)
    )
    assert name(of_first) == name(of_second)
    before = made_of(of_second, PARTITION, classes=("a", "b"), content="c")
    second.write_bytes(b"others")
    now = made_of(of_second, PARTITION, classes=("a", "b"), content="c")
    assert [one.name for one in difference_from(before.to_dict(), now)] == ["--backbone"]


def test_an_option_that_is_added_later_leaves_old_names_while_it_works_as_before() -> None:
    later = make_dataclass(
        "Later",
        [
            ("frame_rate", float, added_field(25.0, before=None)),
            ("of_the_first_version", int, field(default=1)),
        ],
        bases=(TrainingOptions,),
        frozen=True,
        kw_only=True,
    )
    plain = effective_options(TrainingOptions(stream="spatial"))
    as_before = effective_options(later(stream="spatial", frame_rate=None))
    as_now = effective_options(later(stream="spatial"))
    as_before.pop("of_the_first_version")
    as_now.pop("of_the_first_version")
    assert fingerprint_of(as_before) == fingerprint_of(plain)
    assert [str(one) for one in differences(plain, as_now, names=FLAGS)] == [
        "--frame-rate 25 instead of the default"
    ]
