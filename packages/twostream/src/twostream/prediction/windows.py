"""Sliding windows: what both streams say of moment after moment, however long it goes on.

A window is what the streams see at one moment: a stack of flows, and the frame in its middle. So many
are looked at a second, all in one pass; none reaches over a cut.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twostream.choices import Stream
from twostream.errors import TwostreamError
from twostream.prediction.ahead import Ahead
from twostream.prediction.networks import WAITING_BATCHES, Networks, Pixels, Scores
from twostream.sources.camera import CameraClip
from twostream.sources.video import VideoClip
from twostream.store.source import ClipSource

Times = npt.NDArray[np.float64]
# Seconds after which what is live is scored, whole batch or not.
LIVE_DELAY_SECONDS = 0.5
ROUNDING = 1e-6  # seconds; times of frames are no exact numbers


@dataclass(frozen=True, eq=False)
class WindowBatch:
    """Some windows one after another: starts and ends (n, 2) in seconds, scores (n, C) by stream."""

    windows_s: Times
    scores: dict[str, Scores]


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Where the windows of a clip are: `rate` a second, of stacks of `length` flows.

    `cuts` are the frames at which another shot begins, in their order; windows begin anew there. No window
    sees anything after `end_s`.
    """

    fps: float
    rate: float
    length: int
    cuts: Sequence[int] = ()
    end_s: float = math.inf

    @property
    def step(self) -> float:
        """Frames from one window to the next: at least one."""
        return max(1.0, self.fps / self.rate)

    def starts(self) -> Iterator[int]:
        """The first frame of each window, without end.

        >>> where = Windows(fps=10, rate=4, length=2, cuts=(6,))
        >>> list(itertools.islice(where.starts(), 5))
        [0, 2, 6, 8, 11]
        """
        begin = 0
        for end in (*self.cuts, None):
            for k in itertools.count():
                start = begin + round(k * self.step)
                if end is not None and start + self.length >= end:
                    break
                yield start
            begin = end or 0


def score_windows(
    networks: Networks,
    clip: ClipSource,
    where: Windows,
    *,
    check: Callable[[], None] = lambda: None,
) -> Iterator[WindowBatch]:
    """Yield the windows of a clip, scored, up to its end; made and scored side by side.

    `check` is called before each window, and may raise. Raises TwostreamError where the source fails, after
    what came before was yielded.
    """
    for times, scores in outputs_of_windows(
        networks, clip, where, networks.score_views, check=check
    ):
        yield WindowBatch(times, networks.with_fusion(scores))


def outputs_of_windows(
    networks: Networks,
    clip: ClipSource,
    where: Windows,
    compute: Callable[[Stream, Pixels], Scores],
    *,
    check: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Times, dict[str, Scores]]]:
    """Yield starts and ends (n, 2) of windows, and what `compute` makes of their samples, by stream.

    `check` and what is raised are as in `score_windows`.
    """
    live = isinstance(clip, CameraClip)
    size = networks.batch_samples
    if live:
        size = min(size, max(1, int(LIVE_DELAY_SECONDS * min(where.rate, where.fps))))
    batches = Ahead(_batches(networks, clip, where, size, check), most=WAITING_BATCHES)
    try:
        for times, samples in batches:
            yield times, {stream: compute(stream, batch) for stream, batch in samples.items()}
    finally:
        # A source that stalls must not keep whoever stops from stopping.
        batches.close(patience_seconds=1.0)


def _batches(
    networks: Networks,
    clip: ClipSource,
    where: Windows,
    size: int,
    check: Callable[[], None],
) -> Iterator[tuple[Times, dict[Stream, Pixels]]]:
    begun: list[tuple[tuple[float, float], dict[Stream, Pixels]]] = []
    try:
        for window in _samples(networks, clip, where):
            check()
            begun.append(window)
            if len(begun) == size:
                yield _together(begun)
                begun = []
    except Exception:
        if begun:  # what came before it failed is not lost
            yield _together(begun)
        raise
    if begun:
        yield _together(begun)


def _together(
    windows: list[tuple[tuple[float, float], dict[Stream, Pixels]]],
) -> tuple[Times, dict[Stream, Pixels]]:
    streams = windows[0][1]
    return np.asarray([times for times, _ in windows], np.float64), {
        stream: np.stack([samples[stream] for _, samples in windows]) for stream in streams
    }


def _samples(
    networks: Networks, clip: ClipSource, where: Windows
) -> Iterator[tuple[tuple[float, float], dict[Stream, Pixels]]]:
    """Each window's times, and its samples; the stack first, which makes every image it passes."""
    made = _made(networks, clip, where.length, where.starts)
    latest, reached = 0.0, math.inf
    for start in where.starts():
        samples = {stream: next(coming, None) for stream, coming in made.items()}
        found = {stream: np.stack(views) for stream, views in samples.items() if views is not None}
        if len(found) < len(made):
            return
        begin, seen, end = _times(clip, where, start)
        if seen > where.end_s + ROUNDING:
            return
        # Frames come at irregular times; and yet no moment is left out, but where a shot ends.
        begin = begin if start in where.cuts else min(begin, reached)
        latest = max(latest, begin)
        reached = min(max(end, latest + 1 / where.fps), max(where.end_s, seen))
        yield (latest, reached), found


def samples_at(
    networks: Networks, clip: ClipSource, where: Windows, starts: Sequence[int]
) -> Iterator[dict[Stream, Pixels]]:
    """Yield the samples (S, S, C) by stream of the windows that begin at `starts`, which must not fall.

    They are those that `score_windows` scores; made when they are asked for, in one pass. Raises
    TwostreamError for networks of several views, which have several samples a window.
    """
    for one in networks.streams:
        if len(one.preprocessing.evaluation_views(clip)) > 1:
            raise TwostreamError(
                "--view three",
                expected="a network that looks at each frame once",
                found="one that was trained for three squares of it",
                remedy="train with --view full or --view centre",
            )
    made = _made(networks, clip, where.length, lambda: iter(starts))
    for samples in zip(*made.values(), strict=False):
        found = {stream: sample for stream, (sample,) in zip(made, samples, strict=True)}
        yield {one.stream: found[one.stream] for one in networks.streams}


def _made(
    networks: Networks, clip: ClipSource, length: int, starts: Callable[[], Iterator[int]]
) -> dict[Stream, Iterator[tuple[Pixels, ...]]]:
    """The samples of each stream at each start, one a view, the stack's first."""
    made: dict[Stream, Iterator[tuple[Pixels, ...]]] = {}
    for one in reversed(networks.streams):
        ahead = length // 2 if one.stream == "spatial" else 0
        of_views = [
            one.preprocessing.samples_to_the_end(clip, map(ahead.__add__, starts()), view)
            for view in one.preprocessing.evaluation_views(clip)
        ]
        made[one.stream] = zip(*of_views, strict=False)
    return made


def _times(clip: ClipSource, where: Windows, start: int) -> tuple[float, float, float]:
    """When a window begins, when its last frame is shown, and when it ends.

    It ends with its stack, but no earlier than the next begins.
    """
    first = _seconds(clip, start)
    last = _seconds(clip, start + where.length)
    if first is None:
        first = start / where.fps
    if last is None or last <= first:
        last = first + where.length / where.fps
    missing = max(0.0, math.ceil(where.step) / where.fps - (last - first))
    return max(0.0, first - missing / 2), last, last + missing / 2


def _seconds(clip: ClipSource, index: int) -> float | None:
    if isinstance(clip, VideoClip | CameraClip):
        return clip.seconds(index)
    return index / clip.facts.fps
