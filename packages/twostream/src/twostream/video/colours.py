"""Decoded frames as 8-bit RGB of standard range, whatever depth, transfer and primaries a file has."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

# H.273, tables 2 and 3: what is not of standard dynamic range and gamut, by the names that people know.
TRANSFERS = {8: "linear light", 9: "log", 10: "log", 16: "PQ", 17: "SMPTE ST 428", 18: "HLG"}
PRIMARIES = {9: "BT.2020", 10: "SMPTE ST 428", 11: "DCI-P3", 12: "P3-D65"}
BT709 = 1
# Before, PyAV wrote the transfer that was asked for into the frame and left its pixels alone.
FIRST_PYAV_THAT_CONVERTS = 18
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

    def __call__(self, frame: Any) -> npt.NDArray[np.uint8]:
        """The frame as RGB."""
        if self._grey_levels is not None and is_deep_grey(frame):
            self._levels = self._levels or self._grey_levels()
            lowest, highest = self._levels
            if highest - lowest < NARROW_SHARE * LEVELS:
                self.converted = f"16-bit grey of {lowest} to {highest} scaled to 8 bits"
                return scaled_grey(grey_16(frame, self._reformatter), self._levels)
        wide = wide_colours(frame)
        asked: dict[str, Any] = {}
        if wide and converts_wide_colours():
            self.converted = f"{wide} to BT.709"
            asked = {"dst_color_trc": BT709, "dst_color_primaries": BT709}
        elif wide:
            self.left = f"{wide} is not converted, which needs PyAV {FIRST_PYAV_THAT_CONVERTS}"
        rgb: Any = self._reformatter.reformat(frame, format="rgb24", threads=1, **asked)
        image: npt.NDArray[np.uint8] = rgb.to_ndarray()
        return image


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


def converts_wide_colours() -> bool:
    """Whether the PyAV that is installed converts transfers and primaries."""
    import av

    return int(av.__version__.partition(".")[0]) >= FIRST_PYAV_THAT_CONVERTS


def is_deep_grey(frame: Any) -> bool:
    """Whether a frame is grey of more than 8 bits a pixel."""
    components = frame.format.components
    return len(components) == 1 and components[0].bits > 8 and frame.format.name.startswith("gray")


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
