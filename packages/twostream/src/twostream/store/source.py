"""What every clip can be asked, whether it is stored, a video, frames in memory, or a camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from twostream.store.jpeg import Image

Planes = tuple[Image, Image]
"""A flow as codes, x and y, (H, W) uint8 each; zero motion is code 128."""


@dataclass(frozen=True, kw_only=True)
class ClipFacts:
    """What is known of a clip without reading it: its name, where it lies, sizes in pixels.

    `fps` are the images a second; `frames` is None where nobody has counted them yet, and of a camera.
    """

    name: str
    layout: Literal["archive", "folder", "video", "frames", "camera"]
    width: int
    height: int
    fps: float
    frames: int | None

    @property
    def flows(self) -> int | None:
        """One fewer than frames, where these are known."""
        return None if self.frames is None else self.frames - 1


class ClipSource(Protocol):
    """A clip: frames numbered from 0, and flow k from frame k to frame k + 1, as networks see them.

    Frames and flows have been through the codes and the JPEG of the store, wherever they come from. A
    clip goes to other processes by pickle, and each opens it anew.
    """

    @property
    def facts(self) -> ClipFacts:
        """What is known of it."""
        ...

    def count_frames(self) -> int:
        """Number of frames; a video is read to its end for it. TwostreamError where there is no end."""
        ...

    def frames(self, first: int = 0, end: int | None = None) -> Iterator[Image]:
        """Frames `first` to `end` (excluded; None: the last), in order: (H, W, 3) uint8 RGB."""
        ...

    def flows(self, first: int = 0, end: int | None = None) -> Iterator[Planes]:
        """Flows `first` to `end` (excluded; None: the last), in order."""
        ...
