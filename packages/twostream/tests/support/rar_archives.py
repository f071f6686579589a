"""RAR archives written byte by byte, files stored or really packed, so that no program is needed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

from rar_packing import packed4, packed5

FOLDER = None  # as the content of an entry


def write_rar4(
    path: Path, entries: Mapping[str, bytes | None], *, flags: int = 0, packed: bool = False
) -> Path:
    """RAR 4 (WinRAR 2.9 to 4.x). `flags` are those of the archive's header."""
    blocks = [b"Rar!\x1a\x07\x00", _block4(0x73, flags, bytes(6))]
    for name, content in entries.items():
        whole = content or b""
        pack = packed and bool(whole)
        data = packed4(whole) if pack else whole
        raw = name.replace("/", "\\").encode()  # as RAR 4 has them on every system
        fields = struct.pack(
            "<IIBIIBBHI",
            len(data),
            len(whole),
            3,  # Unix
            zlib.crc32(whole),
            0x58210000,  # 2024-01-01
            29 if pack else 20,
            0x33 if pack else 0x30,
            len(raw),
            0o040755 if content is None else 0o100644,
        )
        kind = 0x80E0 if content is None else 0x8000
        blocks += [_block4(0x74, kind, fields + raw), data]
    blocks.append(_block4(0x7B, 0x4000, b""))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(blocks))
    return path


def _block4(kind: int, flags: int, rest: bytes) -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def write_rar5(
    path: Path,
    entries: Mapping[str, bytes | None],
    *,
    link_to: Mapping[str, str] | None = None,
    flags: int = 0,
    method: int = 0,
    packed: bool = False,
) -> Path:
    """RAR 5. `link_to` makes entries symbolic links; `method` only claims that the data are packed."""
    blocks = [b"Rar!\x1a\x07\x01\x00", _block5(1, number(flags))]
    for name, content in entries.items():
        whole = content or b""
        pack = packed and bool(whole)
        data = packed5(whole) if pack else whole
        raw = name.encode()
        fields = (
            number(1 if content is None else 4)
            + number(len(whole))
            + number(0o040755 if content is None else 0o100644)
            + (b"" if content is None else struct.pack("<I", zlib.crc32(whole)))
            + number((3 if pack else method) << 7)
            + number(1)  # Unix
            + number(len(raw))
            + raw
        )
        extra = b""
        if link_to and name in link_to:
            target = link_to[name].encode()
            record = number(5) + number(1) + number(0) + number(len(target)) + target
            extra = number(len(record)) + record
        blocks += [_block5(2, fields, data_size=len(data), extra=extra), data]
    blocks.append(_block5(5, number(0)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(blocks))
    return path


def _block5(kind: int, fields: bytes, *, data_size: int | None = None, extra: bytes = b"") -> bytes:
    flags = (1 if extra else 0) | (0 if data_size is None else 2)
    header = (
        number(kind)
        + number(flags)
        + (number(len(extra)) if extra else b"")
        + (b"" if data_size is None else number(data_size))
        + fields
        + extra
    )
    counted = number(len(header)) + header
    return struct.pack("<I", zlib.crc32(counted)) + counted


def number(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
