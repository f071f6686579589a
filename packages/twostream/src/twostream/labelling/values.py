"""Values of JSON files of others, which may be anything, as what they should be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def mapping(value: object) -> Mapping[str, object]:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[object]:
    """An array; empty for anything else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """A text, or a number as one; empty for anything else.

    >>> text(" a "), text(7), text(None)
    ('a', '7', '')
    """
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def written(value: object) -> str:
    """A text, blanks at its ends too, or a number as one; empty for anything else.

    >>> written(" a "), written(7), written(None)
    (' a ', '7', '')
    """
    return value if isinstance(value, str) else text(value)


def number(value: object) -> float | None:
    """A finite number, or a text that is one; None for anything else.

    >>> number(2), number("2.5"), number("NA"), number(True)
    (2.0, 2.5, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def rate_of(value: object) -> float | None:
    """Frames a second from a number, or a fraction as FFmpeg tells it; None for anything else.

    >>> rate_of("25"), rate_of("30000/1001") == 30000 / 1001, rate_of("0/0"), rate_of("x")
    (25.0, True, None, None)
    """
    above, slash, below = value.partition("/") if isinstance(value, str) else (value, "", "")
    if not slash:
        return number(above)
    parts = number(above), number(below)
    return None if parts[0] is None or not parts[1] else parts[0] / parts[1]


def clock(value: object) -> float | None:
    """Seconds from a number or ``h:mm:ss.mmm``, with a point or a comma; None for anything else.

    >>> clock("00:16:40.50"), clock("1:02"), clock("-0:01.5"), clock("2,5"), clock(3)
    (1000.5, 62.0, -1.5, 2.5, 3.0)
    """
    plain = number(value)
    if plain is not None or not isinstance(value, str):
        return plain
    written = value.strip().replace(",", ".")
    sign = -1.0 if written.startswith("-") else 1.0
    parts = written.lstrip("+-").split(":")
    if not 1 <= len(parts) <= 3 or not all(part[:1].isdigit() for part in parts):
        return None
    if any(not part.isdecimal() for part in parts[:-1]):
        return None
    last = number(parts[-1])
    if last is None or (len(parts) > 1 and last >= 60):
        return None
    seconds = last
    for power, part in enumerate(reversed(parts[:-1]), start=1):
        seconds += 60**power * int(part)
    return sign * seconds
