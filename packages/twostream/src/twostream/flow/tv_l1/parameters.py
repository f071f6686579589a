"""The parameters of TV-L1 under the field's names, and the presets."""

from __future__ import annotations

import math
from dataclasses import dataclass

from twostream.choices import Preset as Preset
from twostream.errors import TwostreamError
from twostream.fingerprints import added_field

MEDIAN_SIZES = (1, 5)
# Least and most: wide, but within them single precision has room for every product.
RANGES = {"tau": (1e-6, 1), "lambda_": (1e-6, 1e4), "theta": (1e-3, 1e3), "epsilon": (1e-6, 1e3)}


def _require(holds: bool, name: str, expected: str, found: object) -> None:
    if not holds:
        raise TwostreamError(
            f"TV-L1 parameter {name.rstrip('_')}",
            expected=expected,
            found=repr(found),
            remedy="leave it out for the default",
        )


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True, kw_only=True)
class TVL1Parameters:
    """What minimises ``∫ |∇u1| + |∇u2| + λ |I1(x + u) - I0(x)| dx``, coarse to fine.

    The defaults are those of OpenCV's `DualTVL1OpticalFlow`, which data sets of stored flow were
    made with; so are the names. Sources: [Z] Zach, Pock and Bischof (2007), [S] Sánchez,
    Meinhardt-Llopis and Facciolo (2013), [W] Wedel, Pock, Zach, Bischof and Cremers (2009),
    [O] OpenCV alone.

    Parameters
    ----------
    tau
        τ, no unit, 1e-6 to 1: time step of the dual variables p. The fixed point iteration of [Z]
        and [S] is stable up to 0.25.
    lambda_
        λ, per grey level (0..255), 1e-6 to 10000: weight of the data term; smaller is smoother. [Z], [S]
    theta
        θ, pixels squared, 0.001 to 1000: tightness, how close the auxiliary flow v must stay to u; the
        coupling is |u - v|² / 2θ. [Z], [S]
    scales
        N_scales, a number, 1 or more: images in the pyramid. Scales below 16 pixels a side are left
        out. [S]
    scale_step
        η, no unit, between 0 and 1: size of an image relative to the next finer one. [S], where it
        is called the zoom factor and is 0.5
    warps
        N_warps, a number, 1 or more: how often per scale image 1 is warped with the flow so far and
        linearised again. [Z], [S]
    epsilon
        ε, pixels, 1e-6 to 1000: the iteration stops when the root mean square change of the flow is
        below. [S]
    inner_iterations
        No symbol, a number, 1 or more: at most so many iterations between median filterings. [O]
    outer_iterations
        No symbol, a number, 1 or more: at most so many median filterings per warp. [O]; with
        `inner_iterations` it bounds what is one maximal number of iterations in [S]
    median
        No symbol, pixels: side of the median filter of the flow, 5, or 1 for none. [W], as in [O]
    restart
        No symbol, a number, 0 or more: how many scales below the full image a second flow starts from
        zero, to be fused with the one from the coarser scales; 0 for none. `fusion` has the sources

    References
    ----------
    [Z] A Duality Based Approach for Realtime TV-L1 Optical Flow. DAGM 2007.
    doi:10.1007/978-3-540-74936-3_22

    [S] TV-L1 Optical Flow Estimation. Image Processing On Line 3, 2013. doi:10.5201/ipol.2013.26

    [W] An Improved Algorithm for TV-L1 Optical Flow. Statistical and Geometrical Approaches to Visual
    Motion Analysis, LNCS 5604, 2009. doi:10.1007/978-3-642-03061-1_2
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
    restart: int = added_field(0, before=0)

    def __post_init__(self) -> None:
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            fits = _is_finite(value) and least <= value <= most
            _require(fits, name, f"a number from {least:g} to {most:g}", value)
        for name in ("scales", "warps", "inner_iterations", "outer_iterations"):
            value = getattr(self, name)
            _require(_is_whole(value) and value > 0, name, "a whole number above 0", value)
        restarts = _is_whole(self.restart) and self.restart >= 0
        _require(restarts, "restart", "a whole number, 0 for none", self.restart)
        step = self.scale_step
        _require(_is_finite(step) and 0 < step < 1, "scale_step", "a number between 0 and 1", step)
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
    # As many scales as there are above 16 pixels a side, and a second flow from where `exact` starts.
    # Tuned on generated scenes; how, and what it costs and gains, is in docs/optical-flow.md.
    "deep": TVL1Parameters(scales=40, warps=3, inner_iterations=50, outer_iterations=1, restart=4),
}
