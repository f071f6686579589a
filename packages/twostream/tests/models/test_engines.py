"""Every engine says the same of samples, at every depth of a network, whatever computes it."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import torch
from twostream.errors import TwostreamError
from twostream.models.backbones import load_backbone
from twostream.models.classifier import build_classifier, feature_extractor
from twostream.models.device import CPU, PLAIN, Compute, Device
from twostream.models.engines import engine as engine_module
from twostream.models.engines import needs
from twostream.models.engines.engine import batch_samples
from twostream.models.engines.network import Network
from twostream.models.inference import (
    check_scoring,
    engine_named,
    load_network,
    make_predictor,
    resolve_scoring,
    wanted_computation,
)
from twostream.training.features import Features
from twostream.training.head_scaling import standardisation

pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="engines on PyTorch")

PARTS = ("probabilities", "logits", "features", "maps")


def samples(channels: int, *, count: int = 19) -> Any:
    return np.random.default_rng(0).integers(0, 256, (count, 32, 32, channels), np.uint8)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Files of small networks of frames and of flow, whose scores vary."""
    folder = tmp_path_factory.mktemp("networks")
    keras.utils.set_random_seed(0)
    found = {}
    for channels in (3, 4):
        backbone = load_backbone("cnn-s", weights=None, channels=channels, size_px=32)
        flow = channels == 4
        extract = feature_extractor(backbone, subtract_mean=flow)
        features = np.asarray(extract.predict_on_batch(samples(channels).astype(np.float32)))
        mean, variance = standardisation(Features(features, np.zeros(len(features), np.int64)))
        model = build_classifier(
            backbone,
            n_classes=5,
            dropout=0.5,
            head_l2=0.01,
            subtract_mean=flow,
            feature_mean=mean,
            feature_variance=variance,
            unit_length=flow,
        )
        found[channels] = folder / f"{channels}.keras"
        model.save(found[channels])
    return found


def outputs(path: Path, engine: Any, channels: int, **asked: Any) -> dict[str, Any]:
    network = load_network(path, resolve_scoring(engine, **asked))
    return {part: getattr(network, part)(samples(channels)) for part in PARTS}


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(
    "others",
    [
        ("torch",),
        pytest.param(("torch", "openvino"), marks=pytest.mark.slow),
        pytest.param(("torch", "openvino", "onnx"), marks=pytest.mark.slow),
    ],
    ids="+".join,
)
def test_engines_agree_in_pairs_at_every_depth(
    saved: dict[int, Path], channels: int, others: tuple[str, ...]
) -> None:
    for engine in others:
        if engine != "torch":
            pytest.importorskip({"onnx": "onnxruntime"}.get(engine, engine))
    found = {one: outputs(saved[channels], one, channels) for one in ("keras", *others)}
    for one, other in combinations(found, 2):
        for part in PARTS:
            np.testing.assert_allclose(found[one][part], found[other][part], atol=1e-4)
    told = found["keras"]
    assert told["maps"].shape == (19, 2, 2, 192)
    np.testing.assert_allclose(told["maps"].mean((1, 2)), told["features"], atol=1e-5)
    powers = np.exp(told["logits"] - told["logits"].max(1, keepdims=True))
    np.testing.assert_allclose(
        powers / powers.sum(1, keepdims=True), told["probabilities"], atol=1e-5
    )
    assert len(set(told["logits"].argmax(1))) > 1  # the network tells these samples apart


def test_onnx_runtime_agrees_with_keras(saved: dict[int, Path]) -> None:
    for package in ("onnxruntime", "onnxscript"):
        pytest.importorskip(package)
    network = load_network(saved[3], resolve_scoring("onnx"))
    assert network.computation.text().startswith("onnxruntime ")
    expected = load_network(saved[3], resolve_scoring("keras")).probabilities(samples(3))
    np.testing.assert_allclose(network.probabilities(samples(3)), expected, atol=1e-4)


@pytest.mark.parametrize(
    "engine", ["torch", "keras", pytest.param("openvino", marks=pytest.mark.slow)]
)
def test_other_numbers_are_near_where_they_are_asked_for(
    saved: dict[int, Path], engine: Any
) -> None:
    if engine == "openvino":
        pytest.importorskip("openvino")
        if not engine_named("openvino").computes_in("bf16"):  # type: ignore[attr-defined]
            pytest.skip("this processor has no bfloat16")
    network = load_network(saved[3], resolve_scoring(engine, precision="bf16"))
    found, expected = (
        one.probabilities(samples(3))
        for one in (network, load_network(saved[3], resolve_scoring("keras")))
    )
    assert network.computation.precision == "bfloat16"
    assert found.dtype == np.float32
    assert 1e-6 < np.abs(found - expected).max() < 0.05
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-2)


def test_float16_is_computed_in_where_it_is_asked_for(saved: dict[int, Path]) -> None:
    network = load_network(saved[3], resolve_scoring("torch", precision="fp16"))
    expected = load_network(saved[3], resolve_scoring("keras")).probabilities(samples(3))
    assert network.computation.precision == "float16"
    assert 1e-7 < np.abs(network.probabilities(samples(3)) - expected).max() < 0.01


def test_onnx_runtime_is_for_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "is_installed", lambda _: True)
    for engine in ("openvino", "onnx"):
        with pytest.raises(TwostreamError, match=f"cpu, on which the engine {engine}"):
            engine_named(engine).check(Compute(Device("cuda")))  # type: ignore[arg-type]
    with pytest.raises(
        TwostreamError, match=r"--precision bf16: expected float32.*another --engine"
    ):
        check_scoring("onnx", "auto", "bf16")


def test_an_engine_that_is_not_installed_is_told_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(needs, "is_installed", lambda _: False)
    for engine in ("openvino", "onnx"):
        with pytest.raises(TwostreamError, match="found none installed; "):
            check_scoring(engine, "auto", "auto")  # type: ignore[arg-type]


def test_a_network_of_another_make_has_no_features_to_tell() -> None:
    image = keras.Input((4, 4, 3))
    model = keras.Model(image, keras.layers.Dense(2)(keras.layers.Flatten()(image)))
    network = Network(model, CPU, lambda part: make_predictor(part, engine="keras"))
    with pytest.raises(TwostreamError, match="twostream train"):
        _ = network.maps


@pytest.mark.parametrize(
    ("gib", "expected"), [(2, 16), (8, 32), (11, 32), (24, 64), (80, 256), (192, 256)]
)
def test_batches_on_a_gpu_grow_with_its_memory(
    monkeypatch: pytest.MonkeyPatch, gib: int, expected: int
) -> None:
    told = SimpleNamespace(total_memory=gib * 2**30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: told)
    assert batch_samples(Device("cuda", 1)) == expected
    assert batch_samples(Device("mps")) == engine_module.SAMPLES_ON_GPU
    assert batch_samples(CPU) == 16


def test_kept_scores_are_known_by_engine_precision_and_device() -> None:
    """What was kept before these could be chosen keeps its name."""
    assert wanted_computation(resolve_scoring("torch", "cpu")) == "torch in float32"
    assert wanted_computation(resolve_scoring("keras", "cpu")) == "keras on torch in float32"
    names = {
        wanted_computation(resolve_scoring(engine, "cpu", precision))
        for engine in ("torch", "keras")
        for precision in ("float32", "bf16", "fp16")
    }
    assert len(names) == 6
    on_gpu = resolve_scoring("torch", "cpu")
    object.__setattr__(on_gpu, "compute", Compute(Device("cuda"), PLAIN.precision))
    assert wanted_computation(on_gpu) == "torch in float32 by cuda"
