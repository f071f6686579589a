"""Messages of a chat log, in the forms in which loggers write them: tables, JSON, lines of IRC."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from streamergraph.errors import StreamergraphError
from streamergraph.importing.chat_lists import LOGIN
from streamergraph.importing.documents import ExportFile
from streamergraph.importing.fields import is_said, plain, plain_name
from streamergraph.importing.files import DAMAGED, open_text
from streamergraph.importing.streams import CATEGORY_FIELDS, VIEWERS_FIELDS
from streamergraph.importing.times import parse_time

PEEKED = 1 << 16
# Names of columns and fields as `plain_name` gives them; logins before names that are for show.
TIME = (
    "time", "timestamp", "datetime", "createdat", "sentat", "tmisentts", "sentts", "receivedat",
    "messagetime", "messagetimestamp", "ts", "date",
)  # fmt: skip
CHANNEL = (
    "channellogin", "broadcasteruserlogin", "broadcasterlogin", "channel", "channelname", "streamer",
    "room", "roomname", "target", "broadcaster", "broadcasterusername", "broadcastername",
)  # fmt: skip
CHANNEL_ID = ("channelid", "roomid", "broadcasteruserid", "broadcasterid")
USER = (
    "userlogin", "chatteruserlogin", "chatterlogin", "login", "user", "nick", "nickname", "username",
    "author", "authorname", "sender", "chatter", "commenter", "from", "chatterusername", "displayname",
)  # fmt: skip
WRAPPED = ("metadata", "payload", "event", "tags", "userstate", "context")
# A logger may put its own time, or the direction, before a line.
BEFORE = r"(?:\[(?P<time>[^\]]*)\]\s*|[<>]\s+)?"
IRC = re.compile(BEFORE + r"(?:@(?P<tags>\S+) )?:(?P<user>[^!\s]+)!\S+ PRIVMSG #(?P<channel>\S+) :")
BRACKETS = re.compile(r"\[(?P<time>\d{4}-[^\]]+)\] #(?P<channel>\S+) (?P<user>\w+):")
CLOCK_ONLY = re.compile(r"\[(?P<time>\d{2}:\d{2}(?::\d{2})?)\]\s+(?P<user>\w+): ")
CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?")  # where the day is in a column of its own
DAY_IN_NAME = re.compile(r"(?P<channel>\w+)-(?P<day>\d{4}-\d{2}-\d{2})")
LINES = re.compile(
    r"(\[[^\]]*\]\s*|[<>]\s+)?(@\S+ )?:\S+ [A-Z]+ |\[\d{4}-\d{2}-\d{2}[^\]]*\] #|# Start logging"
    r"|\[\d{2}:\d{2}"
)
JSON_BEGINS = re.compile(r"\s*(?:\[\s*)?\{")
OF_MESSAGES = re.compile(r'\s*\{\s*"messages"\s*:\s*\[\s*')  # the answer of a public logger
NO_MESSAGE = "lines that are no messages"
TOO_MANY_CELLS = "messages with more cells than the header has"
OPEN_QUOTE = "quotation marks that do not close, which were taken as part of a message"


class Message(NamedTuple):
    """A message as texts, each empty where it is not said."""

    time: str
    channel: str
    user: str
    category: str = ""
    viewers: str = ""
    channel_id: str = ""


def read_messages(path: Path, losses: Counter[str]) -> Iterator[Message]:
    """Every message of a log; what is none is counted in `losses`.

    Forms: a table (CSV, with commas, semicolons, tabs or bars) with a header; JSON objects, one a line or
    in an array, such as those of EventSub; the file of TwitchDownloader; lines of IRC with their tags;
    `[time] #channel user: …`; the day's file of Chatterino. Raises StreamergraphError for others.
    """
    try:
        with open_text(path) as file:
            begin = file.read(PEEKED)
        if JSON_BEGINS.match(begin):
            yield from _of_json(ExportFile(path).read(), losses)
        elif LINES.match(begin):
            with open_text(path) as file:
                yield from _of_lines(path, file, losses)
        else:
            with open_text(path, newline="") as file:
                yield from _of_table(path, file, begin, losses)
    except (UnicodeDecodeError, *DAMAGED):
        raise StreamergraphError(
            path,
            expected="a chat log as text, plain or packed by gzip",
            found="something else",
            remedy="unpack it, or get it again",
        ) from None


def holds_messages(path: Path) -> bool:
    """Whether a file of JSON has messages in it, and no snapshots."""
    try:
        with open_text(path) as file:
            begin = file.read(PEEKED)
    except (UnicodeDecodeError, *DAMAGED):
        return False
    if re.search(r'"comments"\s*:\s*\[', begin) and '"streamer"' in begin:
        return True
    if found := OF_MESSAGES.match(begin):
        try:
            first, _ = json.JSONDecoder().raw_decode(begin, found.end())
        except ValueError:
            return False
    else:
        first = next(iter(ExportFile(path, longest=PEEKED).read()), None)
    if not isinstance(first, Mapping):
        return False
    fields = _fields(first)
    said = [any(name in fields for name in names) for names in (TIME, USER)]
    return (
        all(said)
        and any(name in fields for name in (*CHANNEL, *CHANNEL_ID))
        and not any(name in fields for name in ("spect", "chatters", "startedat"))
        and bool(
            fields.keys()
            & {
                "message",
                "text",
                "msg",
                "body",
                "messageid",
                "chatteruserlogin",
                "user",
                "nick",
                "author",
                "sender",
                "commenter",
            }
        )
    )


def _of_json(documents: Iterable[Any], losses: Counter[str]) -> Iterator[Message]:
    for document in documents:
        if not isinstance(document, Mapping):
            losses[NO_MESSAGE] += 1
            continue
        listed = (document.get(name) for name in ("comments", "messages"))
        comments = next((one for one in listed if isinstance(one, list)), None)
        if comments is not None:
            streamer = document.get("streamer")
            about = _fields({"streamer": streamer}) if isinstance(streamer, Mapping) else {}
            for comment in comments:
                if isinstance(comment, Mapping):
                    yield _message({**about, **_fields(comment)})
                else:
                    losses[NO_MESSAGE] += 1
        else:
            yield _message(_fields(document))


def _fields(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a message, those of objects within it too, by plain names."""
    fields: dict[str, Any] = {}
    for name, value in document.items():
        known, value = plain_name(str(name)), plain(value)
        if not isinstance(value, Mapping):
            fields[known] = value
        elif known in WRAPPED:
            fields |= _fields(value)
        elif known in USER or known in CHANNEL:
            inner = {plain_name(str(key)): inner for key, inner in value.items()}
            text = next((inner[k] for k in ("login", "name", "displayname") if inner.get(k)), "")
            fields["userlogin" if known in USER else "channellogin"] = text
            if known in CHANNEL and inner.get("id"):
                fields["channelid"] = inner["id"]
        else:
            fields.setdefault(known, "")  # that there is one tells what the document is
    return fields


def _message(fields: Mapping[str, Any]) -> Message:
    def text(names: tuple[str, ...]) -> str:
        value = next((fields[name] for name in names if is_said(fields.get(name))), "")
        if isinstance(value, float):
            return f"{value:.6f}".rstrip("0").rstrip(".")
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""

    logins = (fields[name] for name in USER if is_said(fields.get(name)))
    user = next(
        (one for one in logins if isinstance(one, str) and LOGIN.fullmatch(one)), text(USER)
    )
    return Message(
        text(TIME),
        text(CHANNEL),
        user,
        text(CATEGORY_FIELDS),
        text(VIEWERS_FIELDS),
        text(CHANNEL_ID),
    )


def _of_lines(path: Path, lines: Iterable[str], losses: Counter[str]) -> Iterator[Message]:
    named = DAY_IN_NAME.search(path.name)
    for line in lines:
        if found := IRC.match(line):
            tags = dict(tag.partition("=")[::2] for tag in (found["tags"] or "").split(";"))
            yield Message(
                tags.get("tmi-sent-ts") or found["time"] or "", found["channel"], found["user"],
                channel_id=tags.get("room-id", ""),
            )  # fmt: skip
        elif found := BRACKETS.match(line):
            yield Message(found["time"], found["channel"], found["user"])
        elif named and (found := CLOCK_ONLY.match(line)):
            yield Message(f"{named['day']} {found['time']}", named["channel"], found["user"])
        elif line.strip() and not line.startswith("#"):
            losses[NO_MESSAGE] += 1


def _of_table(
    path: Path, file: Iterable[str], begin: str, losses: Counter[str]
) -> Iterator[Message]:
    header = begin.partition("\n")[0]
    delimiter = max(",;\t|", key=header.count)
    rows = _rows(file, delimiter, losses)
    names = [plain_name(cell.strip()) for cell in next(rows, [])]
    places = {kind: _places(names, wanted) for kind, wanted in _WANTED.items()}
    if not (places["time"] and places["user"] and (places["channel"] or places["channel_id"])):
        # A file without a header begins with a message: only names that are known may be shown.
        known = [kind for kind, listed in places.items() if listed]
        raise StreamergraphError(
            path,
            expected="columns time, channel, user",
            found=f"{len(names)} columns" + (f", of these: {', '.join(known)}" if known else ""),
            remedy="name them in the first line",
        )
    last = max(place for listed in places.values() for place in listed)
    least = [places[kind][0] if places[kind] else -1 for kind in _WANTED]
    users, channels = places["user"], places["channel"]
    width = len(names)
    days = (
        names.index("date") if "date" in names and places["time"][0] != names.index("date") else -1
    )
    for cells in rows:
        if not cells:
            continue
        if len(cells) > width and last + 1 >= width and any(cells[width:]):
            losses[TOO_MANY_CELLS] += 1  # nobody knows which cell is which
            continue
        cells += [""] * (width - len(cells))
        values = [cells[place].strip() if place >= 0 else "" for place in least]
        if days >= 0 and CLOCK.fullmatch(values[0]):
            values[0] = f"{cells[days].strip()} {values[0]}"
        if len(users) > 1:
            values[2] = _best(cells, users)
        if len(channels) > 1:
            values[1] = _best(cells, channels)
        yield Message(*values)


_WANTED = {
    "time": TIME, "channel": CHANNEL, "user": USER, "category": CATEGORY_FIELDS,
    "viewers": VIEWERS_FIELDS, "channel_id": CHANNEL_ID,
}  # fmt: skip


def _places(names: list[str], wanted: tuple[str, ...]) -> list[int]:
    return [names.index(name) for name in wanted if name in names]


def _best(cells: list[str], places: list[int]) -> str:
    """The first of several cells that is a login, else the first that says anything."""
    said = [text for place in places if (text := cells[place].strip())]
    return next(
        (text for text in said if LOGIN.fullmatch(text.lstrip("#@"))), said[0] if said else ""
    )


def _rows(file: Iterable[str], delimiter: str, losses: Counter[str]) -> Iterator[list[str]]:
    """The rows of a table; where a quotation mark swallows rows, these are read without it."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in file:
            taken.append(line)
            # A message is a line of chat: what goes on for longer is a mark that does not close.
            yield line.replace("\0", "")

    source = lines()
    reader = csv.reader(source, delimiter=delimiter)
    width = 0
    while True:
        taken.clear()
        try:
            row = next(reader, None)
        except csv.Error:  # a cell that never ends
            row = []
            reader = csv.reader(source, delimiter=delimiter)
        if row is None:
            return
        width = width or len(row)
        if len(taken) == 1 or not _swallowed(taken, delimiter, width):
            yield row
            continue
        losses[OPEN_QUOTE] += 1
        yield from csv.reader(list(taken), delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _swallowed(lines: list[str], delimiter: str, width: int) -> bool:
    """Whether lines within a quoted cell are rows by themselves: as many cells, one of them a time."""
    return any(
        line.count(delimiter) + 1 >= width
        and any(parse_time(cell.strip(' "\r\n')) for cell in line.split(delimiter))
        for line in lines[1:]
    )
