"""The flow algorithms under the names that users give them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from twostream.choices import Algorithm as Algorithm
from twostream.choices import Preset as Preset
from twostream.errors import TwostreamError
from twostream.flow.frames import Frame, Grey, grey, same_kind

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads, TVL1Changes

Flow = NDArray[np.float32]


def flow_sequence(
    frames: Iterable[Frame],
    *,
    algorithm: Algorithm = "tvl1",
    preset: Preset = "exact",
    parameters: TVL1Changes | None = None,
    threads: Threads = 1,
) -> Iterator[Flow]:
    """The flow from each frame to the next, in order, by the algorithm of that name.

    `preset`, single `parameters` other than the preset's, and `threads` (pairs in flight, or a function
    that tells) concern `tvl1`. Raises TwostreamError for an unknown name and for what an algorithm refuses.
    """
    if algorithm == "tvl1":
        from twostream.flow.tv_l1.flow import tvl1_sequence

        return tvl1_sequence(frames, preset=preset, threads=threads, **(parameters or {}))
    function = _opencv_function(algorithm)
    # Each frame is made grey once, though it belongs to two pairs.
    images = (
        (f"frame {index}", grey(frame, f"frame {index}")) for index, frame in enumerate(frames)
    )
    return (
        function(*same_kind(earlier, later, name))
        for (_, earlier), (name, later) in pairwise(images)
    )


def _opencv_function(algorithm: str) -> Callable[[Grey, Grey], Flow]:
    from twostream.flow import opencv

    functions: dict[str, Callable[[Grey, Grey], Flow]] = {
        "dis": opencv.dis_of_grey,
        "farneback": opencv.farneback_of_grey,
        "tvl1-opencv": opencv.tvl1_opencv_of_grey,
    }
    if algorithm not in functions:
        raise TwostreamError(
            "algorithm",
            expected=f"one of {', '.join(get_args(Algorithm))}",
            found=repr(algorithm),
            remedy="tvl1 is the field's standard, dis the fastest",
        )
    return functions[algorithm]
