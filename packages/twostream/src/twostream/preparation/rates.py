"""Frame rates of a data set: a step from frame to frame is another time where they differ."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence

DIFFERENT = 0.10  # by which share of the median
SLOWER = 0.99  # 29.97 frames a second are 30


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


def slower_notes(clips: Iterable[tuple[float, float | None]]) -> tuple[str, ...]:
    """What to tell of clips given as (frames per second, those that were asked for).

    >>> slower_notes([(12.0, 30.0), (30.0, 30.0), (29.97, 30.0)])
    ('--fps 30: 1 of 3 clips has fewer frames a second (12): each of its frames is used once, none is \
repeated',)
    >>> slower_notes([(12.0, None)])
    ()
    """
    asked = [(rate, wanted) for rate, wanted in clips if wanted is not None]
    slow = [rate for rate, wanted in asked if rate < SLOWER * wanted]
    if not slow:
        return ()
    rates = f"{min(slow):g}" if min(slow) == max(slow) else f"{min(slow):g} to {max(slow):g}"
    have, their = ("has", "its") if len(slow) == 1 else ("have", "their")
    return (
        f"--fps {asked[0][1]:g}: {len(slow)} of {len(asked)} clips {have} fewer frames a second "
        f"({rates}): each of {their} frames is used once, none is repeated",
    )


def rate_note_of_use(name: str, fps: float, *, trained: tuple[float, float]) -> str | None:
    """What to tell of a clip whose rate is none that a model was trained on; None where it is one.

    `trained` are the lowest and the highest rate of the clips that it learnt from.

    >>> rate_note_of_use("a.mp4", 60.0, trained=(25.0, 30.0))
    'a.mp4: 60 frames a second, where the model learnt from 25 to 30: the same motion is another number of \
pixels a step, and scores may be worse'
    >>> rate_note_of_use("a.mp4", 32.0, trained=(25.0, 30.0)) is None
    True
    """
    lowest, highest = trained
    if (1 - DIFFERENT) * lowest <= fps <= (1 + DIFFERENT) * highest:
        return None
    learnt = f"{lowest:g}" if lowest == highest else f"{lowest:g} to {highest:g}"
    return (
        f"{name}: {fps:g} frames a second, where the model learnt from {learnt}: the same motion is "
        "another number of pixels a step, and scores may be worse"
    )


def _differ(rates: Sequence[float]) -> bool:
    return max(rates) - min(rates) > DIFFERENT * statistics.median(rates)
