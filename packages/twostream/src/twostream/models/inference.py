"""Fast inference: samples in, probabilities or features out, by the fastest engine that can."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from twostream.environment import keras_backend
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.models.any_size import of_any_size
from twostream.models.device import (
    CPU,
    PLAIN,
    AskedPrecision,
    Compute,
    check_compute,
    on_device,
    resolve_compute,
)
from twostream.models.engines.engine import Engine, EngineName, Predictor
from twostream.models.engines.needs import is_installed
from twostream.models.engines.network import Network
from twostream.models.files import load_model_file
from twostream.models.int8 import load_int8

ENGINES: tuple[EngineName, ...] = ("openvino", "torch", "onnx", "keras")
# Those that compute on processors alone.
ON_CPU: tuple[EngineName, ...] = ("openvino", "onnx")


@dataclass(frozen=True)
class Scoring:
    """By which engine networks score, on what device and in what numbers."""

    engine: EngineName = "auto"
    compute: Compute = PLAIN


class HasNetwork(Protocol):
    """A bundle of one stream, or whatever else has a network's file."""

    @property
    def model(self) -> Path:
        """The ``.keras`` file."""


def resolve_scoring(
    engine: EngineName = "auto", device: str = "auto", precision: AskedPrecision = "auto"
) -> Scoring:
    """How to score, from what was asked for: in float32, unless another precision is named.

    Raises TwostreamError for a device that is not here, and for an engine that cannot compute here, or not
    as asked.
    """
    if precision == "int8":
        _refuse_for_int8(engine, device)
        engine = "openvino"
    where = "cpu" if engine in ON_CPU and device == "auto" else device
    compute = resolve_compute(where, precision, purpose="scoring")
    if engine != "auto":
        engine_named(engine).check(compute)
    return Scoring(engine, compute)


def check_scoring(engine: EngineName, device: str, precision: AskedPrecision) -> None:
    """Raise TwostreamError as `resolve_scoring` does; quick where nothing can be amiss."""
    if device in ("auto", "cpu") and precision in ("auto", "float32"):
        if engine != "auto":
            engine_named(engine).check(PLAIN)
    elif engine in ("auto", "keras") and precision != "int8":
        check_compute(device, precision, purpose="scoring")
    else:
        resolve_scoring(engine, device, precision)


def _refuse_for_int8(engine: EngineName, device: str) -> None:
    """Raise TwostreamError for what does not compute in 8-bit integers."""
    if engine not in ("auto", "openvino"):
        raise TwostreamError(
            "--precision int8",
            expected="the engine openvino, which alone computes in it here",
            found=f"--engine {engine}",
            remedy="leave --engine out, or use --precision float32",
        )
    if device not in ("auto", "cpu"):
        raise TwostreamError(
            "--precision int8",
            expected="the processor, on which OpenVINO computes in it",
            found=f"--device {device}",
            remedy="leave --device out, or use --precision bf16",
        )


def engine_named(name: EngineName) -> Engine:
    """The engine of a name that is not ``auto``."""
    from twostream.models.engines import keras_engine, onnx_engine, openvino_engine, torch_engine

    match name:
        case "openvino":
            return openvino_engine
        case "torch":
            return torch_engine
        case "onnx":
            return onnx_engine
    return keras_engine


def load_network(bundle: HasNetwork | Path, scoring: Scoring) -> Network:
    """The network of a stream's bundle, or in a ``.keras`` file, in the engine that is asked for.

    In int8 it is the one that is kept beside the file (`int8.load_int8`). Raises TwostreamError where the
    file cannot be read, or no such network is kept, and as `predictor_of` does.
    """
    path = bundle if isinstance(bundle, Path) else bundle.model
    if scoring.compute.precision == "int8":
        return load_int8(path)
    device = scoring.compute.device
    with on_device(device):
        model = load_model_file(path)
    return Network(model, device, partial(predictor_of, scoring=scoring))


def make_predictor(
    model: Any,
    *,
    engine: EngineName = "auto",
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
    run this network. A network in int8 is not made of a Keras model alone: see `load_network`.
    """
    with on_device(scoring.compute.device):
        if scoring.engine == "auto":
            return _by_the_first_that_can(model, scoring.compute)
        engine = engine_named(scoring.engine)
        engine.check(scoring.compute)
        try:
            return _of_any_size(scoring.engine, model, scoring.compute)
        except NotImplementedError as error:
            raise TwostreamError(
                "--engine",
                expected=f"a network that the engine {scoring.engine} can run",
                found=f"{model.name} ({error})",
                remedy="use the engine auto or keras",
            ) from error


def _by_the_first_that_can(model: Any, compute: Compute) -> Predictor:
    resolved = resolve_engine("auto", compute)
    if resolved == "openvino":
        try:
            return _of_any_size("openvino", model, compute)
        except Exception as error:  # whatever its converter meets in an unusual network
            warn(
                f"OpenVINO cannot run {model.name}, another engine does: {error}",
                stacklevel=3,
            )
            resolved = "torch"
    if resolved == "torch":
        with suppress(NotImplementedError):  # of networks that only Keras itself can run
            return _of_any_size("torch", model, compute)
    return _of_any_size("keras", model, compute)


def _of_any_size(name: EngineName, model: Any, compute: Compute) -> Predictor:
    # PyTorch's operators take every size as it comes; the others are made ready for each.
    load = partial(engine_named(name).load, compute=compute)
    return of_any_size(model, load, takes_any=name == "torch")


def resolve_engine(engine: EngineName, compute: Compute | None = None) -> EngineName:
    """The engine that ``auto`` means on a device (None: the usual one); others as they are."""
    if engine != "auto":
        return engine
    if _openvino_suits(compute or resolve_compute(purpose="scoring")):
        return "openvino"
    return "torch" if keras_backend() == "torch" else "keras"


def _openvino_suits(compute: Compute) -> bool:
    from twostream.models.engines.openvino_engine import computes_in

    return (
        compute.device == CPU
        and is_installed("openvino")
        and keras_backend() == "torch"
        and (compute.precision == "float32" or computes_in(compute.precision))
    )


def wanted_computation(scoring: Scoring) -> str:
    """Engine, precision and device that `predictor_of` would take: what others computed is not the same.

    A device is named where it is no processor. ``auto`` may yet fall back on another engine for a network
    that one cannot run.
    """
    resolved, device = resolve_engine(scoring.engine, scoring.compute), scoring.compute.device.kind
    where = f" on {keras_backend()}" if resolved == "keras" else ""
    on = "" if device == "cpu" else f" by {device}"
    return f"{resolved}{where} in {scoring.compute.dtype}{on}"


def in_float32(scoring: Scoring) -> Scoring:
    """The same in float32."""
    return replace(scoring, compute=replace(scoring.compute, precision="float32"))


def for_choosing(scoring: Scoring) -> Scoring:
    """How clips are scored on which something is chosen that is kept: int8 is for using what was chosen."""
    return in_float32(scoring) if scoring.compute.precision == "int8" else scoring
