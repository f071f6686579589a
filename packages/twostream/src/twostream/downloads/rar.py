"""The directory of a RAR archive, versions 4 and 5, read before any program is let loose on it.

The formats are described in ``technote.txt`` of the RAR 4 and RAR 5 distributions (RARLAB).
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SIGNATURE_4 = b"Rar!\x1a\x07\x00"
SIGNATURE_5 = b"Rar!\x1a\x07\x01\x00"
LONGEST_HEADER_BYTES = 2 << 20
# RAR 4
BLOCK_MAIN, BLOCK_FILE, BLOCK_END = 0x73, 0x74, 0x7B
STORED_4 = 0x30
UNIX = 3


@dataclass(frozen=True)
class RarMember:
    """One entry: its name with forward slashes, its size, and whether it is packed or only stored."""

    name: str
    size: int
    crc: int | None
    is_folder: bool
    is_link: bool
    is_stored: bool
    offset: int
    packed_size: int


class RarError(ValueError):
    """The archive is damaged or of a kind that cannot be opened; the text says which."""


def read_directory(path: Path) -> tuple[RarMember, ...]:
    """Every entry of the archive. Raises RarError and OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(len(SIGNATURE_5))
        if start == SIGNATURE_5:
            entries = _entries_5(file, size)
        elif start.startswith(SIGNATURE_4):
            file.seek(len(SIGNATURE_4))
            entries = _entries_4(file, size)
        else:
            raise RarError("not a RAR archive")
        try:
            return tuple(entries)
        except (struct.error, IndexError) as error:
            raise RarError("a damaged header") from error


def _entries_4(file: BinaryIO, size: int) -> Iterator[RarMember]:
    while True:
        start = file.tell()
        fixed = file.read(7)
        if not fixed:
            raise RarError("cut off: no end of the archive")
        crc, kind, flags, header_size = struct.unpack("<HBHH", fixed)
        header = fixed + file.read(max(0, header_size - 7))
        if header_size < 7 or len(header) != header_size:
            raise RarError("a damaged header")
        if zlib.crc32(header[2:]) & 0xFFFF != crc:
            raise RarError(f"a damaged header at byte {start}")
        if kind == BLOCK_END:
            return
        data_size = struct.unpack_from("<I", header, 7)[0] if flags & 0x8000 else 0
        if kind == BLOCK_MAIN:
            _refuse(volume=bool(flags & 0x0001), encrypted=bool(flags & 0x0080))
        if kind == BLOCK_FILE:
            member = _file_4(header, flags, offset=file.tell())
            data_size = member.packed_size
            yield member
        if file.tell() + data_size > size:
            raise RarError("cut off in the middle of a file")
        file.seek(data_size, 1)


def _file_4(header: bytes, flags: int, *, offset: int) -> RarMember:
    packed, unpacked, host, crc, _, _, method, name_size, attributes = struct.unpack_from(
        "<IIBIIBBHI", header, 7
    )
    place = 32
    if flags & 0x100:
        high_packed, high_unpacked = struct.unpack_from("<II", header, place)
        packed, unpacked = packed | high_packed << 32, unpacked | high_unpacked << 32
        place += 8
    _refuse(volume=bool(flags & 0x03), encrypted=bool(flags & 0x04))
    # With other signs than ASCII a second form follows a zero byte; the first still tells the path.
    name = header[place : place + name_size].split(b"\0")[0].decode("utf-8", "replace")
    return RarMember(
        name=name.replace("\\", "/"),
        size=unpacked,
        crc=crc,
        is_folder=flags & 0xE0 == 0xE0,
        is_link=host == UNIX and stat.S_ISLNK(attributes),
        is_stored=method == STORED_4,
        offset=offset,
        packed_size=packed,
    )


def _entries_5(file: BinaryIO, size: int) -> Iterator[RarMember]:
    while True:
        start = file.tell()
        fixed = file.read(4)
        if not fixed:
            raise RarError("cut off: no end of the archive")
        block = _Numbers(file.read(3))
        header_size = block.next()
        file.seek(start + 4 + block.place)
        if header_size > LONGEST_HEADER_BYTES:
            raise RarError(f"a damaged header at byte {start}")
        header = file.read(header_size)
        counted = block.data[: block.place] + header
        if len(header) != header_size or zlib.crc32(counted) != struct.unpack("<I", fixed)[0]:
            raise RarError(f"a damaged header at byte {start}")
        fields = _Numbers(header)
        kind, flags = fields.next(), fields.next()
        extra_size = fields.next() if flags & 0x01 else 0
        data_size = fields.next() if flags & 0x02 else 0
        if kind == 5:
            return
        if kind == 4:
            _refuse(volume=False, encrypted=True)
        if kind == 1:
            _refuse(volume=bool(fields.next() & 0x01), encrypted=False)
        if kind == 2:
            _refuse(volume=bool(flags & 0x18), encrypted=False)
            extra = header[len(header) - extra_size :] if extra_size else b""
            yield _file_5(fields, extra, offset=file.tell(), packed_size=data_size)
        if file.tell() + data_size > size:
            raise RarError("cut off in the middle of a file")
        file.seek(data_size, 1)


def _file_5(fields: _Numbers, extra: bytes, *, offset: int, packed_size: int) -> RarMember:
    flags, unpacked, _ = fields.next(), fields.next(), fields.next()
    if flags & 0x02:
        fields.place += 4
    crc = None
    if flags & 0x04:
        crc = struct.unpack_from("<I", fields.data, fields.place)[0]
        fields.place += 4
    method, _ = fields.next() >> 7 & 0x07, fields.next()
    length = fields.next()
    name = fields.data[fields.place : fields.place + length].decode("utf-8", "replace")
    kinds = set(_extra_kinds(extra))
    _refuse(volume=False, encrypted=1 in kinds)
    return RarMember(
        name=name,
        size=unpacked,
        crc=crc,
        is_folder=bool(flags & 0x01),
        is_link=5 in kinds,
        is_stored=method == 0,
        offset=offset,
        packed_size=packed_size,
    )


def _extra_kinds(extra: bytes) -> Iterator[int]:
    records = _Numbers(extra)
    while records.place < len(extra):
        length = records.next()
        end = records.place + length
        yield records.next()
        records.place = end


@dataclass
class _Numbers:
    """Reads the numbers of RAR 5: seven bits a byte, the lowest first."""

    data: bytes
    place: int = 0

    def next(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.place]
            self.place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
            if shift > 63:
                raise RarError("a damaged header")


def _refuse(*, volume: bool, encrypted: bool) -> None:
    if encrypted:
        raise RarError("an archive with a password")
    if volume:
        raise RarError("one of several volumes")
