"""Training one stream: from scratch, with a pretrained backbone, and honest."""

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
from small_training import assert_same_weights, options, weights
from twostream.errors import TwostreamError
from twostream.models.any_size import of_size
from twostream.models.inference import make_predictor
from twostream.models.stochastic_depth import SUFFIX
from twostream.training import fit as fit_module
from twostream.training.bundle import read_bundle
from twostream.training.checks import check_training
from twostream.training.history import EpochRecord, read_history
from twostream.training.learnt_clips import read_parts
from twostream.training.stream import train_stream
from twostream.transforms.preprocessing import load_preprocessing


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


def test_training_and_validation_are_told_by_one_measure(
    small_data: Path, tmp_path: Path, backbone_file: Path
) -> None:
    kind = options(
        backbone=str(backbone_file), epochs=1, label_smoothing=0.5, class_weights="balanced"
    )
    train_stream(small_data, tmp_path, options=kind)
    for record in read_history(tmp_path / "temporal" / "history.csv"):
        # What is minimised holds smoothed labels and the head's penalty; the losses do not.
        assert record.loss is not None
        assert record.objective is not None
        assert record.validation_loss is not None
        assert abs(record.objective - record.loss) > 1e-3


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
        {"precision": "the other one"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_option_changes_what_is_learnt(
    small_data: Path, tmp_path: Path, trained_plainly: Path, changes: dict[str, Any]
) -> None:
    if "precision" in changes:
        usual = options().compute.precision  # of `auto`, which depends on the processor
        changes = {"precision": "mixed" if usual == "float32" else "float32"}
    train_stream(small_data, tmp_path, options=options(epochs=2, **changes))
    found, plain = weights(tmp_path), weights(trained_plainly)
    assert all(np.isfinite(array).all() for array in found)
    assert not all(np.array_equal(a, b) for a, b in zip(found, plain, strict=True))


@pytest.fixture(scope="module")
def trained_plainly(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("plain")
    train_stream(small_data, run, options=options(epochs=2))
    return run


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


@pytest.mark.usefixtures("two_threads")
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


@pytest.mark.parametrize("change", ["other labels", "no test clips"])
def test_the_test_part_changes_nothing(small_data: Path, tmp_path: Path, change: str) -> None:
    other = tmp_path / "other"
    if change == "other labels":
        small_dataset.with_wrong_test_labels(small_data, other)
    else:
        shutil.copytree(small_data, other)
        table = pl.read_parquet(other / "manifest.parquet")
        table.filter(pl.col("split_1") == "train").write_parquet(other / "manifest.parquet")
    chosen = []
    for name, data in (("a", small_data), ("b", other)):
        record = train_stream(data, tmp_path / name, options=options(epochs=2))
        assert record.n_validation == 3
        chosen.append((record.selected_epoch, record.selection))
    assert chosen[0] == chosen[1]
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
        ({"seed": 2**32}, "--seed"),
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


@pytest.mark.usefixtures("short_heads")
def test_the_network_that_is_kept_has_nothing_that_only_training_needs(
    small_data: Path, tmp_path: Path, residual_file: Path
) -> None:
    kind = options(
        stream="spatial",
        backbone=str(residual_file),
        epochs=1,
        stochastic_depth=0.5,
        test_size_px=40,
    )
    record = train_stream(small_data, tmp_path, options=kind)
    folder = tmp_path / "spatial"
    assert record.options["test_size_px"] == 40
    for seen in (
        load_preprocessing(folder / "preprocessing.json"),
        read_bundle(folder).preprocessing,
    ):
        assert seen.size_px == 40
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    assert model.input_shape == (None, 40, 40, 3)
    checkpoint = next((folder / "checkpoints").glob("*.keras"))
    trained = keras.saving.load_model(checkpoint, compile=False)
    assert trained.input_shape == (None, 32, 32, 3)
    kinds = [{one.name for one in each._flatten_layers()} for each in (model, trained)]
    assert {name for name in kinds[1] - kinds[0] if name.endswith(SUFFIX)}
    assert not any(name.endswith(SUFFIX) for name in kinds[0])
    samples = np.random.default_rng(0).integers(0, 256, (3, 40, 40, 3), np.uint8)
    wanted = of_size(trained, 40, 40).predict_on_batch(samples.astype(np.float32))
    for engine in ("torch", "openvino", "keras"):
        scores = make_predictor(model, engine=engine)(samples)  # type: ignore[arg-type]
        np.testing.assert_allclose(scores, wanted, atol=1e-4)


def test_branches_of_a_network_that_has_none_are_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(TwostreamError, match="--stochastic-depth: expected a network of residual"):
        check_training(options(stochastic_depth=0.1))


@pytest.mark.usefixtures("short_heads")
def test_branches_are_not_left_out_before_all_layers_are_trained(
    small_data: Path, tmp_path: Path, residual_file: Path
) -> None:
    for name, rate in (("all", 0.0), ("fewer", 0.9)):
        kind = options(backbone=str(residual_file), epochs=0, stochastic_depth=rate)
        train_stream(small_data, tmp_path / name, options=kind)
    assert_same_weights(tmp_path / "all", tmp_path / "fewer")
