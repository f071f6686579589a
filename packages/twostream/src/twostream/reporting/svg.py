"""The little SVG that the pictures are made of."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from html import escape

from twostream.reporting.palette import standalone_css

# Characters that no XML 1.0 document may hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MARGIN = 16.0
_NARROW = frozenset("ijl.,:;'|!()[]{}ftrI -`/\\")
_WIDE = frozenset("mwMW@%&#+<>=~—…")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing of `width` x `height` units, one unit being a CSS pixel at its natural size.

    `body` is SVG; `least_width` is the width in pixels below which it is scrolled, not shrunk.
    """

    name: str
    title: str
    description: str
    width: float
    height: float
    body: str
    least_width: float = 0.0

    def inline(self) -> str:
        """For an HTML page whose style sheet has the picture rules."""
        style = f"max-width: {number(self.width)}px; min-width: {number(self.least_width)}px"
        return self._svg(content=self.body, style=style)

    def standalone(self) -> str:
        """A whole SVG file with its own style and background."""
        x = y = -MARGIN
        width, height = self.width + 2 * MARGIN, self.height + 2 * MARGIN
        backdrop = tag("rect", class_="backdrop", x=x, y=y, width=width, height=height)
        style = f"<style>{standalone_css()}</style>"
        svg = self._svg(
            content=style + backdrop + self.body,
            xmlns="http://www.w3.org/2000/svg",
            width=width,
            height=height,
            margin=MARGIN,
        )
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg}\n'

    def _svg(self, *, content: str, margin: float = 0.0, **attributes: str | float) -> str:
        box = (-margin, -margin, self.width + 2 * margin, self.height + 2 * margin)
        title_id, description_id = f"{self.name}-title", f"{self.name}-description"
        return tag(
            "svg",
            tag("title", clean(self.title), id=title_id),
            tag("desc", clean(self.description), id=description_id),
            content,
            viewBox=" ".join(map(number, box)),
            class_="picture",
            role="img",
            aria_labelledby=f"{title_id} {description_id}",
            **attributes,
        )


def tag(name: str, *children: str, **attributes: str | float | None) -> str:
    """One element; `children` are SVG already, attribute values are escaped, None is left out.

    Attribute names are written with ``_`` for ``-``, and ``class_`` for ``class``.

    >>> tag("rect", class_="bar", stroke_width=1.5, x=None)
    '<rect class="bar" stroke-width="1.5"/>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(children)
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def label(content: str, x: float, y: float, **attributes: str | float | None) -> str:
    """Text with its baseline at (x, y); `content` is escaped."""
    return tag("text", clean(content), x=x, y=y, **attributes)


def hint(content: str) -> str:
    """A title: shown on hover and read aloud; `content` is escaped."""
    return tag("title", clean(content))


def line(x1: float, y1: float, x2: float, y2: float, **attributes: str | float | None) -> str:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def clean(content: str) -> str:
    """`content` escaped for XML; characters that XML forbids become U+FFFD.

    >>> clean("a < b & c")
    'a &lt; b &amp; c'
    """
    return escape(legal(content), quote=True)


def legal(content: str) -> str:
    """`content` without characters that neither XML nor UTF-8 files can hold."""
    return _FORBIDDEN.sub("\ufffd", content)


def number(value: float) -> str:
    """A coordinate with at most two decimals.

    >>> number(3.0), number(1 / 3)
    ('3', '0.33')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def signed(gain: float) -> str:
    """A difference in points with its sign.

    >>> signed(0.3), signed(-0.05), signed(0.0)
    ('+30.0', '−5.0', '0.0')
    """
    points = f"{abs(100 * gain):.1f}"
    return points if points == "0.0" else ("+" if gain > 0 else "−") + points


def _value(value: str | float) -> str:
    return clean(value) if isinstance(value, str) else number(value)


def text_width(content: str, size_px: float) -> float:
    """A generous estimate of the width in pixels of `content`, for any sans serif font."""
    return size_px * sum(map(_em, content))


def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.02
    if character in _NARROW:
        return 0.37
    if character in _WIDE:
        return 0.95
    return 0.74 if character.isupper() else 0.6


def shorten(content: str, size_px: float, width_px: float) -> str:
    """`content`, with its end replaced by … where it would be wider than `width_px`.

    >>> shorten("BasketballDunk", 10, 60), shorten("Golf", 10, 60)
    ('Basketba…', 'Golf')
    """
    if text_width(content, size_px) <= width_px:
        return content
    room = width_px - text_width("…", size_px)
    kept = ""
    for character in content:
        room -= size_px * _em(character)
        if room < 0:
            break
        kept += character
    return kept.rstrip() + "…"


def nice_ticks(high: float, count: int = 5, *, whole: bool = False) -> list[float]:
    """About `count` round numbers from 0 to the first one that is not below `high`.

    `whole`: whole numbers only, as what is counted has.

    >>> nice_ticks(2.9)
    [0.0, 1.0, 2.0, 3.0]
    >>> nice_ticks(7, 3), nice_ticks(7, 3, whole=True)
    ([0.0, 2.5, 5.0, 7.5], [0.0, 5.0, 10.0])
    """
    if not (math.isfinite(high) and high > 0):
        return [0.0, 1.0]
    rough = high / count
    power = 10.0 ** math.floor(math.log10(rough))
    steps_of_ten = [m * power for m in (1, 2, 2.5, 5, 10)]
    if whole:
        steps_of_ten = [step for step in steps_of_ten if step >= 1 and step % 1 == 0] or [1.0]
    step = next(step for step in steps_of_ten if step >= rough * 0.999)
    steps = math.ceil(high / step - 1e-9)
    return [round(step * i, 10) for i in range(steps + 1)]
