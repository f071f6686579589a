"""Lists of who is in a chat, in every form that interfaces and collectors have given them."""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from streamergraph.importing.fields import plain_name
from streamergraph.privacy import Pseudonyms

LOGIN = re.compile(
    r"[A-Za-z0-9_]{1,50}"
)  # the platform's are of 25 at most; a tool's own may be longer
# As `plain_name` gives them: logins before names for show.
LOGIN_FIELDS = (
    "userlogin", "chatteruserlogin", "chatterlogin", "login", "username", "user", "nick", "nickname",
    "chattername", "chatterusername", "name", "displayname",
)  # fmt: skip
SHOWN_AND_LOGIN = re.compile(r"[^()]*\(\s*([A-Za-z0-9_]{1,25})\s*\)")  # as in カール (carl)
# Groups of the interface that was shut down in 2023. Whoever is in one of them is in the chat.
GROUPS = (
    "broadcaster", "broadcasters", "vips", "moderators", "staff", "admins", "global_mods", "viewers",
)  # fmt: skip
NESTED = ("user", "node", "chatter")
PSEUDONYMS, KEY = "pseudonyms", "key_fingerprint"
BITS = 2**64
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,20}")
NO_LOGIN = "chat entries that are no login"
LOOKED_AT = 3  # entries that tell what a list is of


@dataclass(frozen=True, kw_only=True)
class ChatList:
    """Pseudonyms of everybody in the list; None where there is no list or nothing of it is understood.

    `losses` counts by reason what was not understood.
    """

    viewers: tuple[int, ...] | None
    losses: Counter[str] = field(default_factory=Counter)


def read_chat_list(value: Any, pseudonyms: Pseudonyms) -> ChatList:
    """Understand one list; no login leaves this function.

    Forms: names; objects with `user_login`; answers of the interface as they came (one page or a
    list of pages, below `data`); the groups of the old interface, with or without the answer around
    them; an object with `pseudonyms` (whole numbers, signed or unsigned, also as texts) and the
    `key_fingerprint` of the key that made them, which must be that of `pseudonyms`.
    """
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        value = _as_value(value.strip())
    if isinstance(value, set | tuple):
        value = list(value)
    if value is None:
        return ChatList(viewers=None)
    if isinstance(value, list) and set(map(type, value)) == {str}:
        return _read_names(value, pseudonyms)
    found: set[int] = set()
    losses: Counter[str] = Counter()
    understood = False
    for reason, viewer in _entries(value, pseudonyms):
        if viewer is not None:
            found.add(viewer)
            understood = True
        elif reason:
            losses[reason] += 1
        else:
            understood = True  # an empty list of a known form
    if losses and not found:
        understood = False
    return ChatList(viewers=tuple(sorted(found)) if understood else None, losses=losses)


def _read_names(names: list[str], pseudonyms: Pseudonyms) -> ChatList:
    """A list of plain names, which are most of all that is ever read."""
    distinct = list(set(names))
    losses: Counter[str] = Counter()
    known = list(pseudonyms.remembered(distinct))
    found = {number for number in known if number is not None}
    for name in (name for name, number in zip(distinct, known, strict=True) if number is None):
        if login := _login_in(name):
            found.add(pseudonyms.viewer(login))
        else:
            losses[NO_LOGIN] += names.count(name)
    return ChatList(viewers=tuple(sorted(found)) if found else None, losses=losses)


def is_chat_list(value: Any) -> bool:
    """Whether a value has one of the forms of a list; nothing is said of its entries.

    Objects of a list must be people: those of streams have more to say than who somebody is.
    """
    if isinstance(value, list):
        return all(
            not isinstance(entry, dict) or not _SPEAKS_OF_STREAMS & entry.keys()
            for entry in value[:LOOKED_AT]
        )
    if not isinstance(value, dict):
        return False
    if PSEUDONYMS in value or isinstance(value.get("data"), list):
        return True
    return any(isinstance(value.get(name), list) for name in (*GROUPS, "chatters")) or isinstance(
        value.get("chatters"), dict
    )


_SPEAKS_OF_STREAMS = {
    "viewer_count",
    "viewers",
    "viewersCount",
    "game_name",
    "game",
    "game_id",
    "started_at",
}


def _entries(value: Any, pseudonyms: Pseudonyms) -> Iterator[tuple[str, int | None]]:
    """Every entry as (reason why it is not understood, pseudonym); ("", None) for a list as such."""
    if isinstance(value, list):
        yield "", None
        for number, entry in enumerate(value, 1):
            if isinstance(entry, dict) and isinstance(entry.get("data"), list):
                # The page after this one is there, if there is one.
                page = entry if number == len(value) else {"data": entry["data"]}
                yield from _entries(page, pseudonyms)
            else:
                yield _one(entry, pseudonyms)
    elif not isinstance(value, dict):
        yield "chat lists that are neither a list nor an object", None
    elif PSEUDONYMS in value:
        yield from _pseudonyms(value, pseudonyms)
    elif isinstance(value.get("data"), list):
        yield from _entries(value["data"], pseudonyms)
        total = value.get("total")
        if isinstance(total, int) and total > len(value["data"]) and _has_more(value):
            yield "further pages of chat lists that are not there", None
    elif "error" in value or "errors" in value:
        yield "answers that are an error in place of a chat list", None
    elif isinstance(value.get("edges"), list):  # of GraphQL
        yield from _entries(value["edges"], pseudonyms)
    elif isinstance(value.get("chatters"), dict | list):
        yield from _entries(value["chatters"], pseudonyms)
    elif any(group in GROUPS for group in value):
        for group, people in value.items():
            if group in GROUPS:
                yield from _entries(people or [], pseudonyms)
            elif isinstance(people, list):
                yield "groups of chat lists of an unknown name", None
    else:
        yield "chat lists of an unknown form", None


def _has_more(answer: dict[str, Any]) -> bool:
    pagination = answer.get("pagination")
    return isinstance(pagination, dict) and bool(pagination.get("cursor"))


def _one(entry: Any, pseudonyms: Pseudonyms) -> tuple[str, int | None]:
    if isinstance(entry, dict):
        inner = next((entry[name] for name in NESTED if isinstance(entry.get(name), dict)), None)
        if inner is not None:
            return _one(inner, pseudonyms)
        fields = {plain_name(str(name)): inner for name, inner in entry.items()}
        texts = [fields[name] for name in LOGIN_FIELDS if isinstance(fields.get(name), str)]
        logins = [login for text in texts if (login := _login_in(text))]
        if not logins:
            return "chat entries that are objects without a login", None
        return "", pseudonyms.viewer(logins[0])
    if not isinstance(entry, str):
        return "chat entries that are no text", None
    login = _login_in(entry)
    return ("", pseudonyms.viewer(login)) if login else (NO_LOGIN, None)


def _login_in(text: str) -> str:
    """The login that a text is, also as ``@login`` or behind the name shown; "" where it is none."""
    text = text.strip().removeprefix("@")
    if LOGIN.fullmatch(text):
        return text
    found = SHOWN_AND_LOGIN.fullmatch(text)
    return found[1] if found else ""


def _as_value(text: str) -> Any:
    """What a list is that somebody wrote as a text: JSON within JSON, or a cell of a table of Python's."""
    for read in (json.loads, ast.literal_eval):
        with contextlib.suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            return read(text)
    return text


def _pseudonyms(value: dict[str, Any], pseudonyms: Pseudonyms) -> Iterator[tuple[str, int | None]]:
    numbers = value[PSEUDONYMS]
    if value.get(KEY) != pseudonyms.fingerprint:
        yield "chat lists of pseudonyms under another key", None
    elif not isinstance(numbers, list):
        yield "chat lists of an unknown form", None
    else:
        yield "", None
        for number in numbers:
            if isinstance(number, str) and WHOLE_NUMBER.fullmatch(number):
                number = int(number)  # a text, for most readers of JSON would round it
            if isinstance(number, bool) or not isinstance(number, int):
                yield "pseudonyms that are no whole number", None
            elif not -BITS // 2 <= number < BITS:
                yield "pseudonyms of more than 64 bits", None
            else:
                yield "", number - BITS if number >= BITS // 2 else number
