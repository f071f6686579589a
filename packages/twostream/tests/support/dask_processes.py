"""A scheduler and workers of Dask as processes of this machine, for tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SUPPORT = Path(__file__).parent


@dataclass
class Cluster:
    """Where the scheduler listens, its process, and those of the workers."""

    address: str
    folder: Path
    scheduler: subprocess.Popen[bytes]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self, address: str | None = None, *more: str) -> subprocess.Popen[bytes]:
        """One more worker of one thread, without a nanny: it dies when it is killed."""
        return self.start_machine(address, "--no-nanny", *more)

    def start_machine(self, address: str | None = None, *more: str) -> subprocess.Popen[bytes]:
        """A nanny with a worker of one thread, as `dask worker` starts them, whose process this is."""
        words = ["worker", address or self.address, "--nthreads", "1", "--no-dashboard"]
        options = ["--local-directory", str(self.folder), "--host", "127.0.0.1"]
        process = start(self.folder, *words, *options, *more)
        self.processes.append(process)
        return process


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """A command of Dask in `folder`, where its output is kept: not where the tests are."""
    paths = [str(SUPPORT), *(str(Path(path).absolute()) for path in sys.path if path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    environment["OMP_NUM_THREADS"] = "1"
    environment["DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL"] = "5s"
    log = (folder / f"{words[0]}-{os.urandom(3).hex()}.log").open("wb")
    command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
    with log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)


def wait_for_work(address: str, *, seconds: float = 120.0) -> None:
    """Until a worker has something to do."""
    from distributed import Client

    deadline = time.monotonic() + seconds
    with Client(address, timeout=60, set_as_default=False) as client:
        while not any(client.processing().values()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{address}: nobody has anything to do")
            time.sleep(0.05)


@contextmanager
def once_work_begins(address: str, then: Callable[[], object]) -> Iterator[None]:
    """Call `then` as soon as a worker has something to do, beside the body."""

    def watch() -> None:
        wait_for_work(address)
        then()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def dask_cluster(folder: Path, *, workers: int) -> Iterator[Cluster]:
    """A scheduler and some workers; all are ended afterwards."""
    port = free_port()
    options = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show")
    scheduler = start(folder, "scheduler", *options)
    cluster = Cluster(f"tcp://127.0.0.1:{port}", folder, scheduler)
    try:
        wait_for(port)
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        for process in (*cluster.processes, scheduler):
            process.kill()
            process.wait()


def wait_for(port: int, *, seconds: float = 60.0) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
