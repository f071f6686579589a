"""What the benchmarks compare computes the same, and their ratios are of the same round."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.lab.yardsticks.training_steps import (
    Timing,
    fine_tuned_classifier,
    keras_step,
    median_ratio,
    random_batch,
    take_turns,
)

on_torch = pytest.mark.skipif(keras.backend.backend() != "torch", reason="for Keras on PyTorch")


@pytest.fixture(scope="module")
def cut_resnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ResNet-50 cut where its shape first changes: small, with both kinds of blocks."""
    keras.utils.set_random_seed(0)
    whole = keras.applications.ResNet50(include_top=False, weights=None)
    cut = keras.Model(whole.input, whole.get_layer("conv3_block2_out").output, name="resnet50_cut")
    path = tmp_path_factory.mktemp("backbone") / "cut.keras"
    cut.save(path)
    return path


@on_torch
def test_our_step_and_pytorchs_have_the_same_losses(cut_resnet: Path) -> None:
    from twostream.lab.yardsticks.training_steps import NativeStep

    subject = fine_tuned_classifier(
        str(cut_resnet), weights=None, channels=3, size_px=40, classes=5, fast=True
    )
    native = NativeStep(subject)
    pixels, targets = random_batch(size_px=40, channels=3, batch_size=3, classes=5)
    samples = pixels.astype(np.float32)
    ours = [keras_step(subject, samples, targets) for _ in range(4)]
    theirs = [native(samples, targets) for _ in range(4)]
    np.testing.assert_allclose(ours, theirs, rtol=2e-3)
    assert ours[0] - ours[3] > 10 * abs(ours[3] - theirs[3])  # it learns, and alike


@on_torch
def test_other_networks_have_no_yardstick() -> None:
    from twostream.lab.yardsticks.training_steps import NativeStep

    subject = fine_tuned_classifier(
        "cnn-s", weights=None, channels=3, size_px=32, classes=2, fast=True
    )
    with pytest.raises(TwostreamError, match="--backbone ResNet50"):
        NativeStep(subject)


def test_everyone_has_a_turn_for_warmth_and_then_one_in_every_round() -> None:
    turns: list[str] = []
    timings = take_turns(
        {name: lambda name=name: turns.append(name) for name in ("a", "b")},  # type: ignore[misc]
        rounds=2,
        advance=lambda: turns.append("."),
    )
    assert "".join(turns) == "a.b.a.b.a.b."
    assert {name: len(timing.clock) for name, timing in timings.items()} == {"a": 2, "b": 2}
    assert all(isinstance(timing, Timing) for timing in timings.values())


def test_a_slow_round_spoils_neither_side_of_a_ratio() -> None:
    assert median_ratio([1.0, 10.0, 1.0], [2.0, 20.0, 2.0]) == 0.5
