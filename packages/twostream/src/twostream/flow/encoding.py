"""Flow as 8-bit codes, so that it can be stored as grey pictures."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twostream.errors import TwostreamError

ZERO_CODE = 128
"""The code of zero motion."""

_STEPS = 127
"""Codes on either side of zero: 1..255 is symmetric, so a mirrored clip has exact codes."""


def encode_flow(flow: NDArray[np.floating], *, bound_px: float) -> NDArray[np.uint8]:
    """Quantise flow to codes 1..255, with zero motion exactly at code 128.

    ``code = 128 + round(127 · clamp(flow, ±bound) / bound)``: inside the bound the error is at most
    half a step of ``bound / 127`` pixels; beyond it motion is clamped.

    Parameters
    ----------
    flow
        Displacements in pixels, any shape (usually ``(H, W, 2)``), finite or infinite, not NaN.
    bound_px
        Largest displacement that can be told apart, in pixels, above 0.

    Returns
    -------
    uint8 codes, shape of `flow`.

    Raises
    ------
    TwostreamError
        NaN in `flow`, or a bound that is not a positive number.

    Examples
    --------
    >>> encode_flow(np.float32([-30, -20, 0, 0.16, 20]), bound_px=20)
    array([  1,   1, 128, 129, 255], dtype=uint8)
    """
    _check_bound(bound_px)
    # One allocation and passes in place: this runs for every stored frame.
    steps = np.multiply(flow, _STEPS / bound_px, dtype=np.float32)
    if np.isnan(steps).any():
        raise TwostreamError(
            "flow", expected="numbers", found="NaN", remedy="compute the flow from finite frames"
        )
    np.rint(steps, out=steps)
    np.clip(steps, -_STEPS, _STEPS, out=steps)
    steps += ZERO_CODE
    codes: NDArray[np.uint8] = steps.astype(np.uint8)
    return codes


def decode_flow(codes: ArrayLike, *, bound_px: float) -> NDArray[np.float32]:
    """The displacements that codes stand for: ``(code - 128) · bound / 127`` pixels.

    Code 0, which `encode_flow` never writes but JPEG compression may produce, decodes like code 1.

    Examples
    --------
    >>> decode_flow(np.uint8([0, 1, 128, 255]), bound_px=20)
    array([-20., -20.,   0.,  20.], dtype=float32)
    """
    _check_bound(bound_px)
    steps = np.asarray(codes).astype(np.float32)
    steps -= ZERO_CODE
    np.maximum(steps, -_STEPS, out=steps)
    steps *= np.float32(bound_px / _STEPS)
    return steps


def negate_codes(codes: ArrayLike, *, out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """The codes of the opposite motion: ``256 - code`` (0 and 1 both become 255); `out` may be `codes`.

    A horizontally flipped clip needs the x component negated; on codes that is exact.

    Examples
    --------
    >>> negate_codes(np.uint8([0, 1, 127, 128, 255]))
    array([255, 255, 129, 128,   1], dtype=uint8)
    """
    # uint8 wraps: 256 - code, but for 0. Comparing is several times as fast here as `np.maximum` before it.
    negated: NDArray[np.uint8] = np.negative(np.asarray(codes, dtype=np.uint8), out=out)
    zero = np.asarray(negated == 0)
    return np.subtract(negated, zero.view(np.uint8), out=out)


def _check_bound(bound_px: float) -> None:
    if not (math.isfinite(bound_px) and bound_px > 0):
        raise TwostreamError(
            "bound", expected="a positive number of pixels", found=repr(bound_px), remedy="try 20"
        )
