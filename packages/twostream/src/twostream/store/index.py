"""Where each member of a stored ZIP lies, so that one read fetches one image."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from twostream.errors import TwostreamError

LOCAL_HEADER_BYTES = 30
REMEDY = "run `twostream prepare` again: it redoes damaged clips"


@dataclass(frozen=True)
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


def read_member(path: Path, member: str, place: MemberPlace) -> bytes:
    """Content of one member, checked against its checksum; raises TwostreamError where damaged."""
    # One read takes header and content; names this package writes are ASCII and have no extra field.
    guess = LOCAL_HEADER_BYTES + len(member.encode()) + place.size
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(place.header_offset)
            block = file.read(guess)
            name_bytes, extra_bytes = struct.unpack_from("<HH", block, 26)
            start = LOCAL_HEADER_BYTES + name_bytes + extra_bytes
            if start + place.size > len(block):
                file.seek(place.header_offset)
                block = file.read(start + place.size)
    except (OSError, struct.error) as error:
        raise _damaged(path, f"an unreadable member {member} ({error})") from error
    content = block[start : start + place.size]
    if len(content) != place.size or zlib.crc32(content) != place.crc:
        raise _damaged(path, f"a damaged member {member}")
    return content


def _damaged(path: Path, found: str) -> TwostreamError:
    return TwostreamError(path, expected="a stored clip archive", found=found, remedy=REMEDY)
