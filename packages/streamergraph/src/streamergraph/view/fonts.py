"""Letters for the PNG: Pillow's own font, and a font of the system for what that one lacks."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from itertools import groupby

from PIL import ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
NOBODY_HAS = "\U0010ffff"
PROBE_SIZE = 32.0
OWN = ""


def text_runs(text: str, size: float) -> list[tuple[Font, str]]:
    """`text` in pieces, each with a font of `size` that has its letters.

    What no font at hand has, coloured emoji above all, is left out: a box says nothing.
    """
    pieces: list[tuple[Font, str]] = []
    for place, letters in groupby(text, key=_font_of):
        if place is not None:
            pieces.append((_load(place, size), "".join(letters)))
    return pieces


def draw_text(
    draw: ImageDraw.ImageDraw,
    text: str,
    *,
    x: float,
    baseline: float,
    size: float,
    fill: str,
    centred: bool = False,
    outline: tuple[int, str] | None = None,
) -> None:
    """Draw `text` from `x` on (or around it), with an outline (pixels, colour) if given."""
    pieces = text_runs(text, size)
    lengths = [font.getlength(letters) for font, letters in pieces]
    at = x - sum(lengths) / 2 if centred else x
    width, color = outline or (0, fill)
    for (font, letters), length in zip(pieces, lengths, strict=True):
        draw.text(
            (at, baseline),
            letters,
            font=font,
            fill=fill,
            anchor="ls",
            stroke_width=width,
            stroke_fill=color,
        )
        at += length


@lru_cache(maxsize=4096)
def _font_of(letter: str) -> str | None:
    """The file of a font that has `letter`; empty for Pillow's own, None for no font."""
    if letter.isspace() or _has(OWN, letter):
        return OWN
    place = _asked(f":charset={ord(letter):x}:scalable=true:color=false")
    return place if place and _has(place, letter) else None


def _asked(pattern: str) -> str:
    """What fontconfig finds; empty where there is no such program."""
    words = ["fc-match", "-f", "%{file}", pattern]
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


@lru_cache(maxsize=4096)
def _has(place: str, letter: str) -> bool:
    try:
        font = _load(place, PROBE_SIZE)
        return bytes(font.getmask(letter)) != bytes(font.getmask(NOBODY_HAS))
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=256)
def _load(place: str, size: float) -> Font:
    return ImageFont.load_default(size) if place == OWN else ImageFont.truetype(place, size)
