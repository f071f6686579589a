"""What engines need, and what is said where it is not there."""

from __future__ import annotations

import importlib.util

from twostream.environment import keras_backend
from twostream.errors import TwostreamError
from twostream.extras import how_to_install
from twostream.models.backend import choose_backend
from twostream.models.device import CPU, Device


def require_package(package: str, *, for_what: str, extra: str | None = None) -> None:
    """Raise TwostreamError where a package is not installed; `extra` is the one that brings it."""
    if not is_installed(package):
        raise TwostreamError(
            package,
            expected=f"the package {package} for {for_what}",
            found="none installed",
            remedy=how_to_install(extra or package),
        )


def is_installed(package: str) -> bool:
    """Whether a package can be imported; it is not."""
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # a module that was put into its place, or out of it
        return False


def require_torch_backend(engine: str) -> None:
    """Raise TwostreamError where Keras does not run on PyTorch, whose networks the engine takes."""
    choose_backend()
    if keras_backend() != "torch":
        raise TwostreamError(
            engine,
            expected="Keras on PyTorch, whose networks this engine takes",
            found=f"Keras on {keras_backend()}",
            remedy="set KERAS_BACKEND=torch or use the engine keras",
        )


def require_cpu(engine: str, device: Device) -> None:
    """Raise TwostreamError for a device that is no processor."""
    if device != CPU:
        raise TwostreamError(
            f"--device {device}",
            expected=f"cpu, on which the engine {engine} computes here",
            found=str(device),
            remedy="use --engine torch or keras",
        )
