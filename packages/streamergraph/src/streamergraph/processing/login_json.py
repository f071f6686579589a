"""Where a JSON document holds its logins: arrays of names, rows or objects, at any depth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamergraph.errors import StreamergraphError
from streamergraph.processing.login_denials import (
    COUNTS,
    IS_BOT,
    NO,
    SWITCHED_OFF,
    are_yes_or_no,
    keys_that_say_no,
    said_no,
    word_of,
)
from streamergraph.processing.login_names import A_NUMBER, is_name
from streamergraph.processing.login_tables import (
    NO_LOGINS,
    canonical,
    has_header,
    is_heading,
    named_column,
    names_logins,
    unnamed_column,
)
from streamergraph.text_files import column_key

# Keys under which a list of logins lies, and those of one bot that is an object.
LISTS = frozenset({"bot", "known_bots", "login", "user", "username", "account", "name"})
NAMES = frozenset({"name", "user", "bot_name", "bot", "nick", "nickname", "display_name"})
NO_LIST = frozenset({"error", "message", "status", "detail"})
# Keys of lists of accounts that are no bots.
ALLOWED = frozenset({
    "allow", "allowed", "allow_list", "allowlist", "white_list", "whitelist", "trusted", "exceptions",
    "not_bots", "humans",
})  # fmt: skip
ELSEWHERE = "entries of other lists in the file"


@dataclass(frozen=True, kw_only=True)
class Entries:
    """Texts that ought to be logins, and how many others there were, by reason.

    `denied` are those of which the list itself says that they are no bots.
    """

    texts: tuple[str, ...]
    passed_over: Counter[str] = field(default_factory=Counter)
    denied: tuple[str, ...] = ()


def entries_of_rows(header: Sequence[str], rows: Sequence[Sequence[str]], column: int) -> Entries:
    """The cells of a column, apart those of rows that say that they are no bots or do not count."""
    cells = [row[column] if column < len(row) else "" for row in rows]
    off = said_no(header, rows, but=column, of=COUNTS)
    denied = said_no(header, rows, but=column, of=IS_BOT) - off
    return Entries(
        texts=tuple(cell for k, cell in enumerate(cells) if k not in off | denied),
        passed_over=_counted(SWITCHED_OFF, len(off)),
        denied=tuple(cells[k] for k in sorted(denied)),
    )


def entries_of_json(path: Path, value: Any) -> Entries:
    """What stands for logins in a JSON value.

    Known are arrays of names, of rows and of objects, objects that hold such an array under any key
    (known lists of bots: ``{"bots": [[name, channels, time], …], "_total": …}``), and objects whose
    keys are the logins. Raises StreamergraphError where it is not certain what was meant.
    """
    if isinstance(value, list):
        return _of_list(path, value)
    if isinstance(value, dict):
        return _of_object(path, value)
    raise StreamergraphError(
        path, expected="a list of logins", found="a single value", remedy="check the file"
    )


def _of_list(path: Path, values: list[Any]) -> Entries:
    rows = [row for row in values if isinstance(row, list)]
    objects = [row for row in values if isinstance(row, dict)]
    texts = [value for value in values if isinstance(value, str)]
    others = len(values) - len(rows) - len(objects) - len(texts)
    parts = [Entries(texts=tuple(texts), passed_over=_counted(A_NUMBER, others))]
    if rows:
        parts.append(_of_rows(path, rows))
    if objects:
        parts.append(_of_objects(path, objects))
    return _together(parts)


def _of_rows(path: Path, values: list[list[Any]]) -> Entries:
    if any(isinstance(cell, (list, dict)) for row in values for cell in row):
        return _together([_of_list(path, row) for row in values])
    rows = [[_text(cell) for cell in row] for row in values if row]
    if not rows:
        return Entries(texts=())
    if has_header(rows):
        return entries_of_rows(rows[0], rows[1:], named_column(path, rows[0], rows[1:]))
    column = unnamed_column(path, rows)
    return Entries(texts=tuple(row[column] if column < len(row) else "" for row in rows))


def _of_objects(path: Path, objects: list[dict[str, Any]]) -> Entries:
    if all(
        any(canonical(key) in LISTS and isinstance(one[key], list) for key in one)
        for one in objects
    ):
        return _together([_of_object(path, one) for one in objects])
    flat = [dict(_flattened(one)) for one in objects]
    header = list(dict.fromkeys(name for row in flat for name in row))
    if any(is_heading(name) for name in header) or not any(_holds_list(one) for one in objects):
        rows = [[row.get(name, "") for name in header] for row in flat]
        return entries_of_rows(header, rows, named_column(path, header, rows))
    return _together([_of_object(path, one) for one in objects])


def _of_object(path: Path, value: dict[str, Any]) -> Entries:
    if (rows := _of_a_frame(value)) is not None:
        return _of_rows(path, rows)
    holders = {key: one for key, one in value.items() if isinstance(one, (list, dict)) and one}
    if _are_facts(list(holders.values())):
        off = set(keys_that_say_no(holders, of=COUNTS))
        denied = set(keys_that_say_no(holders, of=IS_BOT)) - off
        return Entries(
            texts=tuple(key for key in holders if key not in off | denied),
            passed_over=_counted(SWITCHED_OFF, len(off)),
            denied=tuple(key for key in holders if key in denied),
        )
    known = {key: one for key, one in holders.items() if canonical(key) in LISTS}
    if known and not _names_a_login(holders):
        rest = sum(len(one) for key, one in holders.items() if key not in known)
        parts = [entries_of_json(path, one) for one in known.values()]
        return _together([*parts, Entries(texts=(), passed_over=_counted(ELSEWHERE, rest))])
    opposite = [key for key in holders if column_key(key) in ALLOWED]
    if opposite and len(opposite) < len(holders):
        raise StreamergraphError(
            path,
            expected="one list of logins",
            found=f"{', '.join(opposite)}, which is no list of bots, beside others",
            remedy="write each list into a file of its own, one for --bots and one for --allow",
        )
    maps = [one for one in holders.values() if isinstance(one, dict)]
    if any(_names_a_login(one) for one in maps):
        return _of_objects(path, maps)
    if holders:
        # Beside lists, an object without any is a word on the list, such as its page.
        return _of_groups(
            path, [one for one in holders.values() if _holds_list(one)] or list(holders.values())
        )
    return _of_plain_object(path, value)


def _of_a_frame(value: dict[str, Any]) -> list[list[Any]] | None:
    """The rows, names of columns first, of a table that pandas wrote by columns or apart from its names."""
    columns = list(value.values())
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        return [value["columns"], *(row for row in value["data"] if isinstance(row, list))]
    if not any(is_heading(name) for name in value) or not all(
        isinstance(column, dict) and column and column.keys() == columns[0].keys()
        for column in columns
    ):
        return None
    if not all(number.isdigit() for number in columns[0]):
        return None
    return [list(value), *([column[number] for column in columns] for number in columns[0])]


def _of_plain_object(path: Path, value: dict[str, Any]) -> Entries:
    """An object without arrays or objects: one bot, or a number or word for each login."""
    if _names_a_login(value) and not _are_words_on_logins(path, value):
        return _of_objects(path, [value])
    kinds = {type(one) for one in value.values()}
    if len(kinds) > 1 or NO_LIST & set(value):
        raise StreamergraphError(
            path,
            expected="a list of logins",
            found="an object of other facts",
            remedy="check the file",
        )
    if are_yes_or_no(list(value.values())) and not all(
        map(str.isdigit, map(word_of, value.values()))
    ):
        return Entries(
            texts=tuple(key for key, said in value.items() if word_of(said) not in NO),
            denied=tuple(key for key, said in value.items() if word_of(said) in NO),
        )
    words = [word for word in value.values() if isinstance(word, str)]
    if all(map(str.isdigit, value)) and len(words) == len(value) and all(map(is_name, words)):
        return Entries(
            texts=tuple(words)
        )  # numbered, as an array of JavaScript that became an object
    return Entries(texts=tuple(value))


def _are_words_on_logins(path: Path, value: dict[str, Any]) -> bool:
    """Whether the keys of an object are logins with a word on each, though one is `name` or the like.

    It is where that one's word is also another's, or all words are numbers or none. Raises
    StreamergraphError where most keys are none that a bot has and yet it may be one.
    """
    words = list(value.values())
    if not all(is_name(key) and isinstance(word, str) for key, word in value.items()):
        return False
    headings = [key for key in value if is_heading(key)]
    others = [word for key, word in value.items() if key not in headings]
    if not others:
        return False
    if all(value[key] in others for key in headings) or not any(map(is_name, words)):
        return True
    if len(others) <= len(headings):
        return False
    raise StreamergraphError(
        path,
        expected="logins as keys, or the facts of one bot",
        found=f"{', '.join(headings)} among {len(value)} keys, which may be either",
        remedy="write the logins as a list",
    )


def _of_groups(path: Path, groups: list[Any]) -> Entries:
    """Several lists, such as one for each kind of bot: together, if nobody stands on two."""
    found = _together([entries_of_json(path, group) for group in groups])
    if len(groups) > 1 and len(set(found.texts)) < len(found.texts):
        raise StreamergraphError(
            path,
            expected="one list of logins",
            found=f"{len(groups)} lists that share entries",
            remedy="keep one, under the key bots",
        )
    return found


def _are_facts(values: list[Any]) -> bool:
    """Whether these are facts of one kind about several logins, which then are their keys."""
    if not values or not all(isinstance(one, dict) for one in values):
        return False
    plain = [
        {key for key, fact in one.items() if not isinstance(fact, (list, dict))} for one in values
    ]
    common = set.intersection(*plain)
    # One object may be a list under a name as well, unless it has facts of which we know.
    are_facts = (
        bool(common) if len(values) > 1 else any(canonical(key) in NO_LOGINS for key in common)
    )
    return are_facts and not any(_names_a_login(one) for one in values)


def _holds_list(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_list(one) for one in value.values())
    return isinstance(value, list)


def _names_a_login(value: dict[str, Any]) -> bool:
    return any(
        (names_logins(key) or canonical(key) in NAMES) and isinstance(one, str)
        for key, one in value.items()
    )


def _flattened(value: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, one in value.items():
        if isinstance(one, dict):
            yield from _flattened(one, f"{before}{key}.")
        elif not isinstance(one, list):
            yield before + key, _text(one)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)


def _counted(reason: str, count: int) -> Counter[str]:
    return Counter({reason: count}) if count else Counter()


def _together(parts: list[Entries]) -> Entries:
    return Entries(
        texts=tuple(text for part in parts for text in part.texts),
        passed_over=sum((part.passed_over for part in parts), Counter()),
        denied=tuple(text for part in parts for text in part.denied),
    )
