"""Memory that a training step gives back is kept for the next one."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Parameters of mallopt and what they are left to themselves, from glibc's <malloc.h>.
TRIM_THRESHOLD, MMAP_MAX = -1, -4
USUAL = {TRIM_THRESHOLD: 128 * 1024, MMAP_MAX: 65536}
KEPT = {TRIM_THRESHOLD: 2**31 - 1, MMAP_MAX: 0}


@contextmanager
def kept_memory() -> Iterator[None]:
    """Within it this process keeps what it frees, where its C library is glibc; afterwards it does not.

    Left to itself, glibc takes every large tensor anew from the system, which fills it with zeros, and
    gives it back: about a tenth of a ResNet-50's training step on a processor.
    """
    library = _glibc()
    if library is None:
        yield
        return
    _tell(library, KEPT)
    try:
        yield
    finally:
        _tell(library, USUAL)
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None


def _tell(library: ctypes.CDLL, values: dict[int, int]) -> None:
    for parameter, value in values.items():
        library.mallopt(parameter, value)
