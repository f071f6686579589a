"""Reading one stored clip, whichever its layout."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError
from twostream.store.files import ClipFiles, open_files
from twostream.store.index import REMEDY
from twostream.store.jpeg import decode_jpeg
from twostream.store.members import (
    CHECKSUMS_MEMBER,
    METADATA_MEMBER,
    expected_members,
    flow_members,
    frame_member,
)
from twostream.store.metadata import ClipMetadata

Image = npt.NDArray[np.uint8]
JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"


@dataclass(frozen=True)
class StoredClip:
    """A stored clip: its metadata and its images, decoded on demand.

    Frames are numbered from 0; flow k goes from frame k to frame k + 1. Reading is thread-safe, and a
    clip goes to other processes by pickle: no file stays open.
    """

    path: Path
    metadata: ClipMetadata
    files: ClipFiles = field(repr=False)

    def read(self, member: str) -> bytes:
        """Content of one member; raises TwostreamError where it is missing or damaged."""
        return self.files.read([member])[0]

    def frame(self, index: int) -> Image:
        """Frame `index`: (H, W, 3) uint8 RGB."""
        member = frame_member(self._checked(index, self.metadata.frames, "frame"))
        return self._decode(member, self.read(member), grey=False)

    def flow_codes(self, index: int) -> Image:
        """Flow `index` as 8-bit codes: (H, W, 2) uint8, x then y; zero motion is code 128."""
        import cv2

        codes: Image = cv2.merge(tuple(self.flow_planes(index, 1)))
        return codes

    def flow_planes(self, first: int, count: int) -> Iterator[Image]:
        """x, then y, of `count` flows from `first` on: (H, W) uint8 codes; zero motion is code 128.

        All are read before the first is decoded, where they lie close to each other at once.
        """
        import cv2

        for index in (first, first + count - 1):
            self._checked(index, self.metadata.flows, "flow")
        members = [member for k in range(first, first + count) for member in flow_members(k)]
        for member, content in zip(members, self.files.read(members), strict=True):
            plane = self._decode(member, content, grey=True)
            # Classic codes have zero motion at 127; the rest of the house counts on 128.
            yield plane if self.metadata.flow_zero_code is None else cv2.add(plane, (1, 0, 0, 0))

    def check(self, *, decode: bool = False) -> None:
        """Read every member; raises TwostreamError for the first that is damaged.

        Every bit counts: archives and the folders that this package writes have checksums. Of other
        folders, that each image has both its ends. With `decode` each image is decoded as well.
        """
        sums = self._checksums()
        if sums:
            self._compare(METADATA_MEMBER, self.read(METADATA_MEMBER), sums)
        for member in expected_members(self.metadata.frames):
            content = self.read(member)
            if not (content.startswith(JPEG_START) and content.endswith(JPEG_END)):
                raise self._damaged(member, "damaged data")
            if sums:
                self._compare(member, content, sums)
        if decode:
            for index in range(self.metadata.frames):
                self.frame(index)
                if index < self.metadata.flows:
                    self.flow_codes(index)

    def _checksums(self) -> dict[str, str]:
        """Member -> SHA-256 of a folder's members; empty for an archive and where nobody wrote them."""
        if not (self.path / CHECKSUMS_MEMBER).is_file():
            return {}
        content = self.read(CHECKSUMS_MEMBER).decode("utf-8", "replace")
        lines = [line.split("  ", 1) for line in content.split("\n")[:-1]]
        sums = {line[1]: line[0] for line in lines if len(line) == 2}
        if "".join(f"{digest}  {member}\n" for member, digest in sums.items()) != content:
            raise self._damaged(CHECKSUMS_MEMBER, "damaged data")
        return sums

    def _compare(self, member: str, content: bytes, sums: dict[str, str]) -> None:
        if sums.get(member) != hashlib.sha256(content).hexdigest():
            raise self._damaged(member, f"data that {CHECKSUMS_MEMBER} does not know")

    def _checked(self, index: int, count: int, kind: str) -> int:
        if not 0 <= index < count:
            raise IndexError(f"{self.path}: {kind} {index} of {count}")
        return index

    def _decode(self, member: str, content: bytes, *, grey: bool) -> Image:
        image = decode_jpeg(content, grey=grey)
        if image is None:
            raise self._damaged(member, "damaged data")
        height, width = image.shape[:2]
        if (width, height) != (self.metadata.width, self.metadata.height):
            raise self._damaged(member, f"{width}x{height}")
        return image

    def _damaged(self, member: str, found: str) -> TwostreamError:
        return TwostreamError(
            f"{self.path}: {member}",
            expected=f"a JPEG of {self.metadata.width}x{self.metadata.height}",
            found=found,
            remedy=REMEDY,
        )


def open_clip(path: Path) -> StoredClip:
    """Open the stored clip `path`, a ZIP or a folder.

    Raises TwostreamError where it is missing, damaged, or lacks images that its ``clip.json``
    promises.
    """
    files, metadata = open_files(path)
    return StoredClip(path, metadata, files)
