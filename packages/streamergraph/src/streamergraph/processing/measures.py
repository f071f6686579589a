"""Measures of how much two audiences share."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamergraph.processing.shared_audience import Audiences, SharedAudience


def measure_pairs(shared: SharedAudience, matrix: Audiences) -> pl.DataFrame:
    """Every measure of every pair with a common viewer, in per cent but for `common_viewers`.

    With audiences A and B: overlap |A∩B| / min(|A|, |B|) (Szymkiewicz and Simpson), Jaccard
    |A∩B| / |A∪B|, cosine |A∩B| / √(|A||B|) (Otsuka and Ochiai), shares |A∩B| / |A| and |A∩B| / |B|;
    time-weighted: the overlap with time watched in place of persons, a viewer's common time being
    the smaller of the two.
    """
    sizes = matrix.sizes().astype(float)
    times = matrix.total_samples().astype(float)
    size_a, size_b = sizes[shared.a], sizes[shared.b]
    common = shared.common.astype(float)
    smaller_time = np.minimum(times[shared.a], times[shared.b])
    return pl.DataFrame(
        {
            "a": shared.a,
            "b": shared.b,
            "common_viewers": shared.common,
            "overlap_percent": _percent(common, np.minimum(size_a, size_b)),
            "jaccard": _percent(common, size_a + size_b - common),
            "cosine": _percent(common, np.sqrt(size_a * size_b)),
            "share_a": _percent(common, size_a),
            "share_b": _percent(common, size_b),
            "time_weighted": _percent(shared.common_samples.astype(float), smaller_time),
        }
    )


def chance_p_values(shared: SharedAudience, matrix: Audiences) -> NDArray[np.float64]:
    """The probability of so many common viewers or more if audiences were drawn at random.

    Hypergeometric: |B| viewers drawn from all viewers of anybody, |A| of whom are A's. Small
    values mean that the pair shares more than popularity explains.
    """
    from scipy.stats import hypergeom

    sizes = matrix.sizes()
    p: NDArray[np.float64] = hypergeom.sf(
        shared.common - 1, matrix.n_viewers, sizes[shared.a], sizes[shared.b]
    )
    return np.clip(p, 0.0, 1.0)


def significant(p_values: NDArray[np.float64], *, level: float, tests: int) -> NDArray[np.bool_]:
    """Which pairs are significant at false discovery rate `level` (Benjamini and Hochberg, 1995).

    `tests` counts all pairs, those without a common viewer too.

    >>> significant(np.array([0.001, 0.2, 0.03]), level=0.05, tests=3).tolist()
    [True, False, True]
    """
    order = np.argsort(p_values, kind="stable")
    limits = level * np.arange(1, len(p_values) + 1) / max(1, tests)
    below = np.flatnonzero(p_values[order] <= limits)
    kept = np.zeros(len(p_values), bool)
    if len(below):
        kept[order[: below[-1] + 1]] = True
    return kept


def _percent(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    # Multiplied first: 29 of 100 are 29 then, and not a little less than a threshold of 29.
    return np.divide(100 * part, whole, out=np.zeros_like(part), where=whole > 0)
