"""Networks that Keras 2 saved in HDF5, read by Keras 3: layers in its words, weights as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.models.reasons import reason

HDF5_FILES = (".h5", ".hdf5")
MODELS = ("Functional", "Model", "Sequential")
# Layers that hold code or operations of TensorFlow, which no file can carry over.
CODE = ("Lambda", "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer")
# Written by Keras 2, always with the same value, and unknown to Keras 3.
OF_PLAIN_KERNELS = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
NO_OPTIONS_ANY_MORE = {
    "DepthwiseConv2D": ("groups", *OF_PLAIN_KERNELS),
    "SeparableConv1D": ("groups", *OF_PLAIN_KERNELS),
    "SeparableConv2D": ("groups", *OF_PLAIN_KERNELS),
    "Conv2DTranspose": ("groups",),
}
WAY = (
    "keras.models.load_model(FILE, compile=False).save('NAME.keras'), with the Keras that saved it where "
    "this one cannot"
)


def is_whole_model(path: Path) -> bool:
    """Whether a file is HDF5 and holds a network, not weights alone."""
    import h5py

    if path.suffix.lower() not in HDF5_FILES or not path.is_file() or not h5py.is_hdf5(path):
        return False
    with h5py.File(path, "r") as file:
        return "model_config" in file.attrs


def hdf5_version(path: Path) -> str | None:
    """The Keras that saved an HDF5 file, as far as it says."""
    import h5py

    with h5py.File(path, "r") as file:
        version = file.attrs.get("keras_version")
    return None if version is None else _text(version)


def load_hdf5_model(path: Path) -> Any:
    """The network in an HDF5 file, whichever Keras saved it, without its optimiser.

    Raises TwostreamError for layers that hold code, and for what cannot be read otherwise; it names the
    Keras that saved the file, and the way out.
    """
    import keras

    version, config = _config(path)
    held = sorted({str(layer["class_name"]) for layer in _layers(config)} & {*CODE})
    if held:
        raise _unreadable(path, version, f"layers that hold code: {', '.join(held)}")
    try:
        if version.startswith("3"):
            return keras.saving.load_model(path, compile=False)
        model = _model(config)
        model.load_weights(path)
        _check_weights(model, path)
    except TwostreamError:
        raise
    except Exception as error:  # Keras and h5py raise whatever they meet
        raise _unreadable(path, version, reason(error)) from error
    return model


def _config(path: Path) -> tuple[str, dict[str, Any]]:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            config = json.loads(_text(file.attrs["model_config"]))
            version = _text(file.attrs.get("keras_version", "an unknown version"))
    except (OSError, ValueError, KeyError) as error:
        raise TwostreamError(
            path, expected="a network", found=f"damaged data ({error})", remedy="copy it again"
        ) from error
    if not isinstance(config, dict):
        raise _unreadable(path, version, "no layers")
    return version, config


def _layers(config: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every layer's entry in a network's configuration, those of networks inside included."""
    inside = config.get("config")
    # Before version 2.2.3 a Sequential was the list of its layers.
    layers = inside.get("layers", ()) if isinstance(inside, dict) else inside or ()
    for layer in layers:
        yield layer
        if layer.get("class_name") in MODELS:
            yield from _layers(layer)


def _model(config: dict[str, Any]) -> Any:
    import keras

    kind = keras.Sequential if config["class_name"] == "Sequential" else keras.Model
    return kind.from_config(_translated(_without_slashes(config))["config"])


def _without_slashes(config: dict[str, Any]) -> dict[str, Any]:
    """The same with names that Keras 3 allows, wherever they stand."""
    configs = [layer.get("config") for layer in _layers(config)]
    names = {str(one.get("name", "")) for one in configs if isinstance(one, dict)}
    slashed = {name: name.replace("/", "_") for name in names if "/" in name}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        return slashed.get(value, value) if isinstance(value, str) else value

    return dict(renamed(config)) if slashed else config


def _translated(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of a layer or a network in the words of Keras 3."""
    kind, config = entry["class_name"], entry["config"]
    if kind not in MODELS:
        return {**entry, "config": _of_layer(kind, config)}
    if isinstance(config, list):
        config = {"name": "sequential", "layers": config}
    layers = list(config["layers"])
    if kind == "Sequential" and layers and layers[0]["class_name"] != "InputLayer":
        shape = _input_shape(layers[0])
        if shape is not None:
            # Else Keras takes the number of images for the first side of one.
            layers.insert(0, {"class_name": "InputLayer", "config": {"batch_input_shape": shape}})
    translated = {**config, "layers": [_translated(layer) for layer in layers]}
    if kind != "Sequential":
        _count_calls_from_0(translated)
    return {**entry, "class_name": kind, "config": translated}


def _count_calls_from_0(config: dict[str, Any]) -> None:
    """Let what reads the outputs of networks inside count the calls of these as Keras 3 does.

    In Keras 2 the first call of a network is that by which it was made, the first in this one the second.
    """
    inside = {layer["name"]: layer for layer in config["layers"] if layer["class_name"] in MODELS}
    reads = [read for layer in config["layers"] for read in _reads(layer)]
    ends = list(config["output_layers"])
    for name, layer in inside.items():
        calls = len(layer["inbound_nodes"])
        if not any(read[0] == name and read[1] >= calls for read in (*reads, *ends)):
            continue
        for read in reads:
            read[1] -= read[0] == name
        if layer["class_name"] == "Sequential":  # of others Keras takes one off itself
            for end in ends:
                end[1] -= end[0] == name


def _reads(layer: Mapping[str, Any]) -> Iterator[list[Any]]:
    """What a layer reads, call by call: name of another, number of its call, of the output."""
    for call in layer["inbound_nodes"]:
        yield from (call if call and isinstance(call[0], list) else [call])


def _input_shape(entry: Mapping[str, Any]) -> Any:
    """The shape of a batch that a layer, or the first one of a network, says it takes; None: silent."""
    config = entry["config"]
    layers = config if isinstance(config, list) else config.get("layers")
    if entry["class_name"] in MODELS and layers:
        return _input_shape(layers[0])
    return config.get("batch_input_shape")


def _of_layer(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    known = dict(config)
    if kind == "InputLayer":
        shape = known.pop("batch_input_shape", known.get("batch_shape"))
        return {"batch_shape": shape} | {
            name: known[name] for name in ("name", "dtype") if name in known
        }
    known.pop("batch_input_shape", None)
    for name in NO_OPTIONS_ANY_MORE.get(kind, ()):
        known.pop(name, None)
    return known


def _check_weights(model: Any, path: Path) -> None:
    """Raise ValueError where the file holds other numbers of weights than the network took."""
    import h5py

    shapes: list[tuple[int, ...]] = []

    def note(_: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            shapes.append(tuple(item.shape))

    with h5py.File(path, "r") as file:
        file["model_weights"].visititems(note)
    wanted = sorted(tuple(weight.shape) for weight in model.weights)
    if sorted(shapes) != wanted:
        raise ValueError(f"{len(shapes)} weights for the {len(wanted)} of the network")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _unreadable(path: Path, version: str, found: str) -> TwostreamError:
    return TwostreamError(
        path,
        expected="a network that this Keras can read",
        found=f"a model of Keras {version} in HDF5 with {found}",
        remedy=WAY,
    )
