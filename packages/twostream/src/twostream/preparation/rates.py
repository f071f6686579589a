"""Frame rates of a data set: a step from frame to frame is another time where they differ."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence

DIFFERENT = 0.10  # by which share of the median


def rate_notes(clips: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    """What to tell of clips given as (class, frames per second): nothing where their rates are alike.

    Where rates differ, so does the motion that a flow field holds; where they differ by class, a
    network may tell the classes by their rates alone.

    >>> rate_notes([("run", 25.0), ("walk", 25.0)])
    ()
    >>> rate_notes([("run", 30.0), ("walk", 25.0), ("walk", 25.0)])
    ('frame rates differ, from 25 to 30 a second, and so do the medians of classes (walk 25, run 30): a \
network may know classes by their rates',)
    """
    by_class: dict[str, list[float]] = defaultdict(list)
    for name, rate in clips:
        by_class[name].append(rate)
    rates = [rate for found in by_class.values() for rate in found]
    if not rates or not _differ(rates):
        return ()
    note = f"frame rates differ, from {min(rates):g} to {max(rates):g} a second"
    medians = {name: statistics.median(found) for name, found in by_class.items()}
    if _differ(list(medians.values())):
        slowest = min(medians, key=lambda name: (medians[name], name))
        fastest = max(medians, key=lambda name: (medians[name], name))
        return (
            f"{note}, and so do the medians of classes ({slowest} {medians[slowest]:g}, {fastest} "
            f"{medians[fastest]:g}): a network may know classes by their rates",
        )
    return (f"{note}: the same motion is another number of pixels a step",)


def _differ(rates: Sequence[float]) -> bool:
    return max(rates) - min(rates) > DIFFERENT * statistics.median(rates)
