"""Measures of how much two audiences share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamergraph.processing import small_pages
from streamergraph.processing.audiences import AudienceTotals
from streamergraph.processing.shared_audience import SharedAudience
from streamergraph.tables.weights import MEASURE_COLUMNS

Numbers = NDArray[np.float64]
PAIRS_AT_A_TIME = 2**14


def measure_pairs(shared: SharedAudience, audiences: AudienceTotals) -> pl.DataFrame:
    """Every measure of these pairs, in per cent but for `common_viewers`; nothing is rounded.

    With audiences A and B: overlap |A∩B| / min(|A|, |B|) (Szymkiewicz and Simpson), Jaccard
    |A∩B| / |A∪B|, cosine |A∩B| / √(|A||B|) (Otsuka and Ochiai), shares |A∩B| / |A| and |A∩B| / |B|;
    time-weighted: the overlap with time watched in place of persons, a viewer's common time being
    the smaller of the two.
    """
    names = ("overlap_percent", "jaccard", "cosine", "share_a", "share_b", "time_weighted")
    columns = {name: small_pages.empty(len(shared), np.float64) for name in names}
    # What is computed on the way stays in the caches.
    for first in range(0, len(shared), PAIRS_AT_A_TIME):
        some = slice(first, first + PAIRS_AT_A_TIME)
        sides = _sides_of(shared.where(some), audiences)
        for name, column in columns.items():
            column[some] = _column(name, sides)
    return pl.DataFrame({"a": shared.a, "b": shared.b, "common_viewers": shared.common, **columns})


def strength(measure: str, shared: SharedAudience, audiences: AudienceTotals) -> Numbers:
    """What `measure` (one of settings.MEASURES) compares with a threshold."""
    return _column(MEASURE_COLUMNS[measure], _sides_of(shared, audiences))


def chance_p_values(shared: SharedAudience, audiences: AudienceTotals) -> Numbers:
    """The probability of so many common viewers or more if audiences were drawn at random.

    Hypergeometric: |B| viewers drawn from all viewers of anybody, |A| of whom are A's. Small
    values mean that the pair shares more than popularity explains.
    """
    from scipy.stats import hypergeom

    sizes = audiences.sizes
    p: Numbers = hypergeom.sf(shared.common - 1, shared.n_viewers, sizes[shared.a], sizes[shared.b])
    return np.clip(p, 0.0, 1.0)


def largest_significant(p_values: Numbers, *, level: float, tests: int) -> float:
    """The largest p-value that is significant at false discovery rate `level`; -1 if none is.

    Benjamini and Hochberg (1995). `tests` counts all pairs, those without a common viewer too; of
    their p-values only those up to `level` need to be here, since no other can be significant.

    >>> largest_significant(np.array([0.001, 0.2, 0.03]), level=0.05, tests=3)
    0.03
    """
    from scipy.stats import false_discovery_control

    if not len(p_values):
        return -1.0
    # The library takes the number of p-values for that of tests. Adjusted ones are proportional to it.
    adjusted = false_discovery_control(p_values, method="bh") * (tests / len(p_values))
    return float(p_values[adjusted <= level].max(initial=-1.0))


@dataclass(frozen=True)
class _Sides:
    """Pairs with the sizes of both audiences; all whole numbers, which floats hold exactly."""

    shared: SharedAudience
    minutes: NDArray[np.int64]  # by streamer
    common: Numbers
    size_a: Numbers
    size_b: Numbers

    def fewer_minutes(self) -> Numbers:
        """The smaller of the two times that audiences watched."""
        fewer = np.minimum(self.minutes[self.shared.a], self.minutes[self.shared.b])
        return fewer.astype(float)


def _sides_of(shared: SharedAudience, audiences: AudienceTotals) -> _Sides:
    sizes = audiences.sizes.astype(float)
    common = shared.common.astype(float)
    return _Sides(shared, audiences.minutes, common, sizes[shared.a], sizes[shared.b])


def _column(name: str, of: _Sides) -> Numbers:
    match name:
        case "common_viewers":
            return of.common
        case "overlap_percent":
            return _percent(of.common, np.minimum(of.size_a, of.size_b))
        case "jaccard":
            return _percent(of.common, of.size_a + of.size_b - of.common)
        case "cosine":
            return _percent(of.common, np.sqrt(of.size_a * of.size_b))
        case "share_a":
            return _percent(of.common, of.size_a)
        case "share_b":
            return _percent(of.common, of.size_b)
        case "time_weighted":
            return _percent(of.shared.common_minutes.astype(float), of.fewer_minutes())
    raise ValueError(name)


def _percent(part: Numbers, whole: Numbers) -> Numbers:
    # One division of whole numbers, correctly rounded: 29 of 100 are 29 per cent, whereas 100 times
    # 0.29 is a little less and would miss a threshold of 29.
    found = 100 * part
    with np.errstate(divide="ignore", invalid="ignore"):
        np.divide(found, whole, out=found)
    found[whole <= 0] = 0
    return found
