"""Splits that a source gives itself, and what a part called val is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twostream.choices import ValPart
from twostream.datasets.listing import TEST, TRAIN, VAL


@dataclass(frozen=True)
class Given:
    """Splits (number -> clip_id -> side), and sentences about them for the user."""

    splits: Mapping[int, Mapping[str, str]]
    notes: tuple[str, ...]


def given_splits(
    splits: Mapping[int, Mapping[str, str]], *, val_part: ValPart | None = None
) -> Given:
    """The splits as they are used: what is called val validates, or tests.

    `val_part` says which; None: as the field has it. Where a split has a test part too, val chooses the
    epoch; where it has none, what is called val is what others test on.

    >>> given_splits({1: {"a": "train", "b": "val"}}).splits
    {1: {'a': 'train', 'b': 'test'}}
    >>> given_splits({1: {"a": "train", "b": "val"}}, val_part="validation").splits
    {1: {'a': 'train', 'b': 'val'}}
    """
    used: dict[int, Mapping[str, str]] = {}
    tests, validates = [], []
    for number, sides in splits.items():
        there = set(sides.values())
        as_test = val_part == "test" or (val_part is None and TEST not in there and TRAIN in there)
        if VAL in there and as_test:
            used[number] = {name: TEST if side == VAL else side for name, side in sides.items()}
            tests.append(number)
        else:
            used[number] = sides
            validates += [number] * (VAL in there)
    count = len(splits)
    which = "split 1 is" if count == 1 else f"splits {', '.join(map(str, splits))} are"
    sentence = f"{which} the source's own."
    if validates:
        sentence += " The epoch is selected on its val part."
    if tests:
        sentence += " Its val part is tested on" + (
            "."
            if val_part
            else ", for it has no test part (with --val-part validation it would select the epoch)."
        )
    return Given(used, (sentence,))
