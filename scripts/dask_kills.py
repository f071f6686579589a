"""What hard kills and cut networks do to what `prepare`, `predict` and `features` make on Dask: nothing.

    python scripts/dask_kills.py --out build/dask-kills --times 1

Needs the extra `dask`. Videos and a small run are made here, and each verb is called once without a
cluster. Then it is called on a cluster of two machines (each a nanny with one worker of one thread, all on
this one), and while its tasks are being worked on, somebody is killed with signal 9 at a random moment:

worker       a worker; its nanny starts another one
nanny        a nanny, whose worker ends with it
machine      a nanny and its worker at once
all          both machines; others are started
scheduler    the scheduler; the command must end with one line, and is called again on another cluster
command      the command itself, which is called again
cut worker   nobody: the network between a worker and the scheduler carries nothing any longer, and nobody
             is told
cut command  the same between the command and the scheduler: it must end with one line, and is called again

Each verb is tried with workers that see its files (`shared`) and with such that see none, so that videos
and the run are sent and clips sent back (`sent`). What is made must have the bytes of what the undisturbed
one made, with nothing left beside it. Prints a table; ends with 1 where that is not so.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "packages" / "twostream" / "tests" / "support")]

from cluster_bars import drawn, see_nothing  # noqa: E402
from dask_processes import Cluster, dask_cluster, wait_for_work  # noqa: E402
from wires import wire  # noqa: E402

VERBS = ("prepare", "predict", "features")
WAYS = ("shared", "sent")
MISHAPS = (
    "worker", "nanny", "machine", "all", "scheduler", "command", "cut worker", "cut command",
)  # fmt: skip
# After these nobody is left who could end the command well.
ENDS_IT = ("scheduler", "command", "cut command")
VIDEOS, FRAMES = 6, 100
ENDS_WITHIN_SECONDS = 900.0
# Of this hour and this machine: locks, and by which times files are known.
NOT_COMPARED = {".verified.json", ".prepare.lock"}


@dataclass(frozen=True)
class Place:
    """Where videos and the run lie, and what the undisturbed verbs have made, by name."""

    videos: Path
    run: Path
    expected: dict[str, dict[str, bytes]]


@dataclass(frozen=True)
class Ended:
    """How a command ended: its status, all that it said, and when after the mishap."""

    status: int
    said: str
    after_s: float

    @property
    def is_one_line(self) -> bool:
        """Whether it failed as users are to be told: one error, and no traceback."""
        last = self.said.splitlines()[-1:] or [""]
        told = last[0].startswith("twostream: ") and self.said.count("twostream: ") == 1
        return self.status == 2 and told and "Traceback" not in self.said


def small_run(folder: Path) -> Path:
    """Both streams of a small network, which has learnt next to nothing."""
    from twostream.models.backend import choose_backend

    choose_backend()  # before Keras is loaded
    from small_dataset import prepared, write_videos
    from small_training import options
    from twostream.training.stream import train_stream

    data = prepared(folder / "data", write_videos(folder / "squares"))
    for stream in ("spatial", "temporal"):
        train_stream(data, folder / "run", options=options(stream=stream, epochs=0, weights=None))
    return folder / "run"


def words_of(verb: str, place: Path, run: Path, out: Path) -> list[str]:
    """The command's words, without a cluster."""
    match verb:
        case "prepare":
            more = [place, "--out", out, "--flow", "dis", "--layout", "rawframes"]
        case "predict":
            tables = ["--csv", out / "scores.csv", "--intervals", out / "intervals.csv"]
            more = [run, place, "--timeline", "--on-above", "0.2", "--json", *tables]
        case _:
            more = [run, place, "--out", out / "features.parquet"]
    return [verb, *map(str, more)]


def begin(
    verb: str, place: Place, out: Path, address: str | None = None, *, way: str = "shared"
) -> subprocess.Popen[str]:
    """The command, in a process of its own; what it prints is kept beside `out`."""
    out.mkdir(parents=True, exist_ok=True)
    words = words_of(verb, place.videos, place.run, out)
    if address is not None:
        words += ["--cluster", address]
    as_called = [__file__, "--unseen"] if way == "sent" else ["-m", "twostream"]
    printed = out / "printed.json" if verb == "predict" else Path(os.devnull)
    with printed.open("w") as file:
        return subprocess.Popen(
            [sys.executable, *as_called, *words], stdout=file, stderr=subprocess.PIPE, text=True
        )


def made(folder: Path) -> dict[str, bytes]:
    """All that lies there, by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in NOT_COMPARED
    }


def waited_for(command: subprocess.Popen[str]) -> Ended:
    """Its end, from now on."""
    began = time.monotonic()
    try:
        _, said = command.communicate(timeout=ENDS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        command.kill()
        _, said = command.communicate()
        said += f"\nno end within {ENDS_WITHIN_SECONDS:g} s"
    return Ended(command.returncode, said.strip(), time.monotonic() - began)


def below(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes that a nanny has started."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    # Beside the worker there may be one of Python's own, which keeps account of what is shared.
    return [int(one) for one in found if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def kill(*processes: int) -> None:
    """With signal 9, those that are still there."""
    for one in processes:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


@dataclass
class Scene:
    """A cluster of two machines, the command's address of it, and how to do it harm."""

    cluster: Cluster
    address: str
    cut: Callable[[], None]

    def strike(self, mishap: str, command: subprocess.Popen[str]) -> None:
        """Let it happen now."""
        nannies = self.cluster.processes
        match mishap:
            case "worker":
                kill(*below(nannies[0]))
            case "nanny":
                kill(nannies[0].pid)
            case "machine":
                kill(nannies[0].pid, *below(nannies[0]))
            case "all":
                for one in list(nannies):
                    kill(one.pid, *below(one))
                for _ in range(2):
                    self.cluster.start_machine()
            case "scheduler":
                kill(self.cluster.scheduler.pid)
            case "command":
                kill(command.pid)
            case _:
                self.cut()


@contextmanager
def scene(folder: Path, mishap: str = "") -> Iterator[Scene]:
    """A cluster with both machines ready, the network to one of which, or to the command, can be cut."""
    from distributed import Client

    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        cluster = held.enter_context(dask_cluster(folder, workers=0))
        thin, cut = held.enter_context(wire(int(cluster.address.rpartition(":")[2])))
        behind = f"tcp://127.0.0.1:{thin}"
        cluster.start_machine(behind if mishap == "cut worker" else None)
        cluster.start_machine()
        with Client(cluster.address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        yield Scene(cluster, behind if mishap == "cut command" else cluster.address, cut.set)


def undisturbed_seconds(verb: str, way: str, place: Place, folder: Path) -> float:
    """How long workers work when nothing happens, and that they then make the same."""
    with scene(folder / "cluster") as calm:
        command = begin(verb, place, folder / "out", calm.address, way=way)
        wait_for_work(calm.address)
        ended = waited_for(command)
    if ended.status or made(folder / "out") != place.expected[verb]:
        raise SystemExit(f"{verb}, {way}: not the same without any mishap: {ended.said}")
    shutil.rmtree(folder)
    return ended.after_s


@dataclass(frozen=True)
class Found:
    """What came of a mishap, `at_s` after work had begun: how it ended, and whether all is well."""

    at_s: float
    ended: Ended
    again: bool
    is_well: bool


def tried(verb: str, way: str, mishap: str, place: Place, folder: Path, at_s: float) -> Found:
    """Let one mishap happen; sooner where the work was done before."""
    out = folder / "out"
    with scene(folder / "cluster", mishap) as now:
        command = begin(verb, place, out, now.address, way=way)
        wait_for_work(now.cluster.address)
        with suppress(subprocess.TimeoutExpired):
            command.wait(at_s)
        if command.poll() is not None:
            command.communicate()
            shutil.rmtree(folder)
            return tried(verb, way, mishap, place, folder, at_s / 2)
        now.strike(mishap, command)
        ended = waited_for(command)
        if mishap != "scheduler":
            return judged(verb, way, mishap, place, out, at_s, ended, now.cluster.address)
    with scene(folder / "other") as other:
        return judged(verb, way, mishap, place, out, at_s, ended, other.address)


def judged(
    verb: str,
    way: str,
    mishap: str,
    place: Place,
    out: Path,
    at_s: float,
    ended: Ended,
    address: str,
) -> Found:
    """Whether it made the same, or ended as it should and makes the same when it is called again."""
    if ended.status == 0:
        return Found(at_s, ended, False, made(out) == place.expected[verb])
    as_it_should = mishap in ENDS_IT and (mishap == "command" or ended.is_one_line)
    again = waited_for(begin(verb, place, out, address, way=way))
    same = again.status == 0 and made(out) == place.expected[verb]
    ended = replace(
        ended, said=f"{ended.said}\n\ncalled again, status {again.status}:\n{again.said}"
    )
    return Found(at_s, ended, True, as_it_should and same)


def main() -> int:
    """Let each mishap happen to each verb; print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("build/dask-kills"))
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--verbs", nargs="+", choices=VERBS, default=list(VERBS))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--mishaps", nargs="+", choices=MISHAPS, default=list(MISHAPS))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    out = asked.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for index in range(VIDEOS):
        drawn(out / "videos" / "ab"[index % 2] / f"{index}.avi", seed=index, frames=FRAMES)
    place = Place(out / "videos", small_run(out / "small"), {})
    for verb in asked.verbs:
        ended = waited_for(begin(verb, place, out / verb))
        if ended.status:
            raise SystemExit(f"{verb} cannot be done here alone: {ended.said}")
        place.expected[verb] = made(out / verb)
    moments, wrong = random.Random(asked.seed), 0
    print("| verb | files | mishap | at, s | status | it ended, s later | called again | |")
    print("| --- | --- | --- | ---: | ---: | ---: | --- | --- |")
    for verb in asked.verbs:
        for way in asked.ways:
            lasts_s = undisturbed_seconds(verb, way, place, out / "calm")
            for mishap in asked.mishaps * asked.times:
                folder = out / "now"
                found = tried(verb, way, mishap, place, folder, moments.uniform(0, 0.8) * lasts_s)
                wrong += not found.is_well
                cells = [verb, way, mishap, f"{found.at_s:.1f}", str(found.ended.status)]
                cells += [f"{found.ended.after_s:.0f}", "yes" if found.again else "no"]
                cells.append("the same bytes" if found.is_well else "WRONG")
                print(f"| {' | '.join(cells)} |", flush=True)
                if not found.is_well:
                    print(found.ended.said, file=sys.stderr, flush=True)
                    folder.rename(out / f"wrong-{wrong}")
                shutil.rmtree(folder, ignore_errors=True)
    return int(wrong > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--unseen"]:
        see_nothing()
        from twostream.__main__ import main as twostream

        sys.argv = ["twostream", *sys.argv[2:]]
        twostream()
        sys.exit()
    sys.exit(main())
