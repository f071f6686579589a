"""Lengths of time as users write them."""

from __future__ import annotations

import datetime
import re

from streamergraph.errors import StreamergraphError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_duration(text: str, *, flag: str, shortest: datetime.timedelta) -> datetime.timedelta:
    """A length of time such as 15m, 90s or 14d; raises StreamergraphError for anything else.

    >>> read_duration("15m", flag="--every", shortest=datetime.timedelta(minutes=1))
    datetime.timedelta(seconds=900)
    """
    found = re.fullmatch(r"(\d+)\s*([smhdw])", text.strip().lower())
    length = (
        datetime.timedelta(**{UNITS[found[2]]: int(found[1])})
        if found is not None and int(found[1]) < 10**6
        else None
    )
    if length is None or length < shortest:
        raise StreamergraphError(
            flag,
            expected=f"a length of time of at least {as_written(shortest)}, such as 15m, 2h or 14d",
            found=repr(text),
            remedy="write a number and s, m, h, d or w",
        )
    return length


def as_written(length: datetime.timedelta) -> str:
    """A length of time as users write it, in the largest unit that it is a multiple of.

    >>> as_written(datetime.timedelta(minutes=45)), as_written(datetime.timedelta(days=14))
    ('45m', '2w')
    """
    for letter, unit in reversed(UNITS.items()):
        of_one = datetime.timedelta(**{unit: 1})
        if length >= of_one and not length % of_one:
            return f"{length // of_one}{letter}"
    return f"{length.total_seconds():g}s"
