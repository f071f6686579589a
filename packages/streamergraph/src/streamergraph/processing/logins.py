"""Lists of accounts (bots, or those that are none), in the forms in which they are published."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from streamergraph.errors import StreamergraphError
from streamergraph.privacy import Pseudonyms
from streamergraph.processing.bot_lists import is_ours, pseudonyms_of
from streamergraph.processing.login_denials import BOTS, LEFT_OUT, NO_BOTS
from streamergraph.processing.login_documents import value_in
from streamergraph.processing.login_json import Entries, entries_of_json, entries_of_rows
from streamergraph.processing.login_names import is_name, login_in, takes_back, why_no_login
from streamergraph.processing.login_tables import (
    has_header,
    is_heading,
    named_column,
    names_logins,
    unnamed_column,
)
from streamergraph.text_files import delimiter_of, read_text, split_rows

EXPECTED = "a list of logins (text, CSV or JSON)"
COMMENT = re.compile(r"(?:^|\s)(?:#|//).*")
BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
TABLE_SUFFIXES = (".csv", ".tsv", ".tab")
VARIABLE = re.compile(r"(?:export )?[A-Z_]{3,}=(.+)")  # BOTS=anna,bert
NOT_JSON = "lines that are no JSON"


@dataclass(frozen=True, kw_only=True)
class LoginList:
    """The accounts of one file as pseudonyms; `not_understood` counts all other entries by reason."""

    file: str
    viewers: frozenset[int]
    not_understood: dict[str, int]

    @property
    def read(self) -> int:
        """How many different logins the file has."""
        return len(self.viewers)

    def counts(self, *, seen: int) -> dict[str, Any]:
        """What `told` says, for process.json."""
        return {
            "file": self.file,
            "read": self.read,
            "seen": seen,
            "not_understood": self.not_understood,
        }

    def told(self, *, seen: int) -> str:
        """One line about what was read, and how many of the accounts were `seen` in the store."""
        text = f"{self.file}: {self.read} logins read, {seen} of them seen in the store"
        understood = {reason: n for reason, n in self.not_understood.items() if reason in LEFT_OUT}
        others = {reason: n for reason, n in self.not_understood.items() if reason not in LEFT_OUT}
        for found, what in ((others, "entries not understood"), (understood, "left out")):
            if found:
                reasons = ", ".join(f"{n} {reason}" for reason, n in found.items())
                text += f"; {sum(found.values())} {what} ({reasons})"
        return text


def read_logins(path: Path, pseudonyms: Pseudonyms, *, of_bots: bool = True) -> LoginList:
    """The pseudonyms of the logins in a file; the logins never leave this function.

    Forms: text with a login a line, tables with or without names of columns, JSON and JSON lines.
    Logins may be written as links or with an at sign. A list that `bots` has made is of pseudonyms and may
    be of nobody. Where a list says of some that they are no bots, they are left out of one `of_bots`, and
    else all others are. Raises StreamergraphError for a file of which
    no login is understood, or that leaves open where it has them.
    """
    text = read_text(path, expected=EXPECTED)
    if (ours := _of_our_own(text)) is not None:
        numbers = pseudonyms_of(path, ours, pseudonyms.fingerprint)
        return LoginList(file=path.name, viewers=numbers, not_understood={})
    entries = _entries(path, text)
    viewers: set[int] = set()
    reasons = Counter(entries.passed_over)
    texts, others = entries.texts, entries.denied
    if others and not of_bots:
        texts, others = others, texts
    reasons.update({NO_BOTS if of_bots else BOTS: len(others)} if others else {})
    for text in texts:
        login = login_in(text)
        if login is None:
            reasons[why_no_login(text)] += 1
        else:
            viewers.add(pseudonyms.viewer(login))
    if not viewers:
        raise StreamergraphError(
            path,
            expected=EXPECTED,
            found="no login in it: "
            + (", ".join(f"{n} {reason}" for reason, n in reasons.items()) or "no entries"),
            remedy="check the file; a list of nobody is no list",
        )
    return LoginList(file=path.name, viewers=frozenset(viewers), not_understood=dict(reasons))


def _of_our_own(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if is_ours(value) else None


def _entries(path: Path, text: str) -> Entries:
    if text.lstrip()[:1] in ("{", "["):
        try:
            return entries_of_json(path, json.loads(text))
        except (ValueError, RecursionError):
            value = None if _has_json_lines(text) else value_in(path, text)
            return _of_json_lines(path, text) if value is None else entries_of_json(path, value)
    if text.lstrip().startswith("<"):
        raise StreamergraphError(
            path, expected=EXPECTED, found="a web page", remedy="save its list"
        )
    if (value := value_in(path, text)) is not None:
        return entries_of_json(path, value)
    return _of_text(path, text)


def _has_json_lines(text: str) -> bool:
    try:
        return isinstance(json.loads(next(filter(str.strip, text.splitlines()))), list | dict)
    except (ValueError, RecursionError):
        return False


def _of_json_lines(path: Path, text: str) -> Entries:
    values: list[Any] = []
    broken = 0
    for line in filter(str.strip, text.splitlines()):
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError):
            broken += 1
    if not values:
        raise StreamergraphError(
            path, expected=EXPECTED, found="JSON that is broken", remedy="mend it or get it again"
        )
    found = entries_of_json(path, values)
    return Entries(texts=found.texts, passed_over=found.passed_over + Counter({NOT_JSON: broken}))


def _of_text(path: Path, text: str) -> Entries:
    lines = [line for line in text.splitlines() if COMMENT.sub("", line).strip()]
    if taken_back := [line for line in lines if takes_back(line)]:
        rest = _of_text(path, "\n".join(line for line in lines if line not in taken_back))
        return replace(rest, denied=tuple(taken_back))
    if len(lines) == 1 and (found := VARIABLE.fullmatch(lines[0])):
        lines = [found[1]]
    if _are_pairs(lines):
        lines = [line.partition(":")[0] for line in lines]
    bare = [BULLET.sub("", COMMENT.sub("", line)) for line in lines]
    delimiter = delimiter_of("\n".join(bare))
    if delimiter is not None:
        # Within quotes a number sign begins no comment.
        whole = "\n".join(lines if '"' in text else bare)
        return _of_table(path, split_rows(whole, delimiter))
    words = [line.split() for line in bare]
    if len({len(row) for row in words}) == 1 and _is_table_of_spaces(words):
        return _of_table(path, words)
    return Entries(texts=tuple(_without_heading(path, bare)))


def _are_pairs(lines: list[str]) -> bool:
    """Whether each line is a login and, behind a colon, a word on it."""
    pairs = [line.partition(":") for line in lines]
    return any(is_name(BULLET.sub("", name)) for name, _, _ in pairs) and all(
        login_in(BULLET.sub("", name)) and re.match(r"\s+\S", said) for name, _, said in pairs
    )


def _is_table_of_spaces(words: list[list[str]]) -> bool:
    """Whether one column is of names and all others of none; else the words are a sentence, or a name."""
    named = sum(any(is_name(row[k]) for row in words[1:]) for k in range(len(words[0])))
    return len(words[0]) > 1 and named == 1


def _of_table(path: Path, rows: list[list[str]]) -> Entries:
    rows = [row for row in rows if any(cell.strip(" -:=") for cell in row)]
    if rows and rows[0][0].startswith("sep="):
        rows = rows[1:]  # a word of Excel's to itself
    if len(rows) > 2 and sum(bool(cell.strip()) for cell in rows[0]) == 1 < len(rows[1]):
        rows = rows[1:] if has_header(rows[1:]) else rows  # a title over the table
    if has_header(rows):
        return entries_of_rows(rows[0], rows[1:], named_column(path, rows[0], rows[1:]))
    if len(rows) == 1 or not any(row[-1].strip() for row in rows[:-1]):
        # Not a table: names one after the other, as many as a line holds.
        return Entries(texts=tuple(cell for row in rows for cell in row if cell.strip()))
    column = unnamed_column(path, rows)
    return Entries(texts=tuple(row[column] if column < len(row) else "" for row in rows))


def _without_heading(path: Path, lines: list[str]) -> list[str]:
    """Lines without a first one that names them, which must be certain: `name` may be a login.

    In a table of one column what is known as a heading is one; in a text only `login` and its like.
    """
    if not lines:
        return lines
    is_table = path.suffix.lower() in TABLE_SUFFIXES
    if is_table and is_heading(lines[0]) and lines[0] not in lines[1:]:
        named_column(path, lines[:1], [[line] for line in lines[1:]])
        return lines[1:]
    return lines[1:] if not is_table and names_logins(lines[0]) else lines
