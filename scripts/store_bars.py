"""Time and memory of importing, as figures to compare: with the bars, and with another build.

Usage: python scripts/store_bars.py BAR... [--out build/store-bars] [--against FOLDER]

again      importing 4,000 snapshots of which nothing is new (bar: 2 s)
import     a folder of the simulator, for the first time
tick       appending one look at 1,400 channels to a store of 1 day and of 100 days (bar: the same)
memory     peak memory of importing 1 and 10 million distinct logins, from a chat log and from
           snapshots (bar: 100 MiB more)

Each runs the command line in a process of its own. --against: the folder of another build's `streamergraph`
package (…/packages/streamergraph/src), run on the same files as far as it can.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "packages" / "streamergraph" / "src"
BEGIN = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
CHANNELS, CHATTERS_OF_A_CHANNEL = 1_400, 60
TICKS_A_DAY = 288


def run(build: Path, *words: object) -> tuple[float, float]:
    """Seconds and peak MiB of one command."""
    env = {**os.environ, "PYTHONPATH": str(build)}
    command = [sys.executable, "-m", "streamergraph", *map(str, words)]
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: {said.decode(errors='replace')}")
    return time.monotonic() - began, usage.ru_maxrss / 1024


def importing(build: Path, source: Path, store: Path, key: Path) -> tuple[float, float]:
    """Seconds and peak MiB of one import."""
    return run(build, "import", source, "--out", store, "--key", key)


def write_snapshots(
    folder: Path, moments: list[datetime.datetime], channels: int, chatters: int
) -> None:
    """Snapshots of so many channels, each with so many of a hundred times as many people."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(0)
    for moment in moments:
        content = {
            f"Channel_{k}": {
                "spect": [f"somebody_{draw.randrange(100 * chatters)}" for _ in range(chatters)],
                "game_name": f"Game {k % 20}",
                "viewer_count": 100 + k,
                "user_id": 1000 + k,
                "date_time": moment.isoformat(),
            }
            for k in range(channels)
        }
        (folder / f"{moment:%Y-%m-%d_%H-%M}.json").write_text(json.dumps(content))


def ticks(count: int, first: datetime.datetime = BEGIN) -> list[datetime.datetime]:
    """So many moments, five minutes apart."""
    return [first + datetime.timedelta(minutes=5 * k) for k in range(count)]


def again(out: Path, builds: dict[str, Path]) -> Iterator[str]:
    """Import twice; the second time nothing is new."""
    folder = out / "again"
    write_snapshots(folder / "snapshots", ticks(4_000), 20, 10)
    for name, build in builds.items():
        store, key = folder / f"store-{name}", folder / f"key-{name}"
        first, _ = importing(build, folder / "snapshots", store, key)
        second, _ = importing(build, folder / "snapshots", store, key)
        yield f"{name}: 4,000 snapshots {first:.1f} s, again {second:.2f} s"


def first_import(out: Path, builds: dict[str, Path]) -> Iterator[str]:
    """Import what the simulator wrote, three times each; the best counts."""
    folder = out / "import"
    world = ["--streamers", 300, "--viewers", 60_000, "--interval-minutes", 5, "--days", 2]
    run(HERE, "simulate", "--out", folder / "world", *world)
    times: dict[str, list[float]] = {name: [] for name in builds}
    for number in range(3):
        for name, build in builds.items():
            store = folder / f"store-{name}-{number}"
            took, _ = importing(
                build, folder / "world" / "snapshots", store, folder / f"key-{name}"
            )
            times[name].append(took)
    for name, listed in times.items():
        yield f"{name}: 2 days of 300 channels {min(listed):.2f} s"


def tick(out: Path, builds: dict[str, Path]) -> Iterator[str]:
    """Append by the store and by the command line, to a store of 1 day and of 100."""
    folder = out / "tick"
    folder.mkdir(parents=True, exist_ok=True)
    for name, build in builds.items():
        env = {**os.environ, "PYTHONPATH": str(build)}
        command = [sys.executable, __file__, "--tick-of-this-build", str(folder / f"store-{name}")]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        said = done.stdout.strip()
        if done.returncode:
            said += "\ncannot go on: " + done.stderr.strip().rpartition("\n")[2]
        yield from (f"{name}: {line}" for line in said.strip().splitlines())


def tick_of_this_build(folder: Path) -> None:
    """Fill a store by its own `add`, a look at a time, and print what one more look costs."""
    from streamergraph.importing.importing import Imported, import_looks
    from streamergraph.observations.days import Day
    from streamergraph.observations.looks import Look, SeenStream
    from streamergraph.observations.store import Store
    from streamergraph.privacy import Pseudonyms

    draw = random.Random(0)

    def look(moment: datetime.datetime, channels: int = CHANNELS) -> Look:
        return Look(
            source="collector",
            file=f"collector#{moment.isoformat()}",
            time=moment,
            digest=moment.isoformat(),
            streams=tuple(
                SeenStream(
                    user_id=1000 + k,
                    name=f"Channel_{k}",
                    viewers=k,
                    category=f"Game {k % 20}",
                    members=tuple(draw.getrandbits(40) for _ in range(CHATTERS_OF_A_CHANNEL)),
                )
                for k in range(channels)
            ),
        )

    class One:
        total = 1

        def __init__(self, look: Look) -> None:
            self.look = look

        def looks(self) -> Iterator[Look]:
            yield self.look

    store = Store.create(folder, Pseudonyms(key=bytes(32)))
    for moment in ticks(TICKS_A_DAY - 1):
        store.add([look(moment, 20)])
    first = store.days()[0]
    for day in (1, 100):
        for later in range(2, day):  # the looks of day 1 lie on the day after the first
            date = BEGIN + datetime.timedelta(days=later)
            copy = Day(first.folder.with_name(f"{date:%Y-%m-%d}"))
            shutil.copytree(first.folder, copy.folder)  # a day more of as many parts
        at_once, known = [], []
        for number in range(5):
            moment = BEGIN + datetime.timedelta(days=day, minutes=5 * number)
            began = time.perf_counter()
            store.add([look(moment)])
            at_once.append(time.perf_counter() - began)
            one = look(moment + datetime.timedelta(minutes=2))
            began = time.perf_counter()
            import_looks(One(one), store, Imported(), store.known_looks())
            known.append(time.perf_counter() - began)
        print(
            f"a tick of {CHANNELS:,} channels on day {day}: {min(at_once):.3f} s by a collector, "
            f"{min(known):.3f} s by import, {len(list(folder.rglob('*.parquet'))):,} files"
        )


def memory(out: Path, builds: dict[str, Path]) -> Iterator[str]:
    """Peak memory where every login is another one."""
    folder = out / "memory"
    folder.mkdir(parents=True, exist_ok=True)
    peaks: dict[str, list[float]] = {}
    for millions in (1, 10):
        log, snapshots = folder / f"log-{millions}.csv", folder / f"snapshots-{millions}"
        _write_log(log, millions * 1_000_000)
        _write_many(snapshots, millions * 1_000_000)
        for name, build in builds.items():
            for source in (log, snapshots):
                store = folder / f"store-{name}-{source.stem}"
                took, peak = importing(build, source, store, folder / f"key-{name}")
                shutil.rmtree(store)
                peaks.setdefault(f"{name}, {source.stem.partition('-')[0]}", []).append(peak)
                yield f"{name}: {source.name} {took:.0f} s, {peak:.0f} MiB"
        log.unlink()
        shutil.rmtree(snapshots)
    for name, (small, large) in peaks.items():
        yield f"{name}: {large - small:+.0f} MiB from 1 to 10 million logins"


def _write_log(path: Path, messages: int) -> None:
    with path.open("w") as file:
        file.write("time,channel,user\n")
        for k in range(messages):
            seconds = int(BEGIN.timestamp()) + k // 100
            file.write(f"{seconds},channel_{k % 50},somebody_{k}\n")


def _write_many(folder: Path, logins: int, of_a_file: int = 50_000) -> None:
    folder.mkdir()
    for number, moment in enumerate(ticks(logins // of_a_file)):
        people = range(number * of_a_file, (number + 1) * of_a_file)
        content = {
            f"Channel_{k}": {"spect": [f"somebody_{p}" for p in people[k::50]], "viewer_count": 7}
            for k in range(50)
        }
        (folder / f"{moment:%Y-%m-%d_%H-%M}.json").write_text(json.dumps(content))


BARS = {"again": again, "import": first_import, "tick": tick, "memory": memory}


def main() -> None:
    """Run the bars that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bars", nargs="*", metavar="BAR", help=", ".join(BARS))
    parser.add_argument("--out", type=Path, default=Path("build/store-bars"))
    parser.add_argument("--against", type=Path)
    parser.add_argument("--tick-of-this-build", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.tick_of_this_build is not None:
        tick_of_this_build(chosen.tick_of_this_build)
        return
    if not chosen.bars or set(chosen.bars) - BARS.keys():
        parser.error(f"name some of {', '.join(BARS)}")
    builds = {"ours": HERE} | ({"other": chosen.against.resolve()} if chosen.against else {})
    shutil.rmtree(chosen.out, ignore_errors=True)
    for name in chosen.bars:
        for line in BARS[name](chosen.out, builds):
            print(f"{name}: {line}", flush=True)


if __name__ == "__main__":
    main()
