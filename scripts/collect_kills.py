"""Kill a collector, its server or its disk at random moments, and look whether its store is whole.

    python scripts/collect_kills.py [--times 50] [--stores parquet json mongodb] [--seed 1] [--out DIR]

parquet, json   the collector is killed by SIGKILL in the middle of writing, again and again on one
                store; and the disk (a small one, which takes root to mount) is full at random moments
mongodb         the server is killed by SIGKILL, as is the collector, and its disk is full at random
                moments; STREAMERGRAPH_MONGOD names it (`make mongod` fetches one)

After each: what was acknowledged is known and there, nothing is there twice, the next tick goes on, and
ticks that are not there are runs that failed or ticks of a time in which nobody collected.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "packages" / "streamergraph" / "tests" / "support")]

from programs import program  # noqa: E402
from streamergraph.collecting.clock import SimulatedClock, SystemClock  # noqa: E402
from streamergraph.collecting.collector import Collector, Plan  # noqa: E402
from streamergraph.collecting.looking import blank_look  # noqa: E402
from streamergraph.collecting.sinks import open_sink  # noqa: E402
from streamergraph.errors import StreamergraphError  # noqa: E402
from streamergraph.observations.looks import Look, SeenStream, digest_of  # noqa: E402
from streamergraph.observations.schema import MEMBERS, OBSERVATIONS, SCHEMAS, STORED  # noqa: E402
from streamergraph.observations.store import Store  # noqa: E402
from streamergraph.verbs.import_observations import import_observations  # noqa: E402

START = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
CHANNELS, PEOPLE = 60, 150
STORES = ("parquet", "json", "mongodb")
# A server with its usual settings writes for a minute into files that have their size already.
SOON_FULL = (
    "--syncdelay", "1", "--wiredTigerEngineConfigString", "log=(file_max=1MB,prealloc=false)",
)  # fmt: skip


def collect(address: str, key: Path, since: datetime.datetime) -> None:
    """The process that is killed: tick after tick without waiting; it prints what is acknowledged."""
    clock = SimulatedClock(since)
    draw = random.Random(since.timestamp())

    def observe(
        language: str | None, planned: datetime.datetime, *, before: Collection[int], until: float
    ) -> Look:
        del before, until
        streams = tuple(
            SeenStream(
                user_id=k, login=f"c{k}", viewers=PEOPLE, category="Chess", language="it",
                members=tuple(sorted({draw.getrandbits(62) for _ in range(PEOPLE)})),
            )
            for k in range(CHANNELS)
        )  # fmt: skip
        return replace(
            blank_look(language, planned), status=STORED, problem="", time=planned, started=planned,
            ended=planned, streams=streams, digest=digest_of(streams),
        )  # fmt: skip

    def acknowledge(looks: object) -> None:
        for look in looks if isinstance(looks, list) else []:
            if look.status == STORED:
                print(look.run_id, flush=True)

    with open_sink(address, key=key, clock=clock) as opened:
        Collector(
            plan=Plan(languages=("it",), every=MINUTE),
            clock=clock, observe=observe, sink=opened.sink, report=acknowledge,
            warn=lambda text: print(text, file=sys.stderr, flush=True),
        ).run()  # fmt: skip


class Trial:
    """One store, and what was acknowledged of it."""

    def __init__(self, address: str, folder: Path, draw: random.Random) -> None:
        self.address, self.folder, self.draw = address, folder, draw
        self.key = folder / "key"
        self.acknowledged: set[str] = set()
        self.since = START
        self.count: Counter[str] = Counter()

    def start(self) -> subprocess.Popen[str]:
        """A collector that begins an hour after the last tick that is known."""
        self.since += 60 * MINUTE
        command = [sys.executable, __file__, "--collect", self.address, str(self.key)]
        return subprocess.Popen(
            [*command, self.since.isoformat()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, process: subprocess.Popen[str], number: int = signal.SIGKILL) -> str:
        """Kill it; what it acknowledged counts. Returns what it said."""
        with suppress(ProcessLookupError):
            process.send_signal(number)
        out, err = process.communicate(timeout=120)
        lines = out.split("\n")[:-1]  # the last one may have broken off
        self.acknowledged |= set(lines)
        if lines:
            self.since = max(self.since, *(_planned(line) for line in lines))
            self.count["ticks acknowledged"] += len(lines)
        return err

    def wait_for_ticks(self, process: subprocess.Popen[str], most_seconds: float = 0.4) -> None:
        """Until the first tick is acknowledged, and a while of a random length."""
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        if not line:
            raise AssertionError(f"it did not go on: {process.communicate()[1][-500:]}")
        self.acknowledged.add(line)
        time.sleep(self.draw.uniform(0.0, most_seconds))

    def check(self) -> None:
        """Raise AssertionError where something is lost, doubled or broken."""
        with open_sink(self.address, key=self.key, clock=SystemClock()) as opened:
            known = {run for run, status in opened.sink.known().items() if status == STORED}
        assert self.acknowledged <= known, f"lost: {sorted(self.acknowledged - known)[:3]}"
        self.since = max(self.since, *(_planned(run) for run in known))

    def check_content(self) -> None:
        """The same of every row: read by `import`, where it is no store already."""
        if self.address.startswith(("json:", "mongodb:")):
            stored = self.folder / "imported"
            shutil.rmtree(stored, ignore_errors=True)
            import_observations(self.address.removeprefix("json:"), out=stored, key=self.key)
        else:
            stored = Path(self.address)
        ticks: set[str] = set()
        for day in Store.open(stored).days():
            observed = day.read(OBSERVATIONS, SCHEMAS[OBSERVATIONS])
            assert observed.select("time", "channel_id").is_unique().all(), "a channel twice"
            counts = observed.group_by("time").len()
            assert set(counts["len"]) == {CHANNELS}, "half a tick"
            people = day.read(MEMBERS, SCHEMAS[MEMBERS])
            assert people.is_unique().all(), "a person twice"
            assert people.height == observed.height * PEOPLE, "people lost"
            ticks |= {f"twitch/it#{moment.isoformat()}" for moment in counts["time"]}
        assert self.acknowledged <= ticks, "acknowledged, known and not there"
        self.count["ticks there"] = len(ticks)


def _planned(run: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(run.partition("#")[2])


def killed_collectors(trial: Trial, times: int) -> None:
    """SIGKILL in the middle of writing."""
    for _ in range(times):
        process = trial.start()
        trial.wait_for_ticks(process)
        trial.end(process)
        trial.check()
        trial.count["kills of the collector"] += 1
    trial.check_content()


def full_disks(trial: Trial, disk: Path, times: int) -> None:
    """No room at random moments, then room again: the collector goes on by itself."""
    for _ in range(times):
        process = trial.start()
        trial.wait_for_ticks(process)
        used = shutil.disk_usage(disk)
        filler = disk / "filler"
        with suppress(OSError), filler.open("wb") as file:
            file.write(bytes(max(0, used.free - trial.draw.randrange(150_000))))
            file.flush()
        time.sleep(trial.draw.uniform(0.3, 0.8))
        filler.unlink(missing_ok=True)
        time.sleep(trial.draw.uniform(0.3, 0.6))
        before = len(trial.acknowledged)
        said = trial.end(process)
        assert "Traceback" not in said, said[-800:]
        trial.check()
        trial.count["full disks"] += 1
        trial.count["full disks that were met and told"] += "is lost" in said
        trial.count["went on afterwards"] += len(trial.acknowledged) > before
        free = shutil.disk_usage(disk)
        if free.free < free.total / 2:
            trial.check_content()
            _empty(trial)
    if trial.acknowledged:
        trial.check_content()


def _empty(trial: Trial) -> None:
    """A new store, for the disk is small."""
    folder = Path(trial.address.removeprefix("json:"))
    shutil.rmtree(folder)
    trial.acknowledged = set()


def killed_servers(trial: Trial, mongod: str, data: Path, port: int, times: int) -> None:
    """SIGKILL of the server, and of the collector, in the middle of writing."""
    server = _server(mongod, data, port)
    try:
        for number in range(times):
            process = trial.start()
            trial.wait_for_ticks(process)
            if number % 2:
                trial.end(process)
                trial.count["kills of the collector"] += 1
            else:
                server.send_signal(signal.SIGKILL)
                server.wait()
                trial.count["kills of the server"] += 1
                server = _server(mongod, data, port)
                trial.end(process)
            trial.check()
        trial.check_content()
    finally:
        server.terminate()
        server.wait()


def full_servers(trial: Trial, mongod: str, disk: Path, port: int, times: int) -> None:
    """No room below the server at random moments: it ends, is started when there is room, and goes on."""
    server = _server(mongod, disk / "data", port, SOON_FULL)
    try:
        for _ in range(times):
            process = trial.start()
            trial.wait_for_ticks(process)
            filler = disk / "filler"
            free = shutil.disk_usage(disk).free
            with suppress(OSError), filler.open("wb") as file:
                for _ in range(max(0, free - trial.draw.randrange(400_000)) // 65_536):
                    file.write(bytes(65_536))
                file.flush()
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=trial.draw.uniform(1.0, 3.0))
            ended = server.poll() is not None
            filler.unlink(missing_ok=True)
            if ended:
                server = _server(mongod, disk / "data", port, SOON_FULL)
            said = trial.end(process)
            assert "Traceback" not in said, said[-800:]
            trial.count["full disks that were met and told"] += "is lost" in said
            try:
                trial.check()
            except StreamergraphError:  # it has noticed only now, and ends
                server.wait(timeout=60)
                ended = True
                server = _server(mongod, disk / "data", port, SOON_FULL)
                trial.check()
            trial.count["servers that a full disk ended"] += ended
            trial.count["full disks"] += 1
            if shutil.disk_usage(disk).free < shutil.disk_usage(disk).total / 2:
                trial.check_content()
                server.terminate()
                server.wait()
                shutil.rmtree(disk / "data")
                server = _server(mongod, disk / "data", port, SOON_FULL)
                trial.acknowledged = set()
        trial.check_content()
    finally:
        server.terminate()
        server.wait()


def _server(
    mongod: str, data: Path, port: int, options: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    data.mkdir(exist_ok=True)
    command = [
        mongod,
        "--dbpath",
        str(data),
        "--bind_ip",
        "127.0.0.1",
        "--port",
        str(port),
        *options,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    raise AssertionError("the server does not start")


def run(store: str, out: Path, times: int, seed: int) -> dict[str, int]:
    """All trials of one kind of store; what they counted."""
    draw, folder = random.Random(seed), out / store
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    prefix = "json:" if store == "json" else ""
    if store == "mongodb":
        mongod = program("mongod", variable="STREAMERGRAPH_MONGOD", fetched="mongod/mongod")
        if mongod is None:
            return {"skipped: no mongod (make mongod)": 1}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        trial = Trial(f"mongodb://127.0.0.1:{port}/trial.streams", folder, draw)
        killed_servers(trial, mongod, folder / "data", port, times)
        disk = folder / "disk"
        if not _mounted(disk, "300m"):
            return {**trial.count, "full disk: skipped, this user may not mount": 1}
        try:
            other = Trial(f"mongodb://127.0.0.1:{port}/trial.streams", folder, draw)
            full_servers(other, mongod, disk, port, times)
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=True)
        return {**trial.count, **{f"{what} (disk)": n for what, n in other.count.items()}}
    trial = Trial(f"{prefix}{folder / 'store'}", folder, draw)
    killed_collectors(trial, times)
    disk = folder / "disk"
    if not _mounted(disk, "40m"):
        trial.count["full disk: skipped, this user may not mount"] = 1
        return dict(trial.count)
    try:
        other = Trial(f"{prefix}{disk / 'store'}", folder, draw)
        full_disks(other, disk, times)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    return {**trial.count, **{f"{what} (disk)": n for what, n in other.count.items()}}


def _mounted(disk: Path, size: str) -> bool:
    """Make a small disk; False where this user may not."""
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
    return subprocess.run(mount, capture_output=True, check=False).returncode == 0


def main() -> None:
    """The command line."""
    if sys.argv[1:2] == ["--collect"]:
        address, key, since = sys.argv[2:]
        collect(address, Path(key), datetime.datetime.fromisoformat(since))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--stores", nargs="*", default=list(STORES), choices=STORES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("build/collect-kills"))
    options = parser.parse_args()
    for store in options.stores:
        print(
            f"{store}: {json.dumps(run(store, options.out, options.times, options.seed))}",
            flush=True,
        )


if __name__ == "__main__":
    main()
