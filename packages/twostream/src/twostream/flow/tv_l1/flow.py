"""TV-L1 flow between two frames, and between all consecutive frames of a clip."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.events import heard_in_threads
from twostream.flow.frames import Frame, check_same_size, grey, grey_pair
from twostream.flow.tv_l1.parameters import Preset, TVL1Parameters
from twostream.flow.tv_l1.pyramid import Images, Workspace

Threads = int | Callable[[], int]
"""Pairs in flight at once: a number, or a function that is asked before each pair."""

_own = threading.local()


class TVL1Changes(TypedDict, total=False):
    """Single parameters other than the preset's; see `TVL1Parameters`."""

    tau: float
    lambda_: float
    theta: float
    scales: int
    scale_step: float
    warps: int
    epsilon: float
    inner_iterations: int
    outer_iterations: int
    median: int
    restart: int


def tvl1(
    frame0: Frame, frame1: Frame, *, preset: Preset = "exact", **changes: Unpack[TVL1Changes]
) -> NDArray[np.float32]:
    """Dense TV-L1 optical flow: where every pixel of `frame0` went in `frame1`.

    Parameters
    ----------
    frame0, frame1
        Grey `(H, W)` or RGB `(H, W, 3)`, uint8 or floating point in 0..1, of one size.
    preset
        ``"exact"``: OpenCV's parameters and stopping rule, and its flow up to rounding. ``"fast"``:
        fewer scales and warps, less than half the time. ``"deep"``: a pyramid down to 16 pixels a
        side, fused with a flow that starts where ``"exact"`` does, which follows motion of tens of
        pixels.
    **changes
        Parameters other than the preset's: see `TVL1Parameters` for their symbols and units.

    Returns
    -------
    float32 `(H, W, 2)`: pixels per frame step, x to the right, y down.

    Raises
    ------
    TwostreamError
        Frames of different sizes, not images, with NaN or infinity, floats outside 0..1; parameters
        out of range.

    Notes
    -----
    The GIL is released, so threads work on different pairs at once; one pair uses one core. The
    first call in a new environment compiles for some seconds and caches the machine code.

    References
    ----------
    Zach, Pock, Bischof: A Duality Based Approach for Realtime TV-L1 Optical Flow. DAGM 2007.
    doi:10.1007/978-3-540-74936-3_22

    Sánchez, Meinhardt-Llopis, Facciolo: TV-L1 Optical Flow Estimation. Image Processing On Line 3,
    2013. doi:10.5201/ipol.2013.26

    Examples
    --------
    >>> y, x = np.mgrid[:40, :60]
    >>> frame0, frame1 = (
    ...     np.uint8(128 + 60 * np.sin((x - shift) / 4) + 60 * np.cos(y / 5)) for shift in (0, 1)
    ... )
    >>> flow = tvl1(frame0, frame1)
    >>> flow.shape, round(float(np.median(flow[..., 0])), 1)
    ((40, 60, 2), 1.0)
    """
    parameters = replace(TVL1Parameters.preset(preset), **changes)
    first, second = grey_pair(frame0, frame1)
    workspace, images0, images1 = _workspace(first.shape, parameters)
    if np.array_equal(first, second):
        return np.zeros((*first.shape, 2), np.float32)
    workspace.fill(images0, first)
    workspace.fill(images1, second)
    return workspace.flow(images0, images1)


def tvl1_sequence(
    frames: Iterable[Frame],
    *,
    preset: Preset = "exact",
    threads: Threads = 1,
    **changes: Unpack[TVL1Changes],
) -> Iterator[NDArray[np.float32]]:
    """The flow between all consecutive frames of a clip, in order; exactly `tvl1` of each pair.

    Cheaper than the pairs one by one, for the pyramid of a frame serves both pairs it
    belongs to. Frames are taken from `frames` as they are needed, at most `threads + 1` ahead.

    Parameters
    ----------
    frames
        Frames as for `tvl1`; fewer than two have no flow.
    preset, **changes
        As for `tvl1`.
    threads
        Pairs in flight at once, one thread each, 1 or more. A function is asked before each pair, so
        that a clip can take over cores that others leave.

    Yields
    ------
    float32 `(H, W, 2)` for each frame but the last.

    Raises
    ------
    TwostreamError
        As `tvl1`, naming the frame.

    Examples
    --------
    >>> clip = np.random.default_rng(0).integers(0, 256, (4, 20, 30), dtype=np.uint8)
    >>> [flow.shape for flow in tvl1_sequence(clip)]
    [(20, 30, 2), (20, 30, 2), (20, 30, 2)]
    """
    parameters = replace(TVL1Parameters.preset(preset), **changes)
    if not callable(threads) and threads < 1:
        raise TwostreamError(
            "threads", expected="1 or more", found=f"{threads}", remedy="leave it out for one"
        )
    return _sequence(frames, parameters, threads)


def _sequence(
    frames: Iterable[Frame], parameters: TVL1Parameters, threads: Threads
) -> Iterator[NDArray[np.float32]]:
    if threads == 1:
        yield from map(_flow, pairwise(_pyramids(frames, parameters, alive=2)))
        return
    most = available_cores() if callable(threads) else threads
    pairs = pairwise(_pyramids(frames, parameters, alive=most + 2))
    waiting: deque[Future[NDArray[np.float32]]] = deque()
    with ThreadPoolExecutor(
        most, thread_name_prefix="tvl1", initializer=heard_in_threads()
    ) as pool:
        try:
            for pair in pairs:
                waiting.append(pool.submit(_flow, pair))
                allowed = min(most, threads()) if callable(threads) else threads
                # Who has one core does not decode and encode beside the flow either.
                while len(waiting) > (allowed if allowed > 1 else 0):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def compile_tvl1() -> None:
    """Compile the kernels now, or load them from the cache.

    Before worker processes start, so that they find machine code instead of compiling it each for
    themselves. Costs some seconds once, then tenths of a second.

    >>> compile_tvl1()
    """
    noise = np.random.default_rng(0).integers(0, 256, (2, 32, 32), dtype=np.uint8)
    tvl1(*noise, scales=3, warps=1, outer_iterations=1, restart=1)


@dataclass(frozen=True)
class _Pyramid:
    """One frame at every scale, its size, and what it was made with."""

    images: Images
    size: tuple[int, int]
    parameters: TVL1Parameters


def _pyramids(
    frames: Iterable[Frame], parameters: TVL1Parameters, *, alive: int
) -> Iterator[_Pyramid]:
    """The pyramid of each frame, made once; its memory is used again `alive` frames later."""
    memory: list[Images] = []
    first: NDArray[Any] | None = None
    for index, frame in enumerate(frames):
        image = grey(frame, f"frame {index}")
        first = image if first is None else first
        check_same_size(first, image, f"frame {index}")
        workspace, _, _ = _workspace(image.shape, parameters)
        if index < alive:
            memory.append(workspace.new_images())
        images = memory[index % alive]
        workspace.fill(images, image)
        yield _Pyramid(images, (image.shape[0], image.shape[1]), parameters)


def _flow(pair: tuple[_Pyramid, _Pyramid]) -> NDArray[np.float32]:
    first, second = pair
    if np.array_equal(first.images[0], second.images[0]):
        return np.zeros((*first.size, 2), np.float32)
    workspace, _, _ = _workspace(first.size, first.parameters)
    return workspace.flow(first.images, second.images)


def _workspace(
    size: tuple[int, ...], parameters: TVL1Parameters
) -> tuple[Workspace, Images, Images]:
    """The running thread's workspace for frames of that size, with two pyramids; the last one is kept."""
    height, width = size
    key = height, width, parameters
    if getattr(_own, "key", None) != key:
        workspace = Workspace(height, width, parameters)
        _own.kept = workspace, workspace.new_images(), workspace.new_images()
        _own.key = key
    kept: tuple[Workspace, Images, Images] = _own.kept
    return kept
