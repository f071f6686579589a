"""Frames as most decoders give them, before there is any RGB: brightness, and colour at half the size."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from twostream.video.colours import ToRgb

Plane = npt.NDArray[np.uint8]
FORMATS = ("yuv420p", "yuvj420p")


class PlanesKind(NamedTuple):
    """All that decides what RGB is made of planes: their size in pixels, format, matrix and range."""

    width: int
    height: int
    format: str
    colorspace: int
    color_range: int


class FramePlanes(NamedTuple):
    """Brightness and both colours of 2x2 pixels each, flat; rows begin so many bytes apart."""

    kind: PlanesKind
    y: Plane
    u: Plane
    v: Plane
    y_stride: int
    uv_stride: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.kind.width, self.kind.height


def planes_of(frame: Any) -> FramePlanes | None:
    """The planes of a PyAV frame, not copied; None where it is of another format, or upside down."""
    if frame.format.name not in FORMATS:
        return None
    y, u, v = frame.planes
    if y.line_size < y.width or u.line_size < u.width or u.line_size != v.line_size:
        return None
    kind = PlanesKind(
        frame.width, frame.height, frame.format.name, int(frame.colorspace), int(frame.color_range)
    )
    return FramePlanes(
        kind,
        *(np.frombuffer(y, np.uint8), np.frombuffer(u, np.uint8), np.frombuffer(v, np.uint8)),
        *(y.line_size, u.line_size),
    )


def noise(kind: PlanesKind, *, seed: int = 0) -> tuple[FramePlanes | None, npt.NDArray[np.uint8]]:
    """A frame of any brightness and colours: its planes, and the RGB (H, W, 3) that is made of it."""
    import av

    frame: Any = av.VideoFrame(kind.width, kind.height, kind.format)
    frame.colorspace, frame.color_range = kind.colorspace, kind.color_range
    rng = np.random.default_rng(seed)
    for plane in frame.planes:
        plane.update(rng.bytes(plane.buffer_size))
    return planes_of(frame), ToRgb()(frame)
