"""Agreement of two people, or of a person and a network, on what happens when.

Cohen's kappa is (observed - expected) / (1 - expected) agreement, where the expected one is that of two who
put as many units into each class by chance (Cohen, A coefficient of agreement for nominal scales,
Educational and Psychological Measurement 20, 1960). Units are frames, or bouts: bouts are paired by
overlap, and one without a partner is paired with nothing, a cell that both cannot have (Bakeman, Quera and
Gnisci, Observer agreement for timed-event sequential data, Behavior Research Methods 41, 2009).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from twostream.timelines.bouts import Bout

NOTHING, ELSE = "(nothing)", "(else)"
LEAST_OVERLAP = 0.5
Table = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Agreement:
    """How two agree: what one says (first) and what the other says (second), in units.

    `kappa` is None where chance alone would always agree, as with one class.
    """

    table: Table

    @property
    def classes(self) -> tuple[str, ...]:
        """All classes that either says, nothing last."""
        names = {name for pair in self.table for name in pair}
        return (*sorted(names - {NOTHING}), *([NOTHING] if NOTHING in names else []))

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes without nothing."""
        return tuple(name for name in self.classes if name != NOTHING)

    @property
    def units(self) -> int:
        """How many frames, or bouts."""
        return self.table.total()

    @property
    def observed(self) -> float:
        """The share of units on which both agree."""
        same = sum(count for (one, other), count in self.table.items() if one == other)
        return same / self.units if self.units else math.nan

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa."""
        return _kappa(self.table)

    def of_class(self, name: str) -> Agreement:
        """The same for one class and all else."""
        table: Table = Counter()
        for (one, other), count in self.table.items():
            pair = tuple(said if said == name else ELSE for said in (one, other))
            table[pair[0], pair[1]] += count
        return Agreement(table)


def _kappa(table: Mapping[tuple[str, str], int]) -> float | None:
    """Cohen's kappa of a table of (first, second) -> units.

    >>> _kappa({("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15})
    0.4
    """
    total = sum(table.values())
    if not total:
        return None
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    same = 0
    for (one, other), count in table.items():
        first[one] += count
        second[other] += count
        same += count if one == other else 0
    expected = sum(first[name] * second[name] for name in first) / total**2
    if expected >= 1:
        return None
    return round((same / total - expected) / (1 - expected), 12)


def by_frame(
    first: Iterable[Bout],
    second: Iterable[Bout],
    observed_s: Mapping[str, float],
    *,
    fps: float,
    only: str | None = None,
) -> Agreement:
    """Agreement frame by frame; frame k is at (k + 0.5) / `fps` seconds.

    Subjects that either names are compared each on its own. Where several labels hold at once, they
    together are the class, joined by ``+``; with `only`, the classes are that label and nothing. Moments
    are no frames.
    """
    table: Table = Counter()
    ours, theirs = _sequences(first), _sequences(second)
    for video, subject in sorted(ours.keys() | theirs.keys()):
        frames = round(observed_s.get(video, 0.0) * fps)
        one, other = (
            _classes(
                [b for b in some.get((video, subject), ()) if only in (None, b.label)], frames, fps
            )
            for some in (ours, theirs)
        )
        table.update(zip(one, other, strict=True))
    for video in observed_s.keys() - {key[0] for key in ours.keys() | theirs.keys()}:
        table[NOTHING, NOTHING] += round(observed_s[video] * fps)
    return Agreement(+table)


def _sequences(bouts: Iterable[Bout]) -> dict[tuple[str, str], list[Bout]]:
    found: dict[tuple[str, str], list[Bout]] = {}
    for one in bouts:
        found.setdefault((one.video, one.subject), []).append(one)
    return found


def _classes(bouts: Iterable[Bout], frames: int, fps: float) -> list[str]:
    """The class of every frame."""
    labels = sorted({one.label for one in bouts})
    held = np.zeros((len(labels), frames), np.bool_)
    for one in bouts:
        start, end = (max(0, math.ceil(s * fps - 0.5 - 1e-9)) for s in (one.start_s, one.end_s))
        held[labels.index(one.label), start:end] = True
    codes, patterns = _patterns(held)
    names = [
        "+".join(label for label, is_on in zip(labels, pattern, strict=True) if is_on) or NOTHING
        for pattern in patterns
    ]
    return [names[code] for code in codes]


def _patterns(held: npt.NDArray[np.bool_]) -> tuple[list[int], list[list[bool]]]:
    if not held.shape[0]:
        return [0] * held.shape[1], [[]]
    patterns, codes = np.unique(held.T, axis=0, return_inverse=True)
    return codes.ravel().tolist(), patterns.tolist()


def of_same_subjects(
    first: Sequence[Bout], second: Sequence[Bout]
) -> tuple[list[Bout], list[Bout], list[str]]:
    """Both with the subject of a video unnamed where one of them names none and the other but one.

    A network names nobody, and a person may name the only one there is: they mean the same. The videos
    where one names several and the other none stand last: there nothing is of the same subject.

    >>> named, unnamed = Bout("a", "ann", 0, 1, "run"), Bout("a", "", 0, 1, "run")
    >>> of_same_subjects([named], [unnamed])[0] == [unnamed]
    True
    """
    ours, theirs = (_subjects(some) for some in (first, second))
    alike, apart = set(), []
    for video in sorted(ours.keys() & theirs.keys()):
        if {""} in (ours[video], theirs[video]) and not ours[video] & theirs[video]:
            if len(ours[video] | theirs[video]) == 2:
                alike.add(video)
            else:
                apart.append(video)
    one, other = (
        [replace(b, subject="") if b.video in alike else b for b in some]
        for some in (first, second)
    )
    return one, other, apart


def _subjects(bouts: Iterable[Bout]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in bouts:
        found.setdefault(one.video, set()).add(one.subject)
    return found


def by_bout(
    first: Iterable[Bout], second: Iterable[Bout], *, overlap: float = LEAST_OVERLAP
) -> Agreement:
    """Agreement bout by bout: pairs that overlap by at least `overlap` (intersection over union).

    Bouts of one label are paired first, the best overlap before all others; then those of different labels;
    what is left is paired with nothing.
    """
    table: Table = Counter()
    ours, theirs = _sequences(first), _sequences(second)
    for key in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(key, []), theirs.get(key, [])
        pairs = _pairs(one, other, overlap)
        table.update((one[i].label, other[k].label) for i, k in pairs)
        paired, partners = {i for i, _ in pairs}, {k for _, k in pairs}
        table.update((b.label, NOTHING) for i, b in enumerate(one) if i not in paired)
        table.update((NOTHING, b.label) for k, b in enumerate(other) if k not in partners)
    return Agreement(table)


def _pairs(one: Sequence[Bout], other: Sequence[Bout], overlap: float) -> list[tuple[int, int]]:
    ranked = []
    starts = sorted(range(len(other)), key=lambda k: other[k].start_s)
    for i, bout in enumerate(one):
        for k in starts:
            if other[k].start_s >= bout.end_s and other[k].start_s > bout.start_s:
                break
            shared = iou(bout, other[k])
            if shared >= overlap - 1e-9:
                ranked.append((bout.label != other[k].label, -shared, i, k))
    pairs: list[tuple[int, int]] = []
    taken: set[int] = set()
    partners: set[int] = set()
    for _, _, i, k in sorted(ranked):
        if i not in taken and k not in partners:
            taken.add(i)
            partners.add(k)
            pairs.append((i, k))
    return pairs


def iou(one: Bout, other: Bout) -> float:
    """Intersection over union in time; two moments agree where they are within half a second.

    >>> iou(Bout("a", "", 0, 4, "x"), Bout("a", "", 2, 6, "x"))
    0.3333333333333333
    """
    if one.duration_s <= 0 and other.duration_s <= 0:
        return float(abs(one.start_s - other.start_s) <= 0.5)
    shared = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    if shared <= 0:
        return 0.0
    return shared / (one.duration_s + other.duration_s - shared)
