"""Training one stream: from scratch, with a pretrained backbone, resumed, and honest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import polars as pl
import pytest
import small_dataset
from twostream.errors import TwostreamError, TwostreamWarning
from twostream.models.batch_norm import batch_norm_layers
from twostream.models.earlier_run import load_earlier_backbone
from twostream.training import fit as fit_module
from twostream.training.history import EpochRecord, read_history
from twostream.training.options import TrainingOptions
from twostream.training.partition import read_parts
from twostream.training.stream import train_stream
from twostream.transforms.preprocessing import load_preprocessing


def options(**changes: Any) -> TrainingOptions:
    plain: dict[str, Any] = {
        "stream": "temporal",
        "backbone": "cnn-s",
        "epochs": 3,
        "head_epochs": 1,
        "batch_size": 8,
        "size_px": 32,
        "stack_length": 4,
        "feature_samples_per_clip": 2,
    }
    return TrainingOptions(**{**plain, **changes})


@pytest.fixture(scope="session")
def backbone_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small image network with a batch normalisation, as a file."""
    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 5, strides=4)(image)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.BatchNormalization()(keras.layers.Conv2D(8, 3)(x))
    path = tmp_path_factory.mktemp("backbone") / "resnet_mini.keras"
    keras.Model(image, x, name="resnet_mini").save(path)
    return path


def weights(run: Path, stream: str = "temporal") -> list[np.ndarray]:
    model = keras.saving.load_model(run / stream / "model.keras", compile=False)
    found: list[np.ndarray] = model.get_weights()
    return found


def assert_same_weights(one: Path, other: Path) -> None:
    for a, b in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_training_from_scratch_leaves_everything_prediction_needs(
    small_data: Path, tmp_path: Path
) -> None:
    record = train_stream(small_data, tmp_path, options=options())
    folder = tmp_path / "temporal"
    assert load_preprocessing(folder / "preprocessing.json").channels == 8
    assert [r.phase for r in read_history(folder / "history.csv")] == ["all"] * 3
    assert record.classes == ("down", "left", "right")
    assert 1 <= record.selected_epoch <= 3
    assert record.n_train + record.n_validation == 9
    parts = list(read_parts(folder).values())
    assert parts.count("training") == record.n_train
    assert parts.count("validation") == record.n_validation
    assert json.loads((folder / "training.json").read_text())["selection"] == record.selection
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    scores = model.predict_on_batch(np.zeros((2, 32, 32, 8), np.float32))
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
def test_a_pretrained_backbone_trains_its_head_first_on_cached_features(
    small_data: Path, tmp_path: Path, backbone_file: Path, stream: str
) -> None:
    record = train_stream(
        small_data, tmp_path, options=options(stream=stream, backbone=str(backbone_file), epochs=1)
    )
    phases = [r.phase for r in read_history(tmp_path / stream / "history.csv")]
    assert phases[0] == "head"
    assert phases[-1] == "all"
    assert (tmp_path / stream / "features.npz").exists()
    assert record.weights is None


def test_another_backbone_under_the_same_name_is_trained_anew(
    small_data: Path, tmp_path: Path, backbone_file: Path
) -> None:
    mine = Path(shutil.copy(backbone_file, tmp_path / "resnet_mine.keras"))
    kind = options(backbone=str(mine), epochs=0)
    first = train_stream(small_data, tmp_path / "run", options=kind)
    model = keras.saving.load_model(mine, compile=False)
    model.set_weights([2 * weight for weight in model.get_weights()])
    model.save(mine)
    assert train_stream(small_data, tmp_path / "run", options=kind).fingerprint != first.fingerprint


def test_a_damaged_checkpoint_is_a_sentence(small_data: Path, tmp_path: Path) -> None:
    train_stream(small_data, tmp_path, options=options(epochs=1))
    (tmp_path / "temporal" / "training.json").unlink()
    (tmp_path / "temporal" / "checkpoints" / "last.keras").write_bytes(b"damaged")
    with pytest.raises(TwostreamError, match="remove the file"):
        train_stream(small_data, tmp_path, options=options(epochs=1))


def test_the_head_alone_can_be_trained(
    small_data: Path, tmp_path: Path, backbone_file: Path
) -> None:
    record = train_stream(
        small_data, tmp_path, options=options(backbone=str(backbone_file), epochs=0)
    )
    assert record.selected_epoch == 0
    assert record.n_validation == 0
    assert "the head alone was trained" in record.selection
    assert {r.phase for r in read_history(tmp_path / "temporal" / "history.csv")} == {"head"}


def test_a_finished_training_is_not_done_twice(small_data: Path, tmp_path: Path) -> None:
    first = train_stream(small_data, tmp_path, options=options(epochs=1))
    made = (tmp_path / "temporal" / "model.keras").stat().st_mtime_ns
    assert train_stream(small_data, tmp_path, options=options(epochs=1)) == first
    assert (tmp_path / "temporal" / "model.keras").stat().st_mtime_ns == made
    with pytest.warns(TwostreamWarning, match="replaces a finished training with other options"):
        train_stream(small_data, tmp_path, options=options(epochs=1, seed=1))
    assert (tmp_path / "temporal" / "model.keras").stat().st_mtime_ns != made


@pytest.mark.parametrize("pretrained", [False, True])
@pytest.mark.parametrize("stop_at", ["best.keras", "last.keras"])
def test_a_training_that_was_killed_goes_on_to_the_same_weights(
    small_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    backbone_file: Path,
    pretrained: bool,
    stop_at: str,
) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    kind = options(backbone=str(backbone_file)) if pretrained else options()
    train_stream(small_data, undisturbed, options=kind)
    saved = fit_module.save_checkpoint

    def save_then_die(model: Any, path: Path) -> None:
        saved(model, path)
        if path.name == stop_at and int(model.optimizer.iterations) >= 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(fit_module, "save_checkpoint", save_then_die)
    with pytest.raises(KeyboardInterrupt):
        train_stream(small_data, killed, options=kind)
    assert not (killed / "temporal" / "training.json").exists()
    monkeypatch.setattr(fit_module, "save_checkpoint", saved)
    train_stream(small_data, killed, options=kind)
    assert_same_weights(undisturbed, killed)
    records = read_history(killed / "temporal" / "history.csv")
    assert [record.epoch for record in records if record.phase == "all"] == [1, 2, 3]
    assert {record.phase for record in records} == ({"head", "all"} if pretrained else {"all"})


@pytest.mark.parametrize(
    "changes",
    [
        {"segments": 1},
        {"mixup": 0.4},
        {"label_smoothing": 0.0},
        {"mean_subtraction": False},
        {"accumulation_steps": 2},
        {"average_weights": True},
        {"weight_decay": 0.5},
        {"optimizer": "sgd"},
        {"schedule": "constant"},
        {"frames_per_clip": 2},
        {"precision": "mixed"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_option_changes_what_is_learnt(
    small_data: Path, tmp_path: Path, trained_plainly: Path, changes: dict[str, Any]
) -> None:
    train_stream(small_data, tmp_path, options=options(epochs=2, **changes))
    found, plain = weights(tmp_path), weights(trained_plainly)
    assert all(np.isfinite(array).all() for array in found)
    assert not all(np.array_equal(a, b) for a, b in zip(found, plain, strict=True))


@pytest.fixture(scope="module")
def trained_plainly(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("plain")
    train_stream(small_data, run, options=options(epochs=2))
    return run


def test_a_killed_training_with_every_option_goes_on_to_the_same_weights(
    small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backbone_file: Path
) -> None:
    kind = options(
        backbone=str(backbone_file),
        epochs=2,
        mixup=0.4,
        accumulation_steps=2,
        average_weights=True,
        class_weights="balanced",
        head_rate_factor=5.0,
    )
    train_stream(small_data, tmp_path / "undisturbed", options=kind)
    saved = fit_module.save_checkpoint

    def save_then_die(model: Any, path: Path) -> None:
        saved(model, path)
        if path.name == "last.keras":
            raise KeyboardInterrupt

    monkeypatch.setattr(fit_module, "save_checkpoint", save_then_die)
    with pytest.raises(KeyboardInterrupt):
        train_stream(small_data, tmp_path / "killed", options=kind)
    monkeypatch.setattr(fit_module, "save_checkpoint", saved)
    train_stream(small_data, tmp_path / "killed", options=kind)
    assert_same_weights(tmp_path / "undisturbed", tmp_path / "killed")


def test_training_stops_when_patience_ends(small_data: Path, tmp_path: Path) -> None:
    # Nothing can get better at a rate this low, so the second epoch is the last one.
    kind = options(epochs=6, patience=1, learning_rate=1e-12, validation_fraction=0.4)
    record = train_stream(small_data, tmp_path, options=kind)
    epochs = len(read_history(tmp_path / "temporal" / "history.csv"))
    assert record.n_validation > 0
    assert record.selected_epoch + 1 == epochs < 6


def test_patience_counts_from_the_best_epoch() -> None:
    def after(*top1: float) -> bool:
        records = [
            EpochRecord(k + 1, "all", 0.1, 1.0, 0.5, 1.0, value, 1.0)
            for k, value in enumerate(top1)
        ]
        return fit_module.out_of_patience(records, patience=2)

    assert not after()
    assert not after(0.5, 0.4)
    assert after(0.5, 0.4, 0.3)
    assert not after(0.5, 0.4, 0.6)
    assert not fit_module.out_of_patience([], patience=None)


def two_classes(small_data: Path, to: Path) -> Path:
    shutil.copytree(small_data, to)
    table = pl.read_parquet(to / "manifest.parquet").filter(pl.col("class_name") != "left")
    labels = (pl.col("class_name") == "right").cast(pl.Int64).alias("label")
    table.with_columns(labels).write_parquet(to / "manifest.parquet")
    return to


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
def test_an_earlier_run_with_other_classes_is_a_start(
    small_data: Path, tmp_path: Path, stream: str
) -> None:
    train_stream(small_data, tmp_path / "earlier", options=options(stream=stream))
    kind = options(stream=stream, backbone="ResNet50", from_run=str(tmp_path / "earlier"), epochs=0)
    record = train_stream(
        two_classes(small_data, tmp_path / "data"), tmp_path / "run", options=kind
    )
    assert record.classes == ("down", "right")
    assert record.backbone == "cnn-s"
    assert record.weights == str(tmp_path / "earlier" / stream / "model.keras")
    # The head alone was trained: the backbone is what it was.
    earlier, later = weights(tmp_path / "earlier", stream), weights(tmp_path / "run", stream)
    backbone = [array for array in earlier if array.shape[-1] != 3]
    for array in backbone:
        assert any(np.array_equal(array, other) for other in later)
    assert {array.shape[-1] for array in later if array.ndim == 2} == {2}


def test_what_an_earlier_run_froze_may_learn_again(
    small_data: Path, tmp_path: Path, backbone_file: Path
) -> None:
    train_stream(small_data, tmp_path, options=options(backbone=str(backbone_file), epochs=0))
    path = tmp_path / "temporal" / "model.keras"
    frozen = batch_norm_layers(keras.saving.load_model(path, compile=False))[1:]
    assert frozen
    assert not any(layer.trainable for layer in frozen)
    start = load_earlier_backbone(path, channels=8, size_px=32)
    assert all(layer.trainable for layer in batch_norm_layers(start.model))


def test_an_earlier_run_that_was_trained_again_is_another_start(
    small_data: Path, tmp_path: Path
) -> None:
    kind = options(from_run=str(tmp_path / "earlier"), epochs=0)
    found = set()
    for seed in (0, 1):
        train_stream(small_data, tmp_path / "earlier", options=options(epochs=1, seed=seed))
        found.add(train_stream(small_data, tmp_path / "run", options=kind).fingerprint)
    assert len(found) == 2


def test_an_earlier_run_must_have_the_stream_and_its_stack_length(
    small_data: Path, tmp_path: Path
) -> None:
    with pytest.raises(TwostreamError, match="check --from"):
        train_stream(small_data, tmp_path / "run", options=options(from_run=str(tmp_path)))
    train_stream(small_data, tmp_path / "earlier", options=options(epochs=1))
    kind = options(from_run=str(tmp_path / "earlier"), stack_length=3)
    with pytest.raises(TwostreamError, match="--stack-length 4"):
        train_stream(small_data, tmp_path / "run", options=kind)


def test_clips_that_were_prepared_otherwise_are_trained_on_anew(
    small_data: Path, small_videos: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(small_data, tmp_path / "data"))
    first = train_stream(data, tmp_path / "run", options=options(epochs=1))
    small_dataset.prepared(data, small_videos, bound_px=5.0)
    second = train_stream(data, tmp_path / "run", options=options(epochs=1))
    assert first.fingerprint != second.fingerprint


def test_the_same_seed_gives_the_same_weights_and_another_one_others(
    small_data: Path, tmp_path: Path
) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train_stream(small_data, tmp_path / name, options=options(epochs=1, seed=seed))
    assert_same_weights(tmp_path / "a", tmp_path / "b")
    assert not all(
        np.array_equal(a, b)
        for a, b in zip(weights(tmp_path / "a"), weights(tmp_path / "c"), strict=True)
    )


def test_the_test_part_changes_nothing(small_data: Path, tmp_path: Path) -> None:
    # Another data set: the same training part, but test clips with other labels, or none at all.
    other = tmp_path / "other"
    shutil.copytree(small_data, other)
    table = pl.read_parquet(other / "manifest.parquet")
    table.filter(pl.col("split_1") == "train").write_parquet(other / "manifest.parquet")
    train_stream(small_data, tmp_path / "a", options=options(epochs=2))
    train_stream(other, tmp_path / "b", options=options(epochs=2))
    assert_same_weights(tmp_path / "a", tmp_path / "b")


def test_one_training_clip_a_class_is_legal(small_data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(small_data, other)
    table = pl.read_parquet(other / "manifest.parquet")
    first = pl.col("clip_id").str.contains("g01")
    side = pl.when(first).then(pl.lit("train")).otherwise(pl.lit("test")).alias("split_1")
    table.with_columns(side).write_parquet(other / "manifest.parquet")
    record = train_stream(other, tmp_path / "run", options=options(epochs=2))
    assert (record.n_train, record.n_validation, record.selected_epoch) == (3, 0, 2)
    assert "only one source group" in record.selection


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"epochs": -1}, "--epochs"),
        ({"dropout": 1.0}, "--dropout"),
        ({"size_px": 8}, "--size"),
        ({"batch_size": 0}, "--batch-size"),
        ({"learning_rate": 0.0}, "--learning-rate"),
        ({"validation_fraction": -3.0}, "--validation-fraction"),
        ({"seed": -1}, "--seed"),
        ({"head_epochs": 0}, "--head-epochs"),
        ({"segments": 0}, "--segments"),
        ({"segments": 9, "batch_size": 8}, "--segments"),
        ({"frames_per_clip": 0}, "--frames-per-clip"),
        ({"accumulation_steps": 0}, "--accumulation-steps"),
        ({"patience": 0}, "--patience"),
        ({"label_smoothing": 1.0}, "--label-smoothing"),
        ({"color_jitter": -0.1}, "--color-jitter"),
        ({"mixup": -1.0}, "--mixup"),
        ({"weight_decay": 2.0}, "--weight-decay"),
        ({"head_rate_factor": -1.0}, "--head-rate-factor"),
        ({"head_rate_factor": 0.0}, "--head-rate-factor"),
    ],
)
def test_options_that_nothing_can_be_trained_with_are_refused(
    changes: dict[str, Any], flag: str
) -> None:
    with pytest.raises(TwostreamError, match=flag):
        options(**changes)


def test_a_training_without_a_single_update_is_refused_before_anything_is_lost(
    small_data: Path, tmp_path: Path
) -> None:
    train_stream(small_data, tmp_path, options=options(epochs=1))
    with pytest.raises(TwostreamError, match="at most the 6 steps"):
        train_stream(small_data, tmp_path, options=options(epochs=2, accumulation_steps=9))
    assert (tmp_path / "temporal" / "training.json").is_file()


def test_a_folder_that_was_not_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TwostreamError, match="twostream prepare"):
        train_stream(tmp_path, tmp_path / "run", options=options())
