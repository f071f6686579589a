"""Grad-CAM: the published formulas, and the reference network with hooks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.explanation.grad_cam import GradCam
from twostream.models.backbones import Backbone, load_backbone
from twostream.models.classifier import build_classifier
from twostream.models.packaged_weights import lite_network, packaged_file
from twostream.models.scaling import input_scaling


@pytest.fixture(scope="module")
def classifier() -> Any:
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 4))
    x = keras.layers.Conv2D(5, 3, strides=2, padding="same", name="first")(image)
    x = keras.layers.Conv2D(5, 3, padding="same", activation="relu", name="second")(x)
    x = keras.layers.Add(name="sum")([x, keras.layers.Conv2D(5, 1, name="beside")(x)])
    backbone = Backbone(keras.Model(image, x, name="tiny"), input_scaling("tf"), pretrained=True)
    mean, variance = np.full(5, 0.1, np.float32), np.linspace(0.5, 2, 5, dtype=np.float32)
    return build_classifier(
        backbone,
        n_classes=3,
        dropout=0.5,
        head_l2=0.0,
        subtract_mean=True,
        feature_mean=mean,
        feature_variance=variance,
    )


def stacks(n: int = 3) -> Any:
    return np.random.default_rng(1).integers(0, 256, (n, 16, 16, 4)).astype(np.uint8)


def test_at_the_last_layer_it_is_the_class_activation_map(classifier: Any) -> None:
    classes = np.array([2, 0, 1])
    grad_cam = GradCam(classifier)
    assert grad_cam.layer_name == "sum"
    maps = keras.Model(classifier.input, classifier.get_layer("features").input)
    activations = maps.predict_on_batch(stacks().astype(np.float32))
    deviation = np.sqrt(np.linspace(0.5, 2, 5))
    weights = (classifier.get_layer("classes").get_weights()[0] / deviation[:, None])[:, classes]
    expected = np.maximum(np.einsum("nhwk,kn->nhw", activations, weights) / (8 * 8), 0)
    np.testing.assert_allclose(grad_cam.maps(stacks(), classes), expected, atol=1e-6)


def test_at_any_layer_the_weights_are_the_mean_slopes_of_the_logit(classifier: Any) -> None:
    """By differences: each channel of the layer is raised by a little everywhere."""
    classes, little = np.array([1]), 1e-2
    grad_cam = GradCam(classifier, "beside")
    backbone = classifier.get_layer("tiny")
    parts = keras.Model(
        backbone.input,
        [backbone.get_layer("second").output, backbone.get_layer("beside").output],
    )
    before = keras.Model(classifier.input, classifier.get_layer("mean_subtraction").output)
    second, beside = parts.predict_on_batch(before.predict_on_batch(stacks(1).astype(np.float32)))
    kernel, bias = classifier.get_layer("classes").get_weights()

    def logit(values: Any) -> float:
        pooled = (second + values).mean(axis=(1, 2))
        norm = classifier.get_layer("standardisation")
        return float((keras.ops.convert_to_numpy(norm(pooled)) @ kernel + bias)[0, 1])

    slopes = [
        (logit(beside + little * one) - logit(beside)) / little / beside[0, ..., 0].size
        for one in np.eye(5, dtype=np.float32)
    ]
    expected = np.maximum((beside * np.float32(slopes)).sum(axis=-1), 0)
    np.testing.assert_allclose(grad_cam.maps(stacks(1), classes), expected, atol=1e-4)


def test_a_layer_without_places_is_refused_with_the_nearest(classifier: Any) -> None:
    with pytest.raises(TwostreamError, match="did you mean second"):
        GradCam(classifier, "secnd")
    with pytest.raises(TwostreamError, match="layer classes"):
        GradCam(classifier, "classes")


@pytest.mark.slow
@pytest.mark.parametrize(("ours", "block"), [(None, None), ("block5c_add", 10)])
def test_it_is_what_hooks_on_the_reference_network_give(
    ours: str | None, block: int | None
) -> None:
    reference = pytest.importorskip("efficientnet_lite_pytorch")
    if keras.backend.backend() != "torch":
        pytest.skip("the reference runs on PyTorch")
    import torch

    theirs = reference.EfficientNet.from_name("efficientnet-lite0", image_size=64)
    theirs.load_state_dict(torch.load(packaged_file("EfficientNetLite0"), weights_only=True))
    theirs.eval()
    kept: list[torch.Tensor] = []

    def keep(_: Any, __: Any, output: torch.Tensor) -> None:
        output.retain_grad()
        kept.append(output)

    frames = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.uint8)
    scaled = torch.from_numpy((frames.astype(np.float32) - 127) / 128).permute(0, 3, 1, 2)
    if block is None:
        features = theirs.extract_features(scaled)
        keep(None, None, features)
        logits = theirs._fc(features.mean(dim=(2, 3)))
    else:
        theirs._blocks[block].register_forward_hook(keep)
        logits = theirs(scaled)
    logits[0, 444].backward()
    (activations,) = kept
    assert activations.grad is not None
    weights = activations.grad.mean(dim=(2, 3), keepdim=True)
    expected = (weights * activations).sum(dim=1).clamp_min(0).detach().numpy()

    backbone = load_backbone("EfficientNetLite0", weights=None, channels=3, size_px=64)
    model = build_classifier(backbone, n_classes=1000, dropout=0.0, head_l2=0.0)
    whole = lite_network("EfficientNetLite0", pretrained=True, top=True)
    model.get_layer("classes").set_weights(whole.get_layer("logits").get_weights())
    found = GradCam(model, ours).maps(frames, np.array([444]))
    np.testing.assert_allclose(found, expected, atol=1e-4 * expected.max())
