"""Chat rooms that are listened to: which, who wrote, who was told to be there; no login is kept.

The policy. Of all that are live, the rooms with the most viewers are joined, as many as may be; a room
that is joined keeps its place until its stream ends or until half as many others again have more viewers,
so that rooms do not come and go with every tick. Authors count where a room was heard for at least half
of the window. Members count where the room was small enough to be told: Twitch names only moderators
where more than 1,000 people are in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from streamergraph.collecting.audience import Heard, News, largest_first
from streamergraph.observations.looks import SeenStream
from streamergraph.observations.schema import AUTHORS, MEMBERS
from streamergraph.privacy import Pseudonyms

MOST_ROOMS = 100  # that one who is not known may join, by Twitch's rule of 2024
KEPT = 1.5
HEARD_SHARE = 0.5
SMALL_ROOM_VIEWERS = 800
TOLD_SHARE = 0.1  # of the viewers: a list of fewer is that of moderators alone
LARGEST_TOLD = 1000


@dataclass
class Room:
    """One room: since when it is joined, who wrote in the window, who is in it as far as was told."""

    channel_id: int
    viewers: int | None
    joined: float | None = None
    heard_seconds: float = 0.0
    authors: dict[int, None] = field(default_factory=dict)
    told: int = 0  # of `authors`, which are in the order in which they wrote
    names: set[int] = field(default_factory=set)
    complete: bool = False  # the list of names came to its end
    members: frozenset[int] | None = None  # of this window


@dataclass
class Rooms:
    """All rooms by login. Times are seconds of one clock that only goes on."""

    pseudonyms: Pseudonyms
    most: int = MOST_ROOMS
    rooms: dict[str, Room] = field(default_factory=dict)
    began: float = 0.0
    problems: Counter[str] = field(default_factory=Counter)

    def choose(self, streams: Sequence[SeenStream], now: float) -> tuple[list[str], list[str]]:
        """A window begins: which rooms to leave and which to join, the largest first."""
        live = [one for one in largest_first(streams) if one.login and one.user_id is not None]
        places = {str(one.login).lower(): (place, one) for place, one in enumerate(live)}
        kept = [
            login
            for login in sorted(self.rooms, key=lambda one: places.get(one, (1 << 40,))[0])
            if login in places and places[login][0] < KEPT * self.most
        ][: self.most]
        new = [login for login in places if login not in self.rooms][: self.most - len(kept)]
        gone = [login for login in self.rooms if login not in kept]
        for login in gone:
            del self.rooms[login]
        for login in (*kept, *new):
            stream = places[login][1]
            assert stream.user_id is not None
            room = self.rooms.setdefault(login, Room(stream.user_id, None))
            room.channel_id, room.viewers = stream.user_id, stream.viewers
            room.heard_seconds, room.authors, room.told = 0.0, {}, 0
            room.members = frozenset(room.names) if room.complete else None
            if room.joined is not None:
                room.joined = now
        self.began = now
        return gone, new

    def joined(self, login: str, now: float) -> None:
        """We are in a room."""
        if (room := self.rooms.get(login)) is not None and room.joined is None:
            room.joined = now

    def left(self, login: str, now: float) -> None:
        """We are no more in a room."""
        if (room := self.rooms.get(login)) is not None:
            if room.joined is not None:
                room.heard_seconds += now - room.joined
            room.joined, room.complete, room.names = None, False, set()

    def left_all(self, now: float) -> None:
        """The connection is gone."""
        for login in self.rooms:
            self.left(login, now)

    def wrote(self, login: str, who: str) -> None:
        """Somebody wrote."""
        if (room := self.rooms.get(login)) is not None:
            room.authors[self.pseudonyms.viewer(who)] = None

    def there(self, login: str, people: Iterable[str]) -> None:
        """Some of those who are in a room."""
        if (room := self.rooms.get(login)) is not None:
            room.names.update(map(self.pseudonyms.viewer, people))

    def went(self, login: str, who: str) -> None:
        """Somebody left."""
        if (room := self.rooms.get(login)) is not None:
            room.names.discard(self.pseudonyms.viewer(who))

    def all_named(self, login: str) -> None:
        """The list of those who are in a room came to its end."""
        if (room := self.rooms.get(login)) is not None:
            room.complete = True
            if room.members is None:
                room.members = frozenset(room.names)

    def news(self, now: float) -> list[News]:
        """Of each room, for how long it was heard in the window so far, and who is new in it."""
        told = []
        for room in self.rooms.values():
            new = tuple(islice(room.authors, room.told, None))
            room.told = len(room.authors)
            whole = room.members is not None and _is_whole(room)
            told.append(
                News(
                    channel_id=room.channel_id,
                    seconds=_heard_seconds(room, now),
                    authors=new,
                    members=tuple(room.members or ()) if whole else None,
                )
            )
        return told

    def take(self, now: float) -> list[Heard]:
        """The window ends: who was heard in it, room by room."""
        heard = []
        length = now - self.began
        for room in self.rooms.values():
            seconds = _heard_seconds(room, now)
            if length <= 0 or seconds < HEARD_SHARE * length:
                self.problems["rooms heard for less than half of the time"] += 1
                continue
            heard.append(
                Heard(channel_id=room.channel_id, kind=AUTHORS, viewers=tuple(sorted(room.authors)))
            )
            if room.members is not None and _is_whole(room):
                heard.append(
                    Heard(
                        channel_id=room.channel_id,
                        kind=MEMBERS,
                        viewers=tuple(sorted(room.members)),
                    )
                )
        return heard


def _heard_seconds(room: Room, now: float) -> float:
    return room.heard_seconds + (now - room.joined if room.joined is not None else 0.0)


def _is_whole(room: Room) -> bool:
    """Whether a list of names can be that of all who are in the room."""
    viewers, told = room.viewers or 0, len(room.members or ())
    return viewers <= SMALL_ROOM_VIEWERS and TOLD_SHARE * viewers <= told < LARGEST_TOLD
