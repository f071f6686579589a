"""Every family of keras.applications as the backbone of either stream."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.models.backbones import SMALLEST_SIDES, adapt_backbone, check_backbone
from twostream.models.batch_norm import adapt_batch_norm, batch_norm_layers, freeze_batch_norm
from twostream.models.classifier import build_classifier
from twostream.models.cross_modality import first_convolution, swapped_kernel
from twostream.models.inference import make_predictor

slow = pytest.mark.slow
# Network, the module with its preprocessing, whether it scales its input itself.
FAMILIES = [
    ("VGG16", "vgg16", False),
    ("MobileNetV2", "mobilenet_v2", False),
    ("MobileNetV3Small", "mobilenet_v3", True),
    ("ConvNeXtTiny", "convnext", True),
    pytest.param("ResNet50V2", "resnet_v2", False, marks=slow),
    pytest.param("ResNet50", "resnet", False, marks=slow),
    pytest.param("DenseNet121", "densenet", False, marks=slow),
    pytest.param("EfficientNetB0", "efficientnet", True, marks=slow),
    pytest.param("EfficientNetV2B0", "efficientnet_v2", True, marks=slow),
    pytest.param("EfficientNetV2S", "efficientnet_v2", True, marks=slow),
    pytest.param("MobileNet", "mobilenet", False, marks=slow),
    pytest.param("Xception", "xception", False, marks=slow),
    pytest.param("InceptionV3", "inception_v3", False, marks=slow),
    pytest.param("InceptionResNetV2", "inception_resnet_v2", False, marks=slow),
]


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="other backends have it")
def test_a_network_that_keras_does_not_build_here_is_refused_beforehand() -> None:
    with pytest.raises(TwostreamError, match="KERAS_BACKEND=jax"):
        check_backbone("NASNetMobile", weights="none", size_px=224)


def images(name: str, *, channels: int, n: int = 2) -> Any:
    side = SMALLEST_SIDES.get(name, 32)
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, side, side, channels)).astype(np.float32)


def close(found: Any, expected: Any, tolerance: float = 1e-3) -> bool:
    scale = float(np.std(expected)) + 1e-12
    return bool(np.abs(np.asarray(found) - np.asarray(expected)).max() < tolerance * scale)


@pytest.mark.parametrize(("name", "module", "scales_itself"), FAMILIES)
def test_a_family_serves_both_streams(name: str, module: str, scales_itself: bool) -> None:
    keras.utils.set_random_seed(1)
    original = getattr(keras.applications, name)(include_top=False, weights=None)
    preprocess = importlib.import_module(f"keras.applications.{module}").preprocess_input
    options: dict[str, Any] = {
        "subject": name,
        "pretrained": True,
        "size_px": SMALLEST_SIDES.get(name, 32),
    }

    # Frames: what the original makes of its own preprocessing.
    spatial = adapt_backbone(original, channels=3, **options)
    frames = images(name, channels=3)
    expected = original.predict_on_batch(preprocess(frames.copy()))
    scaled = frames * np.float32(spatial.scaling.scale) + np.float32(spatial.scaling.offset)
    assert close(spatial.model.predict_on_batch(scaled), expected)
    assert scales_itself is any(
        isinstance(layer, keras.layers.Identity) for layer in spatial.model.layers
    )

    # Flow: the same network behind the averaged kernel, normalised and trained without trouble.
    temporal = adapt_backbone(original, channels=20, **options)
    kernel = first_convolution(spatial.model).get_weights()[0]
    flow_kernel = next(
        layer
        for layer in temporal.model.layers
        if layer.name == first_convolution(spatial.model).name
    ).get_weights()[0]
    np.testing.assert_allclose(flow_kernel[:, :, 11], kernel.mean(axis=2), atol=1e-6)
    model = build_classifier(temporal, n_classes=3, dropout=0.0, head_l2=0.0)
    freeze_batch_norm(temporal.model, keep_first=True)
    assert sum(layer.trainable for layer in batch_norm_layers(model)) <= 1
    model.compile("sgd", "sparse_categorical_crossentropy")
    stacks = images(name, channels=20)
    if keras.backend.backend() == "torch":
        import torch
        from twostream.models.channels_last import ChannelsLastForward

        adapt_batch_norm(model, [stacks])
        forward = ChannelsLastForward(spatial.model)
        with torch.no_grad():
            found = forward(torch.from_numpy(scaled), training=False)
        assert close(found, expected)
    assert np.isfinite(model.train_on_batch(stacks, np.array([0, 2])))


@pytest.mark.parametrize(
    "name",
    [
        "MobileNetV3Small",
        pytest.param("ConvNeXtTiny", marks=slow),
        pytest.param("EfficientNetV2B0", marks=slow),
        pytest.param("DenseNet121", marks=slow),
    ],
)
def test_a_saved_stream_reloads_without_being_told_how_and_runs_in_openvino(
    tmp_path: Path, name: str
) -> None:
    original = getattr(keras.applications, name)(include_top=False, weights=None)
    backbone = adapt_backbone(
        original, subject=name, pretrained=True, channels=4, size_px=SMALLEST_SIDES.get(name, 32)
    )
    model = build_classifier(backbone, n_classes=3, dropout=0.5, head_l2=0.0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    stacks = images(name, channels=4, n=3).astype(np.uint8)
    expected = make_predictor(model, engine="keras")(stacks)
    np.testing.assert_allclose(make_predictor(loaded, engine="keras")(stacks), expected, atol=1e-6)
    pytest.importorskip("openvino")
    if keras.backend.backend() == "torch":
        found = make_predictor(loaded, engine="openvino")(stacks)
        np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("name", ["Xception", "InceptionV3", "InceptionResNetV2", "MobileNetV2"])
def test_images_too_small_for_a_network_are_refused_before_it_is_built(name: str) -> None:
    least = SMALLEST_SIDES.get(name, 32)
    check_backbone(name, weights="none", size_px=least)
    with pytest.raises(TwostreamError, match=f"at least {least} for {name}"):
        check_backbone(name, weights="none", size_px=least - 1)
    with pytest.raises(ValueError, match=f"at least {least}"):  # as Keras itself would have it
        getattr(keras.applications, name)(
            include_top=False, weights=None, input_shape=(least - 1, least - 1, 3)
        )


def test_a_network_with_its_own_scaling_may_be_of_another_order_of_colours() -> None:
    image = keras.Input((8, 8, 3))
    x = keras.layers.Rescaling([0.5, 1.0, 2.0], [1.0, 0.0, -1.0])(image)
    original = keras.Model(image, keras.layers.Conv2D(2, 3)(x), name="mine")
    backbone = adapt_backbone(
        original, subject="mine", pretrained=True, channels=3, size_px=8, convention="caffe"
    )
    rgb = np.random.default_rng(0).uniform(0, 255, (1, 8, 8, 3)).astype(np.float32)
    bgr = rgb[..., ::-1] - np.float32([103.939, 116.779, 123.68])
    scaled = rgb * np.float32(backbone.scaling.scale) + np.float32(backbone.scaling.offset)
    assert close(backbone.model.predict_on_batch(scaled), original.predict_on_batch(bgr))
    kernel = original.layers[-1].get_weights()[0]
    np.testing.assert_array_equal(
        backbone.model.layers[-1].get_weights()[0], swapped_kernel(kernel)
    )


def test_a_file_for_larger_images_says_so() -> None:
    image = keras.Input((None, None, 3))
    x = image
    for _ in range(4):
        x = keras.layers.Conv2D(2, 5, strides=2)(x)
    network = keras.Model(image, x, name="resnet_mine")
    with pytest.raises(TwostreamError, match=r"--size.*large enough for resnet_mine"):
        adapt_backbone(network, subject="f.keras", pretrained=True, channels=3, size_px=32)
