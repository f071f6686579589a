"""Generated pairs of frames whose motion is known exactly, edges and occlusions included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class _Waves:
    """Sine waves of random direction and phase, with lengths spread evenly over the octaves."""

    def __init__(self, seed: int, waves: int, shortest_px: float, longest_px: float) -> None:
        random = np.random.default_rng(seed)
        angle = random.uniform(0, np.pi, waves)
        self.length_px = np.exp(random.uniform(np.log(shortest_px), np.log(longest_px), waves))
        self._x = 2 * np.pi / self.length_px * np.cos(angle)
        self._y = 2 * np.pi / self.length_px * np.sin(angle)
        self._phase = random.uniform(0, 2 * np.pi, waves)

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """All waves at positions in pixels, -1 to 1, in a last axis of their own."""
        waves: Floats = np.sin(x[..., None] * self._x + y[..., None] * self._y + self._phase)
        return waves


class Texture:
    """A sum of sine waves: known between pixels, so that any motion of it is exact.

    Wavelengths lie between `shortest_px` and `longest_px`; grey values within 17..238.
    """

    def __init__(
        self, seed: int = 0, waves: int = 24, shortest_px: float = 9.0, longest_px: float = 60.0
    ) -> None:
        self._waves = _Waves(seed, waves, shortest_px, longest_px)

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """Grey values at positions in pixels."""
        waves = self._waves(x, y)
        grey: Floats = 127.5 + 110 * np.tanh(waves.sum(-1) / np.sqrt(waves.shape[-1]))
        return grey


class NaturalTexture:
    """A sum of sine waves whose strength grows with their length, as in photographs.

    Photographs have about the same contrast in every octave (Field 1987), so that coarse images still
    show something to follow; `Texture` has nothing longer than `longest_px`.
    """

    def __init__(
        self, seed: int = 0, waves: int = 80, shortest_px: float = 4.0, longest_px: float = 800.0
    ) -> None:
        self._waves = _Waves(seed, waves, shortest_px, longest_px)
        strength = np.sqrt(self._waves.length_px)
        self._strength = strength / np.sqrt(np.square(strength).sum() / 2)

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """Grey values at positions in pixels."""
        waves = self._strength * self._waves(x, y)
        grey: Floats = 127.5 + 110 * np.tanh(0.7 * waves.sum(-1))
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

    def layer_of(layer: int) -> _Layer:
        swing, travel = (0.01, 1.5) if layer == 0 else (0.06, 4.0)
        center = random.uniform(0.2, 0.8, 2) * (width, height)
        radius = random.uniform(15, 50, 2) if layer else np.full(2, np.inf)
        turn = random.normal() * swing * speed
        shift = random.normal(size=2) * travel * speed
        return _Layer(
            Texture(10 * seed + layer, shortest_px=5, longest_px=80), center, radius, turn, shift
        )

    return _rendered(layer_of, random, height, width)


def travelling_scene(
    seed: int, *, least_px: float, most_px: float, height: int = 384, width: int = 512
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """A background and three discs that each travel `least_px` to `most_px` in a direction of their own.

    The surfaces are `NaturalTexture`; discs turn by some 3 degrees, the background by a tenth of it.

    Returns
    -------
    As `layered_scene`.

    Examples
    --------
    >>> frame0, frame1, flow = travelling_scene(0, least_px=5, most_px=6, height=40, width=60)
    >>> frame0.shape, flow.shape, 4 < float(np.hypot(*flow[20, 30])) < 8
    ((40, 60), (40, 60, 2), True)
    """
    random = np.random.default_rng(seed)

    def layer_of(layer: int) -> _Layer:
        center = random.uniform(0.2, 0.8, 2) * (width, height)
        radius = random.uniform(0.08, 0.25, 2) * height if layer else np.full(2, np.inf)
        turn = random.normal() * (0.05 if layer else 0.005)
        speed, direction = random.uniform(least_px, most_px), random.uniform(0, 2 * np.pi)
        shift = speed * np.array([np.cos(direction), np.sin(direction)])
        return _Layer(NaturalTexture(10 * seed + layer), center, radius, turn, shift)

    return _rendered(layer_of, random, height, width)


@dataclass(frozen=True)
class _Layer:
    """An ellipse (of infinite radius: all) with its surface and its motion from frame 0 to frame 1."""

    pattern: Texture | NaturalTexture
    center: Floats
    radius: Floats
    turn: float
    shift: Floats


def _rendered(
    layer_of: Callable[[int], _Layer], random: np.random.Generator, height: int, width: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """Four layers in front of each other, seen twice under camera noise, and the flow of the first."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    grid = np.stack([x, y], axis=-1)
    frames = np.zeros((2, height, width))
    flow = np.zeros((height, width, 2), np.float32)
    for layer in map(layer_of, range(4)):
        cosine, sine = np.cos(layer.turn), np.sin(layer.turn)
        spin = np.array([[cosine, -sine], [sine, cosine]])
        here = grid - layer.center
        before = (here - layer.shift) @ spin  # where a pixel of frame 1 was in frame 0
        for frame, position in zip(frames, (here, before), strict=True):
            inside = np.square(position / layer.radius).sum(-1) < 1
            frame[inside] = layer.pattern(*(position[inside] + layer.center).T)
        inside = np.square(here / layer.radius).sum(-1) < 1
        flow[inside] = (here @ spin.T + layer.shift - here)[inside]
    noisy = frames + random.normal(size=frames.shape) * 2
    frame0, frame1 = np.clip(noisy.round(), 0, 255).astype(np.uint8)
    return frame0, frame1, flow
