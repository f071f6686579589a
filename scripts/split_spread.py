"""How near drawn splits come to 70/30, how even folds are, and how many clips move when one is added.

Draws splits of made-up names of two classes with many seeds and prints a table; needs no videos.

    python scripts/split_spread.py [SEEDS]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from twostream.datasets.clips import SourceClip
from twostream.datasets.folds import Folds, fold_of_clips
from twostream.datasets.splits import stratified_group_split

# Source videos a class, and clips a source video.
SHAPES = ((10, 1), (20, 1), (50, 1), (500, 1), (25, 5), (100, 5))
FOLDS = 5


def clips_of(sources: int, each: int, *, more: int = 0) -> list[SourceClip]:
    """Clips of two classes, the first with `more` source videos."""
    return [
        SourceClip(f"{name}/{g}-{c}", name, Path(f"{g}-{c}"), "", f"{name}/{g}", None)
        for name, count in (("a", sources + more), ("b", sources))
        for g in range(count)
        for c in range(each)
    ]


def moved(before: dict[str, object], after: dict[str, object]) -> int:
    """How many clips of `before` are elsewhere in `after`."""
    return sum(after[name] != place for name, place in before.items())


def described(values: Iterable[float]) -> str:
    """Mean, standard deviation and the middle 95 %."""
    found = np.array(list(values))
    low, high = np.quantile(found, [0.025, 0.975])
    return f"{found.mean():.1f} ± {found.std():.1f} ({low:.0f} to {high:.0f})"


def main(seeds: int) -> None:
    """Print the tables."""
    print(
        f"70/30 of two classes, {seeds} seeds: clips in training, %; moved by one more source video"
    )
    print("| source videos a class | clips each | all clips | one class | moved |")
    for sources, each in SHAPES:
        clips, more = clips_of(sources, each), clips_of(sources, each, more=1)
        shares, of_class, others = [], [], []
        for seed in range(seeds):
            sides = stratified_group_split(clips, seed=seed)
            train = [name for name, side in sides.items() if side == "train"]
            shares.append(100 * len(train) / len(sides))
            of_class.append(100 * sum(name[0] == "a" for name in train) / (sources * each))
            others.append(moved(dict(sides), dict(stratified_group_split(more, seed=seed))))
        print(
            f"| {sources} | {each} | {described(shares)} | {described(of_class)} | {np.mean(others):.2f} |"
        )
    few = max(20, seeds // 10)
    print(
        f"\n{FOLDS} folds of two classes, {few} seeds: fewest and most clips of a class in a fold;"
    )
    print("moved by one more source video where nothing is kept, of all clips")
    print("| source videos a class | clips each | fewest | most | moved |")
    for sources, each in SHAPES:
        clips, more = clips_of(sources, each), clips_of(sources, each, more=1)
        sizes, others = [], []
        for seed in range(few):
            folds = fold_of_clips(clips, Folds(FOLDS), seed=seed)
            sizes += Counter((name[0], fold) for name, fold in folds.items()).values()
            others.append(moved(dict(folds), dict(fold_of_clips(more, Folds(FOLDS), seed=seed))))
        print(
            f"| {sources} | {each} | {min(sizes)} | {max(sizes)} | {np.mean(others):.1f} of {len(clips)} |"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
