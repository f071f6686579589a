"""Fast inference: samples in, probabilities or features out, by the fastest engine that can."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from twostream.environment import keras_backend
from twostream.errors import TwostreamError, TwostreamWarning
from twostream.extras import how_to_install
from twostream.models.backend import choose_backend
from twostream.models.computation import SCORING_PRECISION, Computation, in_full_float32
from twostream.models.operations import leaf_layers

Predict = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]
Engine = Literal["auto", "openvino", "torch", "keras"]
BATCH_SAMPLES = 16
# OpenVINO's names of them.
PRECISION_NAMES = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}


@dataclass(frozen=True)
class Predictor:
    """A function from samples (n, S, S, C) uint8 to outputs (n, k) float32, and what computes them.

    Any number of samples goes; they pass in batches of 16.
    """

    one_batch: Predict
    computation: Computation

    def __call__(self, samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """The outputs of `samples`."""
        parts = [
            self.one_batch(samples[start : start + BATCH_SAMPLES])
            for start in range(0, len(samples), BATCH_SAMPLES)
        ]
        return np.concatenate(parts).astype(np.float32, copy=False)


def make_predictor(model: Any, *, engine: Engine = "auto") -> Predictor:
    """The predictor of a Keras model.

    Where Keras runs on PyTorch, ``auto`` takes OpenVINO if it is installed and there is no GPU, else
    PyTorch's own operators (`channels_last`); on other backends it takes Keras. All compute in float32,
    whatever faster precision the processor offers; they agree within 1e-4 (`scripts/engines_agree.py`).
    Raises TwostreamError for an engine that was asked for by name and cannot be had, or cannot run this
    network.
    """
    if engine == "openvino":
        return _openvino(model)
    if engine == "torch":
        check_engine("torch")
        try:
            return _torch(model)
        except NotImplementedError as error:
            raise TwostreamError(
                "--engine",
                expected="a network that PyTorch's operators can run",
                found=f"{model.name} ({error})",
                remedy="use the engine auto or keras",
            ) from error
    resolved = resolve_engine(engine)
    if resolved == "openvino":
        try:
            return _openvino(model)
        except Exception as error:  # whatever its converter meets in an unusual network
            warnings.warn(
                f"OpenVINO cannot run {model.name}, another engine does: {error}",
                TwostreamWarning,
                stacklevel=2,
            )
            resolved = "torch"
    if resolved == "torch":
        with suppress(NotImplementedError):  # of networks that only Keras itself can run
            return _torch(model)
    return _keras(model)


def resolve_engine(engine: Engine) -> Engine:
    """The engine that ``auto`` means here; others as they are."""
    if engine != "auto":
        return engine
    if _openvino_suits():
        return "openvino"
    return "torch" if _is_on_torch() else "keras"


def wanted_computation(engine: Engine) -> str:
    """Engine and precision that `make_predictor` would take: scores kept from another are not the same.

    ``auto`` may yet fall back on another one for a network that an engine cannot run.
    """
    import keras

    resolved = resolve_engine(engine)
    where = f" on {keras.backend.backend()}" if resolved == "keras" else ""
    return f"{resolved}{where} in {SCORING_PRECISION}"


def _keras(model: Any) -> Predictor:
    import keras

    def one_batch(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with in_full_float32():
            return np.asarray(model.predict_on_batch(samples.astype(np.float32)))

    backend = keras.backend.backend()
    precisions = sorted({layer.compute_dtype for layer in leaf_layers(model) if layer.weights})
    computation = Computation(
        engine="keras",
        library=f"keras {keras.__version__} on {backend} {version(backend)}",
        precision=" and ".join(precisions) or "float32",
        device=_device(model, backend),
        threads=_threads() if backend == "torch" else None,
    )
    return Predictor(one_batch, computation)


def _torch(model: Any) -> Predictor:
    """PyTorch's own operators; raises NotImplementedError for a network that they cannot run."""
    import torch

    from twostream.models.channels_last import ChannelsLastForward

    kinds = {layer.compute_dtype for layer in leaf_layers(model) if layer.weights}
    if kinds - {SCORING_PRECISION}:
        raise NotImplementedError(f"layers that compute in {', '.join(sorted(kinds))}")
    forward = ChannelsLastForward(model, frozen=True)
    device = model.weights[0].value.device if model.weights else torch.device("cpu")

    def one_batch(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with torch.inference_mode(), in_full_float32():
            batch = torch.from_numpy(np.ascontiguousarray(samples)).to(device).float()
            outputs: npt.NDArray[np.float32] = forward(batch, training=False).cpu().numpy()
        return outputs

    computation = Computation(
        engine="torch",
        library=f"torch {version('torch')}",
        precision=SCORING_PRECISION,
        device=_device(model, "torch"),
        threads=_threads(),
    )
    return Predictor(one_batch, computation)


def _device(model: Any, backend: str) -> str:
    """Where a model's weights are: ``cpu``, or the kind of device with its name."""
    if not model.weights:
        return "cpu"
    value = model.weights[0].value
    if backend == "torch":
        import torch

        kind = str(value.device.type)
        return f"cuda ({torch.cuda.get_device_name(value.device)})" if kind == "cuda" else kind
    if backend == "jax":
        device = next(iter(value.devices()))
        told = str(device.platform)
        return told if told == "cpu" else f"{told} ({device.device_kind})"
    return str(value.device).rsplit("device:", 1)[-1].split(":")[0].lower() or "cpu"


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _is_on_torch() -> bool:
    import keras

    return bool(keras.backend.backend() == "torch")


def _openvino_suits() -> bool:
    import importlib.util

    import keras

    if importlib.util.find_spec("openvino") is None or keras.backend.backend() != "torch":
        return False
    import torch

    return not torch.cuda.is_available() and not torch.backends.mps.is_available()


def compile_openvino(model: Any) -> Any:
    """An OpenVINO model compiled for the processor, in the precision of scoring.

    The hint rules out what the plugin prefers (bfloat16 on recent x86 processors, float16 on ARM); the mode
    rules out other short cuts in rounding.
    """
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": PRECISION_NAMES[SCORING_PRECISION],
        "EXECUTION_MODE_HINT": "ACCURACY",
    }
    return openvino.Core().compile_model(model, "CPU", settings)


def check_engine(engine: Engine) -> None:
    """Raise TwostreamError where an engine that was asked for by name cannot compute here at all."""
    import importlib.util

    if engine not in ("openvino", "torch"):
        return
    choose_backend()
    if engine == "openvino" and importlib.util.find_spec("openvino") is None:
        raise TwostreamError(
            "openvino",
            expected="the package openvino for fast inference",
            found="none installed",
            remedy=how_to_install("openvino"),
        )
    if keras_backend() != "torch":
        raise TwostreamError(
            engine,
            expected="Keras on PyTorch, whose networks this engine takes",
            found=f"Keras on {keras_backend()}",
            remedy="set KERAS_BACKEND=torch or use the engine keras",
        )


def _openvino(model: Any) -> Predictor:
    check_engine("openvino")
    import openvino
    import torch

    shape = model.input_shape[1:]
    with warnings.catch_warnings():
        # Tracing warns about every Python branch on a shape; the shapes here are fixed.
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(model, example_input=torch.zeros((2, *shape)))
    converted.reshape([-1, *shape])
    steps = openvino.preprocess.PrePostProcessor(converted)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    compiled = compile_openvino(steps.build())

    def one_batch(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        outputs: npt.NDArray[np.float32] = compiled(np.ascontiguousarray(samples))[0]
        return outputs.copy()

    # What the compiled model says, not what it was asked for.
    hint = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    named = {short: name for name, short in PRECISION_NAMES.items()}
    computation = Computation(
        engine="openvino",
        library=f"openvino {version('openvino')}",
        precision=named.get(hint, hint),
        device=",".join(compiled.get_property("EXECUTION_DEVICES")).lower(),
        threads=int(compiled.get_property("INFERENCE_NUM_THREADS")),
    )
    return Predictor(one_batch, computation)
