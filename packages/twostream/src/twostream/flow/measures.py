"""How far an estimated flow is from the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twostream.errors import TwostreamError
from twostream.flow.flo import UNKNOWN_ABOVE

Flow = NDArray[np.float32]

OUTLIER_PX, OUTLIER_SHARE = 3.0, 0.05


@dataclass(frozen=True)
class FlowErrors:
    """End-point errors in pixels over the pixels whose true flow is known; shares are fractions of 1."""

    pixels: int
    epe_mean: float
    epe_median: float
    epe_p99: float
    beyond_1px: float
    beyond_3px: float
    outliers: float
    """More than 3 px and more than 5 % of the true motion off, as KITTI counts."""


def end_point_error(estimate: Flow, truth: Flow) -> NDArray[np.float32]:
    """The length of the difference of two flows, `(H, W)` in pixels; NaN where the truth is unknown.

    Raises
    ------
    TwostreamError
        The flows have different shapes.

    Examples
    --------
    >>> end_point_error(np.zeros((1, 2, 2), np.float32), np.float32([[[3, 4], [1e10, 0]]]))
    array([[ 5., nan]], dtype=float32)
    """
    if estimate.shape != truth.shape or truth.ndim != 3 or truth.shape[2] != 2:
        raise TwostreamError(
            "estimate",
            expected=f"flow of the truth's shape {truth.shape}",
            found=f"shape {estimate.shape}",
            remedy="compare flows of the same frames",
        )
    known: NDArray[np.bool_] = np.all(np.abs(truth) < UNKNOWN_ABOVE, axis=2)
    difference = np.where(known[..., None], estimate - truth, np.nan)
    error: NDArray[np.float32] = np.hypot(difference[..., 0], difference[..., 1])
    return error


def flow_errors(estimate: Flow, truth: Flow) -> FlowErrors:
    """Measure an estimated flow against the truth.

    Raises
    ------
    TwostreamError
        Different shapes, a truth that is nowhere known, or an estimate with NaN or infinity.

    Examples
    --------
    >>> truth = np.full((4, 4, 2), 10, np.float32)
    >>> errors = flow_errors(truth + np.float32([0.5, 0]), truth)
    >>> errors.epe_mean, errors.outliers
    (0.5, 0.0)
    """
    field = end_point_error(estimate, truth)
    known = ~np.isnan(field) if np.isfinite(estimate).all() else np.zeros(field.shape, bool)
    if not known.any():
        raise TwostreamError(
            "flow",
            expected="known true flow and a finite estimate",
            found="no pixel to compare",
            remedy="check both files",
        )
    error, motion = field[known], np.hypot(truth[..., 0], truth[..., 1])[known]
    outlier = (error > OUTLIER_PX) & (error > OUTLIER_SHARE * motion)
    return FlowErrors(
        pixels=int(known.sum()),
        epe_mean=float(error.mean()),
        epe_median=float(np.median(error)),
        epe_p99=float(np.percentile(error, 99)),
        beyond_1px=float((error > 1).mean()),
        beyond_3px=float((error > 3).mean()),
        outliers=float(outlier.mean()),
    )
