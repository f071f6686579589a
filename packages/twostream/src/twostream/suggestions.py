"""The nearest of the known names to one that is none of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

# With more names than these the search itself would take long.
MOST_NAMES = 20_000


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The one of `known` that `name` was probably meant to be; None where none is alike.

    >>> nearest("resnet5", ["ResNet50", "VGG16"])
    'ResNet50'
    """
    names = list(islice(known, MOST_NAMES))
    folded: dict[str, str] = {}
    for one in names:
        folded.setdefault(one.casefold(), one)
    found = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=cutoff)
    return folded[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str, cutoff: float = 0.6) -> str:
    """A remedy that suggests the nearest of `known`, or says `otherwise`.

    >>> did_you_mean("fusoin", ["fusion", "spatial"], otherwise="choose from these")
    'did you mean fusion?'
    """
    near = nearest(name, known, cutoff=cutoff)
    return otherwise if near is None else f"did you mean {near}?"
