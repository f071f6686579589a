"""Arrays that are put down as bytes and read again: in files of a folder, or handed on as they are.

On a Spark cluster what goes through Spark is copied to Java and back, which costs more than what our
kernel does with it; of what lies in a folder that all workers see only its place goes through Spark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

Keep = Callable[..., bytes]


@dataclass(frozen=True)
class Blobs:
    """Bytes that are kept in files of `folder`; without one they are themselves what is handed on."""

    folder: str | None = None

    @contextmanager
    def keeping(self) -> Iterator[Keep]:
        """A function that keeps arrays, one after the other, and returns what `read` finds them by.

        To be read once the context has ended. Each context has a file of its own, so that a task that is
        done again disturbs nobody.

        >>> with Blobs().keeping() as keep:
        ...     kept = keep(np.array([1, 2], np.uint8), np.array([3], np.uint8))
        >>> Blobs().read(kept).tolist()
        [1, 2, 3]
        """
        if self.folder is None:
            yield lambda *arrays: b"".join(array.tobytes() for array in arrays)
            return
        name = uuid4().hex
        with Path(self.folder, name).open("wb") as file:

            def keep(*arrays: NDArray[Any]) -> bytes:
                begin = file.tell()
                for array in arrays:
                    file.write(np.ascontiguousarray(array).data)
                return f"{name} {begin} {file.tell() - begin}".encode()

            yield keep

    def size(self, kept: Any) -> int:
        """How many bytes `read` gives."""
        return len(kept) if self.folder is None else int(bytes(kept).split()[2])

    def read(self, kept: Any) -> NDArray[np.uint8]:
        """The bytes of all arrays that were kept together; raises OSError where some are gone."""
        if self.folder is None:
            return np.frombuffer(kept, np.uint8)
        name, begin, length = bytes(kept).decode().split()
        path = Path(self.folder, name)
        found = np.fromfile(path, np.uint8, count=int(length), offset=int(begin))
        if len(found) != int(length):
            raise OSError(f"{path}: {length} bytes from {begin} on are not there")
        return found
