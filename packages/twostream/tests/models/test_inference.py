"""Inference: the same numbers, whatever computes them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError, TwostreamWarning
from twostream.models.backbones import load_backbone
from twostream.models.classifier import build_classifier, feature_extractor
from twostream.models.inference import make_predictor, resolve_engine
from twostream.training.features import Features
from twostream.training.head_scaling import standardisation

JAX_PROGRAM = """
import sys, numpy, keras
assert keras.backend.backend() == "jax"
model = keras.saving.load_model(sys.argv[1], compile=False)
numpy.save(sys.argv[3], model.predict_on_batch(numpy.load(sys.argv[2]).astype("float32")))
"""


def classifier(channels: int) -> Any:
    """The demo's network, untrained; its features are standardised, so that its scores vary."""
    keras.utils.set_random_seed(0)
    backbone = load_backbone("cnn-s", weights=None, channels=channels, size_px=64)
    features = feature_extractor(backbone).predict_on_batch(samples(channels).astype(np.float32))
    mean, variance = standardisation(Features(features, np.zeros(len(features), np.int64)))
    return build_classifier(
        backbone,
        n_classes=5,
        dropout=0.5,
        head_l2=0.01,
        feature_mean=mean,
        feature_variance=variance,
    )


def samples(channels: int, *, count: int = 19) -> Any:
    return np.random.default_rng(0).integers(0, 256, (count, 64, 64, channels), np.uint8)


@pytest.mark.parametrize("engine", ["openvino", "torch"])
@pytest.mark.parametrize("channels", [3, 20])
def test_every_engine_agrees_with_keras(channels: int, engine: Any) -> None:
    if engine == "openvino":
        pytest.importorskip("openvino")
    model, images = classifier(channels), samples(channels, count=80)
    keras_scores = make_predictor(model, engine="keras")(images)
    fast_scores = make_predictor(model, engine=engine)(images)
    assert len(set(keras_scores.argmax(axis=1))) > 1  # the network tells these images apart
    np.testing.assert_allclose(fast_scores, keras_scores, atol=1e-4)
    np.testing.assert_array_equal(fast_scores.argmax(axis=1), keras_scores.argmax(axis=1))
    np.testing.assert_allclose(keras_scores.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("engine", ["openvino", "torch", "keras", "auto"])
def test_every_engine_computes_in_float32_and_says_so(engine: Any) -> None:
    if engine == "openvino":
        pytest.importorskip("openvino")
    told = make_predictor(classifier(3), engine=engine).computation
    assert (told.engine, told.precision) == (resolve_engine(engine), "float32")
    assert told.library.startswith(told.engine)
    assert told.device
    if told.device == "cpu" and keras.backend.backend() == "torch":
        assert told.threads is not None
        assert told.threads >= 1


def test_what_a_network_in_mixed_precision_computes_in_is_said() -> None:
    policy = keras.dtype_policies.DTypePolicy("mixed_bfloat16")
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(2, 3, dtype=policy)(image)
    outputs = keras.layers.Dense(2, dtype="float32")(keras.layers.Flatten(dtype=policy)(x))
    told = make_predictor(keras.Model(image, outputs), engine="keras").computation
    assert told.precision == "bfloat16 and float32"


def test_a_network_that_openvino_cannot_run_is_computed_by_another_engine_which_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    openvino = pytest.importorskip("openvino")

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no such operation")

    monkeypatch.setattr(openvino, "convert_model", fail)
    monkeypatch.setattr("twostream.models.inference.resolve_engine", lambda *_: "openvino")
    with pytest.warns(TwostreamWarning, match="no such operation"):
        told = make_predictor(classifier(3)).computation
    assert told.engine == "torch"


def test_a_network_that_only_keras_can_run_is_computed_by_it() -> None:
    image = keras.Input((3, 8, 8))
    outputs = keras.layers.GlobalMaxPooling2D(data_format="channels_first")(image)
    network = keras.Model(image, outputs)
    with pytest.raises(TwostreamError, match="the engine auto or keras"):
        make_predictor(network, engine="torch")


def test_what_is_folded_once_is_the_network_of_that_moment() -> None:
    model, images = classifier(3), samples(3)
    frozen = make_predictor(model, engine="torch")
    before = frozen(images)
    for weight in model.weights:
        if "kernel" in weight.path and len(weight.shape) == 4:
            weight.assign(weight * 2)
    np.testing.assert_array_equal(frozen(images), before)
    now = make_predictor(model, engine="torch")(images)
    assert not np.allclose(now, before)
    np.testing.assert_allclose(now, make_predictor(model, engine="keras")(images), atol=1e-4)


def test_batches_do_not_change_a_sample() -> None:
    predict = make_predictor(classifier(3), engine="keras")
    images = samples(3)
    alone = np.concatenate([predict(images[k : k + 1]) for k in range(len(images))])
    np.testing.assert_allclose(predict(images), alone, atol=1e-5)


@pytest.mark.parametrize("channels", [3, 20])
def test_a_saved_model_predicts_the_same_under_jax(tmp_path: Path, channels: int) -> None:
    pytest.importorskip("jax")
    model, images = classifier(channels), samples(channels, count=4)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "samples.npy", images)
    subprocess.run(
        [sys.executable, "-c", JAX_PROGRAM, "model.keras", "samples.npy", "scores.npy"],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        check=True,
        capture_output=True,
    )
    np.testing.assert_allclose(
        np.load(tmp_path / "scores.npy"), make_predictor(model, engine="keras")(images), atol=1e-4
    )


def test_openvino_that_is_not_installed_names_its_install_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(TwostreamError, match=r"; pip install .openvino"):
        make_predictor(classifier(3), engine="openvino")
