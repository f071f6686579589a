"""Input ranges of pretrained families, folded into the model's first layer."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from twostream.models.classifier import channel_scaling
from twostream.models.scaling import convention_of, input_scaling


@pytest.mark.parametrize(
    ("convention", "module"),
    [
        ("caffe", keras.applications.resnet50),
        ("torch", keras.applications.densenet),
        ("tf", keras.applications.mobilenet_v2),
        ("raw", keras.applications.efficientnet),
    ],
)
def test_scaling_is_what_keras_applications_does(convention: Any, module: Any) -> None:
    image = np.random.default_rng(0).uniform(0, 255, (1, 4, 4, 3)).astype(np.float32)
    expected = module.preprocess_input(image.copy())
    scaling = input_scaling(convention)
    ours = image * np.float32(scaling.scale) + np.float32(scaling.offset)
    if scaling.swaps_channels:
        ours = ours[..., ::-1]
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        ("resnet50_conv4", "caffe"),
        ("resnet50v2", "tf"),
        ("mobilenetv2_1.00_224", "tf"),
        ("MobileNetV3Small", "tf"),
        ("efficientnetb0", "raw"),
        ("densenet121", "torch"),
        ("convnext_tiny", "torch"),
    ],
)
def test_a_model_tells_its_convention_by_its_name(name: str, convention: str) -> None:
    class Named:
        pass

    model = Named()
    model.name = name  # type: ignore[attr-defined]
    assert convention_of(model, subject="x") == convention


@pytest.mark.parametrize("convention", ["caffe", "torch", "tf"])
def test_zero_motion_enters_a_network_as_zero(convention: Any) -> None:
    scale, offset = channel_scaling(input_scaling(convention), channels=20)
    np.testing.assert_allclose(128 * np.array(scale) + np.array(offset), 0, atol=1e-9)


def test_a_network_that_scales_its_input_itself_gets_the_codes_as_they_are() -> None:
    assert channel_scaling(input_scaling("raw"), channels=4) == ([1.0] * 4, [0.0] * 4)
