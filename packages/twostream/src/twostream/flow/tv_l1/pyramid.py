"""Coarse to fine: the images of a frame at all scales, and the flow carried down between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twostream.flow.tv_l1.blocks import BLOCK, Floats, padded
from twostream.flow.tv_l1.cubic import cubic_coefficients
from twostream.flow.tv_l1.fusion import FUSED_SCALES, fuse
from twostream.flow.tv_l1.parameters import TVL1Parameters
from twostream.flow.tv_l1.resizing import Taps, resize, taps
from twostream.flow.tv_l1.solver import (
    longest_wave,
    rows_at_once,
    solve_scale,
    solver_scratch_floats,
)
from twostream.flow.tv_l1.texture import fill_texture, texture_floats
from twostream.flow.tv_l1.vectors import LANES

_SMALLEST_SIDE = 16
_CACHE_LINE_FLOATS = 16


@dataclass(frozen=True)
class Scale:
    """One level of the pyramid: its size, and how images and flow come here from its neighbours."""

    height: int
    width: int
    constants: Floats
    shrink: tuple[Taps, Taps] | None = None
    enlarge: tuple[Taps, Taps] | None = None

    @property
    def stride(self) -> int:
        """Floats from one row to the next."""
        return padded(self.width)


def scales_of(height: int, width: int, count: int, step: float) -> list[Scale]:
    """The scales from the full image down, at most `count`, none below 16 pixels a side but the first.

    >>> [(s.height, s.width) for s in scales_of(240, 320, 5, 0.8)]
    [(240, 320), (192, 256), (154, 205), (123, 164), (98, 131)]
    """
    scales = [Scale(height, width, _constants(width))]
    while len(scales) < count:
        finer = scales[-1]
        height, width = round(finer.height * step), round(finer.width * step)
        if min(height, width) < _SMALLEST_SIDE:
            break
        shrink = taps(finer.height, height, 1 / step), taps(finer.width, width, 1 / step)
        enlarge = (
            taps(height, finer.height, height / finer.height),
            taps(width, finer.width, width / finer.width),
        )
        scales.append(Scale(height, width, _constants(width), shrink, enlarge))
    return scales


def _constants(width: int) -> Floats:
    """What kernels need as vectors: cubic weights, 0..15, and two masks of the last block."""
    lane = np.arange(LANES)
    last = (width - 1) % LANES
    rows = np.float32([lane, lane <= last, lane < last])  # type: ignore[arg-type]
    return np.concatenate([cubic_coefficients(), rows.reshape(-1)])


def aligned_zeros(*shape: int) -> Floats:
    """Zeros that start at a cache line."""
    buffer = np.zeros(math.prod(shape) + _CACHE_LINE_FLOATS, np.float32)
    skip = -(buffer.ctypes.data // 4) % _CACHE_LINE_FLOATS
    return buffer[skip : skip + math.prod(shape)].reshape(shape)


Images = list[Floats]
"""A frame at every scale, finest first, `(height, stride)` each."""

Flow = tuple[Floats, Floats]
"""Both components of a flow at one scale, `(height, stride)` each."""


def _new_flow(scale: Scale) -> Flow:
    return aligned_zeros(scale.height, scale.stride), aligned_zeros(scale.height, scale.stride)


@dataclass
class Work:
    """How much a flow took, in units of one full-size image; for benchmarks."""

    iterations: float = 0.0
    medians: float = 0.0


@dataclass
class Workspace:
    """Everything the flow between frames of one size needs; used again and again by one thread."""

    height: int
    width: int
    parameters: TVL1Parameters
    work: Work = field(default_factory=Work)

    def __post_init__(self) -> None:
        parameters = self.parameters
        self.scales = scales_of(self.height, self.width, parameters.scales, parameters.scale_step)
        finest = self.scales[0]
        self._flows = [_new_flow(scale) for scale in self.scales]
        restart = parameters.restart
        # Nothing coarser, nothing to fuse with.
        fused = range(max(restart - FUSED_SCALES + 1, 1), restart + 1)
        self._seconds = {
            level: _new_flow(self.scales[level])
            for level in fused
            if restart + 1 < len(self.scales)
        }
        # Scales are worked on one after the other, so they share what is not carried on.
        self._state = aligned_zeros(finest.height * finest.stride // LANES * BLOCK)
        self._texture = aligned_zeros(texture_floats(finest.height, finest.width) + LANES)
        self._scratch = aligned_zeros(solver_scratch_floats(finest.stride))

    def new_images(self) -> Images:
        """Space for a frame at every scale."""
        return [aligned_zeros(scale.height, scale.stride) for scale in self.scales]

    def fill(self, images: Images, frame: NDArray[np.uint8] | NDArray[np.float32]) -> None:
        """Put a frame on the 0..255 scale into the pyramid."""
        images[0][:, : self.width] = frame
        for finer, scale, source, target in zip(
            self.scales, self.scales[1:], images, images[1:], strict=False
        ):
            assert scale.shrink is not None
            size = finer.width, scale.width
            resize(source, target, *scale.shrink, size, np.float32(1), self._scratch)

    def flow(self, images0: Images, images1: Images) -> Floats:
        """The flow from one frame to another, float32 `(H, W, 2)`."""
        for plane in (*self._flows[-1], *self._seconds.get(self.parameters.restart, ())):
            plane.fill(0)
        for level in reversed(range(len(self.scales))):
            scale, flow, second = self.scales[level], self._flows[level], self._seconds.get(level)
            image0, image1 = images0[level], images1[level]
            self._solve(scale, image0, image1, flow)
            if second is not None:
                self._solve(scale, image0, image1, second)
                fuse(image0, image1, scale.width, *flow, *second, float(self.parameters.lambda_))
                if level - 1 in self._seconds:
                    self._carry(level, second, self._seconds[level - 1])
            if level > 0:
                self._carry(level, flow, self._flows[level - 1])
        u1, u2 = self._flows[0]
        together = np.empty((self.height, self.width, 2), np.float32)
        together[..., 0] = u1[:, : self.width]
        together[..., 1] = u2[:, : self.width]
        return together

    def _carry(self, level: int, flow: Flow, finer: Flow) -> None:
        scale, factor = self.scales[level], np.float32(1 / self.parameters.scale_step)
        assert scale.enlarge is not None
        size = scale.width, self.scales[level - 1].width
        for source, target in zip(flow, finer, strict=True):
            resize(source, target, *scale.enlarge, size, factor, self._scratch)

    def _solve(self, scale: Scale, image0: Floats, image1: Floats, flow: Flow) -> None:
        parameters = self.parameters
        u1, u2 = flow
        fill_texture(self._texture, image1, scale.width)
        blocks = scale.stride // LANES
        iterations, medians = solve_scale(
            image0.reshape(-1), self._texture, u1.reshape(-1), u2.reshape(-1),
            self._state[: scale.height * blocks * BLOCK], scale.height, scale.width,
            scale.constants, self._scratch, longest_wave(blocks), rows_at_once(blocks),
            float(parameters.tau), float(parameters.lambda_), float(parameters.theta),
            parameters.warps, float(parameters.epsilon), parameters.inner_iterations,
            parameters.outer_iterations, parameters.median,
        )  # fmt: skip
        share = scale.height * scale.width / (self.height * self.width)
        self.work.iterations += iterations * share
        self.work.medians += medians * share
