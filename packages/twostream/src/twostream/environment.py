"""What a result was made with: versions, backend, processor count."""

from __future__ import annotations

import math
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.metadata import PackageNotFoundError, version

from twostream.quotas import quota_cores
from twostream.version import __version__

USUAL_BACKEND = "torch"
PACKAGES = (
    "keras",
    "torch",
    "jax",
    "tensorflow",
    "openvino",
    "onnxruntime",
    "numpy",
    "opencv-contrib-python-headless",
    # Each of these replaces it where it was installed later.
    "opencv-contrib-python",
    "opencv-python",
    "opencv-python-headless",
    "av",
    "numba",
)


def describe_environment() -> dict[str, str]:
    """Versions of what decides numbers, as plain text; no names of users or machines.

    >>> describe_environment()["twostream"]
    '0.1.0'
    """
    found = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(available_cores()),
        "backend": keras_backend(),
        "twostream": __version__,
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def keras_backend() -> str:
    """The backend that Keras runs on; where it is not imported yet, the one that it will run on.

    Once imported, Keras stays with its backend, whatever KERAS_BACKEND says then. Importing it is
    left to others: it takes seconds.

    >>> keras_backend() in ("torch", "jax", "tensorflow")
    True
    """
    keras = sys.modules.get("keras")
    if keras is not None:
        return str(keras.config.backend())
    return os.environ.get("KERAS_BACKEND") or USUAL_BACKEND


def available_cores() -> int:
    """The cores that this process may use, which may be fewer than the machine has.

    Neither those that it may not run on count, nor those that a container's quota leaves no time for, nor
    those that are others' (`sharing_cores`).

    >>> available_cores() >= 1
    True
    """
    quota, share = quota_cores(), core_share()
    allowed = _affinity()
    if quota is not None:
        allowed = max(1, min(allowed, math.ceil(quota)))
    return allowed if share is None else min(allowed, share)


_share: ContextVar[int | None] = ContextVar("_share", default=None)


def core_share() -> int | None:
    """The cores that `sharing_cores` leaves to the caller; None: nobody shares."""
    return _share.get()


@contextmanager
def sharing_cores(own: int) -> Iterator[None]:
    """Let the body count only so many cores, since other processes of the same job have the rest.

    >>> with sharing_cores(1):
    ...     available_cores()
    1
    """
    token = _share.set(own)
    try:
        yield
    finally:
        _share.reset(token)


def _affinity() -> int:
    if hasattr(os, "process_cpu_count"):  # Python 3.13; it heeds PYTHON_CPU_COUNT too
        return int(os.process_cpu_count() or 1)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
