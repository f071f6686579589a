"""What two Dask workers give beside two processes of one's own, once started, and what the start takes.

Usage: python scripts/cluster_bars.py prepare VIDEOS [--copies 4] [--flow tvl1] [--long 0] [--rounds 3]
       python scripts/cluster_bars.py predict VIDEOS --run RUN [--copies 4] [--long 0] [--rounds 3]
       python scripts/cluster_bars.py features VIDEOS --run RUN [--copies 4] [--long 0] [--rounds 3]

local     `--workers 2`, or `--jobs 2` of `predict`: no Dask; `features` takes one source after the other
dask      `--cluster local:2`
apart     `--cluster tcp://127.0.0.1:…`: a scheduler and two workers that were started beforehand, as the
          page on more than one machine says, and have the folders in common
sent      the same with workers that see neither: videos are sent there, clips are sent back

Each way does the same in a process of its own, in turns: every video of VIDEOS as often as --copies says,
and --long generated ones of ten seconds. Four small clips come first. The start is over when these are
done; from then to the last result throughput is counted. What is made must be the same by all ways. Prints
medians over rounds, with each ratio to `local` taken within its round: of the clock, and of the processor
time of the counted work, by which two ways compare where others use the cores too. Ends with 1 where
`dask` or `apart` is below the bar (0.85) by the clock.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np

BAR = 0.85
WAYS = ("local", "dask", "apart", "sent")
BARRED = ("dask", "apart")
WORKERS, FIRST = 2, 4
FIRST_FRAMES, LONG_FRAMES, FPS = 25, 250, 25
# Of this hour and this machine: locks, and by which times files are known.
NOT_COMPARED = {".verified.json", ".prepare.lock"}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Took:
    """Seconds of the clock until the start was over, of the counted work, and from there to the end.

    `busy_s` is the processor time of all processes in the counted work, `processor_s` that of the whole,
    `made` a hash of all that was made.
    """

    start_s: float
    work_s: float
    end_s: float
    busy_s: float
    processor_s: float
    made: str


def make_videos(folder: Path, videos: Path, *, copies: int, long: int) -> None:
    """The small clips, which sort before all others, and those that are counted."""
    for index in range(FIRST):
        drawn(folder / "0-first" / f"first-{index}.avi", seed=index, frames=FIRST_FRAMES)
    for video in sorted(path for path in videos.rglob("*") if path.is_file()):
        target = folder / video.parent.name
        target.mkdir(exist_ok=True)
        for copy in range(copies):
            shutil.copy(video, target / f"{copy}-{video.name}")
    for index in range(long):
        drawn(folder / "long" / f"long-{index}.avi", seed=100 + index, frames=LONG_FRAMES)


def drawn(path: Path, *, seed: int, frames: int) -> None:
    """A video of 320x240 in which a texture moves over another one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing = np.random.default_rng(seed)
    ground, thing = (
        np.kron(drawing.integers(0, 256, (n, n, 3), np.uint8), np.ones((8, 8, 1), np.uint8))
        for n in (60, 12)
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FPS, options={"qscale": "4"})
        stream.width, stream.height = 320, 240
        for index in range(frames):
            picture = ground[index % 60 : index % 60 + 240, :320].copy()
            x = 10 + 2 * index % 200
            picture[60:156, x : x + 96] = thing
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def one(verb: str, videos: Path, out: Path, cluster: str | None, asked: argparse.Namespace) -> None:
    """Do the work in this process; prints when the small clips were done, the last one, and a hash."""
    import twostream
    from twostream.events import Advanced, Event, listening

    times: list[float] = []
    processor: dict[int, float] = {}
    everybody = {os.getpid(), *(asked.beside or ())}

    def hear(event: Event) -> None:
        if isinstance(event, Advanced) and event.label == verb and event.done > len(times):
            times.extend([time.time()] * (event.done - len(times)))
            processor[event.done] = processor_seconds(everybody)

    with listening(hear):
        if verb == "prepare":
            own = {"workers": WORKERS} if cluster is None else {"cluster": cluster}
            twostream.prepare(videos, out=out, flow=asked.flow, **own)
        else:
            out.mkdir()
            there = {} if cluster is None else {"cluster": cluster}
            sources = sorted(str(path) for path in videos.rglob("*") if path.is_file())
            if verb == "features":
                twostream.features(asked.run, *sources, out=out / "features.parquet", **there)
            else:
                tables = {"csv": out / "scores.csv", "parquet": out / "scores.parquet"}
                own = there or {"jobs": WORKERS}
                found = twostream.predict(asked.run, *sources, **tables, **own)
                lines = "".join(f"{prediction.to_json()}\n" for prediction in found)
                (out / "scores.json").write_text(lines)
    # Outcomes come one by one, but several may be told at once.
    first = min(done for done in processor if done >= FIRST)
    found = {"first": times[FIRST - 1], "last": times[-1], "made": hash_of(out)}
    found["busy"] = processor[len(times)] - processor[first]
    print(json.dumps(found))


def hash_of(folder: Path) -> str:
    """Of names and content of all files that are not of this hour."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in NOT_COMPARED:
            found.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


@contextmanager
def apart(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, there and ready, with their address and processes."""
    from distributed import Client

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    host = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = ["scheduler", "--port", address.rpartition(":")[2], *host]
    workers = ["worker", address, "--nthreads", "1", "--nworkers", str(WORKERS), *host]
    with ExitStack() as held:
        processes = []
        for words in (scheduler, [*workers, "--local-directory", str(folder)]):
            log = held.enter_context((folder / f"{words[0]}.log").open("wb"))
            command = [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:]]
            processes.append(subprocess.Popen(command, stdout=log, stderr=log))
            held.callback(processes[-1].wait)
            held.callback(processes[-1].terminate)
        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(WORKERS, timeout=60)
        yield address, processes


def processor_seconds(roots: set[int]) -> float:
    """What these processes and all below them have taken so far."""
    parents, seconds = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(words[1])
            seconds[int(entry.name)] = sum(map(int, words[11:15])) / TICKS
    family = set(roots)
    for _ in range(8):
        family |= {process for process, parent in parents.items() if parent in family}
    return sum(seconds.get(process, 0.0) for process in family)


def own_seconds() -> float:
    """What processes that this one began, and that have ended, have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(way: str, videos: Path, asked: argparse.Namespace) -> Took:
    """Do it one way, once."""
    with tempfile.TemporaryDirectory(prefix="cluster-bars-") as name, ExitStack() as held:
        folder = Path(name)
        words = [sys.executable, __file__, asked.verb, videos, "--one", folder / "out"]
        words += ["--flow", asked.flow, "--run", asked.run or ""]
        beside: set[int] = set()
        if way == "dask":
            words += ["--cluster", f"local:{WORKERS}"]
        elif way in ("apart", "sent"):
            address, processes = held.enter_context(apart(folder))
            words += ["--cluster", address, *(["--unseen"] if way == "sent" else [])]
            beside = {process.pid for process in processes}
            words += ["--beside", *beside]
        before = processor_seconds(beside), own_seconds()
        began = time.time()
        done = subprocess.run(map(str, words), stdout=subprocess.PIPE, check=True)
        ended = time.time()
        after = processor_seconds(beside), own_seconds()
        found = json.loads(done.stdout.splitlines()[-1])
    return Took(
        start_s=found["first"] - began,
        work_s=found["last"] - found["first"],
        end_s=ended - found["last"],
        busy_s=found["busy"],
        processor_s=sum(after) - sum(before),
        made=found["made"],
    )


def see_nothing() -> None:
    """Let no worker find what it must see: it then works as one on a machine that shares no folder."""
    from twostream.execution import dask_cluster
    from twostream.execution.sight import Sight

    dask_cluster.sight_of = lambda *_: Sight((), Path("/nowhere/at/all"))


def main() -> int:
    """Measure in turns; print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=("prepare", "predict", "features"))
    parser.add_argument("videos", type=Path)
    parser.add_argument("--run", help="for predict and features: a run or a bundle")
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--long", type=int, default=0)
    parser.add_argument("--flow", default="tvl1")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    for hidden in ("--one", "--cluster"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--beside", nargs="*", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--unseen", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.verb != "prepare" and not asked.run:
        parser.error(f"{asked.verb} needs --run")
    if asked.one:
        if asked.unseen:
            see_nothing()
        one(asked.verb, asked.videos, Path(asked.one), asked.cluster, asked)
        return 0
    rounds: list[dict[str, Took]] = []
    with tempfile.TemporaryDirectory(prefix="cluster-bars-videos-") as name:
        videos = Path(name)
        make_videos(videos, asked.videos, copies=asked.copies, long=asked.long)
        for _ in range(asked.rounds):
            rounds.append({})
            for way in asked.ways:
                rounds[-1][way] = measured(way, videos, asked)
                print(way, json.dumps(asdict(rounds[-1][way])), file=sys.stderr, flush=True)
    if len({took.made for each in rounds for took in each.values()}) > 1:
        print("what was made differs")
        return 1
    return told(asked.ways, rounds)


def told(ways: list[str], rounds: list[dict[str, Took]]) -> int:
    """Print the table; the exit status."""
    print(
        "| way | start, s | work, s | end, s | processor, s | throughput | of work, s | by that |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    worst = 1.0
    for way in ways:
        cells = [
            f"{statistics.median(getattr(each[way], name) for each in rounds):.1f}"
            for name in ("start_s", "work_s", "end_s", "processor_s")
        ]
        if "local" in ways:
            ratios = [each["local"].work_s / each[way].work_s for each in rounds]
            cells.append(f"{statistics.median(ratios):.2f}")
            cells += [f"{statistics.median(each[way].busy_s for each in rounds):.1f}"]
            cells += [
                f"{statistics.median(each['local'].busy_s / each[way].busy_s for each in rounds):.2f}"
            ]
            worst = min(worst, statistics.median(ratios)) if way in BARRED else worst
        print(f"| {way} | {' | '.join(cells)} |")
    return int(worst < BAR)


if __name__ == "__main__":
    sys.exit(main())
