"""Lists that say of some accounts that they are no bots, or that the entry is switched off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from streamergraph.text_files import column_key

# Columns and keys that say by yes or no whether an account is a bot, and whether an entry counts.
IS_BOT = frozenset({
    "is_bot", "isbot", "bot", "known_bot", "is_known_bot", "banned", "is_banned", "blocked", "is_blocked",
})  # fmt: skip
COUNTS = frozenset({"enabled", "is_enabled"})
YES = frozenset({"true", "yes", "y", "1", "t", "on"})
NO = frozenset({"false", "no", "n", "0", "f", "off"})
SWITCHED_OFF = "entries that are switched off in the list"
NO_BOTS = "accounts of which the list says that they are no bots"
BOTS = "accounts of which the list says that they are bots"
# What was understood and is not meant.
LEFT_OUT = frozenset({SWITCHED_OFF, NO_BOTS, BOTS})


def word_of(value: Any) -> str:
    """A value as a word that may be yes or no."""
    return str(value).strip().casefold()


def are_yes_or_no(values: Sequence[Any]) -> bool:
    """Whether all values that say anything are yes or no, and one is no.

    >>> are_yes_or_no([True, "", "False"]), are_yes_or_no(["yes"]), are_yes_or_no(["no", "anna"])
    (True, False, False)
    """
    words = {word_of(value) for value in values if value is not None} - {""}
    return words <= YES | NO and bool(words & NO)


def said_no(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, but: int, of: frozenset[str]
) -> frozenset[int]:
    """The numbers of the rows of which a column of one of these names says no; not the column `but`.

    >>> sorted(said_no(["login", "isBot"], [["anna", "true"], ["bert", "false"]], but=0, of=IS_BOT))
    [1]
    """
    found: set[int] = set()
    for k, name in enumerate(header):
        column = [row[k] if k < len(row) else "" for row in rows]
        if k != but and column_key(name) in of and are_yes_or_no(column):
            found |= {number for number, cell in enumerate(column) if word_of(cell) in NO}
    return frozenset(found)


def keys_that_say_no(value: Mapping[str, Any], *, of: frozenset[str]) -> Iterator[str]:
    """The keys of an object of logins whose facts say no under one of these names."""
    for key, facts in value.items():
        if isinstance(facts, Mapping) and any(
            column_key(name) in of and word_of(fact) in NO for name, fact in facts.items()
        ):
            yield key
