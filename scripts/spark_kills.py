"""What hard kills and a cut network do to `streamergraph process` on Spark: nothing to its tables.

    python scripts/spark_kills.py --out build/spark-kills --times 2

Needs the extra `spark` and Java 17. A store is simulated and processed on this machine alone. Then the same
is done on a standalone cluster (a master and two workers of one core each, started here from PySpark's own
package), and each time somebody is killed with signal 9 at a random moment of the work:

python     a Python process in which our kernel counts
executor   a Java process that works for us
worker     a worker, with the executors that it has
command    `process` itself, which then is called again
master     whom nobody needs once the work is shared out
cut        nobody: the network between `process` and a server of Spark Connect, which has a process of its
           own, stops carrying anything; `process` must end with one line, and is called again

What is written must have the bytes of the undisturbed tables. Ends with 1 where that is not so.
"""

from __future__ import annotations

import argparse
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"
KINDS = {
    "python": "pyspark.daemon",
    "executor": "CoarseGrainedExecutorBackend",
    "worker": "deploy.worker.Worker",
    "master": "deploy.master.Master",
}
# After a cut Spark's client needs more than a minute to notice, and tries again for a while.
ENDS_WITHIN_SECONDS = 300.0


@dataclass(frozen=True)
class Ended:
    """How a command ended: its status, what it said at last, and seconds since the mishap."""

    status: int
    said: str
    after_s: float


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    until = time.monotonic() + 120
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > until:
            raise TimeoutError(f"nobody listens at {port}")
        time.sleep(0.2)


def descendants(root: int) -> dict[int, str]:
    """All processes below one, with their words."""
    parents, words = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rpartition(")")[2].split()[1]
                )
                words[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
    found, ahead = {root}, True
    while ahead:
        more = {process for process, parent in parents.items() if parent in found} - found
        found, ahead = found | more, bool(more)
    return {process: words.get(process, "") for process in found}


class Services:
    """Processes of Spark's, each in a session of its own, which end with this one."""

    def __init__(self, folder: Path) -> None:
        import pyspark

        self.home = Path(pyspark.__file__).parent
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ,
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_HOME": str(self.home),
        }

    def start(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        """One of the programs in Spark's `bin`."""
        with (self.folder / f"spark-{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [self.home / "bin" / program, *words],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.running.append(process)
        return process

    def stop(self) -> None:
        """End them all, with whoever they started."""
        for process in self.running:
            for one in descendants(process.pid):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            process.wait()
        self.running.clear()

    def below(self, kind: str) -> list[int]:
        """Who of the cluster's processes is of a kind; of Python's daemons those that they have forked."""
        everybody: dict[int, str] = {}
        for process in self.running:
            everybody |= descendants(process.pid)
        found = [one for one, words in everybody.items() if KINDS[kind] in words]
        if kind != "python":
            return [one for one in found if "spark-class" not in everybody[one]]
        return [one for one in found if len(descendants(one)) == 1]


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, Services]]:
    """A master and two workers."""
    services, port = Services(folder), free_port()
    address = f"spark://127.0.0.1:{port}"
    try:
        master = ("--host", "127.0.0.1", "--port", str(port), "--webui-port", str(free_port()))
        services.start("spark-class", "org.apache.spark.deploy.master.Master", *master)
        wait_for(port)
        for _ in range(2):
            words = ("--host", "127.0.0.1", "--cores", "1", "--memory", "2g", "--webui-port")
            place = ("--work-dir", str(folder / "work"), address)
            services.start(
                "spark-class",
                "org.apache.spark.deploy.worker.Worker",
                *words,
                str(free_port()),
                *place,
            )
        yield address, services
    finally:
        services.stop()


@contextmanager
def connect_server(folder: Path) -> Iterator[int]:
    """A server of Spark Connect in a process of its own, with two cores; gives its port."""
    services, port = Services(folder), free_port()
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
    }
    words = [word for one in settings.items() for word in ("--conf", "=".join(one))]
    try:
        services.start(
            "spark-submit", "--master", "local[2]", "--class", CONNECT, *words, "spark-internal"
        )
        wait_for(port)
        yield port
    finally:
        services.stop()


@contextmanager
def wire(port: int) -> Iterator[tuple[int, threading.Event]]:
    """A port that leads to another one until the event is set; then nothing passes, and nobody is told."""
    cut, ended = threading.Event(), threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.2)

    def carry(near: socket.socket, far: socket.socket) -> None:
        with near, far, suppress(OSError):
            while not ended.is_set():
                for one in select.select([near, far], [], [], 0.2)[0]:
                    if cut.is_set():
                        time.sleep(0.2)
                        continue
                    content = one.recv(1 << 16)
                    if not content:
                        return
                    (far if one is near else near).sendall(content)

    def accept() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=carry, args=(near, far), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], cut
    finally:
        ended.set()
        thread.join()
        listening.close()


def begin(store: Path, out: Path, spill: Path, address: str | None) -> subprocess.Popen[str]:
    """`process`, on a cluster if one is named."""
    words = ["process", store, "--out", out, "--spill", spill, "--least-common-viewers", "2"]
    words += ["--memory-gib", "1", *(["--cluster", address] if address else [])]
    # Spark's workers use the Python that the command names.
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    command = [sys.executable, "-m", "streamergraph", *map(str, words)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def disturbed(
    command: subprocess.Popen[str],
    ready: Callable[[], bool],
    after_s: float,
    mishap: Callable[[], None],
) -> Ended:
    """Let a mishap happen some seconds after the work has begun, and wait for the end."""
    while not ready() and command.poll() is None:
        time.sleep(0.05)
    time.sleep(after_s)
    if command.poll() is not None:
        raise SystemExit("it was done before: simulate a larger store")
    mishap()
    began = time.monotonic()
    try:
        _, said = command.communicate(timeout=ENDS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        command.kill()
        _, said = command.communicate()
        said += f"\nno end within {ENDS_WITHIN_SECONDS:g} s"
    lines = said.strip().splitlines() or [""]
    return Ended(command.returncode, lines[-1], time.monotonic() - began)


def tables(folder: Path) -> dict[str, bytes]:
    """All that was written, by name; nothing where nothing was."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def main() -> int:
    """Let each mishap happen some times; print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("build/spark-kills"))
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--streamers", type=int, default=150)
    parser.add_argument("--viewers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=[*KINDS, "command", "cut"])
    asked = parser.parse_args()
    shutil.rmtree(asked.out, ignore_errors=True)
    asked.out.mkdir(parents=True)
    out = asked.out.resolve()
    store = simulated(out, asked)
    whole = out / "whole"
    if begin(store, whole, out, None).wait():
        raise SystemExit("nothing could be processed here alone")
    expected, moments, wrong = tables(whole), random.Random(asked.seed), 0
    for kind in asked.only or ["python", "executor", "worker", "master", "command", "cut"]:
        for k in range(asked.times):
            folder = out / f"{kind}-{k}"
            (folder / "spill").mkdir(parents=True)
            after_s = moments.uniform(0, 8)
            with ExitStack() as held:
                ended, same = tried(kind, held, folder, store, after_s, expected)
            wrong += not same
            told = "the same tables" if same else "NOT the same"
            print(
                f"{kind:9} after {after_s:4.1f} s: status {ended.status} {ended.after_s:.0f} s later, "
                f"{told}; {ended.said[:150]}",
                flush=True,
            )
            shutil.rmtree(folder)
    return int(wrong > 0)


def tried(
    kind: str,
    held: ExitStack,
    folder: Path,
    store: Path,
    after_s: float,
    expected: dict[str, bytes],
) -> tuple[Ended, bool]:
    """One mishap: how the command ended, and whether it, or another call, has written the same."""
    made, spill = folder / "tables", folder / "spill"
    if kind == "cut":
        port = held.enter_context(connect_server(folder))
        thin, cut = held.enter_context(wire(port))
        command = begin(store, made, spill, f"sc://127.0.0.1:{thin}")
        ended = disturbed(command, lambda: True, 4 + after_s, cut.set)
        address = f"sc://127.0.0.1:{port}"
    else:
        address, services = held.enter_context(cluster(folder))
        command = begin(store, made, spill, address)

        def mishap() -> None:
            if kind == "command":
                command.kill()
                return
            victims = services.below(kind)
            for one in victims[:1]:
                victims = list(descendants(one)) if kind == "worker" else [one]
                for victim in victims:
                    with suppress(ProcessLookupError):
                        os.kill(victim, signal.SIGKILL)

        ended = disturbed(command, lambda: bool(services.below("python")), after_s, mishap)
    if ended.status == 0:
        return ended, tables(made) == expected
    if made.exists():
        return ended, False
    again = begin(store, made, spill, address)
    again.communicate()
    return ended, again.returncode == 0 and tables(made) == expected


def simulated(out: Path, asked: argparse.Namespace) -> Path:
    """A store of a simulated collector."""
    from streamergraph.verbs.import_observations import import_observations
    from streamergraph.verbs.simulate import simulate

    simulate(
        out=out / "simulation",
        streamers=asked.streamers,
        viewers=asked.viewers,
        interval_minutes=15,
        seed=asked.seed,
    )
    snapshots = out / "simulation" / "snapshots"
    import_observations(snapshots, out=out / "store", key=out / "key")
    return out / "store"


if __name__ == "__main__":
    sys.exit(main())
