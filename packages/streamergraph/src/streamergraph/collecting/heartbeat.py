"""A file that says how a collector is doing, for whoever watches it."""

from __future__ import annotations

import datetime
import json
import os
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamergraph.atomic import atomic_path
from streamergraph.collecting.clock import Clock
from streamergraph.observations.looks import Look
from streamergraph.observations.schema import STORED

HEARTBEAT_NAME = "heartbeat.json"
LOCK_SUFFIX = ".lock"


@dataclass(kw_only=True)
class Heartbeat:
    """Written at the start and after each tick; replaced as a whole. `about` is told as it is."""

    path: Path
    clock: Clock
    every: datetime.timedelta
    about: dict[str, Any]
    counts: Counter[str] = field(default_factory=Counter)
    last_stored: str | None = None
    problem: str = ""
    last_tick: Sequence[Look] = ()

    def beat(self, looks: Sequence[Look], *, state: str = "collecting") -> None:
        """Tell of the looks of a tick; none: it could not be stored. Never fails."""
        now = self.clock.now()
        self.last_tick = looks or self.last_tick
        for look in looks:
            self.counts[look.status] += 1
            self.problem = look.problem or self.problem
        self.counts["lost"] += not looks and state == "collecting"
        if any(look.status == STORED for look in looks):
            self.last_stored = now.isoformat(timespec="seconds")
        said = {
            **self.about,
            "state": state,
            "process": os.getpid(),
            "written": now.isoformat(timespec="seconds"),
            "late_after": (now + 2 * self.every).isoformat(timespec="seconds"),
            "last_stored": self.last_stored,
            "looks": dict(self.counts),
            "disk_free_bytes": self._room(),
            "last_tick": [_told(look) for look in self.last_tick],
        }
        try:
            with atomic_path(self.path, private=True) as temporary:
                temporary.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
        except OSError:
            pass  # on a full disk the old one stays, and is late

    def _room(self) -> int | None:
        try:
            return shutil.disk_usage(self.path.parent).free
        except OSError:
            return None


def end_of_campaign(
    path: Path, first: datetime.datetime, lasting: datetime.timedelta | None, about: dict[str, Any]
) -> datetime.datetime | None:
    """When a collector that begins at `first` and is to go on for `lasting` is to end.

    Where the heartbeat at `path` is of the same plan (`about`) and its end is still to come, that end
    holds: the collector was interrupted and goes on.
    """
    if lasting is None:
        return None
    try:
        said = json.loads(path.read_bytes())
        ends = datetime.datetime.fromisoformat(said["ends"])
        if all(said.get(name) == value for name, value in about.items()) and ends > first:
            return ends
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass  # there is none, or it tells no end
    return first + lasting


def _told(look: Look) -> dict[str, Any]:
    seconds = (
        round((look.ended - look.started).total_seconds(), 3)
        if look.ended is not None and look.started is not None
        else None
    )
    return {
        "series": look.source,
        "planned": look.planned.isoformat() if look.planned else None,
        "status": look.status,
        "problem": look.problem,
        "streams": len(look.streams),
        "presences": look.presences,
        "seconds": seconds,
        "counted": dict(look.losses),
    }
