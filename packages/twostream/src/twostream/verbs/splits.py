"""Several splits of one data set: each a run of its own, then their mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def run_splits(
    run_one: Callable[..., dict[str, Any]], settings: Mapping[str, Any], *, data: Path
) -> dict[str, Any]:
    """Train, evaluate and report each split in ``OUT/split<N>``, all on `data`; then average them.

    Raises TwostreamError before anything is trained where one of the splits has no training or test
    clips, and where OUT itself holds a run of one split.
    """
    from twostream.datasets.manifest import read_manifest
    from twostream.errors import TwostreamError
    from twostream.evaluation.split_results import (
        is_trained,
        parse_splits,
        split_folder,
        write_split_results,
    )
    from twostream.training.checks import check_parts
    from twostream.verbs.printing import print_split_results
    from twostream.verbs.report import report

    out: Path = settings["out"]
    numbers = parse_splits(settings["splits"])
    if is_trained(out):
        raise TwostreamError(
            out,
            expected="a folder for several splits",
            found="a run of one split",
            remedy="choose another --out",
        )
    for number in numbers:
        check_parts(read_manifest(data), split=number)
    results = {}
    for number in numbers:
        folder = split_folder(out, number)
        of_split = {"splits": None, "split": number, "out": folder, "data": data}
        results[number] = run_one({**settings, **of_split}, out=folder)
    combined = write_split_results(out, results)
    print_split_results(combined)
    report(out)
    return combined
