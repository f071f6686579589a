"""Words on pictures."""

from __future__ import annotations

import unicodedata
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
# From version 5 on OpenCV has letters of most scripts with it, before that those of English alone.
HAS_FONTS = hasattr(cv2, "FontFace")
HERSHEY_PX = 30.0  # the height of its letters' box at scale 1


def drawable(text: str) -> str:
    """`text` as far as it can be drawn: where only English letters can be, without accents.

    >>> drawable("jump")
    'jump'
    """
    if HAS_FONTS:
        return "".join(sign if sign.isprintable() else "?" for sign in text)
    plain = unicodedata.normalize("NFKD", text)
    kept = (sign for sign in plain if not unicodedata.combining(sign))
    return "".join(sign if " " <= sign <= "~" else "?" for sign in kept)


def is_drawable(text: str) -> bool:
    """Whether nothing of `text` is lost when it is drawn, accents apart."""
    return "?" not in drawable(text) or "?" in text


def write_on(
    picture: Pixels,
    text: str,
    x: float,
    y: float,
    *,
    size_px: float,
    colour: Colour,
    bold: bool = False,
) -> None:
    """Draw `text` in place, its baseline beginning at (x, y)."""
    at, words = (round(x), round(y)), drawable(text)
    if HAS_FONTS:
        # Without a place to wrap at: what is too long is cut.
        wrap: Any = cv2.Range(0, 1 << 20) if hasattr(cv2, "Range") else (0, 1 << 20)
        cv2.putText(
            picture, words, at, colour, _face(words), round(size_px), 700 if bold else 450, 0, wrap
        )
        return
    scale = size_px / HERSHEY_PX
    thick = max(1, round(scale * (2.4 if bold else 1.4)))
    cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thick, cv2.LINE_AA)


def width_of(text: str, *, size_px: float, bold: bool = False) -> float:
    """How wide `text` is drawn, in pixels."""
    words = drawable(text)
    if HAS_FONTS:
        box: Any = cv2.getTextSize(
            (1 << 16, 1 << 10), words, (0, 0), _face(words), round(size_px), 700 if bold else 450
        )
        return float(box[0] + box[2])
    (width, _), _ = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, size_px / HERSHEY_PX, 2)
    return float(width)


def shortened(text: str, *, size_px: float, room_px: float, bold: bool = False) -> str:
    """`text`, or as much of its beginning as there is room for."""
    if width_of(text, size_px=size_px, bold=bold) <= room_px:
        return text
    short = text
    while short and width_of(f"{short}...", size_px=size_px, bold=bold) > room_px:
        short = short[:-1]
    return f"{short}..." if short else ""


def _face(text: str) -> Any:
    """A font that has the letters: the plain one is Latin, Greek and Cyrillic."""
    return cv2.FontFace("sans" if all(ord(sign) < 0x530 for sign in text) else "uni")
