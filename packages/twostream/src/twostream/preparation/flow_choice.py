"""The flow algorithm that the options name, as a stream of flows over a stream of grey frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from twostream.preparation.options import ExtractionOptions

Grey = npt.NDArray[np.uint8]
Flow = npt.NDArray[np.float32]


def flow_stream(greys: Iterable[Grey], options: ExtractionOptions) -> Iterator[Flow]:
    """Yield the flow (H, W, 2) float32 in pixels from each grey frame (H, W) uint8 to the next."""
    function = _pair_function(options)
    for earlier, later in pairwise(greys):
        yield function(earlier, later)


def _pair_function(options: ExtractionOptions) -> Callable[[Grey, Grey], Flow]:
    from twostream.flow import opencv

    match options.flow:
        case "dis":
            return opencv.dis
        case "farneback":
            return opencv.farneback
        case "tvl1":
            return opencv.tvl1_opencv
