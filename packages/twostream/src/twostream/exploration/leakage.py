"""Whether the test part of a split holds what was trained on: duplicates and shared source videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twostream.datasets.listing import TEST, TRAIN
from twostream.datasets.manifest import ManifestRow
from twostream.exploration.hashing import alike_pairs
from twostream.exploration.looks import Look


@dataclass(frozen=True)
class Duplicate:
    """Two clips that look alike: mean `bits` of difference, or made from the very same video.

    `leaks` are the splits in which one of them trains and the other tests.
    """

    first: ManifestRow
    second: ManifestRow
    bits: float
    same_video: bool
    leaks: tuple[int, ...]

    @property
    def same_group(self) -> bool:
        """Whether the names say that both come from one source video."""
        return self.first.group == self.second.group


@dataclass(frozen=True)
class SharedSource:
    """A source video with clips on both sides of a split."""

    group: str
    split: int
    train: int
    test: int


def find_duplicates(
    rows: Sequence[ManifestRow], looks: Mapping[str, Look]
) -> tuple[Duplicate, ...]:
    """Pairs of clips that look alike, those that leak first, then the most alike."""
    seen = [row for row in rows if row.clip_id in looks]
    found: dict[tuple[int, int], float] = {
        (pair.first, pair.second): pair.bits
        for pair in alike_pairs([looks[row.clip_id].hashes for row in seen])
    }
    by_video: dict[str, list[int]] = {}
    for position, row in enumerate(seen):
        by_video.setdefault(looks[row.clip_id].video, []).append(position)
    for copies in by_video.values():
        for k, first in enumerate(copies):
            found |= {(first, second): 0.0 for second in copies[k + 1 :]}
    duplicates = [
        Duplicate(
            seen[first],
            seen[second],
            bits,
            looks[seen[first].clip_id].video == looks[seen[second].clip_id].video,
            _leaks(seen[first], seen[second]),
        )
        for (first, second), bits in found.items()
    ]
    return tuple(
        sorted(duplicates, key=lambda d: (not d.leaks, d.bits, d.first.clip_id, d.second.clip_id))
    )


def shared_sources(rows: Sequence[ManifestRow]) -> tuple[SharedSource, ...]:
    """Groups with clips in the training and in the test part of one split."""
    counts: dict[tuple[int, str], dict[str, int]] = {}
    for row in rows:
        for split, side in enumerate(row.splits, start=1):
            if side in (TRAIN, TEST):
                sides = counts.setdefault((split, row.group), {TRAIN: 0, TEST: 0})
                sides[side] += 1
    return tuple(
        SharedSource(group, split, sides[TRAIN], sides[TEST])
        for (split, group), sides in sorted(counts.items())
        if min(sides.values()) > 0
    )


def _leaks(first: ManifestRow, second: ManifestRow) -> tuple[int, ...]:
    return tuple(
        split
        for split, sides in enumerate(zip(first.splits, second.splits, strict=True), start=1)
        if set(sides) == {TRAIN, TEST}
    )
