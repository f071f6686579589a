"""Fast inference: samples in, probabilities or features out, by OpenVINO where it can, else Keras."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError, TwostreamWarning

Predict = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]
Engine = Literal["auto", "openvino", "keras"]
BATCH_SAMPLES = 16


def make_predictor(model: Any, *, engine: Engine = "auto") -> Predict:
    """A function from samples (n, S, S, C) uint8 to the outputs (n, k) float32 of a Keras model.

    ``auto`` takes OpenVINO where it is installed, Keras runs on PyTorch, and there is no GPU;
    otherwise Keras. Both agree within 1e-4. Any number of samples goes; they pass in batches of 16.
    Raises TwostreamError for ``openvino`` where it cannot be had.
    """
    one_batch = _keras_batch(model)
    if engine == "openvino":
        one_batch = _openvino_batch(model)
    elif resolve_engine(engine) == "openvino":
        try:
            one_batch = _openvino_batch(model)
        except Exception as error:  # whatever its converter meets in an unusual network
            warnings.warn(
                f"OpenVINO cannot run {model.name}, Keras does: {error}",
                TwostreamWarning,
                stacklevel=2,
            )

    def predict(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        parts = [
            one_batch(samples[start : start + BATCH_SAMPLES])
            for start in range(0, len(samples), BATCH_SAMPLES)
        ]
        return np.concatenate(parts).astype(np.float32, copy=False)

    return predict


def resolve_engine(engine: Engine) -> Engine:
    """The engine that ``auto`` means here; others as they are."""
    if engine != "auto":
        return engine
    return "openvino" if _openvino_suits() else "keras"


def _keras_batch(model: Any) -> Predict:
    def one_batch(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        outputs: npt.NDArray[np.float32] = model.predict_on_batch(samples.astype(np.float32))
        return np.asarray(outputs)

    return one_batch


def _openvino_suits() -> bool:
    import importlib.util

    import keras

    if importlib.util.find_spec("openvino") is None or keras.backend.backend() != "torch":
        return False
    import torch

    return not torch.cuda.is_available() and not torch.backends.mps.is_available()


def _openvino_batch(model: Any) -> Predict:
    import keras

    try:
        import openvino
    except ImportError as error:
        raise TwostreamError(
            "openvino",
            expected="the package openvino for fast inference",
            found="none installed",
            remedy="pip install 'twostream[openvino]'",
        ) from error
    if keras.backend.backend() != "torch":
        raise TwostreamError(
            "openvino",
            expected="Keras on PyTorch, from which models are converted",
            found=f"Keras on {keras.backend.backend()}",
            remedy="set KERAS_BACKEND=torch or use the engine keras",
        )
    import torch

    shape = model.input_shape[1:]
    with warnings.catch_warnings():
        # Tracing warns about every Python branch on a shape; the shapes here are fixed.
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(model, example_input=torch.zeros((2, *shape)))
    converted.reshape([-1, *shape])
    steps = openvino.preprocess.PrePostProcessor(converted)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    compiled = openvino.Core().compile_model(steps.build(), "CPU")

    def one_batch(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        outputs: npt.NDArray[np.float32] = compiled(np.ascontiguousarray(samples))[0]
        return outputs.copy()

    return one_batch
