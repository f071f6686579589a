"""Streams that were written down one by one, put together to the ticks at which they were seen."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from streamergraph.importing.streams import said_time, whose
from streamergraph.importing.times import parse_time

LONGEST_ROUND = datetime.timedelta(minutes=10)
LONGEST_PAUSE = datetime.timedelta(minutes=1)  # between two channels of a round


@dataclass(frozen=True)
class Timed:
    """A stream with its moment: that which it says, else the one at which it was stored."""

    moment: datetime.datetime | None
    channel: str
    content: Mapping[str, Any]
    by_object_id: bool = False

    @classmethod
    def of(cls, content: Mapping[str, Any], stored: datetime.datetime | None) -> Timed:
        """The stream of a document that was stored at that moment."""
        said = parse_time(said_time(content))
        moment = stored if said is None else said
        if moment is not None and moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)  # local: only compared with its like
        return cls(moment, whose(content), content, by_object_id=said is None)


@dataclass
class Ticks:
    """Streams in the order in which they were stored, one tick in memory at a time.

    A collector that looks at one channel after the other gives each a time of its own; those of one round
    are one look. A round ends where a channel comes again, at the longest pause before it; at any pause
    of more than a minute; where time goes back; and after ten minutes. In no order, only streams of
    equal moments are together, and streams without any time are each by themselves.
    """

    _round: list[Timed] = field(default_factory=list)
    _latest: dict[str, int] = field(default_factory=dict)

    def add(self, stream: Timed) -> Iterator[list[Timed]]:
        """Take one more stream; gives the ticks that are complete."""
        if self._round and self._is_apart(stream):
            yield from self.rest()
        place = self._latest.get(stream.channel)
        if place is not None and self._round[place].moment != stream.moment:
            end = self._longest_pause(place, stream)
            yield self._round[:end]
            self._round = self._round[end:]
            self._latest = {one.channel: k for k, one in enumerate(self._round)}
        self._latest[stream.channel] = len(self._round)
        self._round.append(stream)

    def rest(self) -> Iterator[list[Timed]]:
        """The tick that is not complete, if there is one."""
        if self._round:
            yield self._round
        self._round, self._latest = [], {}

    def _is_apart(self, stream: Timed) -> bool:
        first, last = self._round[0].moment, self._round[-1].moment
        if first is None or last is None or stream.moment is None:
            return True
        pause = abs(stream.moment - last)
        return not first <= stream.moment <= first + LONGEST_ROUND or pause > LONGEST_PAUSE

    def _longest_pause(self, place: int, stream: Timed) -> int:
        """Where after `place` the longest pause ends; the latest of equal ones."""
        moments = [one.moment for one in self._round[place:]] + [stream.moment]
        pauses = [
            (after - before, place + k)
            for k, (before, after) in enumerate(pairwise(moments), 1)
            if before is not None and after is not None
        ]
        return max(pauses)[1]
