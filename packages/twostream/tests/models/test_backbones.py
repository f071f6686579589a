"""Backbones by name and file, and the ways in which they can be missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.models.backbones import load_backbone


def load(backbone: str, **options: Any) -> Any:
    return load_backbone(backbone, **{"weights": None, "channels": 3, "size_px": 64, **options})


@pytest.mark.parametrize("name", ["cnn-m", "cnn-s"])
@pytest.mark.parametrize("channels", [3, 20])
def test_networks_from_scratch_take_frames_and_stacks(name: str, channels: int) -> None:
    backbone = load(name, channels=channels)
    assert not backbone.pretrained
    assert backbone.model.input_shape == (None, 64, 64, channels)
    assert len(backbone.model.output_shape) == 4


def test_cnn_m_has_the_parameters_of_its_convolutions() -> None:
    # 7·7·20·96 + 5·5·96·256 + 3·3·256·512 + 2·3·3·512·512 weights, 1 888 biases, 4·(96+256) of the
    # normalisations: the sum that the original's summary shows for 20 channels.
    assert load("cnn-m", channels=20, size_px=224).model.count_params() == 6_610_016


def test_a_class_of_keras_applications_can_start_from_scratch() -> None:
    backbone = load("MobileNetV2", weights="none", channels=20)
    assert not backbone.pretrained
    assert backbone.model.input_shape == (None, 64, 64, 20)


def test_a_file_keeps_its_weights(tmp_path: Path) -> None:
    image = keras.Input((None, None, 3))
    model = keras.Model(image, keras.layers.Conv2D(4, 3)(image), name="resnet_mini")
    model.save(tmp_path / "mini.keras")
    backbone = load(str(tmp_path / "mini.keras"))
    assert backbone.pretrained
    kernel = backbone.model.layers[-1].get_weights()[0]
    # The family is caffe's: the kernel was turned to take RGB.
    np.testing.assert_array_equal(kernel, model.layers[-1].get_weights()[0][:, :, ::-1])


def test_imagenet_without_network_names_both_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> Any:
        raise OSError("no network")

    monkeypatch.setattr("keras.src.applications.mobilenet_v2.file_utils.get_file", unreachable)
    with pytest.raises(TwostreamError, match=r"--weights none.*FILE"):
        load("MobileNetV2", weights="imagenet")


@pytest.mark.parametrize(
    ("backbone", "options", "message"),
    [
        ("ResNet5", {}, "did you mean ResNet50"),
        ("absent.keras", {}, "no such file"),
        ("cnn-s", {"weights": "imagenet"}, "no pretrained weights"),
        ("MobileNetV2", {"weights": "absent.weights.h5"}, "no such file"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(
    backbone: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TwostreamError, match=message):
        load(backbone, **options)


def test_files_that_are_no_backbone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.keras").write_text("not a model")
    with pytest.raises(TwostreamError, match="saved by Keras"):
        load(str(tmp_path / "text.keras"))
    image = keras.Input((8, 8, 3))
    flat = keras.Model(image, keras.layers.Dense(2)(keras.layers.Flatten()(image)))
    flat.save(tmp_path / "classifier.keras")
    with pytest.raises(TwostreamError, match="cut the classifier off"):
        load(str(tmp_path / "classifier.keras"))


def test_a_family_that_the_name_does_not_tell_must_be_said(tmp_path: Path) -> None:
    image = keras.Input((None, None, 3))
    keras.Model(image, keras.layers.Conv2D(4, 3)(image), name="mine").save(tmp_path / "m.keras")
    with pytest.raises(TwostreamError, match="--input-convention"):
        load(str(tmp_path / "m.keras"))
    assert load(str(tmp_path / "m.keras"), convention="tf").pretrained
