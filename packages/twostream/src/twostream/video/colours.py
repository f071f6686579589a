"""Decoded frames as 8-bit RGB of standard range, whatever depth, transfer and primaries a file has."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.video.graphs import Kind, filter_graph, kind_of

# H.273, tables 2 and 3: what is not of standard dynamic range and gamut, by the names that people know.
TRANSFERS = {8: "linear light", 9: "log", 10: "log", 16: "PQ", 17: "SMPTE ST 428", 18: "HLG"}
PRIMARIES = {9: "BT.2020", 10: "SMPTE ST 428", 11: "DCI-P3", 12: "P3-D65"}
# By FFmpeg's filter: of PyAV's own converter, versions before 18 write into the frame what is asked for and
# leave its pixels alone.
TO_BT709 = (("scale", "out_primaries=bt709:out_transfer=bt709"), ("format", "pix_fmts=rgb24"))
# Grey of more than 8 bits that uses less than this share of its range has too few levels left in 8.
NARROW_SHARE, LEFT_OUT_SHARE = 0.25, 0.001
LEVELS = 1 << 16
Levels = tuple[int, int]


class ToRgb:
    """Makes (H, W, 3) uint8 RGB of the frames of one video, by one converter that is kept.

    One made for each frame would build its table of colours for each, and start threads of its own.
    `grey_levels` tells the lowest and the highest level, of 65536, that a video of deep grey uses.
    `converted` says what was done beyond what every video needs, `left` what could not be done.
    """

    def __init__(self, grey_levels: Callable[[], Levels] | None = None) -> None:
        from av.video.reformatter import VideoReformatter

        self.converted = ""
        self.left = ""
        self._reformatter = VideoReformatter()
        self._grey_levels = grey_levels
        self._levels: Levels | None = None
        self._graph: Any = None
        self._graph_of: tuple[Kind, str] | None = None

    def __call__(self, frame: Any) -> npt.NDArray[np.uint8]:
        """The frame as RGB."""
        if self._grey_levels is not None and is_deep_grey(frame):
            self._levels = self._levels or self._grey_levels()
            lowest, highest = self._levels
            if highest - lowest < NARROW_SHARE * LEVELS:
                self.converted = f"16-bit grey of {lowest} to {highest} scaled to 8 bits"
                return scaled_grey(grey_16(frame, self._reformatter), self._levels)
        wide = wide_colours(frame)
        rgb: Any = self._narrowed(frame, wide) if wide else None
        if rgb is None:
            rgb = self._reformatter.reformat(frame, format="rgb24", threads=1)
        image: npt.NDArray[np.uint8] = rgb.to_ndarray()
        return image

    def _narrowed(self, frame: Any, wide: str) -> Any:
        """The frame in the colours of BT.709; None where FFmpeg does not convert what it has."""
        import av

        try:
            if self._graph is None or self._graph_of != (kind_of(frame), wide):
                self._graph = filter_graph(frame, *TO_BT709)
                self._graph_of = kind_of(frame), wide
            self._graph.push(frame)
            rgb = self._graph.pull()
        except av.FFmpegError:
            self._graph = None
            self.left = f"{wide} could not be converted to BT.709"
            return None
        self.converted = f"{wide} to BT.709"
        return rgb


@lru_cache(maxsize=1)
def converter() -> str:
    """The libraries that make RGB of frames: others may make other pixels of them.

    >>> converter().startswith("PyAV ")
    True
    """
    import av

    version = ".".join(map(str, av.library_versions["libswscale"]))
    return f"PyAV {av.__version__} (libswscale {version})"


def wide_colours(frame: Any) -> str:
    """Transfer and primaries of a frame that are not those of SDR; empty where they are, or unsaid.

    >>> from types import SimpleNamespace
    >>> wide_colours(SimpleNamespace(color_trc=18, color_primaries=9))
    'HLG in BT.2020'
    >>> wide_colours(SimpleNamespace(color_trc=1, color_primaries=1))
    ''
    """
    transfer = TRANSFERS.get(int(frame.color_trc))
    primaries = PRIMARIES.get(int(frame.color_primaries))
    return " in ".join(name for name in (transfer, primaries) if name)


def is_deep_grey(frame: Any) -> bool:
    """Whether a frame is grey of more than 8 bits a pixel, transparent or not."""
    grey, *others = frame.format.components
    if grey.bits <= 8 or not all(one.is_alpha for one in others):
        return False
    return str(frame.format.name).startswith(("gray", "ya"))


def grey_16(frame: Any, reformatter: Any) -> npt.NDArray[np.uint16]:
    """A frame of deep grey: (H, W) uint16, its whole range spread over 16 bits."""
    grey: npt.NDArray[np.uint16] = reformatter.reformat(
        frame, format="gray16le", threads=1
    ).to_ndarray()
    return grey


def levels_in_use(counts: npt.NDArray[np.int64]) -> Levels:
    """The lowest and highest level of 65536 in use, but for a thousandth of the pixels at either end.

    >>> counts = np.zeros(65536, np.int64)
    >>> counts[[0, 29000, 29240]] = 1, 5000, 5000  # a dead pixel, and a scene
    >>> levels_in_use(counts)
    (29000, 29240)
    """
    up_to = np.cumsum(counts)
    left_out = LEFT_OUT_SHARE * up_to[-1]
    lowest = int(np.searchsorted(up_to, left_out, side="right"))
    highest = int(np.searchsorted(up_to, up_to[-1] - left_out, side="left"))
    return lowest, max(highest, lowest + 1)


def scaled_grey(grey: npt.NDArray[np.uint16], levels: Levels) -> npt.NDArray[np.uint8]:
    """(H, W) uint16 as (H, W, 3) uint8, `levels` being black and white."""
    lowest, highest = levels
    share = (grey.astype(np.float32) - lowest) * (255 / (highest - lowest))
    codes = np.clip(np.rint(share), 0, 255).astype(np.uint8)
    return np.repeat(codes[..., None], 3, axis=2)
