"""One stream of a snapshot, whichever names its fields have."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from streamergraph.importing.chat_lists import is_chat_list, read_chat_list
from streamergraph.importing.fields import (
    NO_COUNT,
    count_in,
    id_in,
    is_said,
    plain_name,
    whole_number,
)
from streamergraph.importing.times import Clock
from streamergraph.observations.looks import SeenStream
from streamergraph.privacy import Pseudonyms

# Names as `plain_name` gives them: user_login, userLogin and user-login are one name.
AUTHORS_FIELD = "authors"  # who wrote, as `collect` tells it
CHAT_FIELDS = ("spect", "chatters", "chatlist", "members")
VIEWERS_FIELDS = ("viewercount", "viewers", "viewerscount")
CATEGORY_FIELDS = ("gamename", "categoryname", "category", "game")
CATEGORY_ID_FIELDS = ("gameid", "categoryid")
ID_FIELDS = ("userid", "channelid", "broadcasterid", "broadcasteruserid")
LOGIN_FIELDS = ("userlogin", "login", "channellogin", "broadcasterlogin", "broadcasteruserlogin")
DISPLAY_FIELDS = ("username", "displayname", "broadcastername", "broadcasterusername")
NAME_FIELDS = ("name", "channelname", "channel", "streamer")
TIME_FIELDS = (
    "datetime", "time", "timestamp", "observedat", "collectedat", "fetchedat", "retrievedat",
    "scrapedat", "capturedat", "recordedat",
)  # fmt: skip
# An object of the channel or its owner within that of the stream: Kraken, and GraphQL.
OWNERS = ("channel", "broadcaster", "streamer", "user")
IDENTITY = {*ID_FIELDS, *LOGIN_FIELDS, *DISPLAY_FIELDS, *NAME_FIELDS, "id"}
PERSONAL = {*ID_FIELDS, *LOGIN_FIELDS, *DISPLAY_FIELDS, "id"}
WHOSE_LIST = {name for name in IDENTITY if name.startswith(("broadcaster", "channel", "streamer"))}
# What only a stream has. Who has no more than an id and names may be somebody in a chat.
SIGNS = {*VIEWERS_FIELDS, *CATEGORY_FIELDS, *CATEGORY_ID_FIELDS, "startedat", "islive"}
MESSAGES = {"message", "text", "msg", "body", "messageid", "messagetext", "commenter"}


def looks_like_stream(value: Any) -> bool:
    """Whether an object has what only a stream has, and is not one of streams by name."""
    if not isinstance(value, Mapping):
        return False
    fields = {plain_name(name): inner for name, inner in value.items() if isinstance(name, str)}
    for listed in (fields[name] for name in CHAT_FIELDS if name in fields):
        if is_chat_list(listed) or not isinstance(listed, Mapping | list):
            return True
    if WHOSE_LIST & fields.keys() and is_chat_list(fields.get("data")) and fields["data"]:
        return True
    if MESSAGES & fields.keys() and not any(name in fields for name in VIEWERS_FIELDS):
        return False
    owned = any(
        looks_like_person(fields.get(owner)) and not looks_like_stream(fields[owner])
        for owner in OWNERS
    )
    return any(owned or not isinstance(fields[name], Mapping) for name in SIGNS & fields.keys())


def looks_like_person(value: Any) -> bool:
    """Whether an object says who somebody is, as those of a chat list do."""
    return isinstance(value, Mapping) and any(
        plain_name(name) in PERSONAL for name in value if isinstance(name, str)
    )


def time_of_stream(
    stream: Mapping[str, Any], clock: Clock, losses: Counter[str]
) -> datetime.datetime | None:
    """The moment that a stream says; None where it says none, or one that is not understood."""
    said = said_time(stream)
    if said is None:
        return None
    moment = clock.moment(said)
    if moment is None:
        losses["times that are not understood"] += 1
    return moment


def said_time(stream: Mapping[str, Any]) -> Any:
    """What a stream says of its time, as it stands there; None where it says nothing."""
    return _first(_plain(stream, TIME_FIELDS), TIME_FIELDS)


def whose(stream: Mapping[str, Any]) -> str:
    """Tells the channel of a stream from the others of its snapshot."""
    fields = _with_owner({plain_name(key): value for key, value in stream.items()})
    # Several may share an id that is none.
    kinds = (ID_FIELDS, LOGIN_FIELDS, (*DISPLAY_FIELDS, *NAME_FIELDS))
    return "\n".join(str(_first(fields, names)) for names in kinds)


def says_time(value: Any) -> bool:
    """Whether an object has a field with a time."""
    return isinstance(value, Mapping) and bool(_plain(value, TIME_FIELDS))


def read_stream(
    name: str | None, stream: Mapping[str, Any], pseudonyms: Pseudonyms, losses: Counter[str]
) -> SeenStream | None:
    """A stream under the `name` that its snapshot gives it; None where nothing says whose it is.

    What is not understood is counted in `losses`.
    """
    fields = _with_owner({plain_name(key): value for key, value in stream.items()})
    if _says_no(fields.get("islive")):
        losses["channels that are not live"] += 1
        return None
    login = _text(_first(fields, LOGIN_FIELDS))
    user_id = _number_of(
        fields, ID_FIELDS, "ids of channels that are no number", losses, read=id_in
    )
    # A snapshot may be keyed by ids, which are no names.
    keyed = None if name is not None and whole_number(name) == user_id is not None else name
    shown = (
        _text(_first(fields, DISPLAY_FIELDS)) or _text(keyed) or _text(_first(fields, NAME_FIELDS))
    )
    chat = read_chat_list(_list_of(fields), pseudonyms)
    wrote = read_chat_list(fields.get(AUTHORS_FIELD), pseudonyms)
    losses.update(chat.losses + wrote.losses)
    if user_id is None and not login and not shown:
        losses[
            "chat lists that do not say whose they are"
            if chat.viewers is not None
            else "streams that do not say whose they are"
        ] += 1
        return None
    if chat.viewers is None and wrote.viewers is None and not chat.losses + wrote.losses:
        losses["streams without a list of who is there"] += 1
    category = _first(fields, CATEGORY_FIELDS)
    category_id = _number_of(
        fields, CATEGORY_ID_FIELDS, "ids of categories that are no number", losses, read=id_in
    )
    if isinstance(category, Mapping):
        inner = {plain_name(key): value for key, value in category.items()}
        category_id = id_in(inner.get("id")) if category_id is None else category_id
        category = _first(inner, ("displayname", "name"))
    if category is not None and not isinstance(category, str):
        losses["categories that are no text"] += 1
    language = _first(fields, ("language", "broadcasterlanguage"))
    if language is not None and not isinstance(language, str):
        losses["languages that are no text"] += 1
    return SeenStream(
        user_id=user_id,
        login=login,
        name=shown,
        viewers=_number_of(fields, VIEWERS_FIELDS, NO_COUNT, losses, read=count_in),
        category_id=category_id,
        category=_text(category),
        language=_text(language),
        members=chat.viewers,
        authors=wrote.viewers,
    )


def _list_of(fields: Mapping[str, Any]) -> Any:
    """The chat list of a stream. One that holds nothing in a known place counts as missing."""
    listed = next((fields[name] for name in CHAT_FIELDS if fields.get(name) is not None), None)
    if isinstance(listed, float) and listed != listed:
        return None  # a hole of a table
    if listed is None and WHOSE_LIST & fields.keys() and isinstance(fields.get("data"), list):
        return {
            "data": fields["data"],
            **{k: fields[k] for k in ("total", "pagination") if k in fields},
        }
    return listed


def _with_owner(fields: dict[str, Any]) -> Mapping[str, Any]:
    """The fields of a stream, with those of its owner where they are an object of their own."""
    for owner in OWNERS:
        inner = fields.get(owner)
        if not isinstance(inner, Mapping):
            continue
        inner = {plain_name(key): value for key, value in inner.items()}
        said = {
            # Kraken's `name` is the login, beside a `display_name`.
            "userid": _first(inner, ("id", *ID_FIELDS)),
            "userlogin": _first(inner, (*LOGIN_FIELDS, "name")),
            "username": _first(inner, DISPLAY_FIELDS),
            "language": _first(inner, ("broadcasterlanguage", "language")),
        }
        return {**{k: v for k, v in said.items() if v is not None}, **fields, owner: None}
    return fields


def _plain(stream: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {
        plain: stream[name]
        for name in stream
        if isinstance(name, str) and (plain := plain_name(name)) in names
    }


def _number_of(
    fields: Mapping[str, Any],
    names: tuple[str, ...],
    reason: str,
    losses: Counter[str],
    *,
    read: Callable[[Any], int | None] = whole_number,
) -> int | None:
    value = _first(fields, names)
    number = read(value)
    if number is None and value is not None and whole_number(value) != 0:  # no id is none lost
        losses[reason] += 1
    return number


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if is_said(fields.get(name))), None)


def _says_no(value: Any) -> bool:
    """Whether a value is false, as JSON, a table or a person writes it."""
    if isinstance(value, str):
        return value.strip().lower() in ("false", "no", "0", "0.0")
    return value is not None and value == 0


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
