"""Part of a data set: some of its classes, a few of its clips."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from twostream.datasets.clips import Dataset, SourceClip
from twostream.datasets.listing import TEST, TRAIN, UNUSED, VAL
from twostream.datasets.spellings import plain_spelling
from twostream.errors import TwostreamError
from twostream.suggestions import nearest

# What a few clips of a class should look like: the usual 70/30, with some to select on if there are.
SHARES = {TRAIN: 0.6, TEST: 0.3, VAL: 0.1, UNUSED: 0.0}


@dataclass(frozen=True)
class Selection:
    """What to take of a source: `classes` by name (empty: all), at most `limit` clips (None: all)."""

    classes: tuple[str, ...] = ()
    limit: int | None = None

    def __post_init__(self) -> None:
        """Refuse limits that leave nothing."""
        if self.limit is not None and self.limit < 2:
            raise TwostreamError(
                "--limit",
                expected="at least 2 clips",
                found=str(self.limit),
                remedy="raise it, or leave it out for all clips",
            )


ALL = Selection()


def parse_classes(text: str | None) -> tuple[str, ...]:
    """Class names from ``a,b,c``; each once, in the order given; empty for None.

    >>> parse_classes("run, walk,run")
    ('run', 'walk')
    """
    if text is None:
        return ()
    names = tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
    if not names:
        raise TwostreamError(
            "--classes",
            expected="names of classes, such as run,walk",
            found=repr(text),
            remedy="name at least two, or leave it out for all",
        )
    return names


def chosen_classes(present: Collection[str], wanted: Sequence[str]) -> frozenset[str]:
    """Those of `present` that are `wanted`: the same name, else the same but for case and Unicode.

    Raises TwostreamError for a name that is not there, with the nearest that is, and for fewer than
    two classes.

    >>> sorted(chosen_classes(["Run", "walk", "wave"], ["run", "wave"]))
    ['Run', 'wave']
    """
    folded: dict[str, list[str]] = {}
    for name in present:
        folded.setdefault(plain_spelling(name), []).append(name)
    chosen = set()
    for name in wanted:
        same = [name] if name in present else folded.get(plain_spelling(name), [])
        if not same:
            raise _unknown(name, sorted(present))
        chosen.update(same)
    if len(chosen) < 2:
        raise TwostreamError(
            "--classes",
            expected="at least two classes",
            found=f"only {', '.join(sorted(chosen))}",
            remedy="name another one, with a comma between them",
        )
    return frozenset(chosen)


def limit_clips(
    dataset: Dataset,
    limit: int,
    *,
    first: Collection[str] = frozenset(),
    in_folds: bool = False,
) -> Dataset:
    """At most `limit` clips of `dataset`, evenly over its classes; of each class those in `first` first.

    Classes take turns, and within a class the sides of the first split do, train before test; `in_folds`,
    the splits by which of them tests a clip, and one that then tests none is no split. Which
    clips those are depends on their names and sides alone, so that a greater limit only adds clips. Raises
    TwostreamError where a class would be left without any.
    """
    if limit < len(dataset.classes):
        raise TwostreamError(
            "--limit",
            expected=f"at least one clip for each of {len(dataset.classes)} classes",
            found=str(limit),
            remedy="raise it, or choose fewer --classes",
        )
    if limit >= len(dataset.clips):
        return dataset
    sides = dataset.splits[min(dataset.splits)]
    shares: Mapping[str, float] = SHARES
    if in_folds:
        sides = {
            clip_id: str(number)
            for number, found in dataset.splits.items()
            for clip_id, side in found.items()
            if side == TEST
        }
        shares = dict.fromkeys(map(str, dataset.splits), 1 / len(dataset.splits))
    queues = {}
    for name in dataset.classes:
        of_class = _of_class(dataset, name)
        known = [clip for clip in of_class if clip.clip_id in first]
        others = [clip for clip in of_class if clip.clip_id not in first]
        queues[name] = _in_turn(known, sides, shares) + _in_turn(others, sides, shares)
    kept: set[str] = set()
    turn = 0
    while len(kept) < limit:
        for clips in queues.values():
            if turn < len(clips) and len(kept) < limit:
                kept.add(clips[turn].clip_id)
        turn += 1
    return replace(
        dataset,
        clips=tuple(clip for clip in dataset.clips if clip.clip_id in kept),
        splits={
            number: {clip_id: side for clip_id, side in sides.items() if clip_id in kept}
            for number, sides in dataset.splits.items()
            if not in_folds or any(sides[clip_id] == TEST for clip_id in kept)
        },
        notes=(*dataset.notes, f"limited to {limit} of {len(dataset.clips)} clips"),
        left_out_by_limit=len(dataset.clips) - len(kept),
    )


def _of_class(dataset: Dataset, class_name: str) -> list[SourceClip]:
    return [clip for clip in dataset.clips if clip.class_name == class_name]


def _in_turn(
    clips: Sequence[SourceClip], sides: Mapping[str, str], shares: Mapping[str, float]
) -> list[SourceClip]:
    """The clips so that any first few of them have sides in proportion."""
    waiting: dict[str, list[SourceClip]] = {}
    for clip in sorted(clips, key=_scattered, reverse=True):
        waiting.setdefault(sides[clip.clip_id], []).append(clip)
    ordered: list[SourceClip] = []
    taken: Counter[str] = Counter()
    while any(waiting.values()):
        there = [side for side in shares if waiting.get(side)]
        total = len(ordered) + 1
        side = max(there, key=lambda side: shares[side] * total - taken[side])
        ordered.append(waiting[side].pop())
        taken[side] += 1
    return ordered


def _scattered(clip: SourceClip) -> bytes:
    """A key without relation to the name: neighbours are often cut from one video."""
    return hashlib.sha256(clip.clip_id.encode("utf-8", "surrogateescape")).digest()


def _unknown(name: str, present: Sequence[str]) -> TwostreamError:
    near = nearest(name, present, cutoff=0.5)
    shown = ", ".join(present[:10]) + (", …" if len(present) > 10 else "")
    return TwostreamError(
        "--classes",
        expected=f"names of classes: {shown}",
        found=repr(name),
        remedy="see the folder" if near is None else f"did you mean {near!r}?",
    )
