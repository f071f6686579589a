"""A part of every picture of a video: what a fixed camera sees beside it is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from twostream.errors import TwostreamError

LEAST_PX = 16  # on either side, as small as pictures are stored
FLAG = "--crop"
EXPECTED = f"x,y,width,height in whole pixels, width and height at least {LEAST_PX}"
SEPARATORS = re.compile(r"\s*[,;\s]\s*")


@dataclass(frozen=True)
class Crop:
    """A rectangle in pixels of the picture as players show it; `x` and `y` are its upper left corner.

    >>> str(Crop(40, 0, 240, 180)), Crop(40, 0, 240, 180).name
    ('40,0,240,180', '240x180+40+0')
    """

    x: int
    y: int
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.x},{self.y},{self.width},{self.height}"

    @property
    def name(self) -> str:
        """The rectangle in a file's name."""
        return f"{self.width}x{self.height}+{self.x}+{self.y}"

    def is_within(self, width: int, height: int) -> bool:
        """Whether pictures of that size have all of it.

        >>> Crop(40, 0, 240, 180).is_within(280, 180), Crop(40, 0, 240, 180).is_within(279, 180)
        (True, False)
        """
        return self.x + self.width <= width and self.y + self.height <= height


def parse_crop(text: str) -> Crop | None:
    """The rectangle that ``x,y,width,height`` names; None where the text names none.

    >>> parse_crop("40,0,240,180") == parse_crop("[40; 0; 240; 180]") == Crop(40, 0, 240, 180)
    True
    >>> parse_crop("40,0,240"), parse_crop("-1,0,240,180"), parse_crop("0,0,4,4")
    (None, None, None)
    """
    numbers = SEPARATORS.split(text.strip().strip("[]()").strip())
    if len(numbers) != 4 or not all(one.isascii() and one.isdecimal() for one in numbers):
        return None
    crop = Crop(*map(int, numbers))
    return crop if min(crop.width, crop.height) >= LEAST_PX else None


def required_crop(text: str, *, subject: str = FLAG) -> Crop:
    """As `parse_crop`; raises TwostreamError naming `subject` where the text names none."""
    crop = parse_crop(text)
    if crop is None:
        raise TwostreamError(
            subject,
            expected=EXPECTED,
            found=repr(text),
            remedy="such as 40,0,240,240: 240 by 240 pixels, from 40 to the right of the upper left corner",
        )
    return crop
