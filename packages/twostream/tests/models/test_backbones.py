"""Backbones by name and file, and the ways in which they can be missing."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.models.backbones import (
    check_backbone,
    load_backbone,
)
from twostream.models.cross_modality import copied_network
from twostream.models.files import load_model_file
from twostream.models.imagenet import weights_folder


def load(backbone: str, **options: Any) -> Any:
    return load_backbone(backbone, **{"weights": None, "channels": 3, "size_px": 64, **options})


@pytest.fixture
def backbone_like() -> Callable[..., Any]:
    """Make a network of two convolutions for images of any size."""

    def make(*, filters: int = 4) -> Any:
        image = keras.Input((None, None, 3))
        x = keras.layers.Conv2D(filters, 3, name="first")(image)
        return keras.Model(image, keras.layers.Conv2D(6, 3, name="second")(x), name="resnet_tiny")

    return make


@pytest.mark.parametrize("name", ["cnn-m", "cnn-m-dense", "cnn-s"])
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


def test_the_dense_layers_of_cnn_m_see_the_whole_map_and_slide_over_a_larger_one() -> None:
    model = load("cnn-m-dense", channels=20, size_px=64).model
    assert model.output_shape == (None, 1, 1, 2048)
    layers = {layer.name: layer for layer in model.layers}
    assert layers["full6"].kernel.shape == (2, 2, 512, 4096)
    assert layers["full7"].kernel.shape == (1, 1, 4096, 2048)
    wider = copied_network(model, channels=20, size_px=96, without=())
    assert wider.output_shape == (None, 2, 2, 2048)


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


ADDRESS = (
    "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/of_1.0_no_top.h5"
)


def test_imagenet_without_network_says_what_to_fetch_and_where_to_put_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unreachable(*_: Any, **__: Any) -> Any:
        raise Exception(f"URL fetch failure on {ADDRESS}: None -- [Errno -2] unknown")

    monkeypatch.setattr("keras.src.applications.mobilenet_v2.file_utils.get_file", unreachable)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(TwostreamError) as caught:
        load("MobileNetV2", weights="imagenet")
    assert caught.value.found == "no way to them ([Errno -2] unknown)"
    assert f"fetch {ADDRESS} on" in caught.value.remedy
    assert f"into {tmp_path / 'models'}," in caught.value.remedy
    assert "--backbone FILE.keras" in caught.value.remedy


def test_weights_are_looked_for_where_keras_looks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def where_keras_looks() -> Path:
        get_file = keras.utils.get_file
        return Path(get_file("a.h5", (tmp_path / "a.h5").as_uri(), cache_subdir="models")).parent

    (tmp_path / "a.h5").write_bytes(b"weights")
    for home in (tmp_path, tmp_path / "absent"):
        monkeypatch.setenv("KERAS_HOME", str(home))  # Keras reads it once, when it is imported
        monkeypatch.setattr("keras.src.backend.config.keras_home", lambda home=home: str(home))
        assert weights_folder() == where_keras_looks()


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
    with pytest.raises(TwostreamError, match="saved by Keras 3, found no archive"):
        load(str(tmp_path / "text.keras"))
    image = keras.Input((8, 8, 3))
    flat = keras.Model(image, keras.layers.Dense(2)(keras.layers.Flatten()(image)))
    flat.save(tmp_path / "classifier.keras")
    with pytest.raises(TwostreamError, match="cut the classifier off"):
        load(str(tmp_path / "classifier.keras"))


def test_a_file_without_its_end_is_called_damaged(backbone_like: Any, tmp_path: Path) -> None:
    whole = tmp_path / "whole.keras"
    backbone_like().save(whole)
    (tmp_path / "half.keras").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(TwostreamError, match=r"half\.keras.*damaged data: the end"):
        load(str(tmp_path / "half.keras"))


def test_a_file_of_a_later_keras_is_whole_and_says_which(
    backbone_like: Any, tmp_path: Path
) -> None:
    def later(node: Any) -> None:
        """Give each kernel an option of a version to come."""
        if isinstance(node, dict):
            if node.get("class_name") == "GlorotUniform":
                node["config"]["later_option"] = None
            node = list(node.values())
        for child in node if isinstance(node, list) else []:
            later(child)

    backbone_like().save(tmp_path / "now.keras")
    with zipfile.ZipFile(tmp_path / "now.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    later(config)
    members["config.json"] = json.dumps(config).encode()
    members["metadata.json"] = b'{"keras_version": "3.99.0"}'
    with zipfile.ZipFile(tmp_path / "later.keras", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    for read in (lambda path: load(str(path)), load_model_file):
        with pytest.raises(TwostreamError) as caught:
            read(tmp_path / "later.keras")
        told = str(caught.value)
        assert f"of Keras {keras.__version__}" in told
        assert "that Keras 3.99.0 saved" in told
        assert "remove" not in told
        assert len(told) < 400
    assert load(str(tmp_path / "now.keras")).pretrained


@pytest.mark.parametrize("kind", ["sequential", "listed", "named"])
@pytest.mark.parametrize("channels", [3, 20])
def test_the_same_layers_in_another_form_are_the_same_network(
    backbone_like: Any, tmp_path: Path, kind: str, channels: int
) -> None:
    plain = backbone_like()
    plain.save(tmp_path / "plain.keras")
    other = {
        "sequential": lambda: keras.Sequential([keras.Input((32, 32, 3)), *plain.layers[1:]]),
        "listed": lambda: keras.Model(plain.inputs, plain.outputs),
        "named": lambda: keras.Model({"image": plain.inputs[0]}, plain.outputs[0]),
    }[kind]()
    other.name = plain.name
    other.save(tmp_path / "other.keras")
    one, same = (
        load(str(tmp_path / name), channels=channels).model.get_weights()
        for name in ("plain.keras", "other.keras")
    )
    assert len(one) == 4
    for a, b in zip(one, same, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_network_of_unknown_input_or_several_is_refused(tmp_path: Path) -> None:
    keras.Sequential([keras.layers.Conv2D(4, 3)]).save(tmp_path / "unbuilt.keras")
    with pytest.raises(TwostreamError, match=r"keras\.Input"):
        load(str(tmp_path / "unbuilt.keras"))
    images = [keras.Input((None, None, 3)), keras.Input((None, None, 3))]
    keras.Model(images, keras.layers.Add()(images)).save(tmp_path / "two.keras")
    with pytest.raises(TwostreamError, match=r"\(None, None, 3\) and \(None, None, 3\) to"):
        load(str(tmp_path / "two.keras"))


def test_what_cannot_be_built_anew_is_no_question_of_size(tmp_path: Path) -> None:
    inner = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(4, 3)])
    image = keras.Input((None, None, 3))
    network = keras.Model(inner.inputs[0], inner.outputs[0], name="inner")
    outer = keras.Model(image, keras.layers.Conv2D(4, 3)(network(image)), name="resnet_outer")
    outer.save(tmp_path / "outer.keras")
    with pytest.raises(TwostreamError) as caught:
        load(str(tmp_path / "outer.keras"), channels=20)
    assert "--size" not in str(caught.value)
    assert caught.value.remedy == "choose another backbone"


@pytest.mark.parametrize("content", ["text", "of wider layers", "of more layers"])
def test_weights_that_do_not_fit_are_refused(
    backbone_like: Any, tmp_path: Path, content: str
) -> None:
    backbone_like().save(tmp_path / "mine.keras")
    path = tmp_path / "other.weights.h5"
    if content == "text":
        path.write_text("no weights")
    elif content == "of wider layers":
        backbone_like(filters=5).save_weights(path)
    else:
        deeper = backbone_like()
        third = keras.layers.Conv2D(2, 1)(deeper.outputs[0])
        keras.Model(deeper.inputs[0], third).save_weights(path)
    with pytest.raises(TwostreamError, match=r"other\.weights\.h5.*the same backbone") as caught:
        load(str(tmp_path / "mine.keras"), weights=str(path))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("classifier", [False, True])
def test_weights_of_the_same_network_are_taken_with_or_without_a_classifier(
    backbone_like: Any, tmp_path: Path, classifier: bool
) -> None:
    backbone_like().save(tmp_path / "mine.keras")
    other = backbone_like()
    saved = other
    if classifier:
        pooled = keras.layers.GlobalAveragePooling2D()(other.outputs[0])
        saved = keras.Model(other.inputs[0], keras.layers.Dense(3)(pooled))
    saved.save_weights(tmp_path / "other.weights.h5")
    weights = str(tmp_path / "other.weights.h5")
    found = load(str(tmp_path / "mine.keras"), weights=weights).model.get_weights()
    np.testing.assert_array_equal(found[2], other.get_weights()[2])


def test_a_family_that_the_name_does_not_tell_must_be_said(tmp_path: Path) -> None:
    image = keras.Input((None, None, 3))
    keras.Model(image, keras.layers.Conv2D(4, 3)(image), name="mine").save(tmp_path / "m.keras")
    with pytest.raises(TwostreamError, match="--input-convention"):
        load(str(tmp_path / "m.keras"))
    assert load(str(tmp_path / "m.keras"), convention="tf").pretrained


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"keras_version": b"2.3.1"}, "weights alone of Keras 2.3.1, in HDF5; name the network"),
        (None, "no such file; check the path"),
    ],
)
def test_hdf5_files_are_named_as_what_they_are(tmp_path, attributes, said):
    """With the way to use them all the same."""
    import h5py

    path = tmp_path / "mine.h5"
    if attributes is not None:
        with h5py.File(path, "w") as file:
            file.attrs.update(attributes)
    with pytest.raises(TwostreamError) as caught:
        check_backbone(str(path), weights=None, size_px=64)
    assert said in str(caught.value)
