"""Channels of an opt-out list, which is by marks, in documents of streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamergraph.observations.looks import SeenStream
from streamergraph.observations.opt_out import marks_of
from streamergraph.privacy import Pseudonyms


class NamedChannels:
    """Tells whether a stream is of a channel that is on the list; learns the ids of those known by name."""

    def __init__(self, marks: frozenset[str], pseudonyms: Pseudonyms) -> None:
        self.marks = marks
        self._pseudonyms = pseudonyms
        self._known: dict[tuple[Any, ...], list[str]] = {}

    def learn(self, stream: Mapping[str, Any], name: str | None = None) -> None:
        """Note the id of a stream that is on the list by a name."""
        if stream.get("user_id") is not None and self.is_one(stream, name):
            self.marks |= {self._told(stream, name)[0]}

    def is_one(self, stream: Mapping[str, Any], name: str | None = None) -> bool:
        """Whether the channel is on the list; `name` is what it stands under."""
        return bool(self.marks) and not self.marks.isdisjoint(self._told(stream, name))

    def _told(self, stream: Mapping[str, Any], name: str | None) -> list[str]:
        number, login, shown = (stream.get(f"user_{what}") for what in ("id", "login", "name"))
        key = (number, login, shown, name)
        if key not in self._known:
            seen = SeenStream(
                user_id=None if number is None else int(number), login=login, name=shown
            )
            marks = marks_of(seen, self._pseudonyms)
            self._known[key] = [*marks, *([self._pseudonyms.channel_mark(name)] if name else [])]
        return self._known[key]
