"""A file that is published in several parts, read as the one that it is."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO, cast


def joined(parts: Sequence[Path]) -> BinaryIO:
    """The files `parts`, one after the other, opened for reading as one.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name, content in (("1", b"abc"), ("2", b"de")):
    ...     _ = (folder / name).write_bytes(content)
    >>> with joined([folder / "1", folder / "2"]) as file:
    ...     _ = file.seek(-4, 2)
    ...     file.read()
    b'bcde'
    """
    return cast(BinaryIO, io.BufferedReader(_Joined(parts)))


class _Joined(io.RawIOBase):
    def __init__(self, parts: Sequence[Path]) -> None:
        self._files = [path.open("rb", buffering=0) for path in parts]
        self._ends = list(accumulate(os.fstat(file.fileno()).st_size for file in self._files))
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._ends[-1]}[whence]
        if start + offset < 0:
            raise OSError("a place before the beginning")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        number = bisect_right(self._ends, self._place)
        if number == len(self._files):
            return 0
        file, left = self._files[number], self._ends[number] - self._place
        file.seek(-left, os.SEEK_END)
        read = file.readinto(memoryview(buffer)[:left])
        self._place += read
        return read

    def close(self) -> None:
        for file in self._files:
            file.close()
        super().close()
