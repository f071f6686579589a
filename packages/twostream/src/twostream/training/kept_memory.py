"""Memory that a training step gives back is kept for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from twostream.allocator import Parameter, glibc, tune

# What glibc leaves them to, and what keeps all.
USUAL: dict[Parameter, int] = {"M_TRIM_THRESHOLD": 128 * 1024, "M_MMAP_MAX": 65536}
KEPT: dict[Parameter, int] = {"M_TRIM_THRESHOLD": 2**31 - 1, "M_MMAP_MAX": 0}


@contextmanager
def kept_memory() -> Iterator[None]:
    """Within it this process keeps what it frees, where its C library is glibc; afterwards it does not.

    Left to itself, glibc takes every large tensor anew from the system, which fills it with zeros, and
    gives it back: about a tenth of a ResNet-50's training step on a processor.
    """
    library = glibc()
    if library is None:
        yield
        return
    tune(KEPT)
    try:
        yield
    finally:
        tune(USUAL)
        library.malloc_trim(0)
