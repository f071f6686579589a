"""Tables of games as they are published: CSV with columns of many names, JSON of many shapes."""

from __future__ import annotations

import ast
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamergraph.errors import StreamergraphError
from streamergraph.text_files import column_key, delimiter_of, read_text, split_rows

EXPECTED = "a table of Steam titles (CSV or JSON)"
# Names of columns and keys, the surest first.
NAMES = {
    "title": ("title", "name", "app_name", "game_title", "game_name", "steam_title", "steam_name", "game"),
    "developer": ("developer", "developers", "developer_name", "studio", "dev", "devs"),
    "publisher": ("publisher", "publishers", "publisher_name"),
    "release_date": (
        "release_date", "releasedate", "released", "date_released", "release", "launch_date",
        "first_release_date", "steam_release_date", "date",
    ),
    "tags": (
        "tags", "popular_tags", "steamspy_tags", "user_tags", "genres", "genre", "categories", "category",
    ),
    "app_id": (
        "appid", "app_id", "steam_appid", "steam_app_id", "steam_id", "steamid", "steam_app", "url",
        "link", "store_url",
    ),
}  # fmt: skip
APP_ID = re.compile(r"(?:.*/app/)?(\d{1,10})(?:\.0)?(?:/.*)?")
FACTS_OF_A_GAME = {
    *NAMES["developer"], *NAMES["publisher"], "release_date", "genres", "appid", "app_id", "steam_appid",
}  # fmt: skip
WRONG_WIDTH = "rows with more fields than there are columns"
NO_OBJECT = "entries that are no object"
NO_ANSWER = "answers without data"


@dataclass(frozen=True, kw_only=True)
class GameRecords:
    """One text for each name of `NAMES` and game, and how many entries there were besides, by reason."""

    records: list[dict[str, str]]
    not_understood: Counter[str]


def read_records(path: Path) -> GameRecords:
    """The games of a CSV or JSON file, as texts.

    JSON may be an array, an object keyed by app id or title, or one object a line; also as Python
    writes it. Raises StreamergraphError for a file that has no column of titles.
    """
    text = read_text(path, expected=EXPECTED)
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(path, text)
    rows = [row for row in split_rows(text, delimiter_of(text) or ",") if any(row)]
    if rows and rows[0][0].startswith("sep="):
        rows = rows[1:]
    if not rows:
        raise StreamergraphError(path, expected=EXPECTED, found="nothing", remedy="check the file")
    header, rows = rows[0], rows[1:]
    _refuse_two_titles(path, header, rows)
    others = Counter[str]()
    records = []
    for row in rows:
        if any(cell.strip() for cell in row[len(header) :]):
            others[WRONG_WIDTH] += 1
        else:
            records.append(_record(_cells(header, row)))
    if "title" not in _record(dict.fromkeys(header, "x")):
        raise StreamergraphError(
            path,
            expected="a column of titles, named title or name",
            found=", ".join(header),
            remedy="rename it",
        )
    return GameRecords(records=records, not_understood=others)


def _cells(header: list[str], row: list[str]) -> dict[str, str]:
    """The cells of a row by their columns; of columns of one name the first cell that holds something."""
    cells: dict[str, str] = {}
    for name, cell in zip(header, row, strict=False):
        key = column_key(name)
        cells[key] = cells.get(key) or cell
    return cells


def _refuse_two_titles(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Raise StreamergraphError where the column of titles is there twice, and not with the same titles."""
    keys = [column_key(name) for name in header]
    title = next((name for name in NAMES["title"] if name in keys), None)
    places = [k for k, key in enumerate(keys) if key == title]
    if len(places) < 2:
        return
    for row in rows:
        if len({row[k].strip() for k in places if k < len(row)} - {""}) > 1:
            raise StreamergraphError(
                path,
                expected="one column of titles",
                found=f"{len(places)} columns named {title}, with other texts in each",
                remedy="rename those that are no titles",
            )


def _of_json(path: Path, text: str) -> GameRecords:
    others = Counter[str]()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = [_of_line(line) for line in text.splitlines() if line.strip()]
        if not any(value):
            raise StreamergraphError(
                path,
                expected=EXPECTED,
                found="JSON that is broken",
                remedy="mend it or get it again",
            ) from None
    records = [_record(one) for one in _objects(value, others)]
    return GameRecords(records=records, not_understood=others)


def _of_line(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(line)  # a known collection has one object of Python a line
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _objects(value: Any, others: Counter[str], key: str = "") -> Iterator[dict[str, Any]]:
    """The games in a value: objects with a title, at any depth, with the key that is their app id."""
    if isinstance(value, list):
        for one in value:
            if isinstance(one, (list, dict)):
                yield from _objects(one, others)
            else:
                others[NO_OBJECT] += 1
    elif isinstance(value, dict):
        keyed = {"appid": key} if key.isdigit() else {}
        if _is_game(value):
            yield keyed | value
        elif isinstance(value.get("data"), dict) and "success" in value:
            yield from _objects(value["data"], others, key)
        elif value.get("success") is False:
            others[NO_ANSWER] += 1
        elif value and all(isinstance(one, str) and name.isdigit() for name, one in value.items()):
            yield from ({"appid": name, "title": one} for name, one in value.items())
        elif key and not key.isdigit() and _says_facts(value):
            yield {"title": key} | value
        else:
            for name, one in value.items():
                if isinstance(one, (list, dict)):
                    yield from _objects(one, others, name)


def _is_game(value: dict[str, Any]) -> bool:
    """Whether an object is one game, and not a list of games that has a name."""
    titles = [one for name, one in value.items() if column_key(name) in NAMES["title"]]
    parts = [part for one in value.values() if isinstance(one, list) for part in one]
    is_list = any(isinstance(part, dict) for part in parts)
    return any(isinstance(one, str) for one in titles) and (_says_facts(value) or not is_list)


def _says_facts(value: dict[str, Any]) -> bool:
    return any(column_key(name) in FACTS_OF_A_GAME for name in value)


def _record(value: dict[str, Any]) -> dict[str, str]:
    """The texts of one game by their names here; the first known column that holds something."""
    by_key = {column_key(name): one for name, one in value.items()}
    record: dict[str, str] = {}
    for what, names in NAMES.items():
        for name in names:
            if name not in by_key or (what == "release_date" and what in record):
                continue  # another date than the surest may be the day of the visit
            text = _text(by_key[name], what)
            record[what] = record.get(what) or text
    return record


def _text(value: Any, what: str) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, dict):
        return _text_of_object(value, what)
    if isinstance(value, list):
        parts = [part for one in value if (part := _text(one, what))]
        return (", " if what in ("developer", "publisher") else "; ").join(parts)
    text = html.unescape(str(value)).strip()  # the store's own answers have &amp; in titles
    if what == "app_id":
        found = APP_ID.fullmatch(text)
        return found[1] if found else ""
    if what != "title" and text[:1] == "[" and text[-1:] == "]":
        try:
            return _text(ast.literal_eval(text), what)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
    return text


def _text_of_object(value: dict[str, Any], what: str) -> str:
    # A date as the store gives it or a database exports it, or a tag with its number.
    for name in (
        "date",
        "$date",
        "$numberLong",
        "$numberInt",
        "$numberDouble",
        "description",
        "name",
    ):
        if name in value:
            return _text(value[name], what)
    return "; ".join(str(name) for name in value)
