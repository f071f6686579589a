"""What each split trains and tests, as plain rows."""

from __future__ import annotations

from typing import Any, Literal

from twostream.datasets.folds import are_folds
from twostream.datasets.manifest import Manifest
from twostream.datasets.names import counted

SIDES: tuple[Literal["train", "val", "test"], ...] = ("train", "val", "test")


def split_rows(manifest: Manifest) -> list[dict[str, Any]]:
    """A row for each split: clips and source videos of its parts, and what is odd about them.

    `shared_sources` counts source videos with clips in training and in test, `untested` and `never_right`
    name classes without a test clip, and those with test clips but no training clip; `tests` names the one
    source video of the test part, where it is one.
    """
    rows = []
    for split in manifest.split_numbers:
        parts = {side: manifest.part(split, side) for side in SIDES}
        groups = {side: {row.group for row in part} for side, part in parts.items()}
        classes = {
            side: {name for row in part for name in row.names} for side, part in parts.items()
        }
        used = sum(len(part) for part in parts.values())
        counts: dict[str, Any] = {side: len(part) for side, part in parts.items()}
        rows.append(
            {
                "split": split,
                **counts,
                "unused": len(manifest.rows) - used,
                "train_sources": len(groups["train"]),
                "test_sources": len(groups["test"]),
                "shared_sources": len(groups["train"] & groups["test"]),
                "untested": [name for name in manifest.counted if name not in classes["test"]],
                "never_right": [
                    name for name in manifest.counted if name in classes["test"] - classes["train"]
                ],
                "tests": next(iter(groups["test"])) if len(groups["test"]) == 1 else None,
            }
        )
    return rows


def folds_sentence(manifest: Manifest) -> str | None:
    """What is special about splits that are folds; None where they are not."""
    if not are_folds(row.splits for row in manifest.rows):
        return None
    clips = counted(len(manifest.rows), "clip")
    return f"folds: each of the {clips} is tested in one split, and trains in all others"
