"""Snapshots: what a collector saw at one moment, as JSON of any of the forms in which they are kept."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamergraph.importing.fields import plain, plain_name
from streamergraph.importing.files import DAMAGED, content_of, json_text
from streamergraph.importing.shared_ids import without_shared_ids
from streamergraph.importing.streams import (
    MESSAGES,
    TIME_FIELDS,
    looks_like_person,
    looks_like_stream,
    read_stream,
    says_time,
    time_of_stream,
)
from streamergraph.importing.times import Clock, is_plausible, time_in_name
from streamergraph.observations.looks import Look
from streamergraph.observations.schema import BROKEN, CLOCK, STORED
from streamergraph.privacy import Pseudonyms

LONGEST_ROUND = datetime.timedelta(
    minutes=30
)  # of a collector that looks at one channel after the other
CLOCK_TOLERANCE = datetime.timedelta(minutes=10)
LISTS = ("data", "streams", "channels")
ABOUT = {
    *TIME_FIELDS, "id", "pagination", "total", "language", "source", "intervalminutes", "links",
}  # fmt: skip
NOT_STREAMS = "entries that are no stream"
PEOPLE = "people who are no streams, as in a chat list that does not say whose it is"
CHAT_MESSAGES = "chat messages in the place of streams"


def read_snapshot_file(path: Path, clock: Clock, pseudonyms: Pseudonyms) -> Look:
    """Read one file; problems of its content end in `status`, `problem` and `losses`, not in errors.

    No login leaves this function. `source` and `file` are the file's name; the caller knows better.
    """
    blank = Look(source=path.name, file=path.name)
    before = clock.local
    named = clock.said(text) if (text := time_in_name(path.name)) else None
    moment = clock.in_utc(named) if named is not None and named.tzinfo is None else named
    try:
        content = json.loads(json_text(packed := content_of(path)))
        if b'"$' in packed:  # as a database exports it
            content = plain(content)
    except (ValueError, RecursionError, *DAMAGED) as error:
        return replace(blank, status=BROKEN, time=moment, problem=_without_content(error))
    again = None
    if moment is not None and named is not None:
        if _says_time(content):
            clock.local = before  # the name is no more than a check
            again = clock.in_utc(named, second=True) if named.tzinfo is None else None
        elif named.tzinfo is None:
            moment = clock.in_utc(named, second=clock.is_later_of_two(named))
    return read_snapshot(
        content, blank, named=moment, named_again=again, clock=clock, pseudonyms=pseudonyms
    )


def read_snapshot(
    content: Any,
    blank: Look,
    *,
    named: datetime.datetime | None,
    named_again: datetime.datetime | None = None,
    clock: Clock,
    pseudonyms: Pseudonyms,
) -> Look:
    """`blank` filled with what `content` says; `named` is the moment in the name of its file.

    Forms of `content`: an object from display names to streams; a list of streams; an answer of
    the interface (streams below ``data``), or a list of its pages. The moment is that of the streams
    where they say one, else the snapshot's own, else `named`; a name in an hour that came twice means
    `named_again` too. A snapshot has a wrong clock if its
    streams are more than half an hour apart, its name more than ten minutes from them, or its moment
    cannot be.
    """
    losses: Counter[str] = Counter()
    entries = list(_streams(content, losses))
    if not entries and (losses or not isinstance(content, Mapping)):
        problem = "an answer that is an error" if _is_error(content) else "no snapshot of streams"
        return replace(blank, status=BROKEN, time=named, problem=problem, losses=losses)
    said = [
        moment
        for _, stream in entries
        if (moment := time_of_stream(stream, clock, losses)) is not None
    ]
    if isinstance(content, Mapping) and not said:
        about = {k: v for k, v in content.items() if not isinstance(v, Mapping)}
        own = time_of_stream(about, clock, losses)
        said = [own] if own is not None else []
    moment = min(said) if said else named
    if moment is None:
        return replace(
            blank, status=CLOCK, problem="no time in the name nor in the streams", losses=losses
        )
    if named is not None and named_again is not None and said:
        named = min((named, named_again), key=lambda one: abs(one - moment))
    extremes = [*said, *([named] if named else [])]
    round_took = max(said) - min(said) if said else datetime.timedelta()
    apart = max(extremes) - min(extremes) - round_took
    if not is_plausible(moment) or apart > CLOCK_TOLERANCE or round_took > LONGEST_ROUND:
        return replace(
            blank,
            status=CLOCK,
            time=moment,
            problem="a moment that cannot be, or times that contradict one another (is --timezone right?)",
            losses=losses,
        )
    streams = tuple(
        stream
        for name, entry in entries
        if (stream := read_stream(name, entry, pseudonyms, losses)) is not None
    )
    if entries and not streams:
        return replace(
            blank, status=BROKEN, time=moment, problem="no entry is a stream", losses=losses
        )
    found, shared = without_shared_ids(streams)
    losses.update(shared)
    return replace(blank, status=STORED, time=moment, streams=tuple(found), losses=losses)


def _streams(content: Any, losses: Counter[str]) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """Every stream with the name that it stands under; what is none is counted by reason."""
    if isinstance(content, list):
        for entry in content:
            if looks_like_stream(entry):
                yield None, entry
            elif isinstance(entry, Mapping) and any(isinstance(entry.get(k), list) for k in LISTS):
                yield from _streams(entry, losses)
            else:
                losses[_no_stream(entry)] += 1
    elif isinstance(content, Mapping):
        if _is_error(content):
            losses["answers that are an error in place of streams"] += 1
        elif looks_like_stream(content):
            yield None, content  # a snapshot of one stream
        elif any(
            plain_name(name) in MESSAGES and not isinstance(value, Mapping)
            for name, value in content.items()
        ):
            losses[CHAT_MESSAGES] += 1
        elif lists := _lists(content):
            for listed in lists:
                yield from _streams(listed, losses)
        else:
            yield from _by_name(content, losses)


def _lists(content: Mapping[str, Any]) -> list[Any]:
    return [
        content[name]
        for name in LISTS
        if isinstance(content.get(name), list | dict) and not looks_like_stream(content.get(name))
    ]


def _by_name(
    content: Mapping[str, Any], losses: Counter[str]
) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    for name, stream in content.items():
        known = looks_like_stream(stream)
        if plain_name(name) in ABOUT and not known:
            continue
        # Under a name, who is live may be all that is known.
        if name.strip() and (known or stream == {} or _no_stream(stream) == PEOPLE):
            yield name, stream
        else:
            losses[NOT_STREAMS] += 1


def _no_stream(entry: Any) -> str:
    """What an entry is that is no stream."""
    if isinstance(entry, Mapping):
        if any(plain_name(name) in MESSAGES for name in entry):
            return CHAT_MESSAGES
        if looks_like_person(entry):
            return PEOPLE
    return NOT_STREAMS


def _is_error(content: Any) -> bool:
    return (
        isinstance(content, Mapping)
        and not isinstance(content.get("error"), Mapping)
        and "error" in content
        and ("status" in content or "message" in content)
    )


def _says_time(content: Any) -> bool:
    entries = content.values() if isinstance(content, Mapping) else content
    return isinstance(content, Mapping | list) and any(says_time(entry) for entry in entries)


def _without_content(error: Exception) -> str:
    # A decoder's message may quote the file, and the file holds logins.
    if isinstance(error, json.JSONDecodeError):
        if error.msg == "Extra data":
            return "several documents in one file, which is to be imported by itself"
        return f"{error.msg} at character {error.pos}"
    return type(error).__name__
