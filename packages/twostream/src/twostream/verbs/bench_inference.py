"""The verb `bench inference`: OpenVINO beside Keras, and beside what the machine can do at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

N_CLASSES = 51
TOLERANCE = 1e-4


def bench_inference(
    *,
    backbone: str = "ResNet50",
    weights: str = "none",
    size: int = 224,
    channels: int = 3,
    images: int = 32,
    rounds: int = 5,
    out: Path | None = None,
) -> dict[str, Any]:
    """Time a classifier of 51 classes on random images: OpenVINO, Keras in batches, Keras `predict`.

    The ways take turns; the fastest turn of each counts, the one that other programs disturbed least.
    The peak is that of a matrix product in single precision, and the share of it what a network's
    convolutions and dense layers reach.

    Parameters
    ----------
    backbone
        A class of keras.applications, a .keras file, `cnn-m` or `cnn-s`.
    weights
        `imagenet`, `none` (random: as fast), or a file of weights. A .keras file keeps its own.
    size
        Input size in pixels.
    channels
        3 for frames, 20 for stacks of ten flows.
    images
        How many images each way gets a turn.
    rounds
        How often each way takes its turn.
    out
        A JSON file for all figures.
    """
    from twostream.atomic import write_json
    from twostream.environment import describe_environment
    from twostream.models.backend import prepare_keras
    from twostream.models.operations import floating_point_operations, peak_operations_per_second

    prepare_keras(seed=0)
    samples = np.random.default_rng(0).integers(0, 256, (images, size, size, channels), np.uint8)
    model = _classifier(backbone, weights=weights, samples=samples)
    ways = _ways(model)
    outputs = {name: way(samples) for name, way in ways.items()}  # and everything is compiled
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    peaks = []
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way(samples)
            seconds[name].append(time.perf_counter() - started)
        peaks.append(peak_operations_per_second())
    peak, needed = max(peaks), floating_point_operations(model)
    rows = {
        name: {
            "images_per_second": images / min(seconds[name]),
            "share_of_peak": images / min(seconds[name]) * needed / peak,
            "largest_difference": float(np.abs(outputs[name] - outputs["keras predict"]).max()),
        }
        for name in ways
    }
    results: dict[str, Any] = {
        "environment": describe_environment(),
        "backbone": backbone,
        "size_px": size,
        "channels": channels,
        "operations_per_image": needed,
        "peak_operations_per_second": peak,
        "peak_images_per_second": peak / needed,
        "tolerance": TOLERANCE,
        "ways": rows,
    }
    _print(results)
    if out is not None:
        write_json(out, results)
    return results


def _classifier(backbone: str, *, weights: str, samples: Any) -> Any:
    """As training builds it: features standardised, so that random weights give varied scores too."""
    from twostream.models.backbones import load_backbone
    from twostream.models.classifier import build_classifier, feature_extractor
    from twostream.training.features import Features
    from twostream.training.head import standardisation

    own = None if backbone.endswith(".keras") and weights == "none" else weights
    loaded = load_backbone(
        backbone, weights=own, channels=samples.shape[-1], size_px=samples.shape[1]
    )
    values = np.asarray(feature_extractor(loaded).predict(samples.astype(np.float32), verbose=0))
    mean, variance = standardisation(Features(values, np.zeros(len(values), np.int64)))
    return build_classifier(
        loaded,
        n_classes=N_CLASSES,
        dropout=0.5,
        head_l2=0.0,
        feature_mean=mean,
        feature_variance=variance,
    )


def _ways(model: Any) -> dict[str, Callable[[Any], Any]]:
    import importlib.util

    import keras

    from twostream.models.inference import BATCH_SAMPLES, make_predictor

    ways: dict[str, Callable[[Any], Any]] = {}
    if importlib.util.find_spec("openvino") is not None and keras.backend.backend() == "torch":
        ways["openvino"] = make_predictor(model, engine="openvino")
    ways["keras in batches"] = make_predictor(model, engine="keras")
    ways["keras predict"] = lambda samples: model.predict(
        samples.astype(np.float32), batch_size=BATCH_SAMPLES, verbose=0
    )
    return ways


def _print(results: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=f"Inference, {Path(results['backbone']).name} at {results['size_px']} px, "
        f"{results['operations_per_image'] / 1e9:.1f} billion operations an image"
    )
    table.add_column("way")
    for heading in ("images/s", "of the peak", "differs by"):
        table.add_column(heading, justify="right")
    for name, row in results["ways"].items():
        table.add_row(
            name,
            f"{row['images_per_second']:.1f}",
            f"{100 * row['share_of_peak']:.0f} %",
            f"{row['largest_difference']:.0e}",
        )
    table.add_row("measured peak", f"{results['peak_images_per_second']:.1f}", "100 %", "")
    table.caption = (
        f"The peak is {results['peak_operations_per_second'] / 1e9:.0f} billion operations a second in "
        "a matrix product. Differences are those of probabilities, from Keras's predict."
    )
    Console().print(table)
