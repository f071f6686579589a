"""Compiling kernels with numba, and keeping the machine code on disk.

numba's own disk cache stops the program where its folder cannot be written, trusts damaged files
and looks only at the file of the outermost function for changes. This one treats whatever goes
wrong as "not there": the kernel is then compiled in memory, as in the first run.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import FunctionCache

Function = TypeVar("Function", bound=Callable[..., Any])

_DIGEST_BYTES = 32


def inlined(function: Function) -> Function:
    """Compile `function`, which makes and returns no array, into every kernel that calls it."""
    # References to arrays are not counted: with branches that would be two locked additions a call.
    compiled: Function = numba.njit(nogil=True, forceinline=True, error_model="numpy", _nrt=False)(
        function
    )
    return compiled


def kernel(function: Function) -> Function:
    """Compile `function` when first called; release the GIL while it runs; cache the machine code.

    Arithmetic keeps NaN, infinity and signed zeros; where estimates or fused operations are wanted,
    the kernels say so.
    """
    dispatcher = numba.njit(nogil=True, error_model="numpy")(function)
    with suppress(Exception):  # numba finds no folder to write to, or its internals have changed
        dispatcher._cache = _KernelCache(function)
    compiled: Function = dispatcher
    return compiled


class _KernelCache(FunctionCache):  # type: ignore[misc]
    """numba's cache of one function, on files of our own, and without exceptions."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _CheckedFiles(
            Path(self._cache_path),
            function.__qualname__,
            Path(function.__code__.co_filename).parent,
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # a damaged or foreign file: the kernel is compiled again
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except Exception:  # a full disk, a folder that became read-only
            return


class _CheckedFiles:
    """One file per compiled signature: its name says for what it was compiled, its head that it is whole.

    The name covers the signature, the processor, the versions and all sources beside the kernel and
    here, so stale files are never found, and processes that compile the same kernel at once write the
    same file, each by renaming.
    """

    def __init__(self, folder: Path, function_name: str, sources: Path) -> None:
        self._folder = folder
        self._function_name = function_name
        self._sources = sources

    def _path(self, key: Any) -> Path:
        identity = repr((key, numba.__version__, _sources_digest(self._sources)))
        name = hashlib.sha256(identity.encode()).hexdigest()[:24]
        return self._folder / f"twostream-{self._function_name}-{name}.nbc"

    def load(self, key: Any) -> Any:
        """The data saved under `key`, or None."""
        content = self._path(key).read_bytes()
        digest, data = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if hashlib.sha256(data).digest() != digest:
            return None
        return pickle.loads(data)

    def save(self, key: Any, data: Any) -> None:
        """Write `data` under `key`, whole or not at all."""
        from numba.core.serialize import dumps

        content = dumps(data)
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix="twostream-partial-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(self._path(key))
        finally:
            Path(temporary).unlink(missing_ok=True)

    def flush(self) -> None:
        """Nothing is kept in memory."""


@cache
def _sources_digest(folder: Path) -> str:
    folders = sorted({folder, Path(__file__).parent})
    sources = [path for one in folders for path in sorted(one.glob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
