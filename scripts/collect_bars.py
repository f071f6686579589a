"""What collecting costs, from the answers of the servers on: time and memory.

    python scripts/collect_bars.py [three-days] [large-tick] [logins] [--out build/collect-bars]

three-days  72 simulated hours, a tick every 15 minutes, 300 channels, 60,000 presences a tick, a store
large-tick  one tick of 3,000 channels with 1.5 million presences, each kind of store that is at hand
logins      ten million logins of a chat, one after the other, in windows of 100,000: memory

Each in a process of its own, so that its largest memory is its own. Logins become pseudonyms here too.
MongoDB: set STREAMERGRAPH_MONGODB to mongodb://HOST:PORT of a server that may be written to.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from streamergraph.collecting.audience import Heard
from streamergraph.collecting.clock import SimulatedClock
from streamergraph.collecting.collector import Collector, Plan
from streamergraph.collecting.looking import blank_look
from streamergraph.collecting.rooms import Rooms
from streamergraph.collecting.sinks import open_sink
from streamergraph.observations.looks import Look, SeenStream, digest_of
from streamergraph.observations.schema import STORED
from streamergraph.privacy import Pseudonyms

START = datetime.datetime(2026, 3, 27, 12, 0, tzinfo=datetime.UTC)
QUARTER = datetime.timedelta(minutes=15)
BARS = ("three-days", "large-tick", "logins")


def memory_mib() -> float:
    """The largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_seconds() -> float:
    """What this process has computed so far, its start included: on a busy machine time means little."""
    return round(time.process_time(), 1)


@dataclass
class Chats:
    """Members of every channel: most of them the same as at the last tick, as in real chats."""

    pseudonyms: Pseudonyms
    people: int
    of_each: int
    random: random.Random
    listens: bool = False
    live: Sequence[SeenStream] = ()

    def begin(self, streams: Sequence[SeenStream], *, until: float) -> None:
        """These are live."""
        del until
        self.live = streams

    def end(self) -> list[Heard]:
        """All of them were heard."""
        return list(self._heard())

    def _heard(self) -> Iterator[Heard]:
        for one in self.live:
            channel = one.user_id or 0
            first = channel * self.of_each + self.random.randrange(self.of_each // 4)
            logins = (f"somebody_{k % self.people}" for k in range(first, first + self.of_each))
            viewers = tuple(sorted(set(map(self.pseudonyms.viewer, logins))))
            yield Heard(channel_id=channel, kind="members", viewers=viewers)

    def problems(self) -> dict[str, int]:
        """None."""
        return {}

    def close(self) -> None:
        """Nothing is open."""


def collect(address: str, key: Path, *, channels: int, presences: int, ticks: int) -> None:
    """So many ticks into a store."""
    clock = SimulatedClock(START)
    streams = tuple(
        SeenStream(user_id=k, login=f"c{k}", name=f"C{k}", viewers=k, category_id=k % 50,
                   category=f"Game {k % 50}", language="it")
        for k in range(channels)
    )  # fmt: skip

    def observe(
        language: str | None, planned: datetime.datetime, *, before: Collection[int], until: float
    ) -> Look:
        del before, until
        clock.sleep(2)
        return replace(
            blank_look(language, planned), status=STORED, problem="", streams=streams, time=planned,
            started=planned, ended=clock.now(), digest=digest_of(streams),
        )  # fmt: skip

    with open_sink(address, key=key, clock=clock) as opened:
        chats = Chats(opened.pseudonyms, presences * 4, presences // channels, random.Random(1))
        counts = Collector(
            plan=Plan(languages=("it",), every=QUARTER, ends=START + ticks * QUARTER),
            clock=clock,
            observe=observe,
            sink=opened.sink,
            audiences=[chats],
        ).run()
    assert counts == {STORED: ticks}, counts


def three_days(out: Path) -> dict[str, Any]:
    """72 simulated hours."""
    began = time.monotonic()
    collect(str(out / "three-days"), out / "key", channels=300, presences=60_000, ticks=288)
    return {
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": cpu_seconds(),
        "memory_mib": round(memory_mib()),
    }


def large_tick(out: Path, address: str) -> dict[str, Any]:
    """One tick of 1.5 million presences."""
    before = memory_mib()
    began = time.monotonic()
    collect(address, out / "key", channels=3000, presences=1_500_000, ticks=1)
    seconds = round(time.monotonic() - began, 1)
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds(),
        "memory_mib": round(memory_mib()),
        "memory_before_mib": round(before),
    }


def logins() -> dict[str, Any]:
    """Ten million logins."""
    rooms = Rooms(Pseudonyms(key=bytes(32)))
    room = [SeenStream(user_id=1, login="room", viewers=1)]
    after_first, began, number = 0.0, time.monotonic(), 0
    for window in range(100):
        rooms.choose(room, window * 900.0)
        rooms.joined("room", window * 900.0)
        for _ in range(100_000):
            rooms.wrote("room", f"somebody_{number}")
            number += 1
        assert len(rooms.take((window + 1) * 900.0)[0].viewers) == 100_000
        if window == 9:  # what is remembered of a million
            after_first = memory_mib()
    return {
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": cpu_seconds(),
        "memory_after_a_million_mib": round(after_first),
        "memory_after_ten_million_mib": round(memory_mib()),
    }


def one(bar: str, out: Path) -> dict[str, Any]:
    """One bar, in this process."""
    name, _, store = bar.partition("=")
    if name == "three-days":
        return three_days(out)
    return logins() if name == "logins" else large_tick(out, store)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bars", nargs="*", default=list(BARS))
    parser.add_argument("--out", type=Path, default=Path("build/collect-bars"))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(one(options.bars[0], options.out)))
        return
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    server = os.environ.get("STREAMERGRAPH_MONGODB")
    stores = [str(options.out / "large"), f"json:{options.out / 'large-json'}"]
    stores += [f"{server}/bars.large"] if server else []
    for bar in options.bars:
        parts = [f"{bar}={store}" for store in stores] if bar == "large-tick" else [bar]
        for part in parts:
            command = [sys.executable, __file__, part, "--here", "--out", str(options.out)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            print(f"{part}: {done.stdout.strip()}", flush=True)


if __name__ == "__main__":
    main()
