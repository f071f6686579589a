"""Reading one stored clip, whichever its layout."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from twostream.errors import TwostreamError
from twostream.store.files import ArchiveFiles, ClipFiles, open_files
from twostream.store.index import REMEDY
from twostream.store.jpeg import Image, decode_jpeg
from twostream.store.members import (
    CHECKSUMS_MEMBER,
    METADATA_MEMBER,
    expected_members,
    flow_members,
    frame_member,
)
from twostream.store.metadata import ClipMetadata
from twostream.store.source import ClipFacts, Planes

ARCHIVE_SUFFIX = ".zip"
# More than a stack has, so that one read fetches it; fewer than would need much memory.
READ_AT_ONCE = 32
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

    @property
    def facts(self) -> ClipFacts:
        """What every clip tells of itself."""
        of = self.metadata
        return ClipFacts(
            name=self.path.stem if self.path.suffix == ARCHIVE_SUFFIX else self.path.name,
            layout="archive" if isinstance(self.files, ArchiveFiles) else "folder",
            width=of.width,
            height=of.height,
            fps=of.fps,
            frames=of.frames,
        )

    def count_frames(self) -> int:
        """Number of frames."""
        return self.metadata.frames

    def frame(self, index: int) -> Image:
        """Frame `index`: (H, W, 3) uint8 RGB."""
        return next(self.frames(index, index + 1))

    def frames(self, first: int = 0, end: int | None = None) -> Iterator[Image]:
        """Frames `first` to `end` (excluded; None: the last): (H, W, 3) uint8 RGB."""
        numbers = self._numbers(first, end, self.metadata.frames, "frame")
        members = (frame_member(k) for k in numbers)
        while some := list(islice(members, READ_AT_ONCE)):
            for member, content in zip(some, self.files.read(some), strict=True):
                yield self._decode(member, content, grey=False)

    def flow_codes(self, index: int) -> Image:
        """Flow `index` as 8-bit codes: (H, W, 2) uint8, x then y; zero motion is code 128."""
        import cv2

        codes: Image = cv2.merge(next(self.flows(index, index + 1)))
        return codes

    def flows(self, first: int = 0, end: int | None = None) -> Iterator[Planes]:
        """Flows `first` to `end` (excluded; None: the last), x and y: (H, W) uint8 codes, zero motion 128.

        Many are read before the first of them is decoded, where they lie close to each other at once.
        """
        numbers = self._numbers(first, end, self.metadata.flows, "flow")
        for start in range(numbers.start, numbers.stop, READ_AT_ONCE):
            some = range(start, min(start + READ_AT_ONCE, numbers.stop))
            members = [member for k in some for member in flow_members(k)]
            planes = map(self._plane, members, self.files.read(members))
            yield from zip(planes, planes, strict=True)

    def _plane(self, member: str, content: bytes) -> Image:
        import cv2

        plane = self._decode(member, content, grey=True)
        # Classic codes have zero motion at 127; the rest of the house counts on 128.
        return plane if self.metadata.flow_zero_code is None else cv2.add(plane, (1, 0, 0, 0))

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

    def _numbers(self, first: int, end: int | None, count: int, kind: str) -> range:
        end = count if end is None else end
        if not 0 <= first <= end <= count:
            raise IndexError(f"{self.path}: {kind}s {first} to {end} of {count}")
        return range(first, end)

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
