"""Replacing a finished run: all that takes its place is made beside it, then all of it moves at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from dataclasses import replace as with_values
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from twostream.differences import Difference

if TYPE_CHECKING:
    from twostream.datasets.clips import Dataset
    from twostream.training import place
    from twostream.training.options import TrainingOptions
    from twostream.verbs.run_parts import RunJob


@dataclass(frozen=True)
class StreamOfRun:
    """One stream that a run is to train: into the folder `run`, with `options`."""

    run: Path
    options: TrainingOptions


@dataclass(frozen=True)
class Standing:
    """What a run is to train, and by what the data set that stands there differs from what is asked for."""

    streams: tuple[StreamOfRun, ...]
    other_data: tuple[Difference, ...]


def look_before_replacing(
    job: RunJob, runs: Mapping[int, RunJob], dataset: Dataset, *, replace: bool
) -> Standing:
    """Look at what stands in OUT, and at the networks that are still to be trained; change nothing.

    Raises TwostreamError where other options made what stands there, unless it is to be replaced, and
    where a network cannot be had.
    """
    from twostream.events import say
    from twostream.preparation.in_the_way import refuse, refuse_shared
    from twostream.staging import unfinished_note
    from twostream.training.checks import check_names

    prepared = job.data
    streams = tuple(
        StreamOfRun(one.out, training)
        for one in runs.values()
        for training in one.options.trainings
    )
    found = data_in_the_way(dataset, job, streams=streams)
    standing = standing_of(streams, None if found else prepared)
    for one, there in standing.items():
        if there != "finished":  # whose names were right, and to look them up takes seconds
            check_names(one.options)
    shared = job.options.data is not None
    if found and (shared or not replace):
        raise refuse_shared(prepared, found) if shared else refuse(prepared, found)
    if not replace:
        refuse_what_is_in_the_way(prepared, standing)
        if note := unfinished_note(job.out):
            say(note)
    look_at_networks(standing)
    return Standing(streams, found)


def replace_all(job: RunJob, runs: Mapping[int, RunJob], standing: Standing) -> None:
    """Make what takes the place of what stands in OUT, then exchange all of it at once.

    Nothing of what stands there changes before everything that takes its place is trained.
    """
    from twostream.staging import commit, stage_of
    from twostream.verbs.run_parts import check_split, prepare_data
    from twostream.verbs.settings import CONFIG_NAME, save_settings
    from twostream.verbs.sharing import prepared_and_kept

    out, prepared, other = job.out, job.data, bool(standing.other_data)
    new_data = stage_of(out) / "data" if other else prepared
    making = partial(prepare_data, job, out=new_data, elsewhere=prepared if other else None)
    with prepared_and_kept(making, new_data):
        for of_split in runs.values():
            check_split(of_split, data=new_data)
        names = train_replacements(out, new_data, standing.streams, data_later=prepared)
    if other:
        names.append("data")
    if names:
        save_settings(job, stage_of(out))
        with nobody_reads(prepared) if other else nullcontext():
            commit(out, [*names, CONFIG_NAME])


def data_in_the_way(
    dataset: Dataset, job: RunJob, *, streams: tuple[StreamOfRun, ...]
) -> tuple[Difference, ...]:
    """By which options, or clips of the source, the data set of a finished run would become another.

    Empty where nothing is prepared, and where nothing would be lost.
    """
    from twostream.datasets.manifest import PARQUET
    from twostream.preparation.in_the_way import in_the_way
    from twostream.preparation.record import preparation_settings
    from twostream.preparation.standing import clips_that_differ, rows_of_the_same_clips
    from twostream.training.place import is_trained

    data = job.data
    found = in_the_way(
        dataset, data, preparation_settings(dataset, job.source, job.options.prepare)
    )
    trained = any(is_trained(one.run / one.options.stream) for one in streams)
    whole = (data / PARQUET).is_file()
    if not found and trained and whole and rows_of_the_same_clips(dataset, data) is None:
        return (clips_that_differ(dataset, data),)
    return found


def standing_of(
    streams: tuple[StreamOfRun, ...], data: Path | None
) -> dict[StreamOfRun, place.Standing | None]:
    """What stands in the place of each stream; None where `data` is not prepared, or will be others."""
    from twostream.datasets.manifest import PARQUET
    from twostream.training.stream import standing_of_stream

    if data is None or not (data / PARQUET).is_file():
        return dict.fromkeys(streams)
    return {one: standing_of_stream(data, one.run, options=one.options) for one in streams}


def refuse_what_is_in_the_way(
    data: Path, standing: Mapping[StreamOfRun, place.Standing | None]
) -> None:
    """Raise TwostreamError where a training of other options or clips stands; says what differs."""
    from twostream.training.stream import refusal

    for one, there in standing.items():
        if there == "taken":
            raise refusal(data, one.run, options=one.options)


def look_at_networks(standing: Mapping[StreamOfRun, place.Standing | None]) -> None:
    """Raise TwostreamError where the network that a stream begins with cannot be had: before any work.

    A stream that is finished, or goes on from a checkpoint, needs none any more.
    """
    from twostream.progress import step
    from twostream.training.checks import check_training
    from twostream.training.place import has_checkpoint

    needed = {
        with_values(one.options, split=1): one.options
        for one, there in standing.items()
        if there != "finished"
        and not (there == "open" and has_checkpoint(one.run / one.options.stream))
    }
    for options in needed.values():
        with step(f"look at the {options.stream} network"):
            check_training(options)


def train_replacements(
    out: Path, data: Path, streams: tuple[StreamOfRun, ...], *, data_later: Path
) -> list[str]:
    """Train in the stage of `out` what is to replace a stream there; names relative to the stage.

    What stands there and is asked for, and what is not there at all, is left to the ordinary course.
    `data_later` is where the data set will be when all is in its place.
    """
    from twostream.staging import stage_of
    from twostream.training.place import write_data_folder
    from twostream.training.stream import standing_of_stream, train_beside

    made = []
    for one in streams:
        if standing_of_stream(data, one.run, options=one.options) != "taken":
            continue
        stage = stage_of(out) / one.run.relative_to(out)
        train_beside(data, one.run, stage=stage, options=one.options)
        write_data_folder(stage / one.options.stream, data_later)
        made.append((stage / one.options.stream).relative_to(stage_of(out)).as_posix())
    return made


@contextmanager
def nobody_reads(data: Path) -> Iterator[None]:
    """Hold the lock of a data set that is about to be replaced, if it is there."""
    from twostream.locks import sole_user

    if not data.is_dir():
        yield
        return
    with sole_user(data):
        yield
