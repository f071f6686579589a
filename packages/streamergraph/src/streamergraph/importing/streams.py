"""One stream of a snapshot, whichever names its fields have."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from streamergraph.importing.chat_lists import read_chat_list
from streamergraph.importing.times import Clock
from streamergraph.observations.looks import SeenStream
from streamergraph.privacy import Pseudonyms

CHAT_FIELDS = ("spect", "chatters", "chat_list", "members")
VIEWERS_FIELDS = ("viewer_count", "viewers")
CATEGORY_FIELDS = ("game_name", "category_name", "category", "game")
CATEGORY_ID_FIELDS = ("game_id", "category_id")
ID_FIELDS = ("user_id", "channel_id", "broadcaster_id", "broadcaster_user_id")
LOGIN_FIELDS = (
    "user_login",
    "login",
    "channel_login",
    "broadcaster_login",
    "broadcaster_user_login",
)
NAME_FIELDS = ("user_name", "display_name", "name", "channel", "streamer", "broadcaster_name")
TIME_FIELDS = ("date_time", "time", "timestamp", "observed_at")
STREAM_FIELDS = {
    *CHAT_FIELDS,
    *VIEWERS_FIELDS,
    *CATEGORY_FIELDS,
    *ID_FIELDS,
    *LOGIN_FIELDS,
    "user_name",
}
LARGEST_NUMBER = 2**53


def looks_like_stream(value: Any) -> bool:
    """Whether an object has fields of a stream, and is not one of streams by name."""
    return isinstance(value, Mapping) and any(
        name in CHAT_FIELDS or not isinstance(value[name], Mapping)
        for name in STREAM_FIELDS & value.keys()
    )


def time_of_stream(
    stream: Mapping[str, Any], clock: Clock, losses: Counter[str]
) -> datetime.datetime | None:
    """The moment that a stream says; None where it says none, or one that is not understood."""
    said = _first(stream, TIME_FIELDS)
    if said is None or said == "":
        return None
    moment = clock.moment(said)
    if moment is None:
        losses["times that are not understood"] += 1
    return moment


def read_stream(
    name: str | None, stream: Mapping[str, Any], pseudonyms: Pseudonyms, losses: Counter[str]
) -> SeenStream | None:
    """A stream under the `name` that its snapshot gives it; None where nothing says whose it is.

    What is not understood is counted in `losses`.
    """
    login = _text(_first(stream, LOGIN_FIELDS))
    name = _text(name) or _text(_first(stream, NAME_FIELDS))
    user_id = _number_of(stream, ID_FIELDS, "ids of channels that are no number", losses)
    if user_id is None and not login and not name:
        losses["streams that do not say whose they are"] += 1
        return None
    chat = read_chat_list(_first(stream, CHAT_FIELDS), pseudonyms)
    losses.update(chat.losses)
    category = _first(stream, CATEGORY_FIELDS)
    if category is not None and not isinstance(category, str):
        losses["categories that are no text"] += 1
    return SeenStream(
        user_id=user_id,
        login=login,
        name=name,
        viewers=_number_of(stream, VIEWERS_FIELDS, "viewer counts that are no count", losses),
        category_id=_number_of(
            stream, CATEGORY_ID_FIELDS, "ids of categories that are no number", losses
        ),
        category=_text(category),
        language=_text(stream.get("language")),
        members=chat.viewers,
    )


def whole_number(value: Any) -> int | None:
    """A count or id: a whole number, also as text or as 100.0; None for anything else.

    >>> whole_number(100.0), whole_number(" 1204 "), whole_number("100.0"), whole_number(100.5)
    (100, 1204, 100, None)
    """
    if isinstance(value, str):
        found = re.fullmatch(r"\s*(\d{1,16})(?:\.0*)?\s*", value, re.ASCII)
        value = int(found[1]) if found else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # A bool is an int for Python.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST_NUMBER:
        return None
    return value


def _number_of(
    stream: Mapping[str, Any], names: tuple[str, ...], reason: str, losses: Counter[str]
) -> int | None:
    value = _first(stream, names)
    if value is None or value == "" or (isinstance(value, float) and value != value):
        return None  # it is not said
    number = whole_number(value)
    if number is None:
        losses[reason] += 1
    return number


def _first(stream: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((stream[name] for name in names if stream.get(name) is not None), None)


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
