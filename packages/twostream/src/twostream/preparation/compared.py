"""Whether all of an official data set was prepared, where that can be told."""

from __future__ import annotations

from collections.abc import Collection

from twostream.datasets.clips import Dataset
from twostream.datasets.official import OfficialCheck, compare_with_official
from twostream.datasets.official_names import official_name
from twostream.datasets.selection import Selection


def compared(
    dataset: Dataset, stored: Collection[str], selection: Selection
) -> OfficialCheck | None:
    """What is stated of an official data set beside the clips that are `stored`; None for any other."""
    if dataset.left_out_by_limit:
        return None
    return compare_with_official(dataset, stored=stored, chosen=bool(selection.classes))


def not_compared(dataset: Dataset) -> list[str]:
    """The note where a limit leaves clips of an official data set out."""
    left_out = dataset.left_out_by_limit
    name = official_name(dataset.listing)
    if name is None or not left_out:
        return []
    return [
        f"--limit leaves out {left_out} of {left_out + len(dataset.clips)} clips of "
        f"{name}: no table of what is there"
    ]
