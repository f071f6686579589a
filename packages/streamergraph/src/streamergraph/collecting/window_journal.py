"""The tick whose window is open, on the disk, so that a kill costs some seconds of it and not all.

A file of JSON lines beside the store: first what was seen at the tick, then every few seconds who was heard
since the line before. It goes when the tick is stored. A collector that begins stores what another one has
left there. No login is in it, but pseudonyms and what the tick itself will have.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from streamergraph.atomic import atomic_path, flush_to_disk
from streamergraph.collecting.audience import Heard, News
from streamergraph.collecting.rooms import HEARD_SHARE
from streamergraph.observations.looks import Look, SeenStream
from streamergraph.observations.opt_out import OptOut, left_out
from streamergraph.observations.schema import AUTHORS, MEMBERS
from streamergraph.privacy import Pseudonyms

NEWS_SECONDS = 10.0  # what a kill may cost
MOMENTS = ("time", "planned", "started", "ended")


@dataclass(frozen=True, kw_only=True)
class LeftWindow:
    """What a killed collector has left: the looks of its tick, and who was heard as far as it counts."""

    looks: list[Look]
    heard: list[Heard]
    seconds: float  # of the window that was heard


@dataclass
class WindowJournal:
    """The file at `path`. Its methods raise OSError where it cannot be written."""

    path: Path

    def begin(self, looks: Sequence[Look], heard: Sequence[Heard], window_seconds: float) -> None:
        """A window begins that lasts `window_seconds`; `heard` are sources that do not listen."""
        said = {
            "window_seconds": window_seconds,
            "looks": [_look_as_json(look) for look in looks],
            "heard": [asdict(one) for one in heard],
        }
        with atomic_path(self.path, private=True) as temporary:
            temporary.write_text(json.dumps(said) + "\n", encoding="utf-8")

    def add(self, news: Sequence[News], seconds: float) -> None:
        """So many seconds after its beginning, this was heard since it was told last."""
        if not self.path.exists():
            return  # its beginning could not be written
        line = {
            "seconds": seconds,
            "news": [
                {name: value for name, value in asdict(one).items() if value not in (None, ())}
                for one in news
            ],
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        flush_to_disk(self.path)

    def end(self) -> None:
        """The tick is stored."""
        self.path.unlink(missing_ok=True)

    def left(self) -> LeftWindow | None:
        """What another collector has left; None where it left nothing that can be read."""
        try:
            first, *lines = self.path.read_text(encoding="utf-8").split("\n")
            said = json.loads(first)
            looks = [_look_of_json(one) for one in said["looks"]]
            heard = [Heard(**{**one, "viewers": tuple(one["viewers"])}) for one in said["heard"]]
            least = HEARD_SHARE * float(said["window_seconds"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        authors: dict[int, set[int]] = defaultdict(set)
        members: dict[int, set[int]] = {}
        seconds_of: dict[int, float] = {}
        seconds = 0.0
        for text in lines:
            try:
                line = json.loads(text)
            except ValueError:
                continue  # the last one broke off
            seconds = line["seconds"]
            for one in line["news"]:
                channel = one["channel_id"]
                authors[channel].update(one.get("authors", ()))
                seconds_of[channel] = one.get("seconds", 0.0)
                if "members" in one:
                    members[channel] = set(one["members"])
        for channel, of_channel in seconds_of.items():
            if of_channel < least:
                continue  # as of any window: half of it must have been heard
            lists = {AUTHORS: authors[channel], MEMBERS: members.get(channel)}
            heard += [
                Heard(channel_id=channel, kind=kind, viewers=tuple(sorted(viewers)))
                for kind, viewers in lists.items()
                if viewers is not None
            ]
        return LeftWindow(looks=looks, heard=heard, seconds=seconds)

    def forget(self, people: OptOut, pseudonyms: Pseudonyms) -> None:
        """Take people out of what was left."""
        left = self.left()
        if left is None:
            self.end()
            return
        looks, _ = left_out(left.looks, people, pseudonyms)
        there = {stream.user_id for look in looks for stream in look.streams}
        heard = [
            replace(one, viewers=tuple(n for n in one.viewers if n not in people.viewers))
            for one in left.heard
            if one.channel_id in there
        ]
        self.begin(looks, heard, window_seconds=0.0)


def _look_as_json(look: Look) -> dict[str, Any]:
    said = {**vars(look), "losses": dict(look.losses)}
    said["streams"] = [
        {name: value for name, value in vars(stream).items() if value is not None}
        for stream in look.streams
    ]
    return {
        name: value.isoformat() if isinstance(value, datetime.datetime) else value
        for name, value in said.items()
        if value is not None
    }


def _look_of_json(said: dict[str, Any]) -> Look:
    known = {**said, "losses": Counter(said["losses"])}
    known["streams"] = tuple(SeenStream(**_with_tuples(one)) for one in said["streams"])
    for name in MOMENTS:
        if name in known:
            known[name] = datetime.datetime.fromisoformat(known[name])
    return Look(**known)


def _with_tuples(said: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(one) if isinstance(one, list) else one for name, one in said.items()}
