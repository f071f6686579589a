"""One run: its source, folder and options, and the looks it takes before anything is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from twostream.verbs.options import RunOptions

if TYPE_CHECKING:
    from twostream.datasets.clips import Dataset


@dataclass(frozen=True)
class RunJob:
    """What becomes a run: the videos of `source` in the folder `out`."""

    source: Path
    out: Path
    options: RunOptions

    @property
    def data(self) -> Path:
        """Where the prepared data set is."""
        return self.options.data or self.out / "data"

    def of_split(self, number: int) -> RunJob:
        """The run of one split among several, in a folder of its own; all use the same data."""
        from twostream.evaluation.split_results import split_folder

        options = replace(self.options.of_split(number), data=self.data)
        return replace(self, out=split_folder(self.out, number), options=options)

    @property
    def final(self) -> RunJob:
        """The final model of the run, in a folder of its own; on the same data."""
        from twostream.training.final import final_folder

        options = replace(self.options.of_all_clips(), data=self.data)
        return replace(self, out=final_folder(self.out), options=options)


def dataset_of(job: RunJob) -> Dataset:
    """The data set in a run's source, as it will be prepared; raises TwostreamError as `prepare` does."""
    from twostream.preparation.kept_sides import load_for

    return load_for(job.source, job.data, job.options.prepare)


def check_source(job: RunJob, dataset: Dataset) -> None:
    """Raise TwostreamError where a split would have nothing to train or to test on: before extraction."""
    from twostream.training.checks import check_source_parts

    for split in chosen_splits(job, dataset):
        check_source_parts(dataset, job.source, split=split)


def chosen_splits(job: RunJob, dataset: Dataset) -> tuple[int, ...]:
    """The numbers of the splits that a run is to train, of those of its `dataset`."""
    from twostream.evaluation.split_results import parse_splits

    several = job.options.several
    if several is None:
        return (1 if job.options.split is None else job.options.split,)
    return parse_splits(several, known=dataset.splits)


def prepare_data(job: RunJob, *, out: Path, elsewhere: Path | None = None) -> None:
    """Prepare the data set of a run into `out`; what other options made there is not replaced."""
    from twostream.verbs.prepare import prepare_and_tell

    prepare_and_tell(job.source, out, job.options.prepare, elsewhere=elsewhere, trusting=True)


def check_split(job: RunJob, *, data: Path | None = None) -> None:
    """Raise TwostreamError where a stream of the split could not be trained: before any of them is.

    `data` is where the data set is, if it is not in its place yet.
    """
    from twostream.datasets.manifest import read_manifest
    from twostream.training.checks import check_parts, check_start

    manifest = read_manifest(data or job.data)
    check_parts(manifest, split=1 if job.options.split is None else job.options.split)
    for training in job.options.trainings:
        check_start(training, manifest, run=job.out)
