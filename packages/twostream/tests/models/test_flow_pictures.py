from __future__ import annotations

import keras
import numpy as np
import pytest
from twostream.models.backbones import Backbone, load_backbone
from twostream.models.classifier import build_classifier
from twostream.models.flow_pictures import GAIN, SPEED_GAIN, flow_pictures
from twostream.models.inference import make_predictor

LENGTH = 3
RNG = np.random.default_rng(0)


def drawn(stack: np.ndarray) -> np.ndarray:
    samples = keras.Input((*stack.shape[:2], 2 * LENGTH))
    model = keras.Model(samples, flow_pictures(samples, stack_length=LENGTH))
    found: np.ndarray = model.predict_on_batch(stack[None].astype(np.float32))[0]
    return found


def test_a_moving_camera_is_drawn_as_if_it_stood_still() -> None:
    stack = RNG.integers(108, 148, (6, 8, 2 * LENGTH))
    moved = stack + np.asarray([5, -7] * LENGTH)
    np.testing.assert_allclose(drawn(stack), drawn(moved), atol=0.05)
    still = drawn(np.full((6, 8, 2 * LENGTH), 133))
    np.testing.assert_allclose(still[..., :2], 128, atol=1e-3)
    assert still[..., 2].max() < 1


def test_a_picture_holds_mean_motion_and_mean_speed() -> None:
    stack = RNG.integers(120, 137, (6, 8, 2 * LENGTH)).astype(np.float64)
    flow = (stack - stack.mean(axis=(0, 1))).reshape(6, 8, LENGTH, 2)
    found = drawn(stack)
    np.testing.assert_allclose(found[..., :2], 128 + GAIN * flow.mean(axis=2), atol=0.05)
    speed = np.linalg.norm(flow, axis=-1).mean(axis=-1)
    np.testing.assert_allclose(found[..., 2], SPEED_GAIN * speed, atol=0.5)


@pytest.mark.parametrize(
    "engine", ["torch", pytest.param("openvino", marks=pytest.mark.slow),
               pytest.param("onnx", marks=pytest.mark.slow)]
)  # fmt: skip
def test_every_engine_draws_alike_and_the_network_can_be_saved(engine: str, tmp_path) -> None:
    if engine in ("openvino", "onnx"):
        pytest.importorskip("openvino" if engine == "openvino" else "onnxruntime")
    rgb = load_backbone("cnn-s", weights=None, channels=3, size_px=32)
    model = build_classifier(
        Backbone(rgb.model, rgb.scaling, pretrained=True),
        n_classes=4, dropout=0.5, head_l2=0.1, subtract_mean=True, pictures_of=LENGTH,
    )  # fmt: skip
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    for shape in ((32, 32), (32, 40)):
        samples = RNG.integers(0, 256, (2, *shape, 2 * LENGTH), np.uint8)
        expected = make_predictor(model, engine="keras")(samples)
        np.testing.assert_allclose(
            make_predictor(again, engine=engine)(samples), expected, atol=1e-4
        )
