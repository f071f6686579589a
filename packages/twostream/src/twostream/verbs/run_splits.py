"""Several splits of one data set: each a run of its own, then their mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.verbs.results import Evaluation
from twostream.verbs.run_parts import RunJob, chosen_splits
from twostream.verbs.written import ReportPage

if TYPE_CHECKING:
    from twostream.datasets.clips import Dataset


def runs_by_split(job: RunJob, dataset: Dataset) -> dict[int, RunJob]:
    """The run of each split, by its number: of one split, or of several in folders of their own.

    Raises TwostreamError where OUT itself holds a run of one split and is to hold several, or the reverse.
    """
    from twostream.errors import TwostreamError
    from twostream.evaluation.split_results import is_trained, trained_splits

    numbers = chosen_splits(job, dataset)
    if job.options.several is None:
        if (there := trained_splits(job.out)) and not is_trained(job.out):
            raise TwostreamError(
                job.out,
                expected="a folder for one split",
                found=f"a run of the splits {', '.join(map(str, there))}",
                remedy=f"choose another --out, or name them with --splits {','.join(map(str, there))}",
            )
        return {numbers[0]: job}
    if is_trained(job.out):
        raise TwostreamError(
            job.out,
            expected="a folder for several splits",
            found="a run of one split",
            remedy="choose another --out",
        )
    return {number: job.of_split(number) for number in numbers}


def all_runs(job: RunJob, dataset: Dataset) -> dict[int, RunJob]:
    """What `runs_by_split` gives, and the final model if it is asked for, by the number for all clips."""
    from twostream.datasets.manifest import ALL_CLIPS

    final = {ALL_CLIPS: job.final} if job.options.final else {}
    return {**runs_by_split(job, dataset), **final}


def run_splits(
    run_one: Callable[[RunJob], Evaluation],
    of_splits: Mapping[int, RunJob],
    *,
    out: Path,
    question: Mapping[str, Any],
    check_one: Callable[[RunJob], None],
    final: Callable[[], None] | None = None,
) -> Evaluation:
    """Train, evaluate and report each split in its folder, then all of them together in `out`.

    Before the last, `final` trains the final model, where one is asked for. `question` tells what their
    results together depend on (see `answered`). `check_one` raises TwostreamError where a split cannot be
    trained: all are looked at before anything is trained.
    """
    from twostream.evaluation.carried import carry_to_final
    from twostream.evaluation.split_results import write_split_results
    from twostream.events import made
    from twostream.reporting import PAGE_NAME
    from twostream.verbs.answered import answer, keep_answer
    from twostream.verbs.evaluate import tell_split_results
    from twostream.verbs.report import report

    for of_split in of_splits.values():
        check_one(of_split)
    results = {number: run_one(of_split) for number, of_split in of_splits.items()}
    if final is not None:
        final()
    known = answer(out, question)
    content = {number: one.to_dict() for number, one in results.items()}
    notes: tuple[str, ...] = ()
    if known is None:
        written, notes = carry_to_final(out, write_split_results(out, content))
    combined = tell_split_results(out, known or written, notes=notes)
    if known is None:
        report(out)
        keep_answer(out, question)
    else:
        made(ReportPage(out / PAGE_NAME))
    return combined
