"""The original's snapshot files: one JSON object a moment, display name -> stream."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from streamergraph.importing.times import is_plausible, parse_time, time_of_file_name
from streamergraph.observations.schema import BROKEN, CLOCK, FULL, MISSING, STORED
from streamergraph.privacy import Pseudonyms

CLOCK_TOLERANCE = datetime.timedelta(minutes=10)
LARGEST_COUNT = 2**40


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One file: what became of it, the moment it stands for, and its observations."""

    source: str
    status: str
    time: datetime.datetime | None = None
    observations: tuple[dict[str, Any], ...] = ()
    problem: str = ""

    @property
    def presences(self) -> int:
        """Chatters summed over streams."""
        return sum(len(row["chatters"] or ()) for row in self.observations)


def read_snapshot(path: Path, *, zone: ZoneInfo, pseudonyms: Pseudonyms) -> Snapshot:
    """Read one snapshot; problems of its content end in `status` and `problem`, not in errors.

    The moment is that of the streams' `date_time` where they have one, else of the file's name.
    A file whose name and streams are more than ten minutes apart, or that stands for a moment that
    cannot be, has a wrong clock. No login leaves this function: chatters become pseudonyms here.
    """
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        return Snapshot(
            source=path.name,
            status=BROKEN,
            time=time_of_file_name(path.name, zone),
            problem=_without_content(error),
        )
    if not isinstance(content, dict):
        return Snapshot(source=path.name, status=BROKEN, problem="no JSON object")
    named = time_of_file_name(path.name, zone)
    said = {
        moment
        for stream in content.values()
        if isinstance(stream, dict)
        and isinstance(text := stream.get("date_time"), str)
        and (moment := parse_time(text, zone)) is not None
    }
    moment = min(said) if said else named
    if moment is None:
        return Snapshot(
            source=path.name, status=CLOCK, problem="no time in the name nor in the streams"
        )
    extremes = [*said, *([named] if named else [])]
    if not is_plausible(moment) or max(extremes) - min(extremes) > CLOCK_TOLERANCE:
        return Snapshot(
            source=path.name,
            status=CLOCK,
            time=moment,
            problem="a moment that cannot be, or times that contradict one another",
        )
    rows = [
        row
        for name, stream in content.items()
        if (row := _observation(name, stream, moment, pseudonyms)) is not None
    ]
    return Snapshot(
        source=path.name,
        status=STORED,
        time=moment,
        observations=tuple(rows),
        problem="" if len(rows) == len(content) else f"{len(content) - len(rows)} entries unusable",
    )


def _observation(
    name: str, stream: Any, moment: datetime.datetime, pseudonyms: Pseudonyms
) -> dict[str, Any] | None:
    if not isinstance(stream, dict) or not name.strip():
        return None
    chatters = stream.get("spect")
    listed = chatters if isinstance(chatters, list) else None
    category = stream.get("game_name")
    user_id = stream.get("user_id")
    return {
        "time": moment,
        "streamer_key": f"id:{user_id}" if user_id else name.strip().lower(),
        "name": name.strip(),
        "category": category.strip() or None if isinstance(category, str) else None,
        "viewers": _count(stream.get("viewer_count")),
        "chatters": (
            sorted({pseudonyms.viewer(login) for login in listed if _is_login(login)})
            if listed is not None
            else None
        ),
        "coverage": MISSING if listed is None else FULL,
    }


def _is_login(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _count(value: Any) -> int | None:
    # A bool is an int for Python, and a count may stand as text.
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST_COUNT:
        return None
    return value


def _without_content(error: Exception) -> str:
    # A decoder's message may quote the file, and the file holds logins.
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return type(error).__name__
