"""The verb `info`: what this machine computes with, to paste into a report of a bug."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from twostream.verbs.results import Machine

Facts = dict[str, str]

# Packages that decide no numbers, and yet what works.
FURTHER_PACKAGES = ("llvmlite", "h5py", "polars", "pyyaml", "cyclopts", "rich")
# Settings that decide speed or numbers; none of them holds a path.
VARIABLES = (
    "KERAS_BACKEND",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "PYTHON_CPU_COUNT",
    "ONEDNN_MAX_CPU_ISA",
    "CUDA_VISIBLE_DEVICES",
)
ENCODERS, DECODERS = ("libx264", "mjpeg"), ("h264", "mpeg4", "hevc", "vp9", "av1")


def info() -> Machine:
    """Versions, codecs, devices, engines, threads and limits of this machine: for reports of bugs.

    There are no names of users, machines, files or folders in it. What cannot be imported is said with the
    kind of the error.

    Returns
    -------
    Facts by section: `versions`, `video and pictures`, `devices`, `engines`, `processor`.
    """
    from twostream.events import made
    from twostream.models.backend import prepare_keras

    prepare_keras()
    sections: dict[str, Callable[[], Facts]] = {
        "versions": _versions,
        "video and pictures": _codecs,
        "devices": _devices,
        "engines": _engines,
        "processor": _processor,
    }
    told: dict[str, Facts] = {}
    for name, facts in sections.items():
        told[name] = _or_error(facts)
    return made(Machine(told))


def _or_error(facts: Callable[[], Facts]) -> Facts:
    """Facts, or the kind of error that a broken package raised: it may be what is to be reported.

    Its message is left out, for it may name folders.
    """
    try:
        return facts()
    except (ImportError, OSError, RuntimeError) as error:
        return {"cannot be told": type(error).__name__}


def _versions() -> Facts:
    from importlib.metadata import PackageNotFoundError, version

    from twostream.environment import describe_environment

    found = describe_environment()
    for package in FURTHER_PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _codecs() -> Facts:
    return {**_or_error(_ffmpeg), **_or_error(_opencv)}


def _ffmpeg() -> Facts:
    import av

    versions = (f"{name} {'.'.join(map(str, v))}" for name, v in av.library_versions.items())
    return {
        "FFmpeg of PyAV": ", ".join(versions),
        "decoders": ", ".join(name for name in DECODERS if _has_codec(name, "r")),
        "encoders": ", ".join(name for name in ENCODERS if _has_codec(name, "w")),
    }


def _has_codec(name: str, mode: Any) -> bool:
    import av

    try:
        av.Codec(name, mode)
    except ValueError:  # PyAV's UnknownCodecError is one
        return False
    return True


def _opencv() -> Facts:
    import cv2

    lines = (line.strip().partition(":") for line in cv2.getBuildInformation().splitlines())
    built = {name: value.strip() for name, _, value in lines}
    return {
        "JPEG of OpenCV": built.get("JPEG", "unknown").rpartition("/")[2],
        "TV-L1 of OpenCV": "yes" if hasattr(cv2, "optflow") else "no",
        "OpenCV's code for": cv2.getCPUFeaturesLine(),
        "OpenCV's threads": f"{cv2.getNumThreads()} ({built.get('Parallel framework', 'unknown')})",
    }


def _devices() -> Facts:
    import torch

    from twostream.models.device import resolve_compute

    found = {
        f"cuda:{k}": torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())
    } or {"cuda": "none"}
    found["CUDA of PyTorch"] = str(torch.version.cuda or "none")
    found["mps"] = "yes" if torch.backends.mps.is_available() else "no"
    found["xpu"] = "yes" if torch.xpu.is_available() else "no"
    trains = resolve_compute(purpose="training")
    found["auto"] = f"{trains.device}, training in {trains.dtype}"
    return found


def _engines() -> Facts:
    from twostream.models.inference import resolve_engine, resolve_scoring

    scoring = resolve_scoring()
    return {
        "auto": resolve_engine("auto", scoring.compute),
        "installed": ", ".join(_engines_here()),
        "precision of scores": scoring.compute.dtype,
        **_or_error(_openvino),
    }


def _engines_here() -> list[str]:
    """The engines that compute here in float32."""
    from twostream.errors import TwostreamError
    from twostream.models.device import PLAIN
    from twostream.models.inference import ENGINES, engine_named

    found = []
    for name in ENGINES:
        with suppress(TwostreamError):
            engine_named(name).check(PLAIN)
            found.append(str(name))
    return found


def _openvino() -> Facts:
    from importlib.util import find_spec

    if find_spec("openvino") is None:
        return {"openvino": "not installed"}
    from twostream.models.engines.openvino_library import openvino_library

    core = openvino_library().Core()
    return {
        f"openvino {device}": ", ".join(core.get_property(device, "OPTIMIZATION_CAPABILITIES"))
        for device in core.available_devices
    }


def _processor() -> Facts:
    from twostream.environment import available_cores
    from twostream.quotas import quota_cores

    quota = quota_cores()
    told = {
        **_or_error(_processor_of_torch),
        **_or_error(_processor_of_numba),
        "cores of the machine": str(os.cpu_count()),
        "cores that count": str(available_cores()),
        "quota of processor time": "none" if quota is None else f"{quota:g} cores",
    }
    set_ones = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    return {**told, **set_ones}


def _processor_of_torch() -> Facts:
    import torch

    from twostream.models.processor import bf16_unit

    return {
        "PyTorch's code for": torch.backends.cpu.get_cpu_capability(),
        "PyTorch's threads": str(torch.get_num_threads()),
        "bfloat16": bf16_unit() or "imitated",
        "oneDNN": "yes" if torch.backends.mkldnn.is_available() else "no",  # type: ignore[no-untyped-call]
    }


def _processor_of_numba() -> Facts:
    import llvmlite.binding as llvm  # type: ignore[import-untyped]

    features = sorted(name for name, on in llvm.get_host_cpu_features().items() if on)
    return {"model": llvm.get_host_cpu_name(), "features": ", ".join(features)}
