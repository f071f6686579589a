"""Networks in HDF5, as Keras 2 and Keras 3 saved them."""

from __future__ import annotations

import json

import keras
import keras_2_files
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.models.backbones import check_backbone, is_network_file, load_backbone
from twostream.models.files import load_network_file

FORMS = {
    "functional": keras_2_files.functional,
    "model, as before 2.3": lambda: keras_2_files.functional("Model"),
    "sequential": keras_2_files.sequential,
    "sequential without an input layer": lambda: keras_2_files.sequential(with_input=False),
    "sequential that is a list": lambda: {
        "class_name": "Sequential",
        "config": keras_2_files.sequential(with_input=False)["config"]["layers"],
    },
}


def by_layer(model):
    return {name: model.get_layer(name).get_weights() for name in ("conv1", "bn1", "dw", "conv2")}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_network(tmp_path, form):
    path = tmp_path / "mine.h5"
    written = keras_2_files.write(path, FORMS[form]())
    model = load_network_file(path)
    assert model.input_shape == (None, 64, 64, 3)
    assert model.output_shape == (None, 64, 64, 16)
    for name, weights in by_layer(model).items():
        for weight, key in zip(weights, keras_2_files.WEIGHTS[name], strict=True):
            np.testing.assert_array_equal(weight, written[f"{name}/{key}"])


def test_a_network_inside_a_network_has_its_weights(tmp_path):
    outer = {
        "class_name": "Sequential",
        "config": {"name": "outer", "layers": [keras_2_files.functional()]},
    }
    path = tmp_path / "mine.hdf5"
    written = keras_2_files.write(path, outer)
    model = load_network_file(path)
    inner = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    np.testing.assert_array_equal(by_layer(inner)["dw"][0], written["dw/depthwise_kernel:0"])
    assert model.output_shape == (None, 64, 64, 16)


@pytest.mark.parametrize("kind", ["Functional", "Sequential"])
def test_a_network_called_inside_another_is_read_from_its_second_call(tmp_path, kind):
    inner = keras_2_files.functional() if kind == "Functional" else keras_2_files.sequential()
    config = keras_2_files.functional()
    first = config["config"]["layers"][0]
    nested = {**inner, "name": "mine", "inbound_nodes": [[["input_1", 0, 0, {}]]]}
    relu = {
        "class_name": "ReLU",
        "config": {"name": "last"},
        "name": "last",
        "inbound_nodes": [[["mine", 1, 0, {}]]],
    }
    config["config"] |= {"layers": [first, nested, relu], "output_layers": [["last", 0, 0]]}
    config["config"]["name"] = "outer"
    written = keras_2_files.write(tmp_path / "mine.h5", config)
    model = load_network_file(tmp_path / "mine.h5")
    assert model.output_shape == (None, 64, 64, 16)
    found = by_layer(model.get_layer("mine"))["conv2"][0]
    np.testing.assert_array_equal(found, written["conv2/kernel:0"])


def test_names_with_slashes_become_names(tmp_path, monkeypatch):
    config = json.loads(json.dumps(keras_2_files.functional()).replace('"dw"', '"a/dw"'))
    monkeypatch.setitem(keras_2_files.WEIGHTS, "a/dw", keras_2_files.WEIGHTS["dw"])
    written = keras_2_files.write(tmp_path / "mine.h5", config)
    model = load_network_file(tmp_path / "mine.h5")
    weights = model.get_layer("a_dw").get_weights()
    np.testing.assert_array_equal(weights[0], written["a/dw/depthwise_kernel:0"])


def test_it_is_a_backbone_like_any(tmp_path):
    path = tmp_path / "mine.h5"
    keras_2_files.write(path, keras_2_files.functional())
    assert is_network_file(str(path))
    check_backbone(str(path), weights=None, size_px=64)
    backbone = load_backbone(str(path), weights=None, channels=20, size_px=64, convention="tf")
    assert backbone.pretrained
    assert backbone.model.input_shape == (None, 64, 64, 20)


def test_hdf5_of_keras_3_is_read_by_keras(tmp_path):
    image = keras.Input((64, 64, 3))
    model = keras.Model(image, keras.layers.Conv2D(4, 3, name="conv")(image))
    model.save(tmp_path / "mine.h5")
    found = load_network_file(tmp_path / "mine.h5")
    np.testing.assert_array_equal(
        found.get_layer("conv").get_weights()[0], model.get_layer("conv").get_weights()[0]
    )


def with_code():
    config = keras_2_files.sequential()
    config["config"]["layers"].append({"class_name": "Lambda", "config": {"name": "mine"}})
    return config


def with_unknown():
    config = keras_2_files.sequential()
    config["config"]["layers"].append({"class_name": "Wavelet", "config": {"name": "mine"}})
    return config


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (with_code(), "layers that hold code: Lambda"),
        (with_unknown(), "Wavelet"),
        ({"class_name": "Sequential", "config": {"layers": []}}, "Keras 2.8.0 in HDF5"),
    ],
)
def test_what_cannot_be_read_is_named_with_the_way_out(tmp_path, config, said):
    path = tmp_path / "mine.h5"
    keras_2_files.write(path, config)
    with pytest.raises(TwostreamError) as caught:
        load_network_file(path)
    assert said in str(caught.value)
    assert "Keras 2.8.0" in str(caught.value)
    assert "save('NAME.keras')" in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_later_keras_is_named(tmp_path):
    path = tmp_path / "mine.h5"
    keras_2_files.write(path, with_unknown(), version="9.1.0")
    with pytest.raises(TwostreamError, match=r"one that Keras 9\.1\.0 saved"):
        load_network_file(path)


def test_other_weights_than_the_layers_have_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "mine.h5"
    monkeypatch.setitem(keras_2_files.WEIGHTS, "conv2", {"kernel:0": (1, 1, 8, 16)})
    keras_2_files.write(path, keras_2_files.functional())
    with pytest.raises(TwostreamError, match=r"Keras 2\.8\.0"):
        load_network_file(path)
