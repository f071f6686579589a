"""One look at Twitch: who is live in a language, as the store keeps it."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import replace

from streamergraph.collecting.clock import Clock
from streamergraph.collecting.helix import Helix
from streamergraph.collecting.streams import live_streams
from streamergraph.collecting.web import NoAnswerError
from streamergraph.errors import StreamergraphError
from streamergraph.observations.looks import Look, digest_of
from streamergraph.observations.schema import BROKEN, PARTIAL, STORED


def series_of(language: str | None) -> str:
    """The series of looks in a language; None: in all of them.

    >>> series_of("it"), series_of(None)
    ('twitch/it', 'twitch/all')
    """
    return f"twitch/{language or 'all'}"


def blank_look(language: str | None, planned: datetime.datetime) -> Look:
    """A look that has seen nothing; the same tick always has the same name."""
    return Look(
        source=series_of(language),
        file=planned.isoformat(),
        language=language,
        planned=planned,
        time=planned,
        status=BROKEN,
        problem="nothing was seen",
    )


def look_at(
    helix: Helix,
    clock: Clock,
    language: str | None,
    planned: datetime.datetime,
    *,
    before: Collection[int] = (),
    until: float | None = None,
) -> Look:
    """Who is live now, without audiences; what fails ends in status and problem, not in errors.

    A list that was not read to its end is kept, for what it says is true; its problem begins with
    "partial". `before` and `until`: see `live_streams`.
    """
    started = clock.now()
    blank = replace(blank_look(language, planned), started=started)
    try:
        live = live_streams(helix, language, before=before, until=until)
    except (StreamergraphError, NoAnswerError) as error:
        return replace(blank, ended=clock.now(), problem=f"no list of streams: {error}")
    if not live.pages:
        return replace(
            blank,
            ended=clock.now(),
            problem=f"no list of streams: {live.problem}",
            losses=live.losses,
        )
    streams = tuple(live.streams[channel] for channel in sorted(live.streams))
    return replace(
        blank,
        status=STORED,
        time=max(
            started.replace(microsecond=0), planned
        ),  # a clock that is set back makes no moment twice
        ended=clock.now(),
        streams=streams,
        digest=digest_of(streams),
        problem="" if live.whole else f"{PARTIAL}: {live.problem}",
        losses=live.losses,
    )
