"""The verb `bench training`: our training step beside the same step in plain PyTorch."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from twostream.choices import TrainingPrecision
from twostream.models.device import Compute, Device
from twostream.paths import NameOrFile, OutputFile, path_or_none
from twostream.verbs.paths import checks_paths

CLASSES = 51
NATIVE, OURS, KERAS = "PyTorch", "twostream", "Keras alone"


@checks_paths
def bench_training(
    *,
    backbone: NameOrFile = "ResNet50",
    stream: Literal["spatial", "temporal"] = "spatial",
    batch_size: int = 16,
    size: int = 192,
    steps: int = 2,
    rounds: int = 5,
    keras_alone: bool = True,
    feature_samples: int = 64,
    device: str = "auto",
    precision: TrainingPrecision = "auto",
    out: OutputFile | None = None,
) -> dict[str, Any]:
    """Time our training step beside the same step in plain PyTorch in float32, taking turns in one process.

    The step: forward, cross-entropy, backward, gradients clipped, AdamW; all layers learn, batch
    normalisations are fixed. PyTorch's is written as one writes it (modules, channels-last memory, the
    fused AdamW) and has the same weights. An epoch of the head alone follows, on cached features
    and with the features computed again.

    Parameters
    ----------
    backbone
        ``ResNet50``, or a ``.keras`` file of it, whole or cut; random weights.
    stream
        Frames of 3 channels or stacks of 20.
    batch_size
        Samples of a step.
    size
        Sides of the samples, in px.
    steps
        Steps each has in its turn.
    rounds
        Turns of each; the ratio is taken in each round, then the median.
    keras_alone
        Whether to measure Keras's own step too: `train_on_batch` as it comes.
    feature_samples
        Samples of the epoch of the head alone.
    device
        Where to compute: `cpu`, `cuda`, `cuda:N`, `mps`, `xpu`, or `auto`, the one that Keras takes.
    precision
        Numbers of products of our step and Keras's own; PyTorch's are float32. `auto` is as in
        `train`.
    out
        A JSON file for all figures.

    Returns
    -------
    What the JSON file has: `environment`, `settings`, `seconds_a_step`, `ratio`, `frozen_epoch`.

    Raises
    ------
    TwostreamError
        `backbone` is no ResNet-50, or Keras runs on another backend than PyTorch.
    """
    from twostream.atomic import write_json
    from twostream.models.backend import prepare_keras
    from twostream.models.device import on_device, resolve_compute

    backbone, out = os.fspath(backbone), path_or_none(out)
    compute = resolve_compute(device, precision, purpose="training")
    prepare_keras(seed=0)
    _require_torch()
    settings = {
        "backbone": backbone,
        "stream": stream,
        "batch_size": batch_size,
        "size_px": size,
        "steps": steps,
        "rounds": rounds,
        **compute.to_dict(),
    }
    with on_device(compute.device):
        results = _measured(
            settings,
            compute,
            steps=steps,
            rounds=rounds,
            keras_alone=keras_alone,
            feature_samples=feature_samples,
        )
    if out is not None:
        write_json(out, results)
    return results


def _measured(
    settings: dict[str, Any],
    compute: Compute,
    *,
    steps: int,
    rounds: int,
    keras_alone: bool,
    feature_samples: int,
) -> dict[str, Any]:
    from twostream.lab.yardsticks.training_steps import take_turns
    from twostream.progress import Progress

    work, losses, ours = _work(
        settings["backbone"],
        channels=3 if settings["stream"] == "spatial" else 20,
        batch_size=settings["batch_size"],
        size_px=settings["size_px"],
        steps=steps,
        keras_alone=keras_alone,
        compute=compute,
    )
    with Progress("bench training", total=len(work) * (rounds + 1), unit="turn") as progress:
        timings = take_turns(work, rounds=rounds, advance=progress.advance)
    return {
        "environment": _environment(),
        "settings": settings,
        "first_losses": losses,
        "seconds_a_step": {
            name: {
                "clock": float(np.median(timing.clock)) / steps,
                "processor": float(np.median(timing.processor)) / steps,
                "clock_rounds": [value / steps for value in timing.clock],
                "processor_rounds": [value / steps for value in timing.processor],
            }
            for name, timing in timings.items()
        },
        "ratio": _ratios(timings),
        "frozen_epoch": _frozen_epoch(
            ours.backbone,
            samples=feature_samples,
            batch_size=settings["batch_size"],
            device=compute.device,
        ),
    }


def _require_torch() -> None:
    import keras

    from twostream.errors import TwostreamError

    if keras.backend.backend() != "torch":
        raise TwostreamError(
            "bench training",
            expected="Keras on PyTorch",
            found=f"Keras on {keras.backend.backend()}",
            remedy="unset KERAS_BACKEND",
        )


def _work(
    backbone: str,
    *,
    channels: int,
    batch_size: int,
    size_px: int,
    steps: int,
    keras_alone: bool,
    compute: Compute,
) -> tuple[dict[str, Callable[[], object]], dict[str, float], Any]:
    """What is to be timed, the loss of each one's first step, and our model."""
    from twostream.lab.yardsticks.training_steps import (
        NativeStep,
        fine_tuned_classifier,
        keras_step,
        random_batch,
    )
    from twostream.training.kept_memory import kept_memory

    pixels, targets = random_batch(
        size_px=size_px, channels=channels, batch_size=batch_size, classes=CLASSES
    )
    weights = None if backbone.endswith(".keras") else "none"

    def subject(*, fast: bool) -> Any:
        return fine_tuned_classifier(
            backbone,
            weights=weights,
            channels=channels,
            size_px=size_px,
            classes=CLASSES,
            fast=fast,
        )

    ours = subject(fast=True)
    native = NativeStep(ours, Compute(compute.device))  # before any step: it has the same weights
    step_of: dict[str, Callable[[], float]] = {
        NATIVE: lambda: native(pixels.astype(np.float32), targets),
        OURS: lambda: keras_step(ours, pixels.astype(np.float32), targets, compute),
    }
    if keras_alone:
        slow = subject(fast=False)
        slow.model.set_weights(ours.model.get_weights())
        step_of[KERAS] = lambda: keras_step(slow, pixels.astype(np.float32), targets, compute)
    losses = {name: step() for name, step in step_of.items()}

    def several(name: str) -> Callable[[], object]:
        return lambda: [step_of[name]() for _ in range(steps)]

    def several_of_ours() -> object:
        with kept_memory():  # as in a training, which pays for it once and not in each turn
            return several(OURS)()

    work = {name: several_of_ours if name == OURS else several(name) for name in step_of}
    return work, losses, ours


def _ratios(timings: dict[str, Any]) -> dict[str, dict[str, float]]:
    """How fast each is beside PyTorch: 1 is as fast, more is faster."""
    from twostream.lab.yardsticks.training_steps import median_ratio

    native = timings[NATIVE]
    return {
        name: {
            "clock": median_ratio(native.clock, timing.clock),
            "processor": median_ratio(native.processor, timing.processor),
        }
        for name, timing in timings.items()
    }


def _frozen_epoch(
    backbone: Any, *, samples: int, batch_size: int, device: Device
) -> dict[str, Any]:
    """Seconds of an epoch of the head alone: on cached features, and computing them again."""
    import keras

    from twostream.lab.yardsticks.training_steps import random_batch
    from twostream.models.classifier import feature_extractor, head_layers
    from twostream.models.inference import Scoring, predictor_of, resolve_engine
    from twostream.training.head import HEAD_BATCH

    scoring = Scoring(compute=Compute(device))
    _, size_px, _, channels = backbone.model.input_shape
    pixels, targets = random_batch(
        size_px=size_px, channels=channels, batch_size=samples, classes=CLASSES
    )
    extract = predictor_of(feature_extractor(backbone), scoring)
    extract(pixels[:batch_size])
    started = time.perf_counter()
    features = extract(pixels)
    extraction = time.perf_counter() - started
    inputs = keras.Input(features.shape[1:])
    head = keras.Model(inputs, head_layers(inputs, n_classes=CLASSES, dropout=0.5, head_l2=0.01))
    head.compile("adam", "categorical_crossentropy")

    def epoch() -> None:
        for start in range(0, samples, HEAD_BATCH):
            chosen = slice(start, start + HEAD_BATCH)
            head.train_on_batch(features[chosen], targets[chosen])

    epoch()
    times = []
    for _ in range(5):
        started = time.perf_counter()
        epoch()
        times.append(time.perf_counter() - started)
    cached = float(np.median(times))
    return {
        "samples": samples,
        "engine": resolve_engine("auto", scoring.compute),
        "cached_seconds": cached,
        "recomputed_seconds": cached + extraction,
        "factor": (cached + extraction) / cached,
    }


def _environment() -> dict[str, Any]:
    import torch

    from twostream.environment import available_cores, describe_environment

    return {
        **describe_environment(),
        "cores": available_cores(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }
