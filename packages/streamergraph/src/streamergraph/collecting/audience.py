"""Where audiences come from: one contract for all sources.

A source is told who is live when a window begins, and says at its end who was in which channel, or wrote
there. A channel that it does not name is missing, which is not the same as empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from streamergraph.observations.looks import SeenStream
from streamergraph.observations.schema import AUTHORS, MEMBERS


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The audience of one channel in one window: pseudonyms, sorted, each once.

    `kind` is that of the store: "members", everybody who was there, or "authors", who wrote. What
    of it is covered follows from that (see `observations.schema.COVERAGE`): a source that knows only a
    part of the members names none.
    """

    channel_id: int
    kind: str
    viewers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class News:
    """Of one channel, in a window that goes on: for how long it was heard so far, and who is new.

    `members` are all, as soon as they are known to be.
    """

    channel_id: int
    seconds: float
    authors: tuple[int, ...] = ()
    members: tuple[int, ...] | None = None


class AudienceSource(Protocol):
    """One source of audiences."""

    @property
    def listens(self) -> bool:
        """Whether it hears what is said between two ticks, so that a window ends with the next tick."""

    def begin(self, streams: Sequence[SeenStream], *, until: float) -> None:
        """A window begins: these are live. Returns by `until` (on the monotonic clock)."""

    def news(self) -> list[News]:
        """What was heard in the window since this was asked last; nothing where it does not listen."""

    def end(self) -> list[Heard]:
        """The window ends: what was heard, at most one of each kind and channel."""

    def problems(self) -> dict[str, int]:
        """What went wrong in the window, by reason; never who was concerned."""

    def close(self) -> None:
        """No more windows."""


def with_audience(streams: Iterable[SeenStream], heard: Iterable[Heard]) -> tuple[SeenStream, ...]:
    """The streams with who was heard in each; of two sources of one kind, both together.

    >>> stream = SeenStream(user_id=7)
    >>> with_audience([stream], [Heard(channel_id=7, kind="authors", viewers=(1, 2))])[0].authors
    (1, 2)
    """
    of_channel: dict[int, dict[str, tuple[int, ...]]] = {}
    for one in heard:
        kinds = of_channel.setdefault(one.channel_id, {})
        before = kinds.get(one.kind)
        kinds[one.kind] = one.viewers if before is None else tuple(sorted({*before, *one.viewers}))
    return tuple(
        replace(stream, members=kinds.get(MEMBERS), authors=kinds.get(AUTHORS))
        if stream.user_id is not None and (kinds := of_channel.get(stream.user_id, {}))
        else stream
        for stream in streams
    )


def largest_first(streams: Iterable[SeenStream]) -> list[SeenStream]:
    """By viewers, most first; of equal ones the lower id: the same order on every machine."""
    return sorted(streams, key=lambda one: (-(one.viewers or 0), one.user_id or 0))
