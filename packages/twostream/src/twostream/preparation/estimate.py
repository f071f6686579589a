"""What a preparation will take, from the first frames of a few of its clips."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from twostream.preparation.ensure import ClipTask
from twostream.preparation.extract import DecodedFrames, store_images
from twostream.preparation.workers import run_tasks
from twostream.progress import clock, say
from twostream.video.decode import open_video

LEAST_SAMPLES, MOST_SAMPLES = 3, 8
FRAMES_SAMPLED = 12
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

        >>> Estimate(6766, 640_000, 2, 19_320.0, 17.3e9, 812 * 10**9).text()
        'about 640,000 frames of 6,766 clips to extract: 5 h 22 min with 2 workers, 17.3 of 812.0 GB free'
        """
        room = f"{self.stored_bytes / 1e9:.1f} of {self.free_bytes / 1e9:.1f} GB free"
        return (
            f"about {self.frames:,} frames of {self.clips:,} clips to extract: "
            f"{clock(self.duration_seconds)} with {self.workers} workers, {room}"
            + ("" if self.fits else ": NOT ENOUGH ROOM")
        )


@dataclass(frozen=True)
class _Sample:
    promised_frames: float | None
    source_bytes: int
    seconds_per_frame: float
    bytes_per_frame: float


def pending(tasks: Sequence[ClipTask]) -> list[ClipTask]:
    """The tasks of videos whose clip is not there yet, or must be made again."""
    return [
        task
        for task in tasks
        if task.frames_in is None and (task.fresh or not task.target.exists())
    ]


def estimate(tasks: Sequence[ClipTask], *, out: Path, workers: int) -> Estimate | None:
    """Extract the first frames of a few clips, in as many processes as the job will have.

    The sizes of the files say how the rest relates to them. Nothing is written. None where no clip
    could be sampled, as with ready frames or nothing to do.
    """
    by_size = sorted((task for task in tasks if _size(task.source)), key=lambda t: _size(t.source))
    if not by_size:
        return None
    count = min(len(by_size), max(LEAST_SAMPLES, min(workers, MOST_SAMPLES)))
    chosen = [by_size[int((k + 0.5) * len(by_size) / count)] for k in range(count)]
    outcomes = run_tasks(_sample, chosen, workers=workers, timeout_seconds=SAMPLE_LIMIT_SECONDS)
    with closing(outcomes):
        samples = [outcome.result for outcome in outcomes if outcome.result is not None]
    sized = [item for item in samples if item.promised_frames]
    if not sized:
        return None
    frames = sum(item.promised_frames or 0.0 for item in sized)
    per_byte = frames / sum(item.source_bytes for item in sized)
    total = per_byte * sum(_size(task.source) for task in tasks)
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


def announce(tasks: Sequence[ClipTask], *, out: Path, workers: int) -> None:
    """Say how long the job will take, where that is long, or that there is not enough room."""
    missing = pending(tasks)
    if sum(_size(task.source) for task in missing) < WORTH_SAMPLING_BYTES:
        return
    expected = estimate(missing, out=out, workers=workers)
    if expected and (expected.duration_seconds >= WORTH_SAYING_SECONDS or not expected.fits):
        say(f"prepare: {expected.text()}")


def _sample(task: ClipTask) -> _Sample:
    """Do with a few frames what `extract_clip` does, and count; runs in a worker."""
    written = 0

    def put(_: str, content: bytes) -> None:
        nonlocal written
        written += len(content) + MEMBER_OVERHEAD_BYTES

    with open_video(task.source) as video:
        promised = video.header_frames or (video.container_seconds or 0.0) * video.fps
        if task.segment is not None:
            end = task.segment.end_seconds
            whole = promised / video.fps
            promised = ((whole if end is None else end) - task.segment.start_seconds) * video.fps
        decoded = DecodedFrames(video, task.options, None, most=FRAMES_SAMPLED)
        started = time.perf_counter()
        store_images(decoded, put, threads=task.threads)
        seconds = time.perf_counter() - started
    stored = max(1, decoded.stored)
    return _Sample(
        promised_frames=promised / task.options.step or None,
        source_bytes=_size(task.source),
        seconds_per_frame=seconds / stored,
        bytes_per_frame=written / stored,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
