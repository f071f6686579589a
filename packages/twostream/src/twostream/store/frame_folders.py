"""Reading ready frames where they lie: a folder, or a folder inside a ZIP archive of any kind."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from twostream.datasets.clips import FrameFolder
from twostream.datasets.ready_frames import IMAGE, PICTURE, images_among, is_archive, kind_of
from twostream.errors import TwostreamError
from twostream.store.members import METADATA_MEMBER

REMEDY = "unpack or copy it again"
ENCRYPTED = 1


@dataclass(frozen=True)
class Member:
    """One file: its `name`, its size, and where it lies in an archive (`header_offset` -1: a file).

    Of flow that lies apart from the images the `name` leads there from the folder of the images.
    """

    name: str
    size: int
    crc: int = 0
    header_offset: int = -1
    packed_size: int = 0
    method: int = zipfile.ZIP_STORED

    @property
    def is_flow(self) -> bool:
        """Whether it is a picture of flow."""
        return kind_of(self.name) in ("flow_x", "flow_y") or "/" in self.name


@dataclass(frozen=True)
class FrameFiles:
    """The images of one clip by kind ('img', 'flow_x', 'flow_y') and number."""

    folder: FrameFolder
    images: Mapping[str, Mapping[int, Member]]
    metadata: Member | None

    def read(self, member: Member) -> bytes:
        """The content of a member. Raises TwostreamError where it cannot be read or is damaged."""
        try:
            if member.header_offset < 0:
                return (self.folder.path / member.name).read_bytes()
            return _read_packed(self.folder.path, member)
        except (OSError, ValueError, OverflowError, struct.error, zlib.error) as error:
            raise TwostreamError(
                f"{self.folder.path}: {member.name}",
                expected="an image",
                found=f"damaged data ({error})",
                remedy=REMEDY,
            ) from error

    def identity(self) -> tuple[str, int]:
        """SHA-256 (hexadecimal) over names, sizes and checksums of all images, and their bytes.

        The same for a folder and for an archive of it.
        """
        digest = hashlib.sha256()
        members = sorted(
            (member for numbered in self.images.values() for member in numbered.values()),
            key=lambda member: member.name,
        )
        for member in members:
            inside = member.header_offset >= 0
            crc = member.crc if inside else zlib.crc32(self.read(member))
            digest.update(f"{member.name} {member.size} {crc:08x}\n".encode())
        return digest.hexdigest(), sum(member.size for member in members)


def open_frames(folder: FrameFolder) -> FrameFiles:
    """List the images of `folder`. Raises TwostreamError where it cannot be read."""
    try:
        if folder.flows is not None:
            return _open_apart(folder, folder.flows)
        members = _members(folder)
    except (OSError, ValueError) as error:
        raise _unreadable(folder.path, error) from error
    images: dict[str, dict[int, Member]] = {"img": {}, "flow_x": {}, "flow_y": {}}
    metadata = None
    named = images_among(member.name for member in members)
    for member in members:
        match = PICTURE.fullmatch(member.name)
        if member.name == METADATA_MEMBER:
            metadata = member
        elif match is None:
            continue
        elif member.name in named or (not folder.has_flow and not named):
            _put(folder, images["img"], int(match["number"]), member)
        elif folder.has_flow and (kind := kind_of(member.name)) is not None:
            _put(folder, images[kind], int(match["number"]), member)
    return FrameFiles(folder, images, metadata if folder.has_flow else None)


def _open_apart(folder: FrameFolder, flows: tuple[Path, Path]) -> FrameFiles:
    """The files of a clip whose flows lie in two folders of their own, under whatever names."""
    images: dict[str, dict[int, Member]] = {"img": {}, "flow_x": {}, "flow_y": {}}
    for kind, place in zip(images, (folder.path, *flows), strict=True):
        way = "" if kind == "img" else f"{Path(os.path.relpath(place, folder.path)).as_posix()}/"
        for item in sorted(place.iterdir()):
            match = PICTURE.fullmatch(item.name)
            if flows[0] == flows[1] and kind != "img" and kind_of(item.name) != kind:
                continue  # both directions in one folder
            if match is not None and item.is_file():
                member = Member(way + item.name, item.stat().st_size)
                _put(folder, images[kind], int(match["number"]), member)
    return FrameFiles(folder, images, None)


def _put(folder: FrameFolder, numbered: dict[int, Member], number: int, member: Member) -> None:
    if number in numbered:
        raise TwostreamError(
            f"{folder.path}: {member.name}",
            expected="one image a number",
            found=f"{numbered[number].name} too",
            remedy="remove one of the two",
        )
    numbered[number] = member


def locate_frames(path: Path, *, has_flow: bool = True) -> FrameFolder | None:
    """The frames that `path` names: a folder, an archive of one clip, or a folder in an archive.

    `has_flow` says whether they are ready with their flow. None where it names something else. Raises
    TwostreamError for an archive that cannot be read.
    """
    if path.is_dir():
        return FrameFolder(path, has_flow=has_flow)
    pattern = IMAGE if has_flow else PICTURE
    for archive in (path, *path.parents):
        if archive.is_file():
            if not is_archive(archive):
                return None
            if archive == path:
                try:
                    folders = [
                        inside
                        for inside, members in _index(archive, *_stamp(archive)).items()
                        if any(pattern.fullmatch(member.name) for member in members)
                    ]
                except (OSError, ValueError) as error:
                    raise _unreadable(archive, error) from error
                if len(folders) != 1:
                    return None
                return FrameFolder(archive, folders[0], has_flow=has_flow)
            inside = path.relative_to(archive).as_posix()
            return FrameFolder(archive, inside, has_flow=has_flow)
    return None


def _members(folder: FrameFolder) -> list[Member]:
    if folder.path.is_dir():
        return [
            Member(item.name, item.stat().st_size)
            for item in sorted(folder.path.iterdir())
            if item.is_file()
        ]
    return list(_index(folder.path, *_stamp(folder.path)).get(folder.inside, ()))


def _unreadable(path: Path, error: Exception) -> TwostreamError:
    return TwostreamError(
        path, expected="ready frames", found=f"unreadable ({error})", remedy=REMEDY
    )


def _stamp(archive: Path) -> tuple[int, int]:
    status = archive.stat()
    return status.st_size, status.st_mtime_ns


@lru_cache(maxsize=4)
def _index(archive: Path, *_: int) -> dict[str, list[Member]]:
    """Folder -> its files; kept, since one archive may hold thousands of clips."""
    folders: dict[str, list[Member]] = {}
    try:
        with zipfile.ZipFile(archive) as opened:
            infos = opened.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(str(error)) from error
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if not PICTURE.fullmatch(path.name) and path.name != METADATA_MEMBER:
            continue
        if info.flag_bits & ENCRYPTED:
            raise ValueError("an archive with a password")
        inside = "" if path.parent == PurePosixPath() else path.parent.as_posix()
        folders.setdefault(inside, []).append(
            Member(
                path.name,
                info.file_size,
                info.CRC,
                info.header_offset,
                info.compress_size,
                info.compress_type,
            )
        )
    return {inside: members for inside, members in folders.items() if _has_images(members)}


def _has_images(members: list[Member]) -> bool:
    return any(PICTURE.fullmatch(member.name) for member in members)


def _read_packed(archive: Path, member: Member) -> bytes:
    with archive.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(30)
        name_bytes, extra_bytes = struct.unpack_from("<HH", header, 26)
        file.seek(name_bytes + extra_bytes, 1)
        packed = file.read(member.packed_size)
    if member.method == zipfile.ZIP_DEFLATED:
        # Never more than was promised, whatever the data unpack to.
        content = zlib.decompressobj(-15).decompress(packed, member.size + 1)
    elif member.method == zipfile.ZIP_STORED:
        content = packed
    else:
        raise ValueError(f"compression method {member.method}")
    if len(content) != member.size or zlib.crc32(content) != member.crc:
        raise ValueError("its checksum is wrong")
    return content
