"""Titles as they are compared: as the published work did, and by what a spelling can differ in."""

from __future__ import annotations

import re
import unicodedata

DROPPED = re.compile(r"[^A-Za-z0-9èòàìùüé' ]")
NUMERAL = re.compile(r"^(?:\d+|[ivx]+)$")
MARKS = re.compile("[™®©℠]")
APOSTROPHES = re.compile("['’‘`´ʼ′]")
NUMBERS = """
    i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx
"""
ROMAN = {word: str(number) for number, word in enumerate(NUMBERS.split(), start=1)}
LETTERS = {"i", "x"}


def normalized(title: str) -> str:
    """The original's form: ASCII letters, digits, èòàìùüé, space and apostrophe; single spaces.

    >>> normalized("F1®  2021 "), normalized("DOOM: Eternal"), normalized("軒轅劍")
    ('f1 2021', 'doom eternal', '')
    """
    return " ".join(DROPPED.sub("", title).lower().split())


def spelling(title: str) -> str:
    """What is left of a title when marks, accents, apostrophes, spaces and kinds of numerals are one.

    Two titles of one spelling are written differently and mean the same: a mark (™) parts words and
    an apostrophe does not, punctuation is a space, ``&`` is ``and``, II is 2. Spaces count between
    numbers only. ``I`` and ``X`` stay letters: Mega Man X is not Mega Man 10.

    >>> spelling("MotoGP™22"), spelling("Pokémon’s Path")
    ('motogp22', 'pokemonspath')
    >>> spelling("Stronghold Crusader II"), spelling("Half-Life 2: Episode 1")
    ('strongholdcrusader2', 'halflife2episode1')
    """
    words = _words(title)
    glued = ""
    for word in words:
        glued += f" {word}" if word.isdigit() and glued[-1:].isdigit() else word
    return glued


def numerals(form: str) -> frozenset[str]:
    """The numbers in a normalised title, Roman ones as digits: they tell a sequel from its forerunner.

    >>> sorted(numerals("final fantasy ix 2"))
    ['2', '9']
    """
    return frozenset(ROMAN.get(word, word) for word in form.split() if NUMERAL.match(word))


def _words(title: str) -> list[str]:
    title = APOSTROPHES.sub("", MARKS.sub(" ", title)).replace("&", " and ")
    decomposed = unicodedata.normalize("NFKD", title.casefold())
    kept = "".join(
        letter if letter.isalnum() else " "
        for letter in decomposed
        if not unicodedata.combining(letter)
    )
    return [ROMAN.get(word, word) if word not in LETTERS else word for word in kept.split()]
