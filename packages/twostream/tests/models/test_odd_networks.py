"""Networks as people have saved them: what can be used is, the rest is refused as what it is."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError, TwostreamWarning
from twostream.models.backbones import load_backbone


def load(backbone: str, **options: Any) -> Any:
    return load_backbone(backbone, **{"weights": None, "channels": 3, "size_px": 64, **options})


@pytest.mark.parametrize(
    ("taken", "given", "remedy"),
    [
        (
            (3, 16, 16),
            lambda x: keras.layers.Conv2D(2, 3, data_format="channels_first")(x),
            "channels last",
        ),
        ((16, 16, 1), lambda x: keras.layers.Conv2D(2, 3)(x), "three channels"),
        ((4, 16, 16, 3), lambda x: keras.layers.Conv3D(2, 3)(x), "single images"),
        ((16, 16, 3), lambda x: [keras.layers.Conv2D(2, 3)(x)] * 2, "keep one of its outputs"),
        ((16, 16, 3), lambda x: keras.layers.GlobalAveragePooling2D()(x), "cut the classifier off"),
    ],
)
def test_the_remedy_is_that_of_the_network_at_hand(
    tmp_path: Path, taken: Any, given: Any, remedy: str
) -> None:
    image = keras.Input(taken)
    keras.Model(image, given(image)).save(tmp_path / "odd.keras")
    with pytest.raises(TwostreamError, match=remedy):
        load(str(tmp_path / "odd.keras"))


@pytest.mark.parametrize("policy", ["float16", "mixed_float16", "mixed_bfloat16"])
def test_weights_of_half_the_bits_are_trained_in_float32(tmp_path: Path, policy: str) -> None:
    image = keras.Input((None, None, 3), dtype="float32")
    first = keras.layers.Conv2D(4, 3, dtype=policy)(image)
    keras.Model(
        image, keras.layers.BatchNormalization(dtype=policy)(first), name="resnet_half"
    ).save(tmp_path / "half.keras")
    model = load(str(tmp_path / "half.keras"), channels=20).model
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert {weight.dtype for weight in model.weights} == {"float32"}


def test_a_network_in_8_bits_is_refused_for_it_does_not_learn(tmp_path: Path) -> None:
    image = keras.Input((16, 16, 3))
    maps = keras.layers.Dense(4)(keras.layers.Conv2D(4, 3)(image))
    model = keras.Model(image, maps, name="resnet_small")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.quantize("int8")
    model.save(tmp_path / "int8.keras")
    with pytest.raises(TwostreamError, match="found layers in int8; save it before"):
        load(str(tmp_path / "int8.keras"))


@pytest.mark.parametrize("nested", [False, True])
def test_what_changes_pictures_at_random_is_left_out_and_told(tmp_path: Path, nested: bool) -> None:
    random = [keras.layers.RandomFlip(), keras.layers.RandomRotation(0.1)]
    before = [keras.Sequential([keras.Input((None, None, 3)), *random])] if nested else random
    layers = [keras.Input((None, None, 3)), *before, keras.layers.Conv2D(4, 3)]
    keras.Sequential(layers, name="resnet_augmented").save(tmp_path / "a.keras")
    with pytest.warns(TwostreamWarning, match=r"random_flip.*random_rotation.* left out"):
        model = load(str(tmp_path / "a.keras"), channels=20).model
    assert not [layer for layer in model.layers if type(layer).__name__.startswith("Random")]


def test_one_output_by_name_is_a_map(tmp_path: Path) -> None:
    image = keras.Input((None, None, 3))
    maps = {"map": keras.layers.Conv2D(4, 3)(image)}
    keras.Model(image, maps, name="resnet_named").save(tmp_path / "named.keras")
    assert load(str(tmp_path / "named.keras")).model.output_shape == (None, 62, 62, 4)


def test_pictures_are_scaled_once(tmp_path: Path) -> None:
    """Who says `tf` of a network that begins with Rescaling would leave it next to nothing of a picture."""
    image = keras.Input((None, None, 3))
    scaled = keras.layers.Rescaling(1 / 255)(image)
    keras.Model(image, keras.layers.Conv2D(4, 3)(scaled), name="mine").save(tmp_path / "own.keras")
    with pytest.warns(TwostreamWarning, match="would scale them twice, raw is taken"):
        told = load(str(tmp_path / "own.keras"), convention="tf")
    assert told.scaling == load(str(tmp_path / "own.keras"), convention="raw").scaling
    assert told.scaling.scale == pytest.approx((1 / 255,) * 3)
    arithmetic = keras.Model(image, keras.layers.Conv2D(4, 3)(image / 127.5 - 1.0), name="mine")
    arithmetic.save(tmp_path / "arithmetic.keras")
    with pytest.raises(TwostreamError, match="--input-convention raw"):
        load(str(tmp_path / "arithmetic.keras"), convention="tf")
    kept = load(str(tmp_path / "arithmetic.keras"), convention="raw").model
    zeros = np.zeros((1, 64, 64, 3), np.float32)
    np.testing.assert_allclose(
        kept.predict_on_batch(zeros), arithmetic.predict_on_batch(zeros), atol=1e-6
    )


def test_layers_that_hold_code_are_named_with_the_way_out(tmp_path: Path) -> None:
    image = keras.Input((None, None, 3))
    keras.Model(image, keras.layers.Lambda(lambda x: x / 2)(image)).save(tmp_path / "code.keras")
    with pytest.raises(TwostreamError, match="without Lambda layers"):
        load(str(tmp_path / "code.keras"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("saved", "a folder with a SavedModel of TensorFlow; load it with the program"),
        ("a.tflite", "a .tflite file; load it with the program"),
        ("renamed.model", "a model of Keras 3 under another name; rename it renamed.keras"),
        ("UPPER.KERAS", "rename it UPPER.keras"),
    ],
)
def test_other_files_and_folders_are_named_as_what_they_are(
    tmp_path: Path, name: str, said: str
) -> None:
    path = tmp_path / name
    if name == "saved":
        path.mkdir()
        (path / "saved_model.pb").touch()
    elif name == "a.tflite":
        path.write_bytes(b"TFL3")
    else:
        image = keras.Input((None, None, 3))
        keras.Model(image, keras.layers.Conv2D(4, 3)(image)).save(tmp_path / "plain.keras")
        (tmp_path / "plain.keras").rename(path)
    with pytest.raises(TwostreamError) as caught:
        load(str(path))
    assert said in str(caught.value)
