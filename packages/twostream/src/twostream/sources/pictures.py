"""Numbered pictures as a video: the frames of a clip that somebody has extracted, and no flow."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.datasets.clips import FrameFolder, Segment
from twostream.datasets.several_images import several_images_in
from twostream.errors import TwostreamError
from twostream.store.clip import JPEG_END, JPEG_START
from twostream.store.frame_folders import FrameFiles, Member, open_frames
from twostream.store.jpeg import Image
from twostream.video.colours import LEVELS, NARROW_SHARE, Levels, levels_in_use, scaled_grey
from twostream.video.decode import ShownFrame

Decoded = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
STEP_OF_16_BITS = 257  # levels of 16 bits in one of 8


class Pictures:
    """The pictures of `folder` in the order of their numbers, `fps` a second.

    Raises TwostreamError where they cannot be listed, or have gaps in their numbers (every n-th frame is
    no gap, if all distances are the same). `converted` is what was done beyond what every picture needs.
    """

    def __init__(self, folder: FrameFolder, *, fps: float) -> None:
        self.fps = fps
        self.converted = ""
        self._files = open_frames(folder)
        self._members = _in_order(self._files)
        self._levels: Levels | None = None

    def __len__(self) -> int:
        return len(self._members)

    def identity(self) -> tuple[str, int]:
        """SHA-256 over names and content of all pictures, and their bytes."""
        return self._files.identity()

    def shown_frames(self, segment: Segment | None = None) -> Iterator[ShownFrame]:
        """The pictures, or those shown within a segment; each is decoded when it is asked for."""
        part = segment or Segment()
        for index, member in enumerate(self._members):
            seconds = round(index / self.fps, 6)
            if part.contains(seconds):
                yield ShownFrame(seconds, member, self._image)

    def _image(self, member: Member) -> Image:
        image = self._decoded(member)
        if image.dtype == np.uint8:
            return np.ascontiguousarray(image[..., ::-1], np.uint8)
        grey = _as_grey(image)
        if grey is not None:
            self._levels = self._levels or self._levels_in_use()
            lowest, highest = self._levels
            if highest - lowest < NARROW_SHARE * LEVELS:
                self.converted = f"16-bit grey of {lowest} to {highest} scaled to 8 bits"
                return scaled_grey(grey, self._levels)
        eight = (image.astype(np.uint32) + STEP_OF_16_BITS // 2) // STEP_OF_16_BITS
        return np.ascontiguousarray(eight[..., ::-1], np.uint8)

    def _levels_in_use(self) -> Levels:
        """The levels that all pictures use, which are decoded once more for it."""
        counts = np.zeros(LEVELS, np.int64)
        for member in self._members:
            image = self._decoded(member)
            if image.dtype == np.uint16:
                counts += np.bincount(image[..., 0].ravel(), minlength=LEVELS)
        return levels_in_use(counts)

    def _decoded(self, member: Member) -> Decoded:
        """(H, W, 3) BGR of 8 or 16 bits, turned as a JPEG says."""
        import cv2

        content = self._files.read(member)
        several = several_images_in(content)
        if several is not None:
            raise TwostreamError(
                f"{self._files.folder}: {member.name}",
                expected="one image in each picture of a clip",
                found=f"{member.name}, {several}",
                remedy="write its images as files of their own, or as a video",
            )
        # Some programs pad their files.
        whole = not content.startswith(JPEG_START) or content.rstrip(b"\0").endswith(JPEG_END)
        mode = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
        image: Any = (
            cv2.imdecode(np.frombuffer(content, np.uint8), mode) if content and whole else None
        )
        if image is None or image.dtype not in (np.uint8, np.uint16):
            raise TwostreamError(
                f"{self._files.folder}: {member.name}",
                expected=f"{member.name} whole, a picture of 8 or 16 bits",
                found="damaged data" if image is None else f"{image.dtype}",
                remedy="extract the frames of the clip again",
            )
        decoded: Decoded = image
        return decoded


def _as_grey(image: Decoded) -> npt.NDArray[np.uint16] | None:
    first = image[..., 0]
    grey = (first == image[..., 1]).all() and (first == image[..., 2]).all()
    return np.ascontiguousarray(first, np.uint16) if grey else None


def _in_order(files: FrameFiles) -> list[Member]:
    numbered = files.images["img"]
    numbers = sorted(numbered)
    shortest = min((after - before for before, after in pairwise(numbers)), default=1)
    gaps = [before for before, after in pairwise(numbers) if after - before != shortest]
    if gaps:
        raise TwostreamError(
            files.folder.path,
            expected="pictures without gaps in their numbers",
            found=f"none with the number {gaps[0] + shortest} between {numbers[0]} and {numbers[-1]}",
            remedy="extract the frames of the clip again",
        )
    return [numbered[number] for number in numbers]
