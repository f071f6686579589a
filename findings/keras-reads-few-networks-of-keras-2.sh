#!/usr/bin/env bash
# Keras 3 documents that it reads networks saved as HDF5 by Keras 2, and says of a file that it cannot read that a
# class could not be made of its configuration, or that a kernel does not fit. Two things that are in very many such
# files stop it, neither of which holds anything that Keras 3 lacks:
#   - a DepthwiseConv2D, whose configuration Keras 2 wrote with `groups`, always 1, which the class of Keras 3
#     refuses (so MobileNet, EfficientNet and what was made from them);
#   - a Sequential of Keras 2.2, whose first layer tells the shape of a whole batch (`batch_input_shape`): that is
#     taken for the shape of one image, and the image then has a dimension more.
# Written by hand here in the words of Keras 2 (files of the real Keras 2.2.4 and of TensorFlow 2.11 do the same).
#
# Seen with Keras 3.15.1 on JAX 0.10.2 (CPU), h5py 3.14.0, Python 3.11.
# Ends with 0 while this is so, with 1 once something of it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 h5py==3.14.0
cat > "$folder/try.py" <<'PYTHON'
import json
import sys

import h5py
import keras
import numpy as np

SHAPE = [None, 16, 16, 3]
KERNEL = {"padding": "same", "activation": "linear", "data_format": "channels_last", "groups": 1}
CONVOLUTION = {
    "class_name": "Conv2D",
    "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3], **KERNEL},
}
DEPTHWISE = {
    "class_name": "DepthwiseConv2D",
    "config": {"name": "depthwise", "kernel_size": [3, 3], "use_bias": False, **KERNEL},
}
INPUT = {"class_name": "InputLayer", "config": {"name": "image", "batch_input_shape": SHAPE}}
WEIGHTS = {
    "conv": {"kernel:0": (3, 3, 3, 4), "bias:0": (4,)},
    "depthwise": {"depthwise_kernel:0": (3, 3, 4, 1)},
}


def told(layer):
    """The layer as the first one of a Sequential of Keras 2.2 tells its input."""
    return {**layer, "config": {**layer["config"], "batch_input_shape": SHAPE}}


def outcome(name, layers):
    path = f"{sys.argv[1]}/{name}.h5"
    config = {"class_name": "Sequential", "config": {"name": "mine", "layers": layers}}
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = b"2.2.4", b"tensorflow"
        file.attrs["model_config"] = json.dumps(config).encode()
        group = file.create_group("model_weights")
        names = [layer["config"]["name"] for layer in layers]
        group.attrs["layer_names"] = [name.encode() for name in names]
        for layer in names:
            own = group.create_group(layer)
            held = WEIGHTS.get(layer, {})
            own.attrs["weight_names"] = [f"{layer}/{weight}".encode() for weight in held]
            for weight, shape in held.items():
                own[f"{layer}/{weight}"] = np.ones(shape, np.float32)
    try:
        return f"read, input {keras.saving.load_model(path, compile=False).input_shape}"
    except (TypeError, ValueError) as error:
        return f"refused: {type(error).__name__}"


status = 0
for name, layers, was in (
    ("with_an_input_layer", [INPUT, CONVOLUTION], "read, input (None, 16, 16, 3)"),
    ("with_a_depthwise_layer", [INPUT, CONVOLUTION, DEPTHWISE], "refused: TypeError"),
    ("with_a_first_layer_that_tells", [told(CONVOLUTION)], "refused: ValueError"),
):
    found = outcome(name, layers)
    print(f"a Sequential of Keras 2 {name.replace('_', ' ')}: {found}")
    if found != was:
        print(f"    it was: {was}")
        status = 1
sys.exit(status)
PYTHON
KERAS_BACKEND=jax "$python" "$folder/try.py" "$folder"
