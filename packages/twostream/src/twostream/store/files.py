"""The files of one stored clip, in a ZIP or in a folder: small objects that go to other processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError
from twostream.store.index import REMEDY, MemberPlace, index_archive, read_members
from twostream.store.members import METADATA_MEMBER, expected_members, member_number
from twostream.store.metadata import ClipMetadata, parse_metadata


class ClipFiles(Protocol):
    """What gives the contents of a clip's members."""

    def read(self, members: Sequence[str]) -> list[bytes]:
        """Contents in the order asked for; raises TwostreamError where one is missing or damaged."""
        ...


@dataclass(frozen=True)
class FolderFiles:
    """The members of a clip that is a folder."""

    path: Path

    def read(self, members: Sequence[str]) -> list[bytes]:
        """Contents in the order asked for; raises TwostreamError where one cannot be read."""
        return [self._content(member) for member in members]

    def _content(self, member: str) -> bytes:
        try:
            return (self.path / member).read_bytes()
        except OSError as error:
            raise _lacks(self.path, member) from error


@dataclass(frozen=True, eq=False)
class ArchiveFiles:
    """The members of a clip that is a ZIP.

    `places` (n, 3) has a row for each of its n `expected_members`: offset of the local header, size of
    the content, CRC-32. It is one small array, for an open data set has millions of images.
    """

    path: Path
    places: npt.NDArray[np.unsignedinteger[Any]]

    def read(self, members: Sequence[str]) -> list[bytes]:
        """Contents in the order asked for; near neighbours are read at once.

        Raises TwostreamError where one is missing or damaged.
        """
        numbers = []
        for member in members:
            number = member_number(member)
            if number is None or number >= len(self.places):
                return self._read_others(members)
            numbers.append(number)
        places = [MemberPlace(*row) for row in self.places[np.asarray(numbers, np.int64)].tolist()]
        return read_members(self.path, members, places)

    def _read_others(self, members: Sequence[str]) -> list[bytes]:
        """Members that are not images of the clip; the archive's own index is read for them."""
        index = index_archive(self.path)
        for member in members:
            if member not in index:
                raise _lacks(self.path, member)
        return read_members(self.path, members, [index[member] for member in members])


def open_files(path: Path) -> tuple[ClipFiles, ClipMetadata]:
    """The files of the stored clip `path`, a ZIP or a folder, and its ``clip.json``.

    Raises TwostreamError where it is missing, damaged, or lacks images that its ``clip.json``
    promises.
    """
    if path.is_dir():
        folder = FolderFiles(path)
        metadata = parse_metadata(folder.read([METADATA_MEMBER])[0], subject=str(path))
        names = {item.name for item in path.iterdir()}
        for member in expected_members(metadata.frames):
            if member not in names:
                raise _lacks(path, member)
        return folder, metadata
    index = index_archive(path)
    if METADATA_MEMBER not in index:
        raise _lacks(path, METADATA_MEMBER)
    (content,) = read_members(path, [METADATA_MEMBER], [index[METADATA_MEMBER]])
    metadata = parse_metadata(content, subject=str(path))
    rows = []
    for member in expected_members(metadata.frames):
        place = index.get(member)
        if place is None:
            raise _lacks(path, member)
        rows.append((place.header_offset, place.size, place.crc))
    places = np.asarray(rows, np.uint64)
    narrow = int(places.max()) <= np.iinfo(np.uint32).max  # all but archives of 4 GiB and more
    return ArchiveFiles(path, places.astype(np.uint32) if narrow else places), metadata


def _lacks(path: Path, member: str) -> TwostreamError:
    return TwostreamError(path, expected=f"a member {member}", found="none", remedy=REMEDY)
