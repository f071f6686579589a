"""Who brings samples while a network learns: threads of its process, or processes of their own.

Either way a batch is there before it is needed, samples come in the order of their draws, and each is what
its own seed makes of it, whatever number of workers there is.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from twostream.choices import LoaderKind
from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.execution.starting import (
    end_with_parent,
    without_interrupts,
    without_main_module,
)
from twostream.training.samples import BATCHES_AHEAD, in_threads

Pixels = npt.NDArray[np.uint8]
Item = TypeVar("Item")


class Loader(Protocol):
    """Yields ``function(item)`` stacked in batches, in order, some batches ahead."""

    def __call__(
        self, function: Callable[[Item], Pixels], items: Sequence[Item], *, batch_size: int
    ) -> Iterator[Pixels]:
        """Load one epoch."""


@contextmanager
def loader_of(kind: LoaderKind, workers: int | None) -> Iterator[Loader]:
    """Yield what loads samples; its processes are there as long as the body runs, for all epochs.

    `workers` is the number of threads or processes; None: one a core.
    """
    count = workers or available_cores()
    if kind == "threads":

        def load(
            function: Callable[[Item], Pixels], items: Sequence[Item], *, batch_size: int
        ) -> Iterator[Pixels]:
            return in_threads(function, items, batch_size=batch_size, threads=count)

        yield load
        return
    with ExitStack() as held:
        processes = _Processes()
        held.callback(processes.stop)
        for _ in range(count):
            processes.start()
        yield processes


@dataclass(frozen=True)
class _Worker:
    process: BaseProcess
    pipe: Connection


class _Processes:
    """Processes that each make one batch after another; a thread here waits for each of them."""

    def __init__(self) -> None:
        self.all: list[_Worker] = []
        self.idle: SimpleQueue[_Worker] = SimpleQueue()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_bring, args=(theirs,), daemon=True)
        with without_interrupts(), without_main_module(_bring):
            process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self.all.append(worker)
        self.idle.put(worker)

    def stop(self) -> None:
        for worker in self.all:
            worker.process.kill()
        for worker in self.all:
            worker.process.join()
            worker.pipe.close()

    def __call__(
        self, function: Callable[[Item], Pixels], items: Sequence[Item], *, batch_size: int
    ) -> Iterator[Pixels]:
        # A worker that has the same function already goes on with the clips that it has opened.
        content = pickle.dumps(function)
        pool = ThreadPoolExecutor(len(self.all))
        waiting: deque[Future[Pixels]] = deque()
        try:
            for start in range(0, len(items), batch_size):
                chunk = items[start : start + batch_size]
                waiting.append(pool.submit(self._batch, content, chunk))
                if len(waiting) > len(self.all) + BATCHES_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # nobody waits for what nobody takes

    def _batch(self, content: bytes, items: Sequence[Any]) -> Pixels:
        worker = self.idle.get()
        try:
            worker.pipe.send((content, items))
            shape, error = worker.pipe.recv()
            batch: Pixels = np.empty(shape, np.uint8)
            if error is None:
                worker.pipe.recv_bytes_into(batch.reshape(-1).data)
        except (EOFError, OSError) as lost:
            worker.process.join(timeout=5)
            raise TwostreamError(
                "--loader processes",
                expected="processes that bring samples until the training ends",
                found=f"one that ended with status {worker.process.exitcode}",
                remedy="call the same command again, with fewer --workers if memory ran out, or with "
                "--loader threads",
            ) from lost
        finally:
            self.idle.put(worker)
        if error is not None:
            raise error
        return batch


def _bring(pipe: Connection) -> None:
    """Make batches in a process of its own until nobody asks any more."""
    # Ctrl-C reaches the whole process group; the parent alone decides what happens then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    import cv2

    cv2.setNumThreads(1)
    known, function = b"", None
    while True:
        try:
            content, items = pipe.recv()
        except (EOFError, OSError):
            return  # nobody is there any more
        try:
            if content != known:
                known, function = content, pickle.loads(content)
            assert function is not None
            batch = np.ascontiguousarray(np.stack([function(item) for item in items]))
        except Exception as error:  # told where it is waited for, as a thread's is
            pipe.send(((), error))
            continue
        pipe.send((batch.shape, None))
        pipe.send_bytes(batch.reshape(-1).data)
