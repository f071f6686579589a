"""Flow algorithms side by side: the same pairs, one core, one process, taking turns."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twostream.flow import opencv
from twostream.flow.frames import Frame, grey_pair
from twostream.flow.measures import end_point_error
from twostream.flow.tv_l1.parameters import Preset, TVL1Parameters
from twostream.flow.tv_l1.pyramid import Workspace
from twostream.video.opencv_threads import one_opencv_thread

Flow = NDArray[np.float32]
REFERENCE = "tvl1-opencv"

# The processor time of this process, all threads: on an idle machine the same as the clock, and
# steadier on a busy one. Elsewhere its resolution is too coarse.
processor_seconds = time.process_time if os.name == "posix" else time.perf_counter


@dataclass(frozen=True)
class Pair:
    """Two frames to measure on, and their true flow where it is known."""

    name: str
    frame0: Frame
    frame1: Frame
    truth: Flow | None = None


@dataclass(frozen=True)
class Measured:
    """One algorithm on one pair. Times in milliseconds, errors are mean end-point errors in pixels."""

    algorithm: str
    pair: str
    width: int
    height: int
    ms: float
    ratio: float
    """How many times faster than OpenCV's TV-L1 on the same pair."""
    iterations: float | None
    """Full-size iterations that TV-L1 took, all scales together."""
    epe_to_opencv: float
    epe_to_truth: float | None


@dataclass(frozen=True)
class Summary:
    """One algorithm on all pairs: medians of times and ratios, means of errors."""

    algorithm: str
    ms: float
    ratio: float
    ratio_min: float
    ns_per_pixel_iteration: float | None
    """The whole time of TV-L1 (pyramid, warping and medians included) for each iteration."""
    epe_to_opencv: float
    epe_to_truth: float | None


Algorithm = Callable[[Frame, Frame], tuple[Flow, float | None]]


def algorithms() -> dict[str, Algorithm]:
    """Every algorithm and preset, OpenCV's TV-L1 first; each returns the flow and its iterations."""
    return {
        REFERENCE: lambda a, b: (opencv.tvl1_opencv(a, b), None),
        "tvl1 exact": _OurTVL1("exact"),
        "tvl1 fast": _OurTVL1("fast"),
        "tvl1 deep": _OurTVL1("deep"),
        "dis": lambda a, b: (opencv.dis(a, b), None),
        "farneback": lambda a, b: (opencv.farneback(a, b), None),
    }


class _OurTVL1:
    """`tvl1`, and how much work it was."""

    def __init__(self, preset: Preset) -> None:
        self._parameters = TVL1Parameters.preset(preset)
        self._workspaces: dict[tuple[int, ...], Any] = {}

    def __call__(self, frame0: Frame, frame1: Frame) -> tuple[Flow, float]:
        first, second = grey_pair(frame0, frame1)
        if first.shape not in self._workspaces:
            height, width = first.shape
            workspace = Workspace(height, width, self._parameters)
            images = workspace.new_images(), workspace.new_images()
            self._workspaces = {first.shape: (workspace, *images)}
        workspace, images0, images1 = self._workspaces[first.shape]
        workspace.work.iterations = 0
        workspace.fill(images0, first)
        workspace.fill(images1, second)
        flow = workspace.flow(images0, images1)
        return flow, workspace.work.iterations


def measure(pair: Pair, *, rounds: int = 3) -> list[Measured]:
    """Run every algorithm on a pair `rounds` times in turn (OpenCV's TV-L1 once, in the middle).

    A time is the median over rounds; a first call outside the measurement compiles and allocates.
    """
    frame0, frame1 = grey_pair(pair.frame0, pair.frame1)
    candidates = algorithms()
    for name, algorithm in candidates.items():
        if name != REFERENCE:
            algorithm(frame0, frame1)
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    results: dict[str, tuple[Flow, float | None]] = {}
    for round_ in range(rounds):
        for name, algorithm in candidates.items():
            if name != REFERENCE or round_ == rounds // 2:
                start = processor_seconds()
                results[name] = algorithm(frame0, frame1)
                seconds[name].append(processor_seconds() - start)
    reference_ms = float(np.median(seconds[REFERENCE])) * 1e3
    measured = []
    for name, (flow, iterations) in results.items():
        ms = float(np.median(seconds[name])) * 1e3
        errors = np.empty(0) if pair.truth is None else end_point_error(flow, pair.truth)
        known = errors[~np.isnan(errors)]
        measured.append(
            Measured(
                algorithm=name,
                pair=pair.name,
                width=frame0.shape[1],
                height=frame0.shape[0],
                ms=ms,
                ratio=reference_ms / ms,
                iterations=iterations,
                epe_to_opencv=float(end_point_error(flow, results[REFERENCE][0]).mean()),
                epe_to_truth=float(known.mean()) if known.size else None,
            )
        )
    return measured


def summarise(measured: Sequence[Measured]) -> list[Summary]:
    """One summary for each algorithm, in the order of `algorithms`."""
    summaries = []
    for name in algorithms():
        rows = [row for row in measured if row.algorithm == name]
        per_iteration = [
            row.ms * 1e6 / (row.iterations * row.width * row.height)
            for row in rows
            if row.iterations
        ]
        errors = [row.epe_to_truth for row in rows if row.epe_to_truth is not None]
        summaries.append(
            Summary(
                algorithm=name,
                ms=float(np.median([row.ms for row in rows])),
                ratio=float(np.median([row.ratio for row in rows])),
                ratio_min=min(row.ratio for row in rows),
                ns_per_pixel_iteration=float(np.median(per_iteration)) if per_iteration else None,
                epe_to_opencv=float(np.mean([row.epe_to_opencv for row in rows])),
                epe_to_truth=float(np.mean(errors)) if errors else None,
            )
        )
    return summaries


@contextmanager
def one_core() -> Iterator[None]:
    """Hold this process, and OpenCV, to one core, and give the others back afterwards."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else None
    try:
        if cores is not None:
            os.sched_setaffinity(0, {max(cores)})
        with one_opencv_thread():
            yield
    finally:
        if cores is not None:
            os.sched_setaffinity(0, cores)
