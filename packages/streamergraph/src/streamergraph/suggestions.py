"""The nearest of the known names to one that is none of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

# With more names than these the search itself would take long.
MOST_NAMES = 20_000


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The one of `known` that `name` was probably meant to be; None where none is alike.

    >>> nearest("Overlaps", ["overlap", "count"])
    'overlap'
    """
    names = list(islice(known, MOST_NAMES))
    folded: dict[str, str] = {}
    for one in names:
        folded.setdefault(one.casefold(), one)
    found = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=cutoff)
    return folded[found[0]] if found else None


def near_names(name: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """Those of `known` that `name` may mean, the likeliest first: another case, alike, or with it inside.

    >>> near_names("homyatol", ["Homyatol", "Homy", "Anna"])
    ['Homyatol', 'Homy']
    """
    names = list(islice(known, MOST_NAMES))
    folded: dict[str, str] = {}
    for one in names:
        folded.setdefault(one.casefold(), one)
    wanted = name.casefold()
    found = difflib.get_close_matches(wanted, list(folded), n=most, cutoff=0.6)
    found += [one for one in folded if wanted and wanted in one and one not in found]
    return [folded[one] for one in found[:most]]


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str, cutoff: float = 0.6) -> str:
    """A remedy that suggests the nearest of `known`, or says `otherwise`.

    >>> did_you_mean("cuont", ["overlap", "count"], otherwise="choose from these")
    'did you mean count?'
    """
    near = nearest(name, known, cutoff=cutoff)
    return otherwise if near is None else f"did you mean {near}?"
