"""Whether the parts of a split are alike: meta tags and kinds of action in training and in test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from twostream.datasets.hmdb51_actions import KINDS, LEAST_CLIPS_A_CLASS, kind_of_action
from twostream.datasets.listing import TEST, TRAIN
from twostream.datasets.manifest import Manifest, ManifestRow
from twostream.datasets.official_names import are_official
from twostream.evaluation.clip_facts import ACTIONS, facts_of_rows


@dataclass(frozen=True)
class TagBalance:
    """How many clips of the training and of the test part of a split have one value of a tag.

    `share` is that of the tagged clips of the part.
    """

    split: int
    tag: str
    value: str
    train: int
    test: int
    train_share: float
    test_share: float

    @property
    def difference(self) -> float:
        """By how much the share in the test part is above that in the training part."""
        return self.test_share - self.train_share


@dataclass(frozen=True)
class TagImbalance:
    """How far apart both parts of a split are in one tag.

    `moved` is the share of the test clips that would have to have another value for both to be alike (half
    the sum of the absolute differences, the total variation distance), `largest` the value that differs
    most.
    """

    split: int
    tag: str
    moved: float
    largest: TagBalance


@dataclass(frozen=True)
class KindCount:
    """One of HMDB-51's kinds of action: how many of its classes are there, and of their clips."""

    kind: str
    classes: tuple[str, ...]
    clips: int


def tag_balances(manifest: Manifest) -> list[TagBalance]:
    """Every value of every tag in every split, by split and tag; empty where the names hold no tags."""
    facts = facts_of_rows(manifest.rows)
    found = []
    for split in manifest.split_numbers:
        parts = {side: manifest.part(split, side) for side in ("train", "test")}
        counts = {
            side: Counter(item for row in rows for item in facts[row.clip_id].tags.items())
            for side, rows in parts.items()
        }
        totals = {
            side: Counter(tag for row in rows for tag in facts[row.clip_id].tags)
            for side, rows in parts.items()
        }
        train, test = counts[TRAIN], counts[TEST]
        found += [
            TagBalance(
                split,
                tag,
                value,
                train[tag, value],
                test[tag, value],
                train[tag, value] / max(totals[TRAIN][tag], 1),
                test[tag, value] / max(totals[TEST][tag], 1),
            )
            for tag, value in sorted(train.keys() | test.keys(), key=_order)
        ]
    return found


def tag_imbalances(balances: Sequence[TagBalance]) -> list[TagImbalance]:
    """One row for each split and tag that both parts of it have, in the order of `balances`."""
    of_tag: dict[tuple[int, str], list[TagBalance]] = {}
    for one in balances:
        of_tag.setdefault((one.split, one.tag), []).append(one)
    return [
        TagImbalance(
            split,
            tag,
            sum(abs(one.difference) for one in values) / 2,
            max(values, key=lambda one: abs(one.difference)),
        )
        for (split, tag), values in of_tag.items()
        if sum(one.train for one in values) and sum(one.test for one in values)
    ]


def kind_counts(manifest: Manifest) -> list[KindCount]:
    """HMDB-51's kinds of action with the classes that are there; empty for any other data set."""
    if not is_hmdb51(manifest):
        return []
    counts = []
    for kind in KINDS:
        classes = tuple(name for name in manifest.classes if kind_of_action(name) == kind)
        clips = sum(row.class_name in classes for row in manifest.rows)
        counts.append(KindCount(kind, classes, clips))
    return counts


def smaller_classes(manifest: Manifest) -> list[tuple[str, int]]:
    """Classes of HMDB-51 with fewer clips than its makers state of each; the smallest first."""
    if not is_hmdb51(manifest):
        return []
    counts = Counter(row.class_name for row in manifest.rows)
    few = [(name, clips) for name, clips in counts.items() if clips < LEAST_CLIPS_A_CLASS]
    return sorted(few, key=lambda item: (item[1], item[0]))


def is_hmdb51(manifest: Manifest) -> bool:
    """Whether all classes are HMDB-51's, and most clips have the tags that its names have."""
    tagged = sum(_is_tagged(row) for row in manifest.rows)
    return are_official(manifest.classes, of="hmdb51") and 2 * tagged > len(manifest.rows)


def _is_tagged(row: ManifestRow) -> bool:
    return row.camera_motion is not None


def _order(item: tuple[str, str]) -> tuple[bool, str, str]:
    return item[0] != ACTIONS, *item
