"""Splits that keep source videos whole: clips of one video are never on both sides."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Mapping

from twostream.datasets.clips import SourceClip
from twostream.datasets.listing import TEST, TRAIN
from twostream.errors import TwostreamError

TRAIN_FRACTION = 0.7
VALIDATION_FRACTION = 0.15


def stratified_group_split(
    clips: Iterable[SourceClip],
    *,
    seed: int,
    train_fraction: float = TRAIN_FRACTION,
    kept: Mapping[str, str] | None = None,
) -> Mapping[str, str]:
    """Put every clip on the 'train' or 'test' side: clip_id -> side; no group is on both.

    Each group has a place between 0 and 1 that its name and `seed` alone decide, and trains where that is
    below `train_fraction` (between 0 and 1, exclusive): clips that are added or removed move no others.
    The one exception: a class whose groups would all be on one side gives the nearest of them to the
    other. A class with a single group is all train (`single_group_classes` names them). `kept` are sides
    (clip_id -> side) that stay as they are, and so do those of new clips of the same groups. The order of
    `clips` does not matter. Raises TwostreamError for a fraction out of range.

    >>> from pathlib import Path
    >>> clips = [SourceClip(f"golf/{n}", "golf", Path(f"{n}.avi"), "", f"golf/{n // 2}", None)
    ...          for n in range(20)]
    >>> sides = stratified_group_split(clips, seed=0)
    >>> all(sides[f"golf/{n}"] == sides[f"golf/{n + 1}"] for n in range(0, 20, 2))
    True
    >>> fewer = stratified_group_split(clips[:18], seed=0)
    >>> fewer.items() <= sides.items()
    True
    """
    _check_fraction("train_fraction", train_fraction)
    clips = list(clips)
    kept = kept or {}
    classes = _by_class((name, clip.group, clip.clip_id) for clip in clips for name in clip.names)
    settled = _sides_of_groups(clips, kept)
    places = {clip.group: _place(clip.group, seed=seed) for clip in clips}
    drawn = {
        group: TRAIN if place < train_fraction else TEST for group, place in places.items()
    } | settled
    alone = {group for groups in classes.values() if len(groups) == 1 for group in groups}
    drawn |= dict.fromkeys(alone - settled.keys(), TRAIN)
    settled |= {group: drawn[group] for group in alone}
    for _, groups in sorted(classes.items(), key=lambda item: (len(item[1]), item[0])):
        free = sorted(groups.keys() - settled.keys(), key=lambda group: (places[group], group))
        for lacking in sorted({TRAIN, TEST} - {drawn[group] for group in groups}):
            for group in free if lacking == TRAIN else reversed(free):
                if _can_move(group, drawn, classes):
                    drawn[group] = lacking
                    break
    sides = {clip.clip_id: kept.get(clip.clip_id, drawn[clip.group]) for clip in clips}
    return dict(sorted(sides.items()))


def _place(group: str, *, seed: int) -> float:
    key = f"split/{seed}/{group}".encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.sha256(key).digest()[:6]) / 2**48


def _sides_of_groups(clips: Iterable[SourceClip], kept: Mapping[str, str]) -> dict[str, str]:
    """The sides of groups that have clips with one: that of most of them."""
    counts: dict[str, Counter[str]] = {}
    for clip in clips:
        if clip.clip_id in kept:
            counts.setdefault(clip.group, Counter())[kept[clip.clip_id]] += 1
    return {
        group: max(sorted(found), key=lambda side: found[side]) for group, found in counts.items()
    }


def _can_move(
    group: str, drawn: Mapping[str, str], classes: Mapping[str, Mapping[str, list[str]]]
) -> bool:
    """Whether every class with clips of `group` keeps another group on the side that it leaves."""
    return all(
        any(drawn[other] == drawn[group] for other in groups if other != group)
        for groups in classes.values()
        if group in groups
    )


def single_group_classes(clips: Iterable[SourceClip]) -> tuple[str, ...]:
    """The classes all of whose clips come from one source video, sorted."""
    classes = _by_class((name, clip.group, clip.clip_id) for clip in clips for name in clip.names)
    return tuple(name for name, groups in classes.items() if len(groups) == 1)


def validation_groups(
    clip_ids: Iterable[str],
    labels: Iterable[int],
    groups: Iterable[str],
    *,
    seed: int,
    fraction: float = VALIDATION_FRACTION,
) -> frozenset[str]:
    """The clips to hold out of a training part, whole groups at a time.

    From each class come at least one group, about `fraction` (between 0 and 1, exclusive) of its
    clips, and never all groups. Empty where any class has fewer than two groups, since a class must
    be both learnt and validated. Independent of the order of the clips. Raises TwostreamError for a
    fraction out of range, ValueError for sequences of different lengths.

    >>> held_out = validation_groups(["a", "b", "c", "d"], [0, 0, 1, 1], "wxyz", seed=0)
    >>> len(held_out & {"a", "b"}), len(held_out & {"c", "d"})
    (1, 1)
    >>> validation_groups(["a", "b", "c"], [0, 0, 1], "xyz", seed=0)
    frozenset()
    """
    _check_fraction("fraction", fraction)
    rows = zip(labels, groups, clip_ids, strict=True)
    classes = _by_class((str(label), group, clip_id) for label, group, clip_id in rows)
    if any(len(members) < 2 for members in classes.values()):
        return frozenset()
    held_out = _draw_each(classes, fraction=fraction, key=f"validation/{seed}")
    for members in classes.values():
        # Only groups with clips of several classes can leave a class without one of its two parts.
        if not 0 < len(held_out & members.keys()) < len(members):
            return frozenset()
    return frozenset(
        clip_id
        for members in classes.values()
        for group in held_out & members.keys()
        for clip_id in members[group]
    )


def _by_class(rows: Iterable[tuple[str, str, str]]) -> dict[str, dict[str, list[str]]]:
    """Class -> group -> clips, all sorted, from rows of (class, group, clip)."""
    classes: dict[str, dict[str, list[str]]] = {}
    for class_name, group, clip_id in sorted(rows):
        classes.setdefault(class_name, {}).setdefault(group, []).append(clip_id)
    return classes


def _draw_each(
    classes: Mapping[str, Mapping[str, list[str]]], *, fraction: float, key: str
) -> frozenset[str]:
    """Draw groups from every class, near `fraction` of its clips, and none where there is only one.

    A group with clips of several classes is decided once, by the class with the fewest groups; the
    others draw from their free groups what is still wanted.
    """
    drawn: dict[str, bool] = {}
    for name, groups in sorted(classes.items(), key=lambda item: (len(item[1]), item[0])):
        free = {group: members for group, members in groups.items() if group not in drawn}
        n_free = sum(map(len, free.values()))
        n_all = sum(map(len, groups.values()))
        n_drawn = sum(len(groups[group]) for group in groups if drawn.get(group))
        wanted = (fraction * n_all - n_drawn) / n_free if n_free else 0.0
        if len(groups) == 1:
            chosen: frozenset[str] = frozenset()
        elif wanted >= 1:
            chosen = frozenset(free)
        elif wanted <= 0:
            chosen = frozenset()
        else:
            chosen = _draw(free, fraction=wanted, key=f"{key}/{name}")
        drawn |= {group: group in chosen for group in free}
    return frozenset(group for group, is_drawn in drawn.items() if is_drawn)


def _draw(groups: Mapping[str, list[str]], *, fraction: float, key: str) -> frozenset[str]:
    """Draw some, but not all, of the groups, with as near `fraction` of the clips as they allow.

    Subset sum over the shuffled groups: `reached` has bit s set where some of the groups so far
    have s clips together, and `last` remembers the group with which s was first reached.
    """
    order = list(groups)
    random.Random(key).shuffle(order)
    total = sum(len(members) for members in groups.values())
    below_total = (1 << total) - 1
    reached = 1
    last: dict[int, int] = {}
    for position, group in enumerate(order):
        fresh = (reached << len(groups[group])) & below_total & ~reached
        reached |= fresh
        while fresh:
            size = (fresh & -fresh).bit_length() - 1
            last[size] = position
            fresh &= fresh - 1
    if not last:
        return frozenset()
    target = fraction * total
    size = min(last, key=lambda size: (round(abs(size - target), 9), -size))
    chosen = []
    while size:
        chosen.append(order[last[size]])
        size -= len(groups[chosen[-1]])
    return frozenset(chosen)


def _check_fraction(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise TwostreamError(
            name, expected="a number between 0 and 1", found=str(value), remedy="such as 0.7"
        )
