from __future__ import annotations

import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.models.any_size import of_size
from twostream.models.backbones import load_backbone
from twostream.models.classifier import build_classifier
from twostream.models.inference import make_predictor

RNG = np.random.default_rng(0)


def classifier(channels: int = 20) -> keras.Model:
    backbone = load_backbone("cnn-s", weights=None, channels=channels, size_px=32)
    return build_classifier(
        backbone, n_classes=5, dropout=0.5, head_l2=0.0, subtract_mean=channels != 3
    )


@pytest.mark.parametrize(
    "engine", ["torch", "keras", pytest.param("openvino", marks=pytest.mark.slow),
               pytest.param("onnx", marks=pytest.mark.slow)]
)  # fmt: skip
def test_every_engine_takes_frames_that_are_no_squares(engine: str) -> None:
    if engine in ("openvino", "onnx"):
        pytest.importorskip("openvino" if engine == "openvino" else "onnxruntime")
    model = classifier()
    predict = make_predictor(model, engine=engine)
    for height, width in ((32, 32), (32, 43), (57, 32), (32, 43)):
        samples = RNG.integers(0, 256, (3, height, width, 20), np.uint8)
        expected = of_size(model, height, width).predict_on_batch(samples.astype(np.float32))
        np.testing.assert_allclose(predict(samples), expected, atol=1e-4)


def test_a_network_of_another_size_shares_its_weights() -> None:
    model = classifier(3)
    wide = of_size(model, 32, 48)
    sample = RNG.integers(0, 256, (1, 32, 48, 3)).astype(np.float32)
    before = wide.predict_on_batch(sample)
    model.get_layer("classes").bias.assign([9.0, 0.0, 0.0, 0.0, 0.0])
    assert abs(wide.predict_on_batch(sample) - before).max() > 0.1


def test_a_network_that_knows_one_size_only_is_refused() -> None:
    image = keras.Input((8, 8, 3))
    flat = keras.layers.Dense(2)(keras.layers.Flatten()(image))
    with pytest.raises(TwostreamError, match="--view full"):
        of_size(keras.Model(image, flat), 8, 12)


def test_openvino_reads_a_network_by_going_through_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openvino")
    model, went = classifier(3), []
    layer = model.get_layer("classes")
    monkeypatch.setattr(
        layer, "call", lambda *a, _call=layer.call, **k: went.append(1) or _call(*a, **k)
    )
    make_predictor(model, engine="openvino")
    assert len(went) == 1
