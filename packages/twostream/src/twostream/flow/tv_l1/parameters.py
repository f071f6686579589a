"""The parameters of TV-L1 under the field's names, and the two presets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from twostream.errors import TwostreamError

Preset = Literal["exact", "fast"]

MEDIAN_SIZES = (1, 5)


def _require(holds: bool, name: str, expected: str, found: object) -> None:
    if not holds:
        raise TwostreamError(
            f"TV-L1 parameter {name.rstrip('_')}",
            expected=expected,
            found=repr(found),
            remedy="leave it out for the default",
        )


@dataclass(frozen=True, kw_only=True)
class TVL1Parameters:
    """What minimises ``∫ |∇u1| + |∇u2| + λ |I1(x + u) - I0(x)| dx``, coarse to fine.

    The defaults are those of OpenCV's `DualTVL1OpticalFlow`, which data sets of stored flow were
    made with. Symbols are those of Zach, Pock and Bischof (2007), as written down by Sánchez,
    Meinhardt-Llopis and Facciolo (2013), whose names these are.

    Parameters
    ----------
    tau
        τ, time step of the dual variables, no unit; stable up to 0.25.
    lambda_
        λ, weight of the data term, per grey level (0..255): smaller is smoother.
    theta
        θ, tightness: how close the auxiliary flow v must be to u.
    scales
        Images in the pyramid, 1 or more; scales below 16 pixels a side are left out.
    scale_step
        Size of each image relative to the next finer one, between 0 and 1.
    warps
        How often per scale image 1 is warped with the flow so far and linearised again.
    epsilon
        ε, in pixels: the iteration stops when the root mean square change of the flow is below.
    inner_iterations
        Iterations between median filterings, at most.
    outer_iterations
        Median filterings per warp, at most.
    median
        Side of the median filter in pixels: 5, or 1 for none.
    """

    tau: float = 0.25
    lambda_: float = 0.15
    theta: float = 0.3
    scales: int = 5
    scale_step: float = 0.8
    warps: int = 5
    epsilon: float = 0.01
    inner_iterations: int = 30
    outer_iterations: int = 10
    median: int = 5

    def __post_init__(self) -> None:
        for name in ("tau", "lambda_", "theta", "epsilon"):
            value = getattr(self, name)
            _require(
                isinstance(value, int | float) and math.isfinite(value) and value > 0,
                name,
                "a positive number",
                value,
            )
        for name in ("scales", "warps", "inner_iterations", "outer_iterations"):
            value = getattr(self, name)
            _require(isinstance(value, int) and value > 0, name, "a whole number above 0", value)
        _require(0 < self.scale_step < 1, "scale_step", "a number between 0 and 1", self.scale_step)
        _require(self.median in MEDIAN_SIZES, "median", "5, or 1 for none", self.median)

    @classmethod
    def preset(cls, name: Preset) -> TVL1Parameters:
        """The parameters of a preset.

        Raises
        ------
        TwostreamError
            No preset has that name.

        Examples
        --------
        >>> TVL1Parameters.preset("exact") == TVL1Parameters()
        True
        """
        _require(name in _PRESETS, "preset", " or ".join(_PRESETS), name)
        return _PRESETS[name]


_PRESETS: dict[str, TVL1Parameters] = {
    "exact": TVL1Parameters(),
    "fast": TVL1Parameters(scales=5, scale_step=0.65, warps=3, outer_iterations=1),
}
