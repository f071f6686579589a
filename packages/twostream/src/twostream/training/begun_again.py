"""Where a training begins whose clips are those of the earlier run, labelled anew.

What the earlier run learnt from labels that were corrected since would go on with it. So where all of its
recordings are trained on again, its own start is taken, and they are learnt once, as they are labelled now.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from twostream.datasets.manifest import Manifest
from twostream.errors import TwostreamError
from twostream.fingerprints import digest_of_file
from twostream.formats import LaterFormatError
from twostream.training.learnt_clips import EARLIER, of_one_folder, read_learnt
from twostream.training.options import TrainingOptions
from twostream.training.record import TrainingRecord, read_record


def from_its_own_start(options: TrainingOptions, manifest: Manifest) -> TrainingOptions:
    """The options with the run that the earlier run began from, where all of its clips are here again.

    As they are where that is gone or was replaced, where the earlier run began from none, or where a head
    is asked for by name.
    """
    start = _start_of(options, manifest) if options.head is None else None
    if start is None:
        return options
    return from_its_own_start(replace(options, from_run=start), manifest)


def knows_more(options: TrainingOptions, manifest: Manifest) -> bool:
    """Whether the run that a training starts from has learnt from recordings that are not trained on here.

    Where it has not, there is nothing to keep that would not be learnt anew, and from better labels.
    """
    stream = Path(str(options.from_run)) / options.stream
    learnt = {one.source for one in read_learnt(stream).values()}
    if not learnt or "" in learnt or not of_one_folder(stream, manifest.folder):
        return True
    return not learnt <= _here(options, manifest)


def _here(options: TrainingOptions, manifest: Manifest) -> set[str]:
    return {row.source for row in manifest.part(options.split, "train")}


def _start_of(options: TrainingOptions, manifest: Manifest) -> str | None:
    if options.from_run is None:
        return None
    stream = Path(options.from_run) / options.stream
    record = _record(stream)
    start = None if record is None else record.options.get("from_run")
    if record is None or start is None or not of_one_folder(stream, manifest.folder):
        return None
    began_with = (record.made_of or {}).get("options", {}).get("from_run")
    network = Path(start) / options.stream / "model.keras"
    if began_with is None or digest_of_file(str(network)) != began_with:
        return None
    own = {one.source for one in read_learnt(stream).values() if one.part != EARLIER}
    return str(start) if own and "" not in own and own <= _here(options, manifest) else None


def _record(stream: Path) -> TrainingRecord | None:
    try:
        return read_record(stream)
    except LaterFormatError:
        raise
    except TwostreamError:  # a bundle; what it began with is not told there
        return None
