"""Where each member of a stored ZIP lies, so that few reads fetch the images that are wanted."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from twostream.errors import TwostreamError

LOCAL_HEADER_BYTES = 30
# What lies between two wanted members is read with them up to this size: frames lie between flows, and
# a few of them cost less than another trip to a disk in the network.
MOST_BYTES_BETWEEN = 1 << 17
REMEDY = "run `twostream prepare` again: it redoes damaged clips"


@dataclass(frozen=True, slots=True)
class MemberPlace:
    """Offset of the member's local header, size of its content, and its checksum."""

    header_offset: int
    size: int
    crc: int


def index_archive(path: Path) -> dict[str, MemberPlace]:
    """Members of the stored (uncompressed) ZIP `path`.

    Raises TwostreamError for a missing, damaged or compressed archive.
    """
    try:
        bytes_in_all = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except FileNotFoundError as error:
        raise _damaged(path, "no such file") from error
    # A damaged directory of members makes zipfile raise any of these.
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, f"a damaged archive ({error})") from error
    if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
        raise _damaged(path, "a compressed one")
    for info in infos:
        # Before anything of that size is read into memory.
        end = info.header_offset + LOCAL_HEADER_BYTES + info.file_size
        if info.header_offset < 0 or end > bytes_in_all:
            raise _damaged(path, f"a damaged archive (no room for {info.filename})")
    return {
        info.filename: MemberPlace(info.header_offset, info.file_size, info.CRC) for info in infos
    }


def read_members(path: Path, members: Sequence[str], places: Sequence[MemberPlace]) -> list[bytes]:
    """Contents of members, each checked against its checksum; near neighbours by one read.

    Raises TwostreamError where one is damaged.
    """
    contents = [b""] * len(members)
    try:
        with path.open("rb", buffering=0) as file:
            for run in _neighbours(members, places):
                begin, end = places[run[0]].header_offset, _end(members[run[-1]], places[run[-1]])
                block = _read(file, begin, end - begin)
                for k in run:
                    contents[k] = _content(file, block, begin, places[k])
    except (OSError, struct.error) as error:
        which = " to ".join(dict.fromkeys((members[0], members[-1])))
        raise _damaged(path, f"an unreadable member {which} ({error})") from error
    for member, place, content in zip(members, places, contents, strict=True):
        if len(content) != place.size or zlib.crc32(content) != place.crc:
            raise _damaged(path, f"a damaged member {member}")
    return contents


def _neighbours(members: Sequence[str], places: Sequence[MemberPlace]) -> Iterator[list[int]]:
    """Indices of members in the order of the file, those that are read at once together."""
    run: list[int] = []
    for k in sorted(range(len(places)), key=lambda k: places[k].header_offset):
        if run and places[k].header_offset - _end(members[run[-1]], places[run[-1]]) > (
            MOST_BYTES_BETWEEN
        ):
            yield run
            run = []
        run.append(k)
    if run:
        yield run


def _end(member: str, place: MemberPlace) -> int:
    """Where a member ends if it has no extra field, as those that this package writes."""
    return place.header_offset + LOCAL_HEADER_BYTES + len(member.encode()) + place.size


def _content(file: FileIO, block: bytes, begin: int, place: MemberPlace) -> bytes:
    """Content of a member, from the `block` that begins at offset `begin` of the file."""
    at = place.header_offset - begin
    name_bytes, extra_bytes = struct.unpack_from("<HH", block, at + 26)
    start = at + LOCAL_HEADER_BYTES + name_bytes + extra_bytes
    if start + place.size > len(block):
        return _read(file, begin + start, place.size)
    return block[start : start + place.size]


def _read(file: FileIO, offset: int, size: int) -> bytes:
    """`size` bytes from `offset` on, fewer at the end of the file."""
    file.seek(offset)
    return file.read(size)


def _damaged(path: Path, found: str) -> TwostreamError:
    return TwostreamError(path, expected="a stored clip archive", found=found, remedy=REMEDY)
