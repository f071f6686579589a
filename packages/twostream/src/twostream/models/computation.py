"""What computed a network's outputs, so that a number can be traced to the arithmetic behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any

from twostream.models.device import Compute


@dataclass(frozen=True, kw_only=True)
class Computation:
    """What computed outputs: `engine` (openvino, torch, keras), its `library` with versions, and how.

    `threads` is None where the library does not tell.

    >>> Computation(
    ...     engine="openvino", library="openvino 2026.4.1", precision="float32", device="cpu", threads=2
    ... ).text()
    'openvino 2026.4.1, float32, cpu, 2 threads'
    """

    engine: str
    library: str
    precision: str
    device: str
    threads: int | None

    def to_dict(self) -> dict[str, Any]:
        """As ``results.json`` and the files of kept scores hold it."""
        return asdict(self)

    def text(self) -> str:
        """In a line, for people."""
        told = f"{self.library}, {self.precision}, {self.device}"
        if self.threads is None:
            return told
        return f"{told}, {self.threads} thread{'' if self.threads == 1 else 's'}"


def read_computation(values: Mapping[str, Any]) -> Computation:
    """What `Computation.to_dict` gave; keys of a later version are left out.

    Raises TypeError where one is missing.
    """
    known = {item.name for item in fields(Computation)}
    return Computation(**{name: value for name, value in values.items() if name in known})


@contextmanager
def in_numbers_of(compute: Compute) -> Iterator[None]:
    """Within it Keras and PyTorch compute products as asked for: float32 in full, or by autocast."""
    if compute.precision == "float32":
        with in_full_float32():
            yield
        return
    import torch

    with torch.autocast(compute.device.kind, dtype=getattr(torch, compute.dtype)):
        yield


@contextmanager
def in_full_float32() -> Iterator[None]:
    """Within it, Keras computes float32 in float32 on a GPU too, not in TF32 (or bfloat16 on a TPU).

    On CPUs its backends do so anyway.
    """
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        with jax.default_matmul_precision("float32"):
            yield
    elif backend == "torch":
        with _torch_in_full_float32():
            yield
    else:
        import tensorflow

        switch = tensorflow.config.experimental
        allowed = switch.tensor_float_32_execution_enabled()
        switch.enable_tensor_float_32_execution(False)
        try:
            yield
        finally:
            switch.enable_tensor_float_32_execution(allowed)


@contextmanager
def _torch_in_full_float32() -> Iterator[None]:
    import torch

    convolutions: Any = torch.backends.cudnn
    try:
        allowed, products = convolutions.allow_tf32, torch.get_float32_matmul_precision()
    except RuntimeError:  # from PyTorch 2.9 on there are newer switches, and somebody has set these
        with _newer_switches_in_full_float32():
            yield
        return
    try:
        convolutions.allow_tf32 = False
        torch.set_float32_matmul_precision("highest")
        yield
    finally:
        torch.set_float32_matmul_precision(products)
        convolutions.allow_tf32 = allowed


@contextmanager
def _newer_switches_in_full_float32() -> Iterator[None]:
    import torch

    cudnn: Any = torch.backends.cudnn
    switches = (cudnn.conv, torch.backends.cuda.matmul)
    before = [switch.fp32_precision for switch in switches]
    try:
        for switch in switches:
            switch.fp32_precision = "ieee"
        yield
    finally:
        for switch, value in zip(switches, before, strict=True):
            switch.fp32_precision = value
