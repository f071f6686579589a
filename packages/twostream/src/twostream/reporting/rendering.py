"""Jinja2, set up so that class names and clip ids can hold anything."""

from __future__ import annotations

import functools
from typing import Any

import jinja2
from markupsafe import Markup

from twostream.reporting import palette
from twostream.reporting.palette import kind
from twostream.reporting.svg import Picture, legal, signed


@functools.cache
def environment() -> jinja2.Environment:
    """The templates of this package; everything but pictures and style is escaped."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("twostream.reporting", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    made.filters.update(
        percent=percent,
        duration=duration,
        clock=clock,
        count=count,
        drawn=_drawn,
        signed=signed,
        kind=kind,
        sentence=sentence,
    )
    return made


def style() -> str:
    """The style sheet of a page, with the rules of its pictures."""
    source, _, _ = environment().loader.get_source(environment(), "report.css")  # type: ignore[union-attr]
    return (
        f":root {{ color-scheme: light dark; {palette.variables(palette.LIGHT)} }}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f":root {{ {palette.variables(palette.DARK)} }}\n}}\n{palette.PICTURE_RULES}\n{source}"
    )


def percent(share: float | None, decimals: int = 1) -> str:
    """A fraction in per cent, without the sign.

    >>> percent(0.7123), percent(None)
    ('71.2', '–')
    """
    return "–" if share is None else f"{100 * share:.{decimals}f}"


def duration(seconds: float) -> str:
    """A duration as people say it.

    >>> duration(42), duration(90), duration(7260)
    ('42 s', '1 min 30 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def clock(seconds: float) -> str:
    """A moment of a video, to hundredths of a second.

    >>> clock(3.5), clock(75.999), clock(3661)
    ('0:03.50', '1:16.00', '1:01:01.00')
    """
    ticks = round(max(seconds, 0.0) * 100)
    minutes, rest = divmod(ticks, 6000)
    text = f"{rest // 100:02d}.{rest % 100:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{text}" if minutes >= 60 else f"{minutes}:{text}"


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "test clip"), count(0, "class|classes"), count(3, "test clip")
    ('1 test clip', '0 classes', '3 test clips')
    """
    one, _, many = noun.partition("|")
    return f"{number} {one if number == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """`text` with a capital first letter and a full stop.

    >>> sentence("nothing was selected"), sentence("")
    ('Nothing was selected.', '')
    """
    whole = text.strip()
    return whole[:1].upper() + whole[1:].rstrip(".") + "." if whole else ""


def _drawn(picture: Picture) -> Markup:
    return Markup(picture.inline())


def _finalize(value: Any) -> Any:
    # Markup is a str too, and must stay what it is.
    return legal(value) if type(value) is str else value
