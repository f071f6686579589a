"""Who is who: one table of names for the whole store, whatever a single file happens to hold.

A look that knows the platform's id of a channel gives it; one that does not gives a negative number
made of the login, or of the display name where there is no login. What stands together in one entry
belongs together, before and after: a name without an id is joined to the id that has it elsewhere.
Where two ids have had a name, it is not known whom it means, and nothing is joined.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar


def number_of_name(name: str) -> int:
    """A negative number for who has no id of the platform: the same for the same name, whatever its case.

    It has 52 bits, so that JavaScript and Gephi keep it exactly. Two of 100,000 names share one with a
    probability of about one in a million.

    >>> number_of_name("Anna") == number_of_name(" anna ")
    True
    >>> -(2**52) <= number_of_name("Anna") < 0
    True
    """
    digest = hashlib.blake2b(folded(name).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return -1 - (int.from_bytes(digest) >> 12)


def folded(name: str) -> str:
    """A login or name as it is compared."""
    return name.strip().lower()


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """A stored id with the names that it was seen with: the platform's id, or the number of a name."""

    stored_id: int
    login: str | None = None
    name: str | None = None

    @property
    def labels(self) -> list[str]:
        """Both names as they are compared, the login first."""
        return [folded(text) for text in (self.login, self.name) if text and text.strip()]


@dataclass(frozen=True, kw_only=True)
class Identities:
    """Which id each stored id means, and the names that several ids have had, which mean nobody."""

    meant: dict[int, int]
    ambiguous: tuple[str, ...] = ()


def identities(
    sightings: Iterable[Sighting], *, renames: Mapping[str, str] | None = None
) -> Identities:
    """Join ids by the names that they were seen with, and by `renames` (old name to new name).

    Also two ids of the platform are joined where `renames` says that the one's name became the
    other's.

    >>> anna = Sighting(stored_id=number_of_name("anna"), name="Anna")
    >>> known = Sighting(stored_id=11, login="anna", name="Anna")
    >>> identities([anna, known]).meant[anna.stored_id]
    11
    >>> identities([anna, known, Sighting(stored_id=12, name="Anna")]).ambiguous
    ('anna',)
    """
    seen = list(sightings)
    renamed = {folded(old): folded(new) for old, new in (renames or {}).items()}
    logins_of: dict[str, set[str]] = defaultdict(set)
    ids_of: dict[str, set[int]] = defaultdict(set)
    for one in seen:
        if one.login and one.name:
            logins_of[folded(one.name)].add(folded(one.login))
        if one.stored_id >= 0:
            for label in one.labels:
                ids_of[label].add(one.stored_id)
    # A name stands for the only login that it was seen with, and an old name for the new one.
    stands_for = {name: min(logins) for name, logins in logins_of.items() if len(logins) == 1}
    stands_for |= renamed
    ids_of_root: dict[str, set[int]] = defaultdict(set)
    for label, ids in ids_of.items():
        ids_of_root[_end(label, stands_for)] |= ids
    meant: dict[int, int] = {}
    ambiguous: set[str] = set()
    for one in seen:
        if one.stored_id >= 0 or not one.labels:
            meant[one.stored_id] = one.stored_id
            continue
        label = one.labels[0]
        root = _end(label, stands_for)
        known = ids_of_root[root]
        if len(known) > 1:
            known = ids_of[label]
        if len(known) > 1 or len(logins_of[label]) > 1:
            ambiguous.add(label)
            meant[one.stored_id] = one.stored_id
        else:
            meant[one.stored_id] = min(known, default=number_of_name(root))
    joined = {
        min(ids_of[old]): min(ids_of[new])
        for old, new in renamed.items()
        if len(ids_of[old]) == len(ids_of[new]) == 1 and ids_of[old] != ids_of[new]
    }
    return Identities(
        meant={stored: _end(number, joined) for stored, number in meant.items()},
        ambiguous=tuple(sorted(ambiguous)),
    )


T = TypeVar("T")


def _end(start: T, steps: Mapping[T, T]) -> T:
    """Where `steps` lead from `start`; in a circle, the last before it closes."""
    passed, here = {start}, start
    while (following := steps.get(here)) is not None and following not in passed:
        passed.add(following)
        here = following
    return here
