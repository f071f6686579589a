"""Replacing a finished run: all that takes its place is made beside it, then all of it moves at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.differences import Difference

if TYPE_CHECKING:
    from twostream.training.options import TrainingOptions
    from twostream.training.place import Standing


@dataclass(frozen=True)
class StreamOfRun:
    """One stream that a run is to train: into the folder `run`, with `options`."""

    run: Path
    options: TrainingOptions


def data_in_the_way(
    source: Path, data: Path, *, settings: Mapping[str, Any], streams: tuple[StreamOfRun, ...]
) -> tuple[Difference, ...]:
    """By which options, or clips of the source, the data set of a finished run would become another.

    `settings` are those of a run. Empty where nothing is prepared, and where nothing would be lost.
    """
    from twostream.datasets.load import load_dataset
    from twostream.datasets.manifest import PARQUET
    from twostream.datasets.selection import Selection, parse_classes
    from twostream.preparation.dataset import preparation_settings
    from twostream.preparation.in_the_way import in_the_way
    from twostream.preparation.standing import rows_of_the_same_clips
    from twostream.training.place import is_trained
    from twostream.verbs.prepare import extraction_options

    selection = Selection(classes=parse_classes(settings["classes"]), limit=settings["limit"])
    annotations = settings["annotations"]
    dataset = load_dataset(
        source, annotations=annotations, seed=settings["seed"], selection=selection
    )
    found = in_the_way(
        dataset,
        data,
        preparation_settings(
            dataset,
            source,
            annotations=annotations,
            options=extraction_options(settings),
            seed=settings["seed"],
            selection=selection,
        ),
    )
    trained = any(is_trained(one.run / one.options.stream) for one in streams)
    whole = (data / PARQUET).is_file()
    if not found and trained and whole and rows_of_the_same_clips(dataset, data) is None:
        return (Difference("the clips of SOURCE", "those that the run was made of", "others"),)
    return found


def standing_of(
    streams: tuple[StreamOfRun, ...], data: Path | None
) -> dict[StreamOfRun, Standing | None]:
    """What stands in the place of each stream; None where `data` is not prepared, or will be others."""
    from twostream.datasets.manifest import PARQUET
    from twostream.training.stream import standing_of_stream

    if data is None or not (data / PARQUET).is_file():
        return dict.fromkeys(streams)
    return {one: standing_of_stream(data, one.run, options=one.options) for one in streams}


def refuse_what_is_in_the_way(data: Path, standing: Mapping[StreamOfRun, Standing | None]) -> None:
    """Raise TwostreamError where a training of other options or clips stands; says what differs."""
    from twostream.training.stream import refusal

    for one, there in standing.items():
        if there == "taken":
            raise refusal(data, one.run, options=one.options)


def look_at_networks(standing: Mapping[StreamOfRun, Standing | None]) -> None:
    """Raise TwostreamError where the network that a stream begins with cannot be had: before any work.

    A stream that is finished, or goes on from a checkpoint, needs none any more.
    """
    from twostream.progress import step
    from twostream.training.checks import check_training
    from twostream.training.place import has_checkpoint

    needed = {
        replace(one.options, split=1): one.options
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
