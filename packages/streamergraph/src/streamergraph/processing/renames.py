"""Streamers that changed their name, as told by a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from streamergraph.errors import StreamergraphError
from streamergraph.processing.login_names import login_in
from streamergraph.text_files import column_key, delimiter_of, read_text, split_rows

EXPECTED = "a CSV with columns old, new"
OLD = ("old", "old_name", "old_login", "from", "before", "previous", "previous_name")
NEW = ("new", "new_name", "new_login", "to", "after", "current", "current_name")
SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Renames:
    """Old name -> new name, both in lower case; `not_understood` counts other rows by reason."""

    file: str
    names: dict[str, str]
    not_understood: dict[str, int]

    def told(self, never_seen: list[str], new_never_seen: Sequence[str] = ()) -> str:
        """One line about what was read, and which of the old and of the new names the store never saw."""
        text = f"--renames {self.file}: {len(self.names)} renames read"
        for which, names in (("old", never_seen), ("new", new_never_seen)):
            if names:
                more = ", …" if len(names) > SHOWN else ""
                shown = ", ".join(repr(name) for name in names[:SHOWN])
                text += f"; {len(names)} of the {which} names were never seen: {shown}{more}"
        for reason, count in self.not_understood.items():
            text += f"; {count} rows {reason}"
        return text


def read_renames(path: Path) -> Renames:
    """The names of a CSV with columns old, new; other columns, delimiters and encodings are fine.

    Raises StreamergraphError for a file that is no such table, that has no rename, or that says of one name
    that it became two, or in a circle.
    """
    text = read_text(path, expected=EXPECTED)
    rows = [row for row in split_rows(text, delimiter_of(text) or ",") if any(row)]
    header = [column_key(name) for name in rows[0]] if rows else []
    old, new = (next((k for k, name in enumerate(header) if name in of), None) for of in (OLD, NEW))
    if old is None or new is None:
        raise StreamergraphError(
            path,
            expected=EXPECTED,
            found=f"columns {', '.join(rows[0])}" if rows else "nothing",
            remedy="check the file",
        )
    names: dict[str, str] = {}
    others = Counter[str]()
    for number, row in enumerate(rows[1:], 2):
        before, after = (_name(row[k]) if k < len(row) else "" for k in (old, new))
        if not before or not after:
            others["lack the old or the new name"] += 1
        elif before == after:
            others["have the same name twice"] += 1
        elif names.setdefault(before, after) != after:
            raise StreamergraphError(
                path,
                expected=f"one new name for {before!r}",
                found=f"{names[before]!r}, and {after!r} in row {number}",
                remedy="keep one; a row for each step may lead from name to name",
            )
    if not names:
        raise StreamergraphError(
            path,
            expected=EXPECTED,
            found="no rename in it"
            + "".join(f"; {n} rows {reason}" for reason, n in others.items()),
            remedy="check the file",
        )
    _require_no_circle(path, names)
    return Renames(file=path.name, names=names, not_understood=dict(others))


def _name(text: str) -> str:
    """A name as it is compared: of a link or ``@login`` the login, else what was written."""
    return (login_in(text) or text).strip().lower()


def names_never_seen(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> list[str]:
    """Which of the names no observation has."""
    rows = connection.execute(
        "SELECT lower(login) FROM stored_channels UNION SELECT lower(name) FROM stored_channels"
    ).fetchall()
    seen = {name for (name,) in rows}
    return sorted(set(names) - seen)


def _require_no_circle(path: Path, names: dict[str, str]) -> None:
    for start in names:
        here, passed = names[start], {start}
        while here in names and here not in passed:
            passed.add(here)
            here = names[here]
        if here in passed:
            raise StreamergraphError(
                path,
                expected="names that lead to a last one",
                found=f"a circle back to {here!r}",
                remedy="remove the row that leads back",
            )
