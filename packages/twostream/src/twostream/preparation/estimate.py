"""What a preparation will take, from the first frames of a few of its clips."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TypeVar

from twostream.datasets.clips import FrameFolder
from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.events import say
from twostream.execution.processes import KeptProcesses, kept_processes
from twostream.execution.services import still_alive
from twostream.preparation.ensure import ClipTask
from twostream.preparation.extract import store_images
from twostream.progress import clock
from twostream.sources.images import ChosenImages, frames_of
from twostream.sources.pictures import Pictures
from twostream.store.frame_folders import open_frames
from twostream.video.decode import ShownFrame, open_video
from twostream.video.expected import expected_frames

Result = TypeVar("Result")
LEAST_SAMPLES, MOST_SAMPLES = 3, 8
FRAMES_SAMPLED = 12
PICTURE_BYTES = 20_000
# Opening a file takes milliseconds: their lengths can be told better than from a few of them.
MOST_HEADERS = 64
SAMPLE_LIMIT_SECONDS = 60.0
# What a ZIP writes of each member beside its content, twice its name included.
MEMBER_OVERHEAD_BYTES = 120
# Below this even the slowest flow is done before anybody wonders.
WORTH_SAMPLING_BYTES = 8 << 20
WORTH_SAYING_SECONDS = 60.0


@dataclass(frozen=True)
class Estimate:
    """Of `clips` still to be made: their stored frames, the time on `workers`, the room they take."""

    clips: int
    frames: int
    workers: int
    duration_seconds: float
    stored_bytes: float
    free_bytes: int

    @property
    def fits(self) -> bool:
        """Whether there is room."""
        return self.stored_bytes <= self.free_bytes

    def text(self) -> str:
        """One line for people.

        >>> Estimate(34, 6712, 2, 2117.0, 172.5e6, 73 * 10**9).text()
        'about 6,712 frames of 34 clips to extract: 35 min 17 s with 2 workers, 172.5 MB of 73.0 GB free'
        >>> Estimate(34, 6712, 1, 2117.0, 172.5e6, 73 * 10**9).text().partition(" s ")[2]
        'with 1 worker, 172.5 MB of 73.0 GB free'
        """
        unit, name = (1e9, "GB") if self.stored_bytes >= 1e9 else (1e6, "MB")
        room = f"{self.stored_bytes / unit:.1f} {name} of {self.free_bytes / 1e9:.1f} GB free"
        return (
            f"about {self.frames:,} frames of {self.clips:,} clips to extract: "
            f"{clock(self.duration_seconds)} with {counted(self.workers, 'worker')}, {room}"
            + ("" if self.fits else ": NOT ENOUGH ROOM")
        )


@dataclass(frozen=True)
class _Sample:
    seconds_per_frame: float
    bytes_per_frame: float


def pending(tasks: Sequence[ClipTask]) -> list[ClipTask]:
    """The tasks of videos whose clip is not there yet, or must be made again."""
    return [
        task
        for task in tasks
        if (task.frames_in is None or not task.frames_in.has_flow)
        and (task.fresh or not task.target.exists())
    ]


def estimate(
    tasks: Sequence[ClipTask], *, out: Path, workers: int, processes: KeptProcesses | None = None
) -> Estimate | None:
    """Extract the first frames of a few clips, in as many processes as the job will have.

    `processes` are those of the job, where they are there already.

    How many frames there are in all is told from the headers of more of them, and from the sizes of
    the files. Nothing is written. None where no clip could be sampled, as with nothing to do.
    """
    by_size = sorted((task for task in tasks if _size(task)), key=_size)
    if not by_size:
        return None
    with ExitStack() as ours:
        processes = processes or ours.enter_context(kept_processes(workers))
        return _estimate(tasks, by_size, out, workers, processes.limited(SAMPLE_LIMIT_SECONDS))


def _estimate(
    tasks: Sequence[ClipTask],
    by_size: Sequence[ClipTask],
    out: Path,
    workers: int,
    processes: KeptProcesses,
) -> Estimate | None:
    chosen = _spread(by_size, max(LEAST_SAMPLES, min(workers, MOST_SAMPLES)))
    # Samples alone first: what is measured shall not wait for what is only counted.
    sample = partial(_sample, threads=max(1, workers // len(tasks)))
    samples = _results(sample, chosen, processes)
    headers = _results(_promised, _spread(by_size, MOST_HEADERS), processes)
    told = [(frames, size) for frames, size in headers if frames is not None]
    promised = sum(frames for frames, _ in told)
    if not samples or not promised:
        return None
    per_byte = promised / sum(size for _, size in told)
    total = per_byte * sum(map(_size, tasks))
    seconds = sum(item.seconds_per_frame for item in samples) / len(samples)
    stored = sum(item.bytes_per_frame for item in samples) / len(samples)
    existing = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    return Estimate(
        clips=len(tasks),
        frames=round(total),
        workers=workers,
        duration_seconds=total * seconds / min(workers, len(tasks)),
        stored_bytes=total * stored,
        free_bytes=shutil.disk_usage(existing).free,
    )


def announce(
    tasks: Sequence[ClipTask], *, out: Path, workers: int, processes: KeptProcesses | None
) -> None:
    """Say how long the job will take, where that is long, or that there is not enough room."""
    missing = pending(tasks)
    # Segments of one file are no more than that file.
    sources = {(task.source, task.frames_in): _size(task) for task in missing}
    if sum(sources.values()) < WORTH_SAMPLING_BYTES:
        return
    expected = estimate(missing, out=out, workers=workers, processes=processes)
    if expected and (expected.duration_seconds >= WORTH_SAYING_SECONDS or not expected.fits):
        say(f"prepare: {expected.text()}")


def _sample(task: ClipTask, *, threads: int) -> _Sample:
    """Do with a few frames what `extract_clip` does, and count; runs in a worker."""
    written = 0

    def put(_: str, content: bytes) -> None:
        nonlocal written
        written += len(content) + MEMBER_OVERHEAD_BYTES

    with _frames(task) as frames:
        images = ChosenImages(frames, task.options.specification(), on_frame=still_alive)
        started = time.perf_counter()
        store_images(images, put, threads=threads, most=FRAMES_SAMPLED)
        seconds = time.perf_counter() - started
    stored = max(1, images.taken)
    return _Sample(seconds_per_frame=seconds / stored, bytes_per_frame=written / stored)


@contextmanager
def _frames(task: ClipTask) -> Iterator[Iterator[ShownFrame]]:
    """The first frames of a clip's source."""
    if task.frames_in is not None:
        yield Pictures(task.frames_in, fps=task.assumed_fps).shown_frames()
        return
    with open_video(task.source) as video:
        yield frames_of(video, None)


def _promised(task: ClipTask) -> tuple[float | None, int]:
    """Frames that the header of one clip promises to be stored (None: it says nothing), and its bytes.

    A segment is counted as far as its video reaches, for no more of it is stored.
    """
    if task.frames_in is not None:
        fps = task.assumed_fps
        frames: float = len(Pictures(task.frames_in, fps=fps))
    else:
        status = task.source.stat()
        frames, fps = _header(task.source, status.st_size, status.st_mtime_ns)
    if task.segment is not None:
        whole, end = frames / fps, task.segment.end_seconds
        last = whole if end is None else min(end, whole or end)
        frames = max(0.0, last - task.segment.start_seconds) * fps
        silent = not whole and end is None
    else:
        silent = not frames
    asked = task.options.fps
    share = 1 / task.options.step if asked is None else min(1.0, asked / fps)
    return None if silent else frames * share, _size(task)


@lru_cache(maxsize=MOST_HEADERS)
def _header(path: Path, *_: int) -> tuple[float, float]:
    """Frames that a file promises, and how many a second; opened once for all of its segments."""
    with open_video(path) as video:
        return expected_frames(video)


def _spread(tasks: Sequence[ClipTask], most: int) -> list[ClipTask]:
    """At most `most` of the tasks, evenly over their order."""
    count = min(len(tasks), most)
    return [tasks[int((k + 0.5) * len(tasks) / count)] for k in range(count)]


def _results(
    function: Callable[[ClipTask], Result], tasks: Sequence[ClipTask], processes: KeptProcesses
) -> list[Result]:
    with closing(processes.map(function, tasks)) as outcomes:
        return [outcome.result for outcome in outcomes if outcome.result is not None]


def _size(task: ClipTask) -> int:
    """Bytes of a clip's source; of pictures about so many, for there may be millions."""
    try:
        if task.frames_in is not None:
            return PICTURE_BYTES * _count_pictures(task.frames_in)
        return task.source.stat().st_size if task.source.is_file() else 0
    except OSError:
        return 0


@cache
def _count_pictures(frames_in: FrameFolder) -> int:
    if frames_in.path.is_dir():
        with os.scandir(frames_in.path) as found:
            return sum(1 for _ in found)
    try:
        return len(open_frames(frames_in).images["img"])
    except TwostreamError:
        return 0  # told when it is its turn
