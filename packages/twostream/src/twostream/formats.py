"""Versions of our own files: what an older version wrote is read, what a later one wrote is left alone.

Every file of a run or a data set may hold ``format``, a number that rises only when an older version would
misread the file. Keys that are not known are ignored; a key that is missing has the value by which versions
without it worked; a file without the number is of the first format.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError


class LaterFormatError(TwostreamError):
    """A file that a later version of this program wrote: whole, but not to be read or replaced here."""


def check_format(values: Mapping[str, Any], *, known: int, subject: Path | str) -> None:
    """Raise LaterFormatError for a format above the `known` one; ValueError for one that is no number.

    >>> check_format({}, known=1, subject="training.json")
    >>> check_format({"format": 2}, known=1, subject="training.json")
    Traceback (most recent call last):
    ...
    twostream.formats.LaterFormatError: training.json: expected format 1 or earlier, found format 2, \
which a later version wrote; upgrade twostream, or choose another folder
    """
    found = values.get("format", 1)
    if type(found) is not int or found < 1:
        raise ValueError(f"format {found!r}")
    if found > known:
        raise LaterFormatError(
            subject,
            expected=f"format {known} or earlier",
            found=f"format {found}, which a later version wrote",
            remedy="upgrade twostream, or choose another folder",
        )
