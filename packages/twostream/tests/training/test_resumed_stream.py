"""A training that was interrupted goes on, and one that is finished is not done twice."""

from __future__ import annotations

import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import keras
import pytest
import small_dataset
from small_training import assert_same_checkpoint, assert_same_weights, options
from twostream.errors import TwostreamError
from twostream.training import fit as fit_module
from twostream.training.history import read_history
from twostream.training.pace import SavingPace
from twostream.training.stream import train_stream

pytestmark = pytest.mark.usefixtures("short_heads")

EVERY, FIRST = 1e9, 1e-9  # largest shares of the time, with which these epochs are saved


@pytest.fixture
def saves_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_module, "SavingPace", partial(SavingPace, largest_share=EVERY))


def test_another_backbone_under_the_same_name_is_trained_anew(
    small_data: Path, tmp_path: Path, backbone_file: Path
) -> None:
    mine = Path(shutil.copy(backbone_file, tmp_path / "resnet_mine.keras"))
    kind = options(backbone=str(mine), epochs=0)
    first = train_stream(small_data, tmp_path / "run", options=kind)
    model = keras.saving.load_model(mine, compile=False)
    model.set_weights([2 * weight for weight in model.get_weights()])
    model.save(mine)
    with pytest.raises(TwostreamError, match="--backbone a file"):
        train_stream(small_data, tmp_path / "run", options=kind)
    second = train_stream(small_data, tmp_path / "run", options=kind, replace=True)
    assert second.fingerprint != first.fingerprint


def test_a_damaged_checkpoint_is_a_sentence(small_data: Path, tmp_path: Path) -> None:
    train_stream(small_data, tmp_path, options=options(epochs=1))
    (tmp_path / "temporal" / "training.json").unlink()
    (tmp_path / "temporal" / "checkpoints" / "last.keras").write_bytes(b"damaged")
    with pytest.raises(TwostreamError, match="remove the file"):
        train_stream(small_data, tmp_path, options=options(epochs=1))


def test_a_finished_training_is_not_done_twice(small_data: Path, tmp_path: Path) -> None:
    first = train_stream(small_data, tmp_path, options=options(epochs=1))
    made = (tmp_path / "temporal" / "model.keras").stat().st_mtime_ns
    assert train_stream(small_data, tmp_path, options=options(epochs=1)) == first
    assert (tmp_path / "temporal" / "model.keras").stat().st_mtime_ns == made
    (tmp_path / "temporal" / "model.keras").unlink()
    train_stream(small_data, tmp_path, options=options(epochs=1))  # the same again replaces nothing
    made = (tmp_path / "temporal" / "model.keras").stat().st_mtime_ns
    with pytest.raises(TwostreamError, match="--seed 1 instead of 0"):
        train_stream(small_data, tmp_path, options=options(epochs=1, seed=1))
    assert (tmp_path / "temporal" / "model.keras").stat().st_mtime_ns == made


@pytest.mark.parametrize("pretrained", [False, True])
@pytest.mark.parametrize("stop_at", ["best.keras", "last.keras"])
@pytest.mark.usefixtures("saves_every_epoch", "two_threads")
def test_a_training_that_was_killed_goes_on_to_the_same_weights(
    small_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    backbone_file: Path,
    pretrained: bool,
    stop_at: str,
) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    # Without a validation part the last epoch is used; with one, the best, which may be the first.
    held_out = {} if stop_at == "best.keras" else {"validation_fraction": 0.0}
    kind = options(backbone=str(backbone_file), **held_out) if pretrained else options(**held_out)
    train_stream(small_data, undisturbed, options=kind)
    saves = "keep_as_best" if stop_at == "best.keras" else "save_checkpoint"
    saved = getattr(fit_module, saves)

    def save_then_die(*values: Any) -> None:
        saved(*values)
        raise KeyboardInterrupt

    monkeypatch.setattr(fit_module, saves, save_then_die)
    with pytest.raises(KeyboardInterrupt):
        train_stream(small_data, killed, options=kind)
    assert not (killed / "temporal" / "training.json").exists()
    monkeypatch.setattr(fit_module, saves, saved)
    spent = sum(record.duration_seconds for record in read_history(killed / "temporal/history.csv"))
    began = time.monotonic()
    told = train_stream(small_data, killed, options=kind).duration_seconds
    assert spent < told <= spent + time.monotonic() - began + 0.1
    assert_same_weights(undisturbed, killed)
    assert_same_checkpoint(undisturbed, killed)
    records = read_history(killed / "temporal" / "history.csv")
    assert [record.epoch for record in records if record.phase == "all"] == [1, 2, 3]
    assert {record.phase for record in records} == ({"head", "all"} if pretrained else {"all"})


@pytest.mark.parametrize(
    ("largest_share", "dies_in", "call", "states"),
    [
        (EVERY, "write_history", 3, {2}),
        (FIRST, "write_history", 3, {1}),
        # In the middle of a saving the state of the earlier checkpoint is still there.
        (EVERY, "save_checkpoint", 3, {2, 3}),
        (FIRST, "save_checkpoint", 2, {1, 4}),
    ],
)
def test_a_training_killed_after_its_checkpoint_goes_on_to_the_same_weights(
    small_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    largest_share: float,
    dies_in: str,
    call: int,
    states: set[int],
) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    kind = options(epochs=4, validation_fraction=0.0)
    train_stream(small_data, undisturbed, options=kind)
    checkpoints = killed / "temporal" / "checkpoints"
    works = getattr(fit_module, dies_in)
    calls = 0

    def die_at_the_call(*values: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        works(*values)

    with monkeypatch.context() as patch:
        patch.setattr(fit_module, "SavingPace", partial(SavingPace, largest_share=largest_share))
        patch.setattr(fit_module, dies_in, die_at_the_call)
        with pytest.raises(KeyboardInterrupt):
            train_stream(small_data, killed, options=kind)
    assert {path.name for path in checkpoints.glob("random_*.npz")} == {
        f"random_{epoch}.npz" for epoch in states
    }
    train_stream(small_data, killed, options=kind)
    assert_same_weights(undisturbed, killed)
    assert_same_checkpoint(undisturbed, killed)
    assert [path.name for path in checkpoints.glob("random_*.npz")] == ["random_4.npz"]
    records = read_history(killed / "temporal" / "history.csv")
    assert [record.epoch for record in records] == [1, 2, 3, 4]


def test_with_a_validation_part_every_epoch_is_saved(
    small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved, epochs = fit_module.save_checkpoint, []

    def note(model: Any, path: Path) -> None:
        saved(model, path)
        if path.name == "last.keras":
            epochs.append(path)

    monkeypatch.setattr(fit_module, "SavingPace", partial(SavingPace, largest_share=FIRST))
    monkeypatch.setattr(fit_module, "save_checkpoint", note)
    train_stream(small_data, tmp_path / "held out", options=options(epochs=3))
    assert len(epochs) == 3
    train_stream(small_data, tmp_path / "all", options=options(epochs=3, validation_fraction=0.0))
    assert len(epochs) == 3 + 2  # the first and the last


@pytest.mark.usefixtures("short_heads")
def test_a_killed_training_with_every_option_goes_on_to_the_same_weights(
    small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, residual_file: Path
) -> None:
    kind = options(
        stream="spatial",
        backbone=str(residual_file),
        epochs=2,
        rand_augment=9.0,
        stochastic_depth=0.5,
        test_size_px=40,
        mixup=0.4,
        cutmix=1.0,
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
    assert_same_weights(tmp_path / "undisturbed", tmp_path / "killed", "spatial")
    assert_same_checkpoint(tmp_path / "undisturbed", tmp_path / "killed", "spatial")


def test_clips_that_were_prepared_otherwise_are_trained_on_anew(
    small_data: Path, small_videos: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(small_data, tmp_path / "data"))
    first = train_stream(data, tmp_path / "run", options=options(epochs=1))
    other = small_dataset.prepared(tmp_path / "other", small_videos, bound_px=5.0)
    with pytest.raises(TwostreamError, match="the clips others instead of those it was trained on"):
        train_stream(other, tmp_path / "run", options=options(epochs=1))
    second = train_stream(other, tmp_path / "run", options=options(epochs=1), replace=True)
    assert first.fingerprint != second.fingerprint
