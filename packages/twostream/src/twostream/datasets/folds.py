"""Folds: several splits in which every clip is tested exactly once, source videos whole.

The draw begins with a fold for each source video that its name and the seed alone decide, and then moves as
few of them as it takes to give every class, and the folds as a whole, about the same number of clips.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from twostream.choices import LeaveOut
from twostream.datasets.clips import SourceClip
from twostream.datasets.listing import TEST, TRAIN
from twostream.errors import TwostreamError

MOST_SPLITS = 1000
FEWEST_FOLDS = 2


@dataclass(frozen=True)
class Folds:
    """What is left out of the training of each split: one of `count` folds, or one source or subject.

    Raises TwostreamError where both are asked for, or neither.
    """

    count: int | None = None
    leave_out: LeaveOut | None = None

    def __post_init__(self) -> None:
        """Refuse two ways at once."""
        if (self.count is None) == (self.leave_out is None):
            raise TwostreamError(
                "--folds",
                expected="a number of folds, or --leave-out source or subject",
                found="both" if self.count is not None else "neither",
                remedy="leave one of the two out",
            )

    @property
    def what(self) -> str:
        """What every split leaves out, in words."""
        return {"source": "source video", "subject": "subject"}.get(self.leave_out or "", "fold")


def fold_of_clips(
    clips: Iterable[SourceClip],
    folds: Folds,
    *,
    seed: int,
    kept: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """The fold from 1 on in which each clip is tested: clip_id -> fold; no group is in two.

    `kept` are folds (clip_id -> fold) that stay as they are, and so do those of new clips of the same
    groups; only groups that are new are placed, where they are most wanted. With `leave_out`, every group
    has a fold of its own, in the order of their names; new ones come last. The order of `clips` does not
    matter. Raises TwostreamError for more folds than groups, and where a fold would leave fewer than two
    classes to train on.

    >>> from pathlib import Path
    >>> clips = [SourceClip(f"golf/{n}", "golf", Path(f"{n}.avi"), "", f"golf/{n // 2}", None)
    ...          for n in range(12)] + [SourceClip("run/a", "run", Path("a.avi"), "", "run/a", None),
    ...          SourceClip("run/b", "run", Path("b.avi"), "", "run/b", None),
    ...          SourceClip("sit/a", "sit", Path("a.avi"), "", "sit/a", None)]
    >>> found = fold_of_clips(clips, Folds(3), seed=0)
    >>> sorted(Counter(found[clip.clip_id] for clip in clips[:12]).values())
    [4, 4, 4]
    >>> all(found[f"golf/{n}"] == found[f"golf/{n + 1}"] for n in range(0, 12, 2))
    True
    """
    clips = list(clips)
    kept = kept or {}
    settled = _folds_of_groups(clips, kept)
    groups = _sizes(clips)
    _check_count(folds, groups, settled)
    if folds.count is None:
        of_group = _one_each(groups, settled)
    else:
        of_group = _balanced(groups, settled, count=folds.count, seed=seed)
    found = {clip.clip_id: kept.get(clip.clip_id, of_group[clip.group]) for clip in clips}
    _check_classes(folds, clips, found)
    return dict(sorted(found.items()))


def splits_of_folds(fold_of: Mapping[str, int]) -> dict[int, dict[str, str]]:
    """Split number -> clip_id -> side: in split k, fold k is tested and all others train.

    >>> splits_of_folds({"a": 1, "b": 2})
    {1: {'a': 'test', 'b': 'train'}, 2: {'a': 'train', 'b': 'test'}}
    """
    return {
        number: {clip_id: TEST if fold == number else TRAIN for clip_id, fold in fold_of.items()}
        for number in sorted(set(fold_of.values()))
    }


def fold_of_sides(sides: Sequence[str | None]) -> int | None:
    """The fold of a clip with these sides in splits 1, 2, …; None where it is not tested exactly once.

    >>> fold_of_sides(("train", "test", "train")), fold_of_sides(("train", "train"))
    (2, None)
    """
    tested = [number for number, side in enumerate(sides, start=1) if side == TEST]
    others = {side for side in sides if side not in (TEST, None)}
    return tested[0] if len(tested) == 1 and others <= {TRAIN} else None


def are_folds(sides: Iterable[Sequence[str | None]]) -> bool:
    """Whether clips with these sides in splits 1, 2, … are each tested exactly once, in several splits.

    >>> are_folds([("test", "train"), ("train", "test")]), are_folds([("test",), ("train",)])
    (True, False)
    """
    return all(len(found) > 1 and fold_of_sides(found) for found in sides)


Sizes = dict[str, Counter[str]]


def _sizes(clips: Iterable[SourceClip]) -> Sizes:
    """Group -> class -> clips."""
    sizes: Sizes = {}
    for clip in clips:
        sizes.setdefault(clip.group, Counter()).update(clip.names)
    return dict(sorted(sizes.items()))


def _folds_of_groups(clips: Iterable[SourceClip], kept: Mapping[str, int]) -> dict[str, int]:
    """The folds of groups that have clips with one: that of most of them."""
    counts: dict[str, Counter[int]] = {}
    for clip in clips:
        if clip.clip_id in kept:
            counts.setdefault(clip.group, Counter())[kept[clip.clip_id]] += 1
    return {
        group: max(sorted(found), key=lambda fold: found[fold]) for group, found in counts.items()
    }


def _one_each(groups: Sizes, settled: Mapping[str, int]) -> dict[str, int]:
    found = dict(settled)
    following = max(settled.values(), default=0)
    for group in sorted(groups, key=_natural):
        if group not in found:
            following += 1
            found[group] = following
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    """A key by which ``g10`` comes after ``g9``."""
    parts = re.split(r"(\d+)", name)
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]


def _balanced(
    groups: Sizes, settled: Mapping[str, int], *, count: int, seed: int
) -> dict[str, int]:
    """Folds of all groups: those by name, moved until no single move makes them more even.

    What is made even is, first, the clips of each class over the folds, then the clips of all classes
    (the sums of squares, which every move lowers).
    """
    weights = {group: _hashed(f"folds/{seed}/{group}") for group in groups}
    found = {
        group: settled[group] if group in settled else 1 + weights[group] % count
        for group in groups
    }
    loads = _Loads(groups, found, count)
    free = sorted(groups.keys() - settled.keys(), key=lambda group: (weights[group], group))
    classes = sorted({name for sizes in groups.values() for name in sizes})
    of_class = {name: [group for group in free if name in groups[group]] for name in classes}
    of_class[""] = free  # all classes together
    moved = True
    while moved:
        moved = False
        for name, members in of_class.items():
            while (move := loads.best_move(name, members, found)) is not None:
                loads.move(*move, found)
                moved = True
    return found


class _Loads:
    """Clips of each class, and of all ("" as a class), in each fold."""

    def __init__(self, groups: Sizes, found: Mapping[str, int], count: int) -> None:
        self.sizes = {group: {**sizes, "": sum(sizes.values())} for group, sizes in groups.items()}
        self.numbers = range(1, count + 1)
        self.clips: dict[str, Counter[int]] = {}
        for group, sizes in self.sizes.items():
            for name, size in sizes.items():
                self.clips.setdefault(name, Counter())[found[group]] += size

    def move(self, group: str, fold: int, found: dict[str, int]) -> None:
        for name, size in self.sizes[group].items():
            self.clips[name][found[group]] -= size
            self.clips[name][fold] += size
        found[group] = fold

    def best_move(
        self, name: str, members: Sequence[str], found: Mapping[str, int]
    ) -> tuple[str, int] | None:
        """The group and its new fold that even out the class `name` most; None where no move does."""
        load = self.clips[name]
        by_fold: dict[int, list[str]] = {}
        for group in members:
            by_fold.setdefault(found[group], []).append(group)
        for origin, fold in _pairs(load, self.numbers):
            gains = [(self._gain(group, origin, fold), group) for group in by_fold.get(origin, ())]
            best = min(
                gains, key=lambda item: item[0], default=None
            )  # of equals, the first by name
            if best is not None and best[0] < (0, 0):
                return best[1], fold
        return None

    def _gain(self, group: str, origin: int, fold: int) -> tuple[int, int]:
        """By how much a move changes the sums of squares, of the classes and of all clips."""
        by_class = {
            name: size * (size - (self.clips[name][origin] - self.clips[name][fold]))
            for name, size in self.sizes[group].items()
        }
        of_all = by_class.pop("")
        return sum(by_class.values()), of_all


def _pairs(load: Mapping[int, int], numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """From the fullest fold to every emptier one, and from every fuller one to the emptiest."""
    ordered = sorted(numbers, key=lambda fold: (load[fold], fold))
    emptiest, fullest = ordered[0], ordered[-1]
    for fold in ordered:
        if load[fold] < load[fullest]:
            yield fullest, fold
    for fold in reversed(ordered[:-1]):
        if load[fold] > load[emptiest]:
            yield fold, emptiest


def _hashed(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()[:8])


def _check_count(folds: Folds, groups: Sizes, settled: Mapping[str, int]) -> None:
    what = "subjects" if folds.leave_out == "subject" else "source videos"
    flag = "--folds" if folds.leave_out is None else "--leave-out"
    wanted = folds.count or FEWEST_FOLDS
    if len(groups) < wanted:
        raise TwostreamError(
            flag,
            expected=f"{folds.count} folds of at least one source video each"
            if folds.count
            else f"at least 2 {what}",
            found=f"{len(groups)} {what if len(groups) != 1 else what[:-1]}",
            remedy=f"--folds {len(groups)}" if len(groups) >= FEWEST_FOLDS else "add others",
        )
    n_splits = folds.count or max(len(groups), *settled.values(), 0)
    if n_splits > MOST_SPLITS:
        raise TwostreamError(
            flag,
            expected=f"at most {MOST_SPLITS} splits",
            found=f"{n_splits}, each of which trains networks of its own",
            remedy="--folds 10",
        )


def _check_classes(folds: Folds, clips: Sequence[SourceClip], found: Mapping[str, int]) -> None:
    classes = {name for clip in clips for name in clip.names}
    for number in sorted(set(found.values())):
        learnt = {name for clip in clips if found[clip.clip_id] != number for name in clip.names}
        if len(learnt) < min(2, len(classes)):
            flag = "--folds" if folds.leave_out is None else "--leave-out"
            raise TwostreamError(
                flag,
                expected="clips of at least 2 classes to train on in every split",
                found=f"{', '.join(sorted(learnt)) or 'none'} alone without {folds.what} {number}",
                remedy="add source videos, or have fewer folds",
            )
