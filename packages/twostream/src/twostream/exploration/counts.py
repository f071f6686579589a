"""Counts of a manifest: classes, splits, meta tags, source videos, sizes and lengths."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median

from twostream.datasets.listing import TEST, TRAIN, UNUSED, VAL
from twostream.datasets.manifest import Manifest, ManifestRow

TAGS = {
    "body_parts": "visible body parts",
    "camera_motion": "camera motion",
    "people": "people",
    "viewpoint": "viewpoint",
    "quality": "video quality",
}


@dataclass(frozen=True)
class ClassCount:
    """One class: clips, source videos, frames in all, and the middle and mean duration in seconds."""

    name: str
    clips: int
    groups: int
    frames: int
    median_seconds: float
    mean_seconds: float


@dataclass(frozen=True)
class SplitCount:
    """One class in one split."""

    split: int
    name: str
    train: int
    val: int
    test: int
    unused: int

    @property
    def used(self) -> int:
        """Clips on any side."""
        return self.train + self.val + self.test

    @property
    def train_share(self) -> float | None:
        """Share of the used clips that train; None where none is used."""
        return self.train / self.used if self.used else None


@dataclass(frozen=True)
class TagCount:
    """Clips with one value of one tag; `name` is the class, empty for all classes."""

    tag: str
    value: str
    name: str
    clips: int


@dataclass(frozen=True)
class SourceCount:
    """One source video of a class, by title or group, and its clips."""

    name: str
    title: str
    clips: int


@dataclass(frozen=True)
class Bin:
    """Clips whose value lies in `low` <= value < `high` (the last bin includes its end)."""

    low: float
    high: float
    clips: int


def class_counts(manifest: Manifest) -> list[ClassCount]:
    """One row a class, in the order of labels."""
    counts = []
    for name in manifest.counted:
        rows = [row for row in manifest.rows if name in row.names]
        seconds = [row.duration_seconds for row in rows]
        counts.append(
            ClassCount(
                name,
                len(rows),
                len({row.group for row in rows}),
                sum(row.frames for row in rows),
                median(seconds),
                mean(seconds),
            )
        )
    return counts


def split_counts(manifest: Manifest) -> list[SplitCount]:
    """One row for each split and class."""
    counts = []
    for split in manifest.split_numbers:
        sides = Counter(
            (name, row.splits[split - 1]) for row in manifest.rows for name in row.names
        )
        counts += [
            SplitCount(split, name, *(sides[name, side] for side in (TRAIN, VAL, TEST, UNUSED)))
            for name in manifest.counted
        ]
    return counts


def tag_counts(manifest: Manifest) -> list[TagCount]:
    """Every tag's values, overall and by class; empty where the names hold no tags."""
    counts: list[TagCount] = []
    for tag in TAGS:
        for name in ("", *manifest.classes):
            values = Counter(
                getattr(row, tag)
                for row in manifest.rows
                if getattr(row, tag) is not None and name in ("", *row.names)
            )
            counts += [TagCount(tag, str(v), name, values[v]) for v in sorted(values)]
    return counts


def source_counts(manifest: Manifest) -> list[SourceCount]:
    """Clips by class and title (or group), the largest first within a class."""
    counts = Counter((name, _title(row)) for row in manifest.rows for name in row.names)
    order = {name: position for position, name in enumerate(manifest.counted)}
    ranked = sorted(counts.items(), key=lambda item: (order[item[0][0]], -item[1], item[0][1]))
    return [SourceCount(name, title, clips) for (name, title), clips in ranked]


def _title(row: ManifestRow) -> str:
    return row.group.removeprefix(f"{row.class_name}/")


def histogram(values: Sequence[float], *, most_bins: int = 16) -> list[Bin]:
    """Counts in bins with round borders, so few that they can be read.

    >>> [(b.low, b.high, b.clips) for b in histogram([1, 2, 2, 9], most_bins=5)]
    [(0, 2, 1), (2, 4, 2), (4, 6, 0), (6, 8, 0), (8, 10, 1)]
    """
    low, high = min(values), max(values)
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / most_bins))
    width = next(
        step * power
        for step in (1, 2, 5, 10, 20, 50)
        if math.floor(high / (step * power)) - math.floor(low / (step * power)) < most_bins
    )
    width = int(width) if width >= 1 else width
    first, last = math.floor(low / width), math.floor(high / width)
    counted = Counter(math.floor(value / width) for value in values)
    return [Bin(k * width, (k + 1) * width, counted[k]) for k in range(first, last + 1)]


def common(values: Iterable[object]) -> list[tuple[str, int]]:
    """Values with their counts, the most frequent first."""
    counts = Counter(map(str, values))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
