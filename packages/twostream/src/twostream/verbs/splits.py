"""Several splits of one data set: each a run of its own, then their mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def settings_of_splits(settings: Mapping[str, Any], *, data: Path) -> dict[int, dict[str, Any]]:
    """The settings of each split of a run, by its number: all use `data`, each has a folder in OUT.

    Raises TwostreamError where OUT itself holds a run of one split.
    """
    from twostream.errors import TwostreamError
    from twostream.evaluation.split_results import is_trained, parse_splits, split_folder

    out: Path = settings["out"]
    numbers = parse_splits(settings["splits"])
    if is_trained(out):
        raise TwostreamError(
            out,
            expected="a folder for several splits",
            found="a run of one split",
            remedy="choose another --out",
        )
    plain = {**settings, "splits": None, "data": data}
    return {n: {**plain, "split": n, "out": split_folder(out, n)} for n in numbers}


def run_splits(
    run_one: Callable[..., dict[str, Any]],
    of_splits: Mapping[int, Mapping[str, Any]],
    *,
    out: Path,
    question: Mapping[str, Any],
    check_one: Callable[[Mapping[str, Any]], None],
) -> dict[str, Any]:
    """Train, evaluate and report each split in its folder, then average them in `out`.

    `of_splits` holds the settings of each; `question` tells what their mean depends on (see `answered`).
    `check_one` takes them and raises TwostreamError where the split cannot be trained: all are looked at
    before anything is trained.
    """
    from twostream.evaluation.split_results import write_split_results
    from twostream.reporting import PAGE_NAME
    from twostream.verbs.answered import answer, keep_answer
    from twostream.verbs.printing import print_split_results
    from twostream.verbs.report import report, tell_page

    for of_split in of_splits.values():
        check_one(of_split)
    results = {n: run_one(of_split, out=of_split["out"]) for n, of_split in of_splits.items()}
    known = answer(out, question)
    combined = known or write_split_results(out, results)
    print_split_results(combined)
    if known is None:
        report(out)
        keep_answer(out, question)
    else:
        tell_page(out / PAGE_NAME)
    return combined
