"""What runs in the process of a Dask worker; knows nothing of the client."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from twostream.allocator import LARGE_BLOCKS, tune
from twostream.environment import sharing_cores
from twostream.execution.outcomes import FatalError, Outcome, outcome_of
from twostream.execution.parcels import Parcel, packed, unpack
from twostream.execution.portable import Portable
from twostream.execution.services import Services, offering
from twostream.execution.sight import Sight

AnyOutcome = Outcome[Any, Any]
Ran = tuple[AnyOutcome, Parcel | None]
# What was sent stays for a while, for the segments of one file follow each other.
KEPT_INPUTS = 4
# Beside this package's own version and Python's: what decides pixels, and what carries tasks.
PACKAGES = ("numpy", "opencv-contrib-python-headless", "av", "numba", "distributed")


@dataclass(frozen=True)
class Caller:
    """What goes with every task: the versions of who hands it out, and how long it may be silent."""

    versions: dict[str, str]
    timeout_seconds: float


@dataclass(frozen=True)
class Answer:
    """What came of a task: its outcome, what it made far from the caller's folder; None: files not seen."""

    outcome: AnyOutcome | None
    parcel: Parcel | None = None


# Without which of the caller's versions nobody is asked to work.
MUST_AGREE = ("twostream", "python")


def versions() -> dict[str, str]:
    """What decides results, by name; of Python the first two numbers."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from twostream.version import __version__

    found = {"twostream": __version__, "python": ".".join(platform.python_version_tuple()[:2])}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def require_agreement(theirs: dict[str, str], callers: dict[str, str], worker: str) -> None:
    """Raise FatalError where a worker has another twostream or another Python than the caller.

    >>> ours = {"twostream": "1.0", "python": "3.12"}
    >>> require_agreement({**ours, "python": "3.11"}, ours, "tcp://b:1")
    Traceback (most recent call last):
    twostream.execution.outcomes.FatalError: tcp://b:1: expected a worker ... found python 3.11; ...
    """
    differing = [name for name in MUST_AGREE if theirs[name] != callers[name]]
    if differing:
        raise refused(worker, callers, ", ".join(f"{name} {theirs[name]}" for name in differing))


def refused(worker: str, callers: dict[str, str], found: str) -> FatalError:
    """The error of a worker that cannot do what the caller would have done itself."""
    return FatalError(
        worker,
        expected=f"a worker with twostream {callers['twostream']} on Python {callers['python']}",
        found=found,
        remedy="install the same on all workers",
    )


def run_seen(
    function: Callable[[Any], Any], task: Any, sight: Sight | None, caller: Caller
) -> Answer:
    """Run a task on the files that the caller sees, where this worker sees them too; raises FatalError."""
    _require_agreement_here(caller)
    if sight is not None and not sight.is_clear():
        return Answer(None)
    return Answer(*_on_lane(lambda: (outcome_of(function, task), None), task, caller))


def run_sent(
    function: Portable[Any, Any],
    task: Any,
    inputs: dict[Path, tuple[str, Parcel]],
    caller: Caller,
) -> Answer:
    """Run a task on files that came with it (a key and the content by path), and send what it made back.

    Raises FatalError as `run_seen` does.
    """
    _require_agreement_here(caller)
    folder = _here().folder

    def run() -> Ran:
        with tempfile.TemporaryDirectory(dir=folder) as out:
            places = {path: _placed(key, path, parcel) for path, (key, parcel) in inputs.items()}
            moved = function.moved(task, places, Path(out))
            outcome = outcome_of(function.run, moved)
            made = function.made(moved) if outcome.problem is None else None
            return replace(outcome, task=task), None if made is None else packed(made)

    return Answer(*_on_lane(run, task, caller))


def _require_agreement_here(caller: Caller) -> None:
    """Workers come later than the caller's first look, too."""
    here = _here()
    require_agreement(here.versions, caller.versions, here.address)


@dataclass
class _Pulse:
    """When the task was last heard of; None: not yet."""

    last: float | None = None

    def __call__(self) -> None:
        self.last = time.monotonic()


@dataclass(frozen=True)
class _Here:
    """What this process has: threads in which a video may stay open from task to task, and files sent."""

    lanes: ThreadPoolExecutor
    threads: int
    folder: Path  # which Dask removes
    address: str
    versions: dict[str, str]
    placing: threading.Lock = field(default_factory=threading.Lock)
    places: dict[str, Path] = field(default_factory=dict)


@lru_cache(maxsize=1)
def _here() -> _Here:
    import cv2
    from distributed import get_worker

    # The engines of clusters set what OpenMP may use. OpenCV's threads are ours to set.
    cv2.setNumThreads(1)
    # Dask's nanny has the C library give back whatever is freed: each image is then taken anew from the
    # system, page by page (7 % of the time with DIS).
    tune(LARGE_BLOCKS)
    worker = get_worker()
    threads = int(worker.state.nthreads)
    lanes = ThreadPoolExecutor(threads, thread_name_prefix="twostream")
    return _Here(lanes, threads, Path(worker.local_directory), str(worker.address), versions())


def _on_lane(run: Callable[[], Ran], task: Any, caller: Caller) -> Ran:
    """Run it in a thread of this process that can be left behind where it hangs."""
    timeout_seconds = caller.timeout_seconds
    pulse = _Pulse()

    def lane() -> Ran:
        pulse()
        # Dask sets what OpenMP may use, and that not without its nanny.
        with offering(Services(still_alive=pulse)), sharing_cores(here.threads):
            return run()

    here = _here()
    future: Future[Ran] = here.lanes.submit(lane)
    while True:
        last = time.monotonic() if pulse.last is None else pulse.last
        left = last + timeout_seconds - time.monotonic()
        try:
            return future.result(timeout=min(max(left, 0.05), 3600.0))
        except FutureTimeoutError:
            if future.done():
                return future.result()
            if pulse.last is not None and time.monotonic() >= pulse.last + timeout_seconds:
                _here.cache_clear()  # nobody stops a thread: it keeps the core that it has
                return Outcome(task, None, f"no progress in {timeout_seconds:g} s: given up"), None


def _placed(key: str, path: Path, parcel: Parcel) -> Path:
    """Where on this machine the content of `path` lies, under its own name."""
    here = _here()
    with here.placing:
        if key not in here.places:
            folder = Path(tempfile.mkdtemp(dir=here.folder))
            unpack(parcel, folder / path.name)
            here.places[key] = folder / path.name
        here.places[key] = here.places.pop(key)  # it was used last
        for old in list(here.places)[: -KEPT_INPUTS - here.threads]:
            shutil.rmtree(here.places.pop(old).parent, ignore_errors=True)
        return here.places[key]
