"""Frames with known motion, and the real pairs where they are present."""

from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[4].parent / "shared" / "data"


class Texture:
    """A sum of sine waves: smooth, and known between pixels, so that any motion of it is exact."""

    def __init__(self, seed=0, waves=24, shortest_px=9.0, longest_px=60.0):
        random = np.random.default_rng(seed)
        angles = random.uniform(0, np.pi, waves)
        frequencies = (
            2 * np.pi / np.exp(random.uniform(np.log(shortest_px), np.log(longest_px), waves))
        )
        self.x, self.y = frequencies * np.cos(angles), frequencies * np.sin(angles)
        self.phase = random.uniform(0, 2 * np.pi, waves)

    def __call__(self, x, y):
        waves = np.sin(x[..., None] * self.x + y[..., None] * self.y + self.phase)
        return 127.5 + 110 * np.tanh(waves.sum(-1) / np.sqrt(len(self.phase)))


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


@pytest.fixture(scope="session")
def scene():
    """`scene(seed, speed=…)`: things that turn and move before a moving background, with noise.

    Two uint8 frames of 240x320 and the exact flow of the first, occlusions and motion edges included.
    """

    def make(seed, speed=1.0):
        random = np.random.default_rng(seed)
        height, width = 240, 320
        y, x = np.mgrid[:height, :width].astype(np.float64)
        frame0, frame1, flow = (
            np.zeros((height, width)),
            np.zeros((height, width)),
            np.zeros((height, width, 2)),
        )
        for layer in range(4):
            pattern = Texture(10 * seed + layer, shortest_px=5, longest_px=80)
            swing, travel = (0.01, 1.5) if layer == 0 else (0.06, 4)
            center = random.uniform(0.2, 0.8, 2) * (width, height)
            radius = random.uniform(15, 50, 2) if layer else np.inf
            turn, shift = random.normal() * swing * speed, random.normal(size=2) * travel * speed
            here = np.stack([x, y], axis=-1) - center
            spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
            before = (here - shift) @ spin  # where a pixel of frame 1 was in frame 0
            inside0 = (np.square(here / radius).sum(-1)) < 1
            inside1 = (np.square(before / radius).sum(-1)) < 1
            frame0[inside0] = pattern(*(here[inside0].T + center[:, None]))
            frame1[inside1] = pattern(*(before[inside1].T + center[:, None]))
            flow[inside0] = (here @ spin.T + shift - here)[inside0]
        frames = np.stack([frame0, frame1]) + random.normal(size=(2, height, width)) * 2
        frame0, frame1 = np.clip(frames.round(), 0, 255).astype(np.uint8)
        return frame0, frame1, flow.astype(np.float32)

    return make


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
