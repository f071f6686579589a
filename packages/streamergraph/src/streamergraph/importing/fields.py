"""Names and values of fields, however collectors spell them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

NUMBERS = ("$numberLong", "$numberInt", "$numberDouble", "$numberDecimal")
LARGEST_NUMBER = 2**53
NO_COUNT = "viewer counts that are no count"
NOTHING = ("", "nan", "null", "none")
# Three noughts behind a point: a thousand in Italy, one in Ireland.
EITHER = re.compile(r"\d{1,3}(?:\.000)+")
GROUPED = re.compile(r"\d{1,3}(?:([, '’\u00a0\u2009\u202f])\d{3})(?:\1\d{3})*")
SHORT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([km])", re.IGNORECASE)
THOUSANDS = {"k": 1_000, "m": 1_000_000}


@lru_cache(maxsize=8192)
def plain_name(field: str) -> str:
    """The name of a field without what differs between collectors.

    >>> plain_name("user_login"), plain_name("userLogin"), plain_name("tmi-sent-ts")
    ('userlogin', 'userlogin', 'tmisentts')
    """
    return field.replace("_", "").replace("-", "").replace(" ", "").lower()


def whole_number(value: Any) -> int | None:
    """A count or id: a whole number, also as text or as 100.0; None for anything else.

    >>> whole_number(100.0), whole_number(" 1204 "), whole_number("100.0"), whole_number(100.5)
    (100, 1204, 100, None)
    """
    if isinstance(value, str):
        found = re.fullmatch(r"\s*(\d{1,16})(?:\.0*)?\s*", value, re.ASCII)
        value = int(found[1]) if found else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # A bool is an int for Python.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST_NUMBER:
        return None
    return value


def id_in(value: Any) -> int | None:
    """An id: a whole number as `whole_number` reads it, above 0, which stands for none.

    >>> id_in("11"), id_in(0)
    (11, None)
    """
    return whole_number(value) or None


def count_in(value: Any) -> int | None:
    """A count as `whole_number` reads it, or as people write it; None for what may be another one.

    >>> count_in("1,204"), count_in("1 204"), count_in("1.2K"), count_in("1.000")
    (1204, 1204, 1200, None)
    """
    text = value.strip() if isinstance(value, str) else ""
    if EITHER.fullmatch(text):
        return None
    if GROUPED.fullmatch(text):
        return whole_number(re.sub(r"\D", "", text))
    if found := SHORT.fullmatch(text):
        return whole_number(
            round(float(found[1].replace(",", ".")) * THOUSANDS[found[2].lower()], 3)
        )
    return whole_number(value)


def is_said(value: Any) -> bool:
    """Whether a field says anything: not null, not empty, not what tables write for a hole.

    >>> [is_said(value) for value in (0, "0", None, " ", float("nan"), "NaN", "null")]
    [True, True, False, False, False, False, False]
    """
    if isinstance(value, str):
        return value.strip().lower() not in NOTHING
    return value is not None and not (isinstance(value, float) and value != value)


def plain(value: Any) -> Any:
    """A value of MongoDB's extended JSON, or of its driver, as plain JSON; dates as ISO texts.

    >>> plain({"$numberLong": "7"}), plain({"$date": {"$numberLong": "1714564800000"}})
    (7, 1714564800000)
    >>> plain({"a": [{"$oid": "6271"}]})
    {'a': ['6271']}
    """
    if isinstance(value, Mapping):
        if len(value) == 1:
            ((name, inner),) = value.items()
            if name in NUMBERS:
                number = float(inner)
                return int(number) if number.is_integer() else number
            if name in ("$date", "$oid"):
                return plain(inner)
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return moment.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
