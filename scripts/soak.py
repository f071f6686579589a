"""Two weeks of a collector in some minutes: simulated time, a server that fails, every known trouble.

    python scripts/soak.py [--days 14] [--seed 1] [--out build/soak]

A tick every 15 minutes over HTTP from the mock of the tests, which answers late, too often, wrongly,
half and not at all; streams begin, end, move between pages and are renamed; tokens expire; the machine's
clock is set forward and back and through summer time; the disk is full for some ticks; the collector is
killed and starts again. Then: every tick that was to be is stored, or a run that failed, or a hole while
nobody ran; no stream is there twice at a moment; no login of a viewer is in any file. Figures are
printed as JSON.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "packages" / "streamergraph" / "tests" / "support")]

from helix_mock import (  # noqa: E402
    CLIENT_ID,
    CLIENT_SECRET,
    Fault,
    HelixMock,
    helix_mock,
    stream,
)
from streamergraph.collecting.audience import Heard  # noqa: E402
from streamergraph.collecting.clock import SimulatedClock  # noqa: E402
from streamergraph.collecting.collector import Collector, Plan  # noqa: E402
from streamergraph.collecting.credentials import Credentials  # noqa: E402
from streamergraph.collecting.helix import Helix  # noqa: E402
from streamergraph.collecting.looking import look_at  # noqa: E402
from streamergraph.collecting.parquet import ParquetSink  # noqa: E402
from streamergraph.collecting.tokens import Tokens  # noqa: E402
from streamergraph.collecting.web import Web  # noqa: E402
from streamergraph.observations.looks import Look, SeenStream  # noqa: E402
from streamergraph.observations.schema import OBSERVATIONS, SCHEMAS, STORED  # noqa: E402
from streamergraph.observations.store import Store  # noqa: E402
from streamergraph.privacy import Pseudonyms  # noqa: E402
from streamergraph.reporting.stored_runs import health_of_store  # noqa: E402

QUARTER = datetime.timedelta(minutes=15)
START = datetime.datetime(2026, 10, 20, 0, 7, tzinfo=datetime.UTC)  # summer time ends on the 25th
KEYED = Pseudonyms(key=bytes(range(32)))
STREAMS, PEOPLE, WRITERS = 250, 20_000, 8
VIEWER = "viewer_of_the_soak_"


class Killed(BaseException):
    """What a kill is to a process in which another one goes on."""


@dataclass
class Troubles:
    """What goes wrong, drawn by a seed; counted by kind."""

    mock: HelixMock
    clock: SimulatedClock
    random: random.Random
    count: Counter[str] = field(default_factory=Counter)
    next_number: int = STREAMS

    def before_tick(self) -> None:
        """The world moves on, and something may go wrong at this tick."""
        streams, draw = self.mock.streams, self.random
        for one in draw.sample(range(len(streams)), len(streams) // 20):
            streams[one] = stream(self.next_number, viewers=draw.randint(0, 3000))
            self.next_number += 1
        for one in draw.sample(streams, len(streams) // 10):
            one["viewer_count"] = max(0, int(one["viewer_count"] * draw.uniform(0.7, 1.4)))
        if draw.random() < 0.05:
            renamed = draw.choice(streams)
            renamed["user_login"] = f"renamed_{draw.getrandbits(30)}"
            self.count["renames"] += 1
        streams.sort(key=lambda one: -one["viewer_count"])
        faults = self.mock.faults["/mock/streams"]
        faults.clear()
        kind = draw.random()
        if kind < 0.04:
            faults.append(Fault(status=429, headers={"Retry-After": str(draw.randint(1, 60))}))
            self.count["429"] += 1
        elif kind < 0.08:
            faults.extend([Fault(status=draw.choice([500, 502, 503]))] * draw.randint(1, 4))
            self.count["5xx"] += 1
        elif kind < 0.10:
            faults.append(Fault(body=b'{"data": [', cut_off=True))
            self.count["bodies cut off"] += 1
        elif kind < 0.12:
            self.mock.tokens.clear()
            self.count["tokens expired"] += 1
        elif kind < 0.13:
            faults.extend([Fault(status=503)] * 100)
            self.count["servers down"] += 1
        elif kind < 0.15:
            self.mock.before_page = self._break_off
            self.count["lists that broke off"] += 1
        elif kind < 0.17:
            self.mock.before_page = self._slip
            self.count["lists that moved"] += 1
        elif kind < 0.18:
            self.clock.leap(draw.choice([-3600, -40, 40, 1800, 5400]))
            self.count["leaps of the clock"] += 1
        elif kind < 0.185:
            self.clock.sleep(draw.uniform(900, 4000))
            self.count["ticks that took too long"] += 1

    def _break_off(self, at: int) -> None:
        if at == 100:
            self.mock.before_page = None
            self.mock.faults["/mock/streams"].extend([Fault(status=500)] * 20)

    def _slip(self, at: int) -> None:
        if at == 100:
            self.mock.before_page = None
            self.mock.streams.insert(0, self.mock.streams.pop(150))


@dataclass
class Writers:
    """A chat in which some of many people write; listens from tick to tick."""

    random: random.Random
    listens: bool = True
    live: Sequence[SeenStream] = ()

    def begin(self, streams: Sequence[SeenStream], *, until: float) -> None:
        """These are live."""
        del until
        self.live = streams

    def end(self) -> list[Heard]:
        """The first hundred were heard."""
        return [
            Heard(
                channel_id=one.user_id or 0,
                kind="authors",
                viewers=tuple(
                    sorted(
                        {
                            KEYED.viewer(f"{VIEWER}{self.random.randrange(PEOPLE)}")
                            for _ in range(WRITERS)
                        }
                    )
                ),
            )
            for one in self.live[:100]
        ]

    def problems(self) -> dict[str, int]:
        """None."""
        return {}

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class FailingDisk:
    """A store on a disk that is full now and then, in a process that is killed now and then."""

    sink: ParquetSink
    random: random.Random
    count: Counter[str]
    acknowledged: set[str] = field(default_factory=set)

    def known(self) -> Mapping[str, str]:
        """As the store says."""
        return self.sink.known()

    def add(self, looks: Sequence[Look]) -> list[Look]:
        """Keep them, unless."""
        kind = self.random.random()
        if kind < 0.01:
            self.count["full disks"] += 1
            raise OSError(28, "No space left on device")
        if kind < 0.015:
            self.count["kills before it was stored"] += 1
            raise Killed
        became = self.sink.add(looks)
        if kind < 0.02:
            self.count["kills after it was stored"] += 1
            raise Killed
        self.acknowledged |= {look.run_id for look in became if look.status == STORED}
        return became


def soak(folder: Path, *, hours: float, seed: int = 1) -> dict[str, Any]:
    """Collect for so many simulated hours; returns figures. Raises AssertionError where one is wrong."""
    draw, clock = random.Random(seed), SimulatedClock(START)
    store = Store.create(folder / "store", KEYED)
    told: list[str] = []
    began, ends = time.monotonic(), START + datetime.timedelta(hours=hours)
    with helix_mock(streams=[stream(k, viewers=STREAMS - k) for k in range(STREAMS)]) as mock:
        troubles = Troubles(mock, clock, draw)
        web = Web(clock)
        helix = Helix(
            web=web,
            clock=clock,
            tokens=Tokens(
                web=web,
                clock=clock,
                credentials=Credentials(client_id=CLIENT_ID, client_secret=CLIENT_SECRET),
                folder=folder / "tokens",
                auth_url=mock.auth_url,
            ),
            url=mock.helix_url,
            random=draw,
        )
        look = partial(look_at, helix, clock)

        def observe(language: str | None, planned: datetime.datetime, **more: Any) -> Look:
            troubles.before_tick()
            return look(language, planned, **more)

        disk = FailingDisk(ParquetSink(store, clock), draw, troubles.count)
        while clock.now() < ends:
            collector = Collector(
                plan=Plan(languages=("it",), every=QUARTER, ends=ends),
                clock=clock,
                observe=observe,
                sink=disk,
                audiences=[Writers(draw)],
                warn=told.append,
            )
            try:
                collector.run()
                break
            except Killed:
                clock.sleep(draw.uniform(1, 3000))  # until somebody starts it again
        web.close()
    facts = _checked(store, disk.acknowledged)
    return {
        "simulated_hours": hours,
        "seconds": round(time.monotonic() - began, 1),
        "largest_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "troubles": dict(troubles.count),
        "told": len(told),
        **facts,
    }


def _checked(store: Store, acknowledged: set[str]) -> dict[str, Any]:
    """Figures of a store; raises AssertionError where something is lost, doubled, or not told."""
    runs, health = store.runs(), health_of_store(store)
    stored = set(runs.filter(status=STORED)["run_id"])
    assert acknowledged <= stored, "acknowledged and lost"
    assert runs["run_id"].is_unique().all(), "a run twice"
    rows = presences = 0
    for day in store.days():
        observed = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])
        keys = observed.select("time", "channel_id", "coverage")
        assert keys.is_unique().all(), "a stream twice at a moment"
        rows += observed.height
        people = day.read("authors", SCHEMAS["authors"])
        assert people.is_unique().all(), "a person twice in a chat"
        presences += people.height
    for path in store.folder.rglob("*.parquet"):
        assert VIEWER.encode() not in path.read_bytes(), "a login in a file"
    failures = sum(health.failures().values())
    assert health.expected == len(health.stored) + failures + (health.never_started or 0)
    return {
        "expected": health.expected,
        "stored": len(health.stored),
        "partial": health.partial,
        "failed": dict(health.failures()),
        "never_started": health.never_started,
        "holes_of_an_hour": len(health.holes()),
        "observations": rows,
        "presences": presences,
        "store_mib": round(
            sum(path.stat().st_size for path in store.folder.rglob("*") if path.is_file()) / 2**20,
            1,
        ),
        "files": sum(path.is_file() for path in store.folder.rglob("*")),
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=float, default=14)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("build/soak"))
    options = parser.parse_args()
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    print(json.dumps(soak(options.out, hours=24 * options.days, seed=options.seed), indent=2))


if __name__ == "__main__":
    main()
