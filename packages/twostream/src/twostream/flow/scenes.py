"""Generated pairs of frames whose motion is known exactly, edges and occlusions included."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Texture:
    """A sum of sine waves: known between pixels, so that any motion of it is exact.

    Wavelengths lie between `shortest_px` and `longest_px`; grey values within 17..238.
    """

    def __init__(
        self, seed: int = 0, waves: int = 24, shortest_px: float = 9.0, longest_px: float = 60.0
    ) -> None:
        random = np.random.default_rng(seed)
        angle = random.uniform(0, np.pi, waves)
        wavelength = np.exp(random.uniform(np.log(shortest_px), np.log(longest_px), waves))
        self._x = 2 * np.pi / wavelength * np.cos(angle)
        self._y = 2 * np.pi / wavelength * np.sin(angle)
        self._phase = random.uniform(0, 2 * np.pi, waves)

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """Grey values at positions in pixels."""
        waves = np.sin(x[..., None] * self._x + y[..., None] * self._y + self._phase)
        grey: Floats = 127.5 + 110 * np.tanh(waves.sum(-1) / np.sqrt(self._phase.size))
        return grey


def layered_scene(
    seed: int, *, speed: float = 1.0, height: int = 240, width: int = 320
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """Three discs that turn and move before a moving background, under camera noise.

    At speed 1 a disc moves some 4 px and turns some 3 degrees, the background moves some 1.5 px.

    Returns
    -------
    Two frames, uint8 `(height, width)`, and the flow of the first, float32 `(height, width, 2)`.

    Examples
    --------
    >>> frame0, frame1, flow = layered_scene(0, height=40, width=60)
    >>> frame0.shape, flow.shape, bool(np.abs(flow).max() > 1)
    ((40, 60), (40, 60, 2), True)
    """
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    grid = np.stack([x, y], axis=-1)
    frames = np.zeros((2, height, width))
    flow = np.zeros((height, width, 2), np.float32)
    for layer in range(4):
        pattern = Texture(10 * seed + layer, shortest_px=5, longest_px=80)
        swing, travel = (0.01, 1.5) if layer == 0 else (0.06, 4.0)
        center = random.uniform(0.2, 0.8, 2) * (width, height)
        radius = random.uniform(15, 50, 2) if layer else np.full(2, np.inf)
        turn = random.normal() * swing * speed
        shift = random.normal(size=2) * travel * speed
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        here = grid - center
        before = (here - shift) @ spin  # where a pixel of frame 1 was in frame 0
        for frame, position in zip(frames, (here, before), strict=True):
            inside = np.square(position / radius).sum(-1) < 1
            frame[inside] = pattern(*(position[inside] + center).T)
        inside = np.square(here / radius).sum(-1) < 1
        flow[inside] = (here @ spin.T + shift - here)[inside]
    noisy = frames + random.normal(size=frames.shape) * 2
    frame0, frame1 = np.clip(noisy.round(), 0, 255).astype(np.uint8)
    return frame0, frame1, flow
