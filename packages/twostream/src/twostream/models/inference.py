"""Fast inference: samples in, probabilities or features out, by the fastest engine that can."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.choices import Engine as Engine
from twostream.environment import keras_backend
from twostream.errors import TwostreamError, TwostreamWarning
from twostream.extras import how_to_install
from twostream.models.backend import choose_backend
from twostream.models.computation import Computation, in_numbers_of
from twostream.models.device import (
    CPU,
    PLAIN,
    AskedPrecision,
    Compute,
    Device,
    described,
    on_device,
    resolve_compute,
)
from twostream.models.files import load_model_file
from twostream.models.operations import leaf_layers

Predict = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]
BATCH_SAMPLES = 16
# OpenVINO's names of them.
PRECISION_NAMES = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}


@dataclass(frozen=True)
class Scoring:
    """By which engine networks score, on what device and in what numbers."""

    engine: Engine = "auto"
    compute: Compute = PLAIN


def resolve_scoring(
    engine: Engine = "auto", device: str = "auto", precision: AskedPrecision = "auto"
) -> Scoring:
    """How to score, from what was asked for: in float32, unless another precision is named.

    Raises TwostreamError for a device that is not here, and for an engine that cannot compute here, or not
    as asked.
    """
    check_engine(engine)
    if engine == "openvino":
        if device not in ("auto", "cpu"):
            raise TwostreamError(
                f"--device {device}",
                expected="cpu, on which the engine openvino computes here",
                found=device,
                remedy="use --engine torch or keras",
            )
        device = "cpu"
    return Scoring(engine, resolve_compute(device, precision, purpose="scoring"))


def check_scoring(engine: Engine, device: str, precision: AskedPrecision) -> None:
    """Raise TwostreamError as `resolve_scoring` does; quick where nothing can be amiss."""
    if device in ("auto", "cpu") and precision in ("auto", "float32"):
        check_engine(engine)
    else:
        resolve_scoring(engine, device, precision)


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


def load_predictor(path: Path, scoring: Scoring) -> Predictor:
    """The predictor of the network in a ``.keras`` file, whose weights lie on the device that computes."""
    with on_device(scoring.compute.device):
        return predictor_of(load_model_file(path), scoring)


def make_predictor(
    model: Any,
    *,
    engine: Engine = "auto",
    device: str = "auto",
    precision: AskedPrecision = "auto",
) -> Predictor:
    """The predictor of a Keras model, as asked for; raises TwostreamError as `predictor_of` does."""
    return predictor_of(model, resolve_scoring(engine, device, precision))


def predictor_of(model: Any, scoring: Scoring) -> Predictor:
    """The predictor of a Keras model whose weights lie on the device that is to compute.

    Where Keras runs on PyTorch, ``auto`` takes OpenVINO on a processor if it is installed, else PyTorch's
    own operators (`channels_last`); on other backends it takes Keras. In float32 they agree within 1e-4
    (`scripts/engines_agree.py`); whatever faster precision a processor offers, none is taken that was not
    asked for. Raises TwostreamError for an engine that was asked for by name and cannot be had, or cannot
    run this network.
    """
    compute = scoring.compute
    if scoring.engine == "openvino":
        return _openvino(model, compute)
    if scoring.engine == "torch":
        check_engine("torch")
        try:
            return _torch(model, compute)
        except NotImplementedError as error:
            raise TwostreamError(
                "--engine",
                expected="a network that PyTorch's operators can run",
                found=f"{model.name} ({error})",
                remedy="use the engine auto or keras",
            ) from error
    resolved = resolve_engine(scoring.engine, compute)
    if resolved == "openvino":
        try:
            return _openvino(model, compute)
        except Exception as error:  # whatever its converter meets in an unusual network
            warnings.warn(
                f"OpenVINO cannot run {model.name}, another engine does: {error}",
                TwostreamWarning,
                stacklevel=2,
            )
            resolved = "torch"
    if resolved == "torch":
        with suppress(NotImplementedError):  # of networks that only Keras itself can run
            return _torch(model, compute)
    return _keras(model, compute)


def resolve_engine(engine: Engine, compute: Compute | None = None) -> Engine:
    """The engine that ``auto`` means on a device (None: the usual one); others as they are."""
    if engine != "auto":
        return engine
    if _openvino_suits(compute or resolve_compute(purpose="scoring")):
        return "openvino"
    return "torch" if _is_on_torch() else "keras"


def wanted_computation(scoring: Scoring) -> str:
    """Engine, precision and device that `make_predictor` would take: what others computed is not the same.

    A device is named where it is no processor. ``auto`` may yet fall back on another engine for a network
    that one cannot run.
    """
    import keras

    resolved, device = resolve_engine(scoring.engine, scoring.compute), scoring.compute.device.kind
    where = f" on {keras.backend.backend()}" if resolved == "keras" else ""
    on = "" if device == "cpu" else f" by {device}"
    return f"{resolved}{where} in {scoring.compute.dtype}{on}"


def _keras(model: Any, compute: Compute) -> Predictor:
    import keras

    def one_batch(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with on_device(compute.device), in_numbers_of(compute):
            return np.asarray(model.predict_on_batch(samples.astype(np.float32)))

    backend = keras.backend.backend()
    precisions = sorted({layer.compute_dtype for layer in leaf_layers(model) if layer.weights})
    if compute.precision != "float32":
        precisions = [compute.dtype]
    computation = Computation(
        engine="keras",
        library=f"keras {keras.__version__} on {backend} {version(backend)}",
        precision=" and ".join(precisions) or "float32",
        device=_device(model, compute.device),
        threads=_threads() if backend == "torch" else None,
    )
    return Predictor(one_batch, computation)


def _torch(model: Any, compute: Compute) -> Predictor:
    """PyTorch's own operators; raises NotImplementedError for a network that they cannot run."""
    import torch

    from twostream.models.channels_last import ChannelsLastForward

    kinds = {layer.compute_dtype for layer in leaf_layers(model) if layer.weights}
    if kinds - {"float32"}:
        raise NotImplementedError(f"layers that compute in {', '.join(sorted(kinds))}")
    forward = ChannelsLastForward(model, frozen=True)
    device = model.weights[0].value.device if model.weights else torch.device("cpu")

    def one_batch(samples: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with torch.inference_mode(), on_device(compute.device), in_numbers_of(compute):
            batch = torch.from_numpy(np.ascontiguousarray(samples)).to(device).float()
            outputs: npt.NDArray[np.float32] = forward(batch, training=False).float().cpu().numpy()
        return outputs

    computation = Computation(
        engine="torch",
        library=f"torch {version('torch')}",
        precision=compute.dtype,
        device=_device(model, compute.device),
        threads=_threads(),
    )
    return Predictor(one_batch, computation)


def _device(model: Any, device: Device) -> str:
    """The device with its name, as people read it; ``cpu`` for a model without weights."""
    return described(device) if model.weights else "cpu"


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def _is_on_torch() -> bool:
    return keras_backend() == "torch"


def _openvino_suits(compute: Compute) -> bool:
    import importlib.util

    return (
        compute.device == CPU
        and importlib.util.find_spec("openvino") is not None
        and _is_on_torch()
        and (compute.precision == "float32" or _openvino_computes_in(compute))
    )


def _openvino_computes_in(compute: Compute) -> bool:
    """Whether the processor has the numbers that were asked for."""
    import openvino

    known: list[str] = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return {"float32": "FP32", "bf16": "BF16", "fp16": "FP16"}[compute.precision] in known


def compile_openvino(model: Any, compute: Compute) -> Any:
    """An OpenVINO model compiled for the processor, in the precision that is asked for.

    The hint rules out what the plugin prefers (bfloat16 on recent x86 processors, float16 on ARM); the mode
    rules out other short cuts in rounding.
    """
    import openvino

    settings = {"INFERENCE_PRECISION_HINT": PRECISION_NAMES[compute.dtype]}
    if compute.precision == "float32":
        settings["EXECUTION_MODE_HINT"] = "ACCURACY"
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


def _openvino(model: Any, compute: Compute) -> Predictor:
    check_engine("openvino")
    if not _openvino_computes_in(compute):
        raise TwostreamError(
            f"--precision {compute.precision}",
            expected="numbers that OpenVINO has on this processor",
            found=f"none of {compute.dtype}",
            remedy="use --precision float32, or another --engine",
        )
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
    compiled = compile_openvino(steps.build(), compute)

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
