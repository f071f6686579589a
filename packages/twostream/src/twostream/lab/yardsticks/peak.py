"""How many operations a second a machine does at best: large matrix products, by either engine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from twostream.models.computation import in_numbers_of
from twostream.models.device import Compute, on_device
from twostream.models.engines.openvino_engine import compile_model
from twostream.models.engines.openvino_library import openvino_library

MATRIX_SIDE = 2048
ROUNDS = 3

Product = Callable[[], object]


def operations_per_second(product: Product) -> float:
    """Operations a second of the fastest of a few products of square matrices."""
    fastest = math.inf
    for _ in range(ROUNDS):
        started = time.perf_counter()
        product()
        fastest = min(fastest, time.perf_counter() - started)
    return 2.0 * MATRIX_SIDE**3 / fastest


def keras_product(compute: Compute) -> Product:
    """A product by what Keras computes with, on a device, in a precision."""
    import keras

    with on_device(compute.device):
        a, b = (keras.ops.convert_to_tensor(matrix) for matrix in _matrices())

    def product() -> object:
        with on_device(compute.device), in_numbers_of(compute):
            found = keras.ops.matmul(a, b)
        return keras.ops.convert_to_numpy(found[0, 0])  # a GPU is waited for

    return product


def openvino_product(compute: Compute) -> Product:
    """A product by OpenVINO, compiled as the networks are."""
    openvino = openvino_library()
    operations = openvino.opset13
    a, b = _matrices()
    inputs = [operations.parameter(list(matrix.shape), np.float32) for matrix in (a, b)]
    model = openvino.Model([operations.matmul(*inputs, False, False)], inputs)
    compiled: Any = compile_model(model, compute)

    def product() -> object:
        return compiled([a, b])[0]

    return product


def _matrices() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    a, b = (random.random((MATRIX_SIDE, MATRIX_SIDE), np.float32) for _ in range(2))
    return a, b
