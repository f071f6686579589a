"""Recordings joined byte by byte, where FFmpeg reads the first alone, or all as if they were like it."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast

Span = tuple[int, int]
"""First byte of a recording in a file, and the one after its last."""

# ISO 14496-12: every box begins with its size and kind, a file with `ftyp`.
ISO_STARTS = {b"ftyp"}
# Flash Video: a header of nine bytes, then tags with their size before and after them.
FLV_START = b"FLV\x01"
# ASF, 10.1: the GUIDs of its first object, whose size follows.
ASF_START = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
# RFC 8794 and 9559: a Matroska or WebM file is an EBML header and a segment of clusters. Of live ones the
# sizes of these two are unknown; their parts follow one another all the same.
EBML_START = bytes.fromhex("1a45dfa3")
EBML_OPEN_ENDED = {bytes.fromhex("18538067"), bytes.fromhex("1f43b675")}
EBML_DOC_TYPE = bytes.fromhex("4282")
MATROSKA_TYPES = (b"matroska", b"webm")
MOST_EBML_HEADER_BYTES = 4096
LEAST_BYTES = 64


def joined_spans(path: Path) -> tuple[Span, ...]:
    """Where the recordings lie that the file `path` was joined from; empty where it is one.

    MP4, MOV and 3GP files, FLV, WMV, ASF, MKV and WebM are looked at by their structure; others FFmpeg
    reads through. It does so with MKV too, but by the size and the codec's data of the first recording.
    """
    status = path.stat()
    return _spans(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _spans(path: Path, size: int, _: int) -> tuple[Span, ...]:
    with path.open("rb") as file:
        start = file.read(16)
        if start[4:8] in ISO_STARTS:
            starts = _iso_starts(file, size)
        elif start.startswith(FLV_START):
            starts = _flv_starts(file, size)
        elif start == ASF_START:
            starts = _asf_starts(file, size)
        elif start.startswith(EBML_START):
            starts = _matroska_starts(file, size)
        else:
            return ()
        found = list(starts)
    ends = [*found[1:], size]
    return tuple(zip(found, ends, strict=True)) if len(found) > 1 else ()


def _iso_starts(file: BinaryIO, size: int) -> Iterator[int]:
    place = 0
    while place + 8 <= size:
        file.seek(place)
        header = file.read(16)
        length, kind = struct.unpack(">I4s", header[:8])
        if length == 1 and len(header) == 16:
            (length,) = struct.unpack(">Q", header[8:])
        if kind in ISO_STARTS:
            yield place
        if length < 8:  # 0: up to the end
            return
        place += length


def _flv_starts(file: BinaryIO, size: int) -> Iterator[int]:
    place = 0
    while place + LEAST_BYTES <= size:
        file.seek(place)
        if file.read(4) != FLV_START:
            return
        yield place
        place = _flv_end(file, place, size)


def _flv_end(file: BinaryIO, start: int, size: int) -> int:
    """Where the tags of the Flash Video that begins at `start` end."""
    file.seek(start + 5)
    place = start + int.from_bytes(file.read(4), "big")  # of the size of the tag before
    while place + 15 <= size:
        file.seek(place)
        header = file.read(15)
        if header.startswith(FLV_START) or header[4:8] == FLV_START:
            return place if header.startswith(FLV_START) else place + 4
        if header[4] & 0x1F not in (8, 9, 18):
            return size  # damaged: FFmpeg looks for what comes next
        place += 15 + int.from_bytes(header[5:8], "big")
    return size


def _asf_starts(file: BinaryIO, size: int) -> Iterator[int]:
    place = 0
    while place + 24 <= size:
        file.seek(place)
        header = file.read(24)
        if header[:16] == ASF_START:
            yield place
        (length,) = struct.unpack("<Q", header[16:])
        if length < 24:
            return
        place += length


def _matroska_starts(file: BinaryIO, size: int) -> Iterator[int]:
    place = 0
    while place < size:
        file.seek(place)
        element = _ebml_element(file.read(12))
        if element is None:  # damaged: FFmpeg looks for what comes next
            return
        kind, header_bytes, length = element
        if kind == EBML_START:
            file.seek(place + header_bytes)
            if not _is_matroska(file.read(min(length or 0, MOST_EBML_HEADER_BYTES))):
                return
            yield place
        if length is None and kind not in EBML_OPEN_ENDED:
            return
        place += header_bytes + (length or 0)


def _ebml_element(header: bytes) -> tuple[bytes, int, int | None] | None:
    r"""Kind of an element, bytes before its content, and bytes of that (None: unknown).

    >>> _ebml_element(bytes.fromhex("1a45dfa3 a3 4286"))
    (b'\x1aE\xdf\xa3', 5, 35)
    >>> _ebml_element(bytes.fromhex("1f43b675 01ffffffffffffff"))
    (b'\x1fC\xb6u', 12, None)
    >>> _ebml_element(b"\x00" * 12)
    """
    # The zeros before the first bit that is set count the bytes of a number; a kind has four at most.
    kind_bytes = 9 - header[0].bit_length() if header else 9
    kind, rest = header[:kind_bytes], header[kind_bytes:]
    length_bytes = 9 - rest[0].bit_length() if rest else 9
    if kind_bytes > 4 or length_bytes > 8 or len(rest) < length_bytes:
        return None
    unknown = (1 << 7 * length_bytes) - 1
    length = int.from_bytes(rest[:length_bytes], "big") & unknown
    return kind, kind_bytes + length_bytes, None if length == unknown else length


def _is_matroska(content: bytes) -> bool:
    """Whether the content of an EBML header calls its document so."""
    return EBML_DOC_TYPE in content and any(name in content for name in MATROSKA_TYPES)


def window(path: Path, span: Span) -> BinaryIO:
    """The bytes of one recording in a file, opened as a file of its own."""
    return cast(BinaryIO, io.BufferedReader(_Window(path, span), buffer_size=1 << 16))


class _Window(io.RawIOBase):
    def __init__(self, path: Path, span: Span) -> None:
        self._file = path.open("rb")
        self._first, self._end = span
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        length = self._end - self._first
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: length}[whence]
        if start + offset < 0:
            raise OSError("a place before the beginning")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        left = max(0, self._end - self._first - self._place)
        self._file.seek(self._first + self._place)
        read = self._file.readinto(memoryview(buffer)[:left])
        self._place += read
        return read

    def close(self) -> None:
        self._file.close()
        super().close()
