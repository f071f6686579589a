"""The verb `bench inference`: the engines beside Keras, and beside what the machine can do at all."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from twostream.choices import ScoringPrecision
from twostream.models.computation import Computation
from twostream.models.device import Compute
from twostream.models.engines.engine import Predictor
from twostream.paths import NameOrFile, OutputFile, path_or_none
from twostream.verbs.paths import checks_paths

N_CLASSES = 51
FAST_ENGINES: tuple[Literal["openvino", "torch", "onnx"], ...] = ("openvino", "torch", "onnx")
KERAS = "keras predict"
IN_FLOAT32 = " in float32"
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Way:
    """Something to be timed, and what computes it."""

    run: Callable[..., Any]
    computation: Computation


@checks_paths
def bench_inference(
    *,
    backbone: NameOrFile = "ResNet50",
    weights: NameOrFile = "none",
    size: int = 224,
    channels: int = 3,
    images: int = 32,
    rounds: int = 5,
    device: str = "auto",
    precision: ScoringPrecision = "auto",
    out: OutputFile | None = None,
) -> dict[str, Any]:
    """Time a classifier of 51 classes on random images: by every engine that is here.

    The ways take turns; the fastest turn of each counts, the one that other programs disturbed least, and
    the median of its processor time, which they hardly disturb at all.
    Beside each stands its share of the peak: the most operations a second that anything here reached on
    the same device in the same precision, be it a large matrix product by either engine or the
    convolutions and dense layers of a network.

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
    device
        Where to compute: `cpu`, `cuda`, `cuda:N`, `mps`, `xpu`, or `auto`, the one that Keras takes.
    precision
        Numbers of products, in every way but Keras's own `predict`; `auto` is float32. Each engine in other
        numbers stands beside itself in float32. `int8` is OpenVINO's alone, quantised by the same images.
    out
        A JSON file for all figures.
    """
    from twostream.atomic import write_json
    from twostream.environment import describe_environment
    from twostream.lab.yardsticks.peak import operations_per_second
    from twostream.models.backend import prepare_keras
    from twostream.models.device import on_device
    from twostream.models.inference import resolve_scoring
    from twostream.models.int8 import require_nncf
    from twostream.models.operations import floating_point_operations

    backbone, weights, out = os.fspath(backbone), os.fspath(weights), path_or_none(out)
    compute = resolve_scoring(device=device, precision=precision).compute
    if compute.precision == "int8":
        require_nncf()
    prepare_keras(seed=0)
    samples = np.random.default_rng(0).integers(0, 256, (images, size, size, channels), np.uint8)
    with on_device(compute.device):
        model = _classifier(backbone, weights=weights, samples=samples)
    ways = _ways(model, compute, samples)
    products = _products(ways, compute)
    outputs = {name: way.run(samples) for name, way in ways.items()}  # and everything is compiled
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    rates: dict[str, float] = dict.fromkeys(products, 0.0)
    for _ in range(rounds):
        for name, way in ways.items():
            started, spent_before = time.perf_counter(), time.process_time()
            way.run(samples)
            seconds[name].append(time.perf_counter() - started)
            spent[name].append(time.process_time() - spent_before)
        for name, product in products.items():
            rates[name] = max(rates[name], operations_per_second(product.run))
    needed = floating_point_operations(model)
    speeds = {name: images / min(seconds[name]) for name in ways}
    rates |= {name: speed * needed for name, speed in speeds.items()}
    peaks = {
        name: max(_like(way, {**ways, **products}), key=lambda other: rates[other])
        for name, way in ways.items()
    }
    rows = {
        name: {
            "images_per_second": speeds[name],
            "processor_ms_per_image": 1000 * statistics.median(spent[name]) / images,
            "operations_per_second": rates[name],
            "peak_operations_per_second": rates[peaks[name]],
            "peak_of": peaks[name],
            "share_of_peak": rates[name] / rates[peaks[name]],
            "largest_difference": float(np.abs(outputs[name] - outputs[KERAS]).max()),
            "computation": way.computation.to_dict(),
        }
        for name, way in ways.items()
    }
    results: dict[str, Any] = {
        "environment": describe_environment(),
        "backbone": backbone,
        "size_px": size,
        "channels": channels,
        "precision": compute.dtype,
        "operations_per_image": needed,
        "matrix_products": {name: rates[name] for name in products},
        "tolerance": TOLERANCE,
        "ways": rows,
        "ratios": _ratios(speeds),
    }
    if out is not None:
        write_json(out, results)
    return results


def _classifier(backbone: str, *, weights: str, samples: Any) -> Any:
    """As training builds it: features standardised, so that random weights give varied scores too."""
    from twostream.models.backbones import load_backbone
    from twostream.models.classifier import build_classifier, feature_extractor
    from twostream.training.features import Features
    from twostream.training.head_scaling import standardisation

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


def _ways(model: Any, compute: Compute, samples: Any) -> dict[str, Way]:
    """Every engine that is here and can run the network, and Keras's own `predict`."""
    from twostream.errors import TwostreamError
    from twostream.models.computation import in_full_float32
    from twostream.models.device import on_device
    from twostream.models.inference import Scoring, in_float32, predictor_of

    ways: dict[str, Way] = {}
    for engine in FAST_ENGINES:
        with suppress(
            TwostreamError
        ):  # it is not here, or not for this device, precision or network
            if compute.precision != "int8":
                fast = predictor_of(model, Scoring(engine, compute))
            elif engine == "openvino":
                fast = _in_int8(model, samples)
            else:
                continue
            ways[engine] = Way(fast, fast.computation)
            if compute.precision != "float32":
                full = predictor_of(model, in_float32(Scoring(engine, compute)))
                ways[engine + IN_FLOAT32] = Way(full, full.computation)
    keras_in = replace(compute, precision="float32") if compute.precision == "int8" else compute
    in_batches = predictor_of(model, Scoring("keras", keras_in))
    as_told = replace(in_batches.computation, precision="float32")

    def predict(samples: Any) -> Any:
        batch = in_batches.batch_samples
        with on_device(compute.device), in_full_float32():
            return model.predict(samples.astype(np.float32), batch_size=batch, verbose=0)

    ways["keras in batches"] = Way(in_batches, in_batches.computation)
    ways[KERAS] = Way(predict, as_told)
    return ways


def _in_int8(model: Any, samples: Any) -> Predictor:
    from twostream.models.exported import openvino_model
    from twostream.models.int8 import int8_predictor, quantised

    network = openvino_model(model, any_size=False)
    return int8_predictor(model, quantised(network, [sample[None] for sample in samples]))


def _ratios(speeds: dict[str, float]) -> dict[str, dict[str, float]]:
    """How many times as fast each engine is as the plain ways, and as itself in float32.

    The plain ways are Keras's `predict`, and OpenVINO.

    >>> _ratios({"openvino": 10.0, "torch": 8.0, "keras predict": 5.0})["torch"]
    {'keras predict': 1.6, 'openvino': 0.8}
    """
    return {
        name: {
            other: speeds[name] / speeds[other]
            for other in (KERAS, "openvino", name + IN_FLOAT32)
            if other in speeds
        }
        for name in FAST_ENGINES
        if name in speeds
    }


def _products(ways: dict[str, Way], compute: Compute) -> dict[str, Way]:
    """A large matrix product by each engine that is timed, in its precision and on its device.

    None is in int8: there the network's own layers are the peak.
    """
    if compute.precision == "int8":
        compute = replace(compute, precision="float32")
    from twostream.lab.yardsticks.peak import keras_product, openvino_product

    makers = {"openvino": openvino_product, "torch": keras_product, "keras": keras_product}
    told = {
        way.computation.engine: way.computation
        for name, way in ways.items()
        if name != KERAS
        and way.computation.engine in makers
        and way.computation.precision == compute.dtype
    }
    return {
        f"matrix product by {engine}": Way(makers[engine](compute), computation)
        for engine, computation in told.items()
    }


def _like(way: Way, others: dict[str, Way]) -> list[str]:
    """Names of those that compute in the same precision on the same device: what a share may be of."""
    wanted = way.computation.device, way.computation.precision
    return [
        name
        for name, other in others.items()
        if (other.computation.device, other.computation.precision) == wanted
    ]
