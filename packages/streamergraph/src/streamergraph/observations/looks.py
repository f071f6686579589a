"""What every source gives: looks at the platform, each with the streams that it saw.

A snapshot file is a look, and so are five minutes of a chat log and one tick of a collector. A source
that listens all the time keeps what it hears until the next tick: a look holds what was heard in the
time that it stands for. No login of a viewer is in it; a source makes pseudonyms as it reads.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from streamergraph.observations.schema import STORED


@dataclass(frozen=True, kw_only=True)
class SeenStream:
    """One stream as a look saw it; what is not known is None.

    At least one of `user_id`, `login` and `name` is known. `members` and `authors` are pseudonyms: an
    empty tuple says that nobody was there, None that there was no list. `width_minutes` is how long
    the observation stands for; None: until the next look of its source.
    """

    user_id: int | None = None
    login: str | None = None
    name: str | None = None
    viewers: int | None = None
    category_id: int | None = None
    category: str | None = None
    igdb_id: int | None = None
    language: str | None = None
    members: tuple[int, ...] | None = None
    authors: tuple[int, ...] | None = None
    width_minutes: float | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look: what became of it, the moment it stands for, what it saw and did not understand.

    `source` names the series of looks that it is of: those of one collector, say. `file` is what was
    read, `time` is in UTC. `losses` counts, by reason, what was not understood in it.
    """

    source: str
    file: str
    status: str = STORED
    time: datetime.datetime | None = None
    streams: tuple[SeenStream, ...] = ()
    problem: str = ""
    losses: Counter[str] = field(default_factory=Counter)
    language: str | None = None
    planned: datetime.datetime | None = None
    started: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    digest: str | None = None
    size_bytes: int | None = None
    modified_ns: int | None = None

    @property
    def run_id(self) -> str:
        """Tells this look from all others of its store."""
        return f"{self.source}#{self.file}"

    @property
    def presences(self) -> int:
        """Entries of all chat lists."""
        return sum(len(stream.members or ()) + len(stream.authors or ()) for stream in self.streams)


def digest_of(streams: Iterable[SeenStream]) -> str:
    """Tells what a look saw from what another one saw."""
    digest = hashlib.blake2b(digest_size=16)
    for stream in streams:
        digest.update(repr(stream).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class KnownLook:
    """What tells whether a look that is in the store has changed since."""

    digest: str | None
    size_bytes: int | None
    modified_ns: int | None
    time: datetime.datetime | None
    status: str


class Source(Protocol):
    """Where looks come from. `total` is how many there will be, as far as that is known."""

    @property
    def total(self) -> int:
        """Looks to come; 0 where it is not known."""

    def looks(self) -> Iterator[Look]:
        """Every look, those that brought nothing too, best in the order of time."""
