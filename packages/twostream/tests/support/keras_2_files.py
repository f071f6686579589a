"""Networks as Keras 2 wrote them in HDF5: the configuration in its words, weights by layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

ZEROS = {"class_name": "Zeros", "config": {}}
ONES = {"class_name": "Ones", "config": {}}
UNIFORM = {"class_name": "GlorotUniform", "config": {"seed": None}}
SHAPE = [None, 64, 64, 3]
OF_KERNELS = {
    "padding": "same",
    "data_format": "channels_last",
    "dilation_rate": [1, 1],
    "groups": 1,
    "activation": "linear",
    "bias_initializer": ZEROS,
    "bias_regularizer": None,
    "bias_constraint": None,
    "activity_regularizer": None,
}
WEIGHTS = {
    "conv1": {"kernel:0": (3, 3, 3, 8), "bias:0": (8,)},
    "bn1": {"gamma:0": (8,), "beta:0": (8,), "moving_mean:0": (8,), "moving_variance:0": (8,)},
    "dw": {"depthwise_kernel:0": (3, 3, 8, 1)},
    "conv2": {"kernel:0": (1, 1, 8, 16), "bias:0": (16,)},
}


def layers() -> list[dict[str, Any]]:
    """An input, a convolution, a normalisation, an activation, a depthwise and a pointwise convolution."""
    return [
        _layer("InputLayer", "input_1", batch_input_shape=SHAPE, sparse=False, ragged=False),
        _convolution("conv1", filters=8, side=3),
        _layer(
            "BatchNormalization",
            "bn1",
            axis=[3],
            momentum=0.99,
            epsilon=0.001,
            center=True,
            scale=True,
            beta_initializer=ZEROS,
            gamma_initializer=ONES,
            moving_mean_initializer=ZEROS,
            moving_variance_initializer=ONES,
            beta_regularizer=None,
            gamma_regularizer=None,
            beta_constraint=None,
            gamma_constraint=None,
        ),
        _layer("ReLU", "relu1", max_value=6.0, negative_slope=0.0, threshold=0.0),
        _layer(
            "DepthwiseConv2D",
            "dw",
            kernel_size=[3, 3],
            strides=[1, 1],
            use_bias=False,
            depth_multiplier=1,
            depthwise_initializer=UNIFORM,
            depthwise_regularizer=None,
            depthwise_constraint=None,
            **OF_KERNELS,
        ),
        _convolution("conv2", filters=16, side=1),
    ]


def functional(kind: str = "Functional") -> dict[str, Any]:
    """The layers one after another, as ``keras.Model``; earlier versions said `Model` for `Functional`."""
    chain, before = [], None
    for layer in layers():
        nodes = [] if before is None else [[[before, 0, 0, {}]]]
        chain.append({**layer, "name": layer["config"]["name"], "inbound_nodes": nodes})
        before = layer["config"]["name"]
    config = {
        "name": "mine",
        "layers": chain,
        "input_layers": [["input_1", 0, 0]],
        "output_layers": [[before, 0, 0]],
    }
    return {"class_name": kind, "config": config}


def sequential(*, with_input: bool = True) -> dict[str, Any]:
    """The same as ``keras.Sequential``; before TensorFlow's own, the first layer told its input."""
    found = layers()
    found[1]["config"]["batch_input_shape"] = SHAPE
    config = {"name": "mine", "layers": found if with_input else found[1:]}
    return {"class_name": "Sequential", "config": config}


def write(path: Path, config: dict[str, Any], *, version: str = "2.8.0") -> dict[str, np.ndarray]:
    """Write a network and random weights; returns these by layer and name."""
    generator = np.random.default_rng(0)
    written = {}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version.encode()
        file.attrs["backend"] = b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        group = file.create_group("model_weights")
        inside = config["config"]
        entries = inside["layers"] if isinstance(inside, dict) else inside
        names = [entry["config"]["name"] for entry in entries]
        group.attrs["layer_names"] = [name.encode() for name in names]
        for entry, name in zip(entries, names, strict=True):
            layer = group.create_group(name)
            nested = entry["class_name"] in ("Functional", "Sequential", "Model")
            held = WEIGHTS if nested else {name: WEIGHTS.get(name, {})}
            paths = [f"{own}/{weight}" for own, weights in held.items() for weight in weights]
            paths.sort(key=lambda path: "moving" in path)  # what is not trained comes last
            layer.attrs["weight_names"] = [one.encode() for one in paths]
            for own, weights in held.items():
                for weight, shape in weights.items():
                    values = generator.random(shape, np.float32)
                    layer.create_dataset(f"{own}/{weight}", data=values)
                    written[f"{own}/{weight}"] = values
    return written


def _layer(kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {
        "class_name": kind,
        "config": {"name": name, "trainable": True, "dtype": "float32", **config},
    }


def _convolution(name: str, *, filters: int, side: int) -> dict[str, Any]:
    return _layer(
        "Conv2D",
        name,
        filters=filters,
        kernel_size=[side, side],
        strides=[1, 1],
        use_bias=True,
        kernel_initializer=UNIFORM,
        kernel_regularizer=None,
        kernel_constraint=None,
        **OF_KERNELS,
    )
