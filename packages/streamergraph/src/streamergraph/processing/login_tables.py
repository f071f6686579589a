"""Which column of a table holds logins: by its name, or else by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from streamergraph.errors import StreamergraphError
from streamergraph.processing.login_names import is_name, login_in
from streamergraph.text_files import column_key

# Whatever stands in a column of these names is a login, digits too.
LOGIN_NAMES = ("login", "user_login", "login_name", "username", "user_name", "twitch_username")
# In a column of these names something else may stand; the first that holds names is taken.
OTHER_NAMES = (
    "bot_login", "bot_username", "bot_name", "botname", "bot_account", "account_name", "twitch_name",
    "account", "nick", "nickname", "handle", "user", "name", "bot", "channel_login", "channel_name",
    "channel", "streamer", "streamer_name", "chatter", "viewer", "member", "twitch", "display_name",
    "url", "link", "profile",
)  # fmt: skip
# Names of columns that hold no login, but show that a first row is one of names.
NO_LOGINS = frozenset({
    "id", "user_id", "bot_id", "channel_id", "account_id", "count", "n", "number", "channels",
    "channel_count", "time", "date", "last_seen", "last_online", "first_seen", "created_at", "note",
    "notes", "comment", "reason", "description", "kind", "type", "game", "rank", "index",
})  # fmt: skip
NOT_OF_A_LOGIN = frozenset({"id", "ids", "count", "number", "time", "date", "at", "seen", "total"})


def canonical(name: str) -> str:
    """A column's name in lower case with underscores, in the singular.

    >>> canonical("Twitch Username"), canonical("userLogin"), canonical("user.login")
    ('twitch_username', 'user_login', 'user_login')
    """
    joined = column_key(name)
    if joined in NO_LOGINS:
        return joined  # channels are a count, a channel is a name
    singular = joined.removesuffix("s")
    return singular if singular in LOGIN_NAMES or singular in OTHER_NAMES else joined


def names_logins(name: str) -> bool:
    """Whether a column of this name always holds logins.

    >>> names_logins("Login"), names_logins("bot_login_name"), names_logins("login_time")
    (True, True, False)
    """
    key = canonical(name)
    words = set(key.split("_"))
    return key in LOGIN_NAMES or (
        bool({"login", "username"} & words) and not words & NOT_OF_A_LOGIN
    )


def is_heading(name: str) -> bool:
    """Whether a cell of a first row is known as the name of a column."""
    key = canonical(name)
    return names_logins(name) or key in OTHER_NAMES or key in NO_LOGINS


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns.

    It does if none of its cells begins with a digit, and one is a known name that does not come
    again in its column, or stands over numbers alone; a row by itself, if it has only known names.

    >>> has_header([["id", "login"], ["7", "anna"]]), has_header([["anna", "7"], ["bert", "8"]])
    (True, False)
    >>> has_header([["anna", "bot"], ["bert", "bot"]])
    False
    """
    first, below = rows[0], rows[1:]
    if any(cell.strip()[:1].isdigit() for cell in first):
        return False
    if not below:
        return all(is_heading(cell) for cell in first if cell.strip())
    for k, cell in enumerate(first):
        column = [row[k].strip() for row in below if k < len(row) and row[k].strip()]
        if is_heading(cell) and cell.strip() not in column:
            return True
        if cell.strip() and column and all(re.fullmatch(r"[\d.,:+-]+", one) for one in column):
            return True
    return False


def named_column(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """The column of logins of a table whose columns have names.

    Raises StreamergraphError where none of them holds logins.
    """
    sure = [k for k, name in enumerate(header) if names_logins(name)]
    sure.sort(key=lambda k: _rank(LOGIN_NAMES, header[k]))
    maybe = [k for k, name in enumerate(header) if canonical(name) in OTHER_NAMES]
    maybe.sort(key=lambda k: _rank(OTHER_NAMES, header[k]))
    shares = {k: _share(rows, k, sure=k in sure) for k in (*sure, *maybe)}
    # What is half understood is taken only where nothing better is there.
    for least in (0.5, 0.0):
        for k, share in shares.items():
            if share > least or share == 1:
                return k
    raise StreamergraphError(
        path,
        expected="a column of logins",
        found=f"columns {', '.join(name.strip() or '(no name)' for name in header)}, none of "
        "which holds any",
        remedy="call the column of logins login",
    )


def unnamed_column(path: Path, rows: Sequence[Sequence[str]]) -> int:
    """The one column that holds names, of a table whose columns have none.

    Raises StreamergraphError where no column or more than one could be meant.
    """
    width = max(len(row) for row in rows)
    distinct = {
        k: {row[k].strip().lower() for row in rows if k < len(row) and is_name(row[k])}
        for k in range(width)
        if _share(rows, k, sure=False) >= 0.5
    }
    if not distinct and width == 1:
        return 0  # names of digits alone, or nothing that is understood
    # A column that says of what kind a bot is repeats itself; a spelling of the login says the same.
    best = max(distinct, key=lambda k: (len(distinct[k]), -k), default=None)
    others = [
        k for k in distinct
        if k != best and best is not None
        and distinct[k] != distinct[best] and 2 * len(distinct[k]) > len(distinct[best])
    ]  # fmt: skip
    if best is None or others:
        raise StreamergraphError(
            path,
            expected="one column of logins",
            found=f"{1 + len(others) if distinct else 'none'} among {width} without names",
            remedy="write the names of the columns into the first line, login for that of the logins",
        )
    return best


def _share(rows: Sequence[Sequence[str]], k: int, *, sure: bool) -> float:
    cells = [row[k] for row in rows if k < len(row) and row[k].strip()]
    understood = sum(login_in(cell) is not None if sure else is_name(cell) for cell in cells)
    return understood / len(cells) if cells else 0.0


def _rank(names: Sequence[str], name: str) -> int:
    key = canonical(name)
    return names.index(key) if key in names else len(names)
