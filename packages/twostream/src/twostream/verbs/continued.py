"""A run that is called again goes on with the network that it was begun with, whatever the default is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.training.options import TrainingOptions

if TYPE_CHECKING:
    from twostream.verbs.options import RunOptions
    from twostream.verbs.run_parts import RunJob

# What other defaults decide in other versions, by the names of their flags in Python; what is recorded of a
# network's weights belongs to it.
OF_NETWORK = {"backbone": "backbone", "size": "size_px"}
WITH_NETWORK = ("weights", "input_convention")
DIGEST_LENGTH = 64


def with_network_of(
    options: TrainingOptions, runs: Iterable[Path], said: Collection[str]
) -> TrainingOptions:
    """The options with the network and the size of the training in the first of `runs` that has one.

    `said` are the flags that the user named: an option that is among them stays, and with another network,
    or another start, all of them do. Tells in a line what is taken from there.
    """
    from twostream.events import say

    if {"from_", "backbone", *WITH_NETWORK} & _of_stream(options.stream, said):
        return options
    for run in runs:
        found = _as_begun(options, run / options.stream, _of_stream(options.stream, said))
        if found is None:
            continue
        if found != options:
            say(
                f"note: {run / options.stream} goes on as it was begun, with {found.backbone} at "
                f"{found.size_px} px; for {options.backbone} at {options.size_px} px name it "
                "(--backbone, --size), in another folder or with --replace"
            )
        return found
    return options


def job_with_networks_of(job: RunJob, said: Collection[str]) -> RunJob:
    """The job with the networks of what stands in its folder: of one split, of several or of all clips."""
    from twostream.training.final import final_folder

    runs = [job.out, *sorted(job.out.glob("split*")), final_folder(job.out)]
    options: RunOptions = replace(
        job.options,
        spatial=with_network_of(job.options.spatial, runs, said),
        temporal=with_network_of(job.options.temporal, runs, said),
    )
    return replace(job, options=options)


def _of_stream(stream: str, said: Collection[str]) -> set[str]:
    """What was said of one stream, by the names of the flags for both."""
    prefix = f"{stream}_"
    return {name.removeprefix(prefix) for name in said}


def _as_begun(
    options: TrainingOptions, folder: Path, said: Collection[str]
) -> TrainingOptions | None:
    """The options with what is recorded in a stream's folder; None where nothing is, or another start."""
    from twostream.training.place import recorded_options

    recorded = recorded_options(folder)
    if recorded.get("from_run") is not None or not _can_be_had(recorded):
        return None
    fields = [field for flag, field in OF_NETWORK.items() if flag not in said]
    return replace(
        options, **{name: recorded[name] for name in (*fields, *WITH_NETWORK) if name in recorded}
    )


def _can_be_had(recorded: Mapping[str, Any]) -> bool:
    """Whether the network is known by a name, or by a file that is there."""
    from twostream.models.backbones import is_network_file

    # An unfinished training tells the digests of files.
    backbone, weights = recorded.get("backbone"), recorded.get("weights")
    if not isinstance(backbone, str) or len(backbone) == DIGEST_LENGTH:
        return False
    if is_network_file(backbone) and not Path(backbone).is_file():
        return False
    return weights in (None, "imagenet", "none") or Path(str(weights)).is_file()
