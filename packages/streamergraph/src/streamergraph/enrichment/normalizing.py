"""Titles as they are compared: letters, digits and spaces in lower case."""

from __future__ import annotations

import re

DROPPED = re.compile(r"[^A-Za-z0-9èòàìùüé' ]")
NUMERAL = re.compile(r"^(?:\d+|[ivx]+)$")


def normalized(title: str) -> str:
    """The original's form: ASCII letters, digits, èòàìùüé, space and apostrophe; single spaces.

    >>> normalized("F1®  2021 "), normalized("DOOM: Eternal"), normalized("軒轅劍")
    ('f1 2021', 'doom eternal', '')
    """
    return " ".join(DROPPED.sub("", title).lower().split())


def numerals(form: str) -> frozenset[str]:
    """The numbers in a normalised title, Roman ones too: they tell a sequel from its forerunner.

    >>> sorted(numerals("final fantasy ix 2"))
    ['2', 'ix']
    """
    return frozenset(word for word in form.split() if NUMERAL.match(word))
