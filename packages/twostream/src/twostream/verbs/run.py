"""The verb `run`: from a folder of videos to a report, resumable at any point."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from twostream.paths import OutputPath, SourcePath
from twostream.verbs.flags import takes_flags
from twostream.verbs.locking import held, holds_run
from twostream.verbs.options import RunOptions
from twostream.verbs.paths import checks_paths
from twostream.verbs.run_parts import RunJob


@takes_flags(RunOptions)
@checks_paths
@holds_run("out")
def run(
    source: SourcePath, *, out: OutputPath, options: RunOptions, replace: bool = False
) -> dict[str, Any]:
    """Prepare, train, evaluate and report: from a folder of videos to OUT/report.html.

    May be stopped at any time and called again; what is done is not done twice. A finished run of other
    options is not touched unless told to `replace` it. The resolved options
    are in OUT/config.yaml; `twostream run --config OUT/config.yaml --out OTHER` repeats the run.

    Parameters
    ----------
    source
        Folder with one folder of videos for each class, train/val/test folders of them, a table, or
        ready frames.
    out
        Run folder.
    replace
        Replace what other options made in OUT: when all of the new is trained, and not before.
    """
    from twostream.models.device import check_compute
    from twostream.models.inference import check_scoring
    from twostream.verbs import run_parts
    from twostream.verbs.answered import question_of
    from twostream.verbs.kinds import refuse_data_folder
    from twostream.verbs.replacing import replace_or_refuse
    from twostream.verbs.settings import save_settings
    from twostream.verbs.sharing import prepared_and_kept
    from twostream.verbs.splits import run_splits, runs_by_split

    job, scoring = RunJob(Path(source), Path(out), options), options.evaluate
    for training in options.trainings:
        check_compute(training.device, training.precision, purpose="training")
    check_scoring(scoring.engine, scoring.device, scoring.precision)
    dataset = run_parts.dataset_of(job)
    run_parts.check_source(job, dataset)
    refuse_data_folder(job.out)
    runs = runs_by_split(job)
    replace_or_refuse(job, runs, dataset, replace=replace)
    with prepared_and_kept(partial(run_parts.prepare_data, job, out=job.data), job.data):
        if options.splits is None:
            results = train_and_evaluate(job)
        else:
            save_settings(job)
            results = run_splits(
                train_and_evaluate,
                runs,
                out=job.out,
                question=question_of(job),
                check_one=run_parts.check_split,
            )
    return results


def train_and_evaluate(job: RunJob) -> dict[str, Any]:
    """Train, evaluate and report one split of a data set that is prepared."""
    from twostream.reporting import PAGE_NAME
    from twostream.verbs.answered import answer, keep_answer, question_of
    from twostream.verbs.evaluate import evaluate, tell_results
    from twostream.verbs.report import report, tell_page
    from twostream.verbs.run_parts import check_split
    from twostream.verbs.settings import save_settings
    from twostream.verbs.train import train

    with held(job.out):
        save_settings(job)
        check_split(job)
        for training in job.options.trainings:
            train(training.stream, job.data, out=job.out, options=training)
        question = question_of(job)
        known = answer(job.out, question)
        if known is not None:
            tell_results(job.out, known, streams=job.options.streams)
            tell_page(job.out / PAGE_NAME)
            return known
        results = evaluate(job.out, data=job.data, options=job.options.evaluate)
        report(job.out)
        keep_answer(job.out, question)
    return results
