"""What stores in JSON and MongoDB keep of every look itself: its fate, its counts, its moments."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streamergraph.importing.mongodb import LIST_NAMES
from streamergraph.observations.looks import Look
from streamergraph.observations.schema import AUTHORS, MEMBERS

MOMENTS = ("time", "planned", "started", "ended")


@dataclass(frozen=True, kw_only=True)
class KeptRun:
    """One look. `members` and `authors` count entries of lists; None where no list was there."""

    run_id: str
    source: str
    status: str
    language: str | None = None
    problem: str | None = None
    streams: int = 0
    presences: int = 0
    members: int | None = None
    authors: int | None = None
    losses: Mapping[str, int] = field(default_factory=dict)
    time: datetime.datetime | None = None
    planned: datetime.datetime | None = None
    started: datetime.datetime | None = None
    ended: datetime.datetime | None = None

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> KeptRun:
        """The reverse of `as_json`; what a later version says besides is left out."""
        known = {name: said[name] for name in cls.__dataclass_fields__ if name in said}
        for name in MOMENTS:
            if isinstance(known.get(name), str):
                known[name] = datetime.datetime.fromisoformat(known[name])
        return cls(**known)


def run_record(look: Look) -> KeptRun:
    """What is kept of a look."""
    lists = {
        kind: [viewers for one in look.streams if (viewers := getattr(one, kind)) is not None]
        for kind in (MEMBERS, AUTHORS)
    }
    counts = {kind: sum(map(len, listed)) if listed else None for kind, listed in lists.items()}
    return KeptRun(
        run_id=look.run_id, source=look.source, status=look.status, language=look.language,
        problem=look.problem, streams=len(look.streams), presences=look.presences,
        members=counts[MEMBERS], authors=counts[AUTHORS], losses=dict(look.losses),
        time=look.time, planned=look.planned, started=look.started, ended=look.ended,
    )  # fmt: skip


def as_json(run: KeptRun) -> dict[str, Any]:
    """A run without what is not known, its moments as texts."""
    return {
        name: value.isoformat() if isinstance(value, datetime.datetime) else value
        for name, value in vars(run).items()
        if value is not None
    }


def counts_of_streams(streams: Iterable[Mapping[str, Any]]) -> dict[str, int | None]:
    """The counts of a look, by documents of its streams (see `LIST_NAMES`)."""
    listed = list(streams)
    lists = {
        kind: [len(one[name]["pseudonyms"]) for one in listed if name in one]
        for kind, name in LIST_NAMES.items()
    }
    return {
        "streams": len(listed),
        "presences": sum(sum(counts) for counts in lists.values()),
        **{kind: sum(counts) if counts else None for kind, counts in lists.items()},
    }
