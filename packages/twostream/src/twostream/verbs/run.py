"""The verb `run`: from a folder of videos to a report, resumable at any point."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from twostream.paths import OutputFolder, SourcePath
from twostream.verbs.continued import job_with_networks_of
from twostream.verbs.flags import takes_flags
from twostream.verbs.locking import held
from twostream.verbs.options import RunOptions
from twostream.verbs.paths import checks_paths
from twostream.verbs.results import Evaluation, Planned, PlannedRun
from twostream.verbs.run_parts import RunJob
from twostream.verbs.written import ReportPage


@takes_flags(RunOptions, with_recipes=True)
@checks_paths
def run(
    source: SourcePath,
    *,
    out: OutputFolder,
    options: RunOptions,
    said: frozenset[str] = frozenset(),
    replace: bool = False,
    dry_run: bool = False,
) -> Evaluation | PlannedRun:
    """Prepare, train, evaluate and report: from a folder of videos to OUT/report.html.

    May be stopped at any time and called again; what is done is not done twice. All options are kept in
    OUT/config.yaml; `twostream run --config OUT/config.yaml --out OTHER` repeats the run.

    Parameters
    ----------
    source
        Folder with a folder of videos for each class, train/val/test folders of them, a table, or frames.
    out
        Run folder.
    replace
        Replace what other options made in OUT, when all of the new is trained.
    dry_run
        Say what would be done, and write nothing.
    """
    job = RunJob(Path(source), Path(out), options)
    if not replace:
        job = job_with_networks_of(job, said)
    check_job(job)
    if dry_run:
        return plan_run(job, replace=replace)
    with held(job.out):
        return make_run(job, replace=replace)


def check_job(job: RunJob) -> None:
    """Raise TwostreamError for what no run could be made with, as far as that shows at once."""
    from twostream.datasets.manifest import ALL_CLIPS
    from twostream.errors import TwostreamError
    from twostream.models.device import check_compute
    from twostream.models.inference import check_scoring
    from twostream.models.int8 import require_nncf
    from twostream.verbs.kinds import refuse_data_folder

    scoring = job.options.evaluate
    if job.options.split == ALL_CLIPS:
        raise TwostreamError(
            "--split",
            expected="a split with clips to test on, from 1 up",
            found=f"{ALL_CLIPS}",
            remedy="--final trains on all clips, after the splits have measured",
        )
    for training in job.options.trainings:
        check_compute(training.device, training.precision, purpose="training")
    check_scoring(scoring.engine, scoring.device, scoring.precision)
    if scoring.precision == "int8":
        require_nncf()  # told now, and not after hours of training
    refuse_data_folder(job.out)


def plan_run(job: RunJob, *, replace: bool) -> PlannedRun:
    """What `make_run` would do; nothing is written.

    Networks that would be trained are looked at. Raises TwostreamError as `make_run` does before it works.
    """
    from twostream.events import made
    from twostream.preparation.plan import plan_dataset
    from twostream.verbs import run_parts
    from twostream.verbs.replacing import look_before_replacing
    from twostream.verbs.run_splits import all_runs

    dataset = run_parts.dataset_of(job)
    run_parts.check_source(job, dataset)
    look_before_replacing(job, all_runs(job, dataset), dataset, replace=replace)
    plan = plan_dataset(job.source, job.data, job.options.prepare, replace_other=replace)
    made(Planned(plan, job.data))
    return PlannedRun({"clips": plan.clips, "there": plan.there})


def make_run(job: RunJob, *, replace: bool) -> Evaluation:
    """Do what `run` says; the caller holds the run folder."""
    from twostream.verbs import run_parts
    from twostream.verbs.answered import question_of
    from twostream.verbs.replacing import look_before_replacing, replace_all
    from twostream.verbs.run_splits import all_runs, run_splits, runs_by_split
    from twostream.verbs.settings import save_settings
    from twostream.verbs.sharing import prepared_and_kept

    dataset = run_parts.dataset_of(job)
    run_parts.check_source(job, dataset)
    runs = runs_by_split(job, dataset)
    every = all_runs(job, dataset)
    standing = look_before_replacing(job, every, dataset, replace=replace)
    if replace:
        replace_all(job, every, standing)
    with prepared_and_kept(partial(run_parts.prepare_data, job, out=job.data), job.data):
        if job.options.several is None:
            results = train_and_evaluate(job)
        else:
            save_settings(job)
            results = run_splits(
                train_and_evaluate,
                runs,
                out=job.out,
                question=question_of(job),
                check_one=run_parts.check_split,
                final=partial(train_final, job) if job.options.final else None,
            )
    return results


def train_and_evaluate(job: RunJob) -> Evaluation:
    """Train, evaluate and report one split of a data set that is prepared."""
    from twostream.events import made
    from twostream.reporting import PAGE_NAME
    from twostream.verbs.answered import answer, keep_answer, question_of
    from twostream.verbs.evaluate import evaluate, tell_results
    from twostream.verbs.report import report
    from twostream.verbs.run_parts import check_split
    from twostream.verbs.settings import save_settings
    from twostream.verbs.train import train

    with held(job.out):
        save_settings(job)
        check_split(job)
        for training in job.options.trainings:
            train(training.stream, job.data, out=job.out, options=training)
        if job.options.final:
            train_final(job)
        question = question_of(job)
        known = answer(job.out, question)
        if known is not None:
            results = tell_results(job.out, known, streams=job.options.streams)
            made(ReportPage(job.out / PAGE_NAME))
            return results
        results = evaluate(job.out, data=job.data, options=job.options.evaluate)
        report(job.out)
        keep_answer(job.out, question)
    return results


def train_final(job: RunJob) -> None:
    """Train the final model of a run on all clips, in a folder of its own."""
    from twostream.verbs.run_parts import check_split
    from twostream.verbs.settings import save_settings
    from twostream.verbs.train import train

    final = job.final
    with held(final.out):
        save_settings(final)
        check_split(final)
        for training in final.options.trainings:
            train(training.stream, final.data, out=final.out, options=training)
