"""Frames with known motion, and the real pairs where they are present."""

from pathlib import Path

import numpy as np
import pytest
from twostream.flow.scenes import Texture

SHARED = Path(__file__).resolve().parents[4].parent / "shared" / "data"


@pytest.fixture(scope="session")
def moved_pair():
    """`moved_pair(motion, height=…, width=…, seed=…)`: two uint8 frames and the flow between them.

    `motion(x, y)` is the displacement of the pixel at x, y of frame 0: frame 1 is the texture, and
    frame 0 shows at x what frame 1 shows at x + d(x), which is what flow means.
    """

    def make(motion, height=96, width=128, seed=0, **texture):
        y, x = np.mgrid[:height, :width].astype(np.float64)
        pattern = Texture(seed, **texture)
        dx, dy = (np.broadcast_to(component, x.shape) for component in motion(x, y))
        frames = [pattern(x + dx, y + dy), pattern(x, y)]
        flow = np.stack([dx, dy], axis=-1).astype(np.float32)
        return *(frame.round().astype(np.uint8) for frame in frames), flow

    return make


@pytest.fixture(scope="session")
def swirl(moved_pair):
    """A smooth motion of several pixels: rotation, zoom and a local push."""

    def motion(x, y):
        u, v = (x - 64) / 64, (y - 48) / 48
        push = 1.5 * np.exp(-((u - 0.3) ** 2 + (v + 0.2) ** 2) / 0.08)
        return 1.2 * v + 0.8 * u + push + 0.5, -1.2 * u + 0.8 * v - 0.4

    return moved_pair(motion)


def epe(flow, truth, border=0):
    inside = np.s_[border : flow.shape[0] - border, border : flow.shape[1] - border]
    return float(np.hypot(*np.moveaxis(flow[inside] - truth[inside], -1, 0)).mean())


@pytest.fixture(scope="session", name="epe")
def end_point_error():
    """Mean end-point difference of two flows in pixels, without a border."""
    return epe


@pytest.fixture(scope="session")
def shared_data():
    if not SHARED.is_dir():
        pytest.skip("the real clips are not beside the repository (shared/data)")
    return SHARED
