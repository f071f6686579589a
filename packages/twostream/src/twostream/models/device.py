"""Where networks compute and in what numbers: asked for in words, resolved once.

`--device` and `--precision` end here. What is resolved is never ``auto``; it is handed on and recorded with
the results, and `on_device` makes Keras and its backend compute there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

from twostream.choices import ScoringPrecision
from twostream.environment import keras_backend
from twostream.errors import TwostreamError
from twostream.models.backend import choose_backend
from twostream.models.processor import bf16_unit

Precision = Literal["float32", "bf16", "fp16", "int8"]
# ``mixed`` is what bf16 was called at first; configurations and records of then are read.
AskedPrecision = Literal["auto", "float32", "bf16", "fp16", "int8", "mixed"]
Purpose = Literal["training", "scoring"]
# The types of numbers as the libraries call them, and as results name them.
DTYPES: dict[Precision, str] = {
    "float32": "float32",
    "bf16": "bfloat16",
    "fp16": "float16",
    "int8": "int8",
}
_WORDS = re.compile(r"auto|cpu|mps|xpu|cuda(:\d+)?")


@dataclass(frozen=True)
class Device:
    """One device by its kind (``cpu``, ``cuda``, ``mps``, ``xpu``), and its number among those alike.

    >>> str(Device("cuda", 1)), str(Device("cpu"))
    ('cuda:1', 'cpu')
    """

    kind: str
    number: int = 0

    def __str__(self) -> str:
        """As `--device` takes it."""
        return f"{self.kind}:{self.number}" if self.kind == "cuda" else self.kind


CPU = Device("cpu")


@dataclass(frozen=True)
class Compute:
    """A device and the precision of products on it; sums, weights and optimisers stay float32."""

    device: Device = CPU
    precision: Precision = "float32"

    @property
    def dtype(self) -> str:
        """The precision as the libraries call it.

        >>> Compute(precision="bf16").dtype
        'bfloat16'
        """
        return DTYPES[self.precision]

    def to_dict(self) -> dict[str, str]:
        """As records hold it: the device with its name, the type of numbers."""
        return {"device": described(self.device), "precision": self.dtype}


PLAIN = Compute()


def plain_precision(asked: AskedPrecision) -> ScoringPrecision:
    """`asked` in today's words; raises TwostreamError where it is none of them.

    >>> plain_precision("mixed")
    'bf16'
    """
    if asked not in get_args(AskedPrecision):
        raise TwostreamError(
            "--precision",
            expected="auto, float32, bf16, fp16 or int8",
            found=repr(asked),
            remedy="use auto",
        )
    return "bf16" if asked == "mixed" else asked


def resolve_compute(
    device: str = "auto", precision: AskedPrecision = "auto", *, purpose: Purpose
) -> Compute:
    """What `device` and `precision` come to on this machine.

    ``auto`` is the device that Keras takes, and float32, but bf16 where networks are trained on a GPU or a
    processor made for it (`scripts/bf16_outcome.py` shows that it comes to the same): what is scored is
    float32 unless asked for otherwise, so that scores are alike on all machines.
    Raises TwostreamError for a device that is not here, and for numbers that its backend does not train in.
    """
    # Left to itself, OpenVINO computes in bfloat16 where the processor has it (in float16 on ARM), and
    # convolutions on GPUs are in TF32: the scores of one network then differ from machine to machine, and
    # now and then the class with them.
    wanted = plain_precision(precision)
    if wanted not in ("auto", "float32") and keras_backend() != "torch":
        raise TwostreamError(
            f"--precision {wanted}",
            expected="Keras on PyTorch",
            found=f"Keras on {keras_backend()}",
            remedy="set KERAS_BACKEND=torch or use --precision float32",
        )
    if wanted == "int8" and purpose == "training":
        raise TwostreamError(
            "--precision int8",
            expected="float32 or bf16: the steps of a training are too small for int8",
            found="int8",
            remedy="train in bf16, and let `evaluate` or `predict` score in int8",
        )
    found = resolve_device(device)
    if wanted != "auto":
        return Compute(found, wanted)
    trains_in_bf16 = purpose == "training" and _is_made_for_bf16(found)
    return Compute(found, "bf16" if trains_in_bf16 else "float32")


def check_compute(device: str, precision: AskedPrecision, *, purpose: Purpose) -> None:
    """Raise TwostreamError as `resolve_compute` does; quick where nothing can be amiss.

    To look for devices, PyTorch is imported, which takes seconds.
    """
    if device in ("auto", "cpu") and precision in ("auto", "float32"):
        return
    resolve_compute(device, precision, purpose=purpose)


def resolve_device(asked: str) -> Device:
    """The device that `asked` names; raises TwostreamError where it is none, or not here.

    >>> resolve_device("cpu")
    Device(kind='cpu', number=0)
    """
    if not isinstance(asked, str) or not _WORDS.fullmatch(asked):
        raise TwostreamError(
            "--device",
            expected="auto, cpu, cuda, cuda:N, mps or xpu",
            found=repr(asked),
            remedy="use auto",
        )
    if asked == "cpu":  # which is everywhere, and to look for others takes seconds
        return CPU
    here = devices_here()
    if asked == "auto":
        return here[0]
    kind, _, number = asked.partition(":")
    device = Device(kind, int(number or 0))
    if device not in here:
        raise TwostreamError(
            f"--device {asked}",
            expected=f"one that is here: {', '.join(map(str, here))}",
            found=_why_not(kind, here),
            remedy=f"use --device {here[0]}, or auto",
        )
    return device


def devices_here() -> tuple[Device, ...]:
    """The devices that the backend of Keras finds on this machine; the first is the one that it takes."""
    choose_backend()
    backend = keras_backend()
    if backend == "torch":
        return _devices_of_torch()
    if backend == "jax":
        import jax

        # Those of other platforms than the preferred one are not in `jax.devices()`.
        found = [Device(_of_jax(one.platform), one.id) for one in jax.devices()]
        return tuple(dict.fromkeys([*found, CPU]))
    import tensorflow

    gpus = tensorflow.config.list_physical_devices("GPU")
    return (*(Device("cuda", k) for k in range(len(gpus))), CPU)


def _of_jax(platform: str) -> str:
    return "cuda" if platform in ("gpu", "cuda", "rocm") else platform


def _devices_of_torch() -> tuple[Device, ...]:
    """In the order in which Keras prefers them, but first the one that KERAS_TORCH_DEVICE names."""
    import torch

    found: list[Device] = []
    if torch.backends.mps.is_available():
        found.append(Device("mps"))
    found += [Device("cuda", k) for k in range(torch.cuda.device_count())]
    if torch.xpu.is_available():
        found.append(Device("xpu"))
    found.append(CPU)
    kind, _, number = os.environ.get("KERAS_TORCH_DEVICE", "").partition(":")
    preferred = [one for one in found if (one.kind, str(one.number)) == (kind, number or "0")]
    return tuple(dict.fromkeys([*preferred, *found]))


def _why_not(kind: str, here: tuple[Device, ...]) -> str:
    backend = keras_backend()
    alike = [one for one in here if one.kind == kind]
    if alike:
        return f"{len(alike)} of that kind, counted from 0"
    if backend == "torch" and kind == "cuda":
        import torch

        if torch.version.cuda is None and torch.version.hip is None:
            return "a PyTorch that was built without CUDA"
    if backend != "torch" and kind in ("mps", "xpu"):
        return f"Keras on {backend}, whose {kind} is not supported here"
    return "none of that kind"


def _is_made_for_bf16(device: Device) -> bool:
    """Whether a device computes in bfloat16 itself; others only imitate it, slowly."""
    if device.kind not in ("cpu", "cuda") or keras_backend() != "torch":
        return False
    if device == CPU:
        return bf16_unit() is not None
    import torch

    with torch.cuda.device(device.number):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))


@contextmanager
def on_device(device: Device) -> Iterator[None]:
    """Within it, Keras and what it runs on put weights and samples on `device`, in this thread."""
    import keras

    backend = keras.backend.backend()
    with ExitStack() as stack:
        if backend != "torch":
            name = "gpu" if device.kind == "cuda" else device.kind
            stack.enter_context(keras.device(f"{name}:{device.number}"))
        else:
            import torch

            if device.kind == "cuda":
                # Keras takes some ways for "cuda" and not for "cuda:1", so the number is PyTorch's affair.
                stack.enter_context(torch.cuda.device(device.number))
            stack.enter_context(keras.device(device.kind))
        yield


def described(device: Device) -> str:
    """A device with its name, for people and records: ``cpu``, ``cuda:0 (NVIDIA H100)``."""
    name: str | None = None
    if device.kind == "cuda" and keras_backend() == "torch":
        import torch

        name = torch.cuda.get_device_name(device.number)
    elif device.kind != "cpu" and keras_backend() == "jax":
        import jax

        name = next(
            (str(one.device_kind) for one in jax.devices() if one.id == device.number), None
        )
    return str(device) if name is None else f"{device} ({name})"
