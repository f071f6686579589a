"""`clips.csv`: the clips that a stream has learnt from, and was selected on, so that no test holds one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from twostream.atomic import write_csv
from twostream.datasets.manifest import Manifest
from twostream.errors import TwostreamError
from twostream.training.options import TrainingOptions
from twostream.training.partition import Partition

CLIPS_NAME = "clips.csv"
HEADER = ["clip_id", "part"]
EARLIER = "earlier"


def write_parts(folder: Path, partition: Partition, *, earlier: Mapping[str, str]) -> None:
    """Write ``clips.csv`` into a stream's folder; the clips of an `earlier` run stand last."""
    own = partition.parts
    inherited = {clip_id: EARLIER for clip_id in earlier if clip_id not in own}
    write_csv(folder / CLIPS_NAME, HEADER, [*own.items(), *inherited.items()])


def read_parts(folder: Path) -> dict[str, str]:
    """Clip -> ``training``, ``validation`` or ``earlier``; empty where the file is absent, as in old runs.

    Raises TwostreamError for a damaged file: what a stream has learnt from must not be guessed.
    """
    path = folder / CLIPS_NAME
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
            found = dict(rows) if header == HEADER else None
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, csv.Error) as error:
        raise _damaged(path, str(error)) from error
    if not found:
        raise _damaged(path, "other columns" if found is None else "no clips")
    return found


def own_parts(folder: Path) -> dict[str, str]:
    """`read_parts` without the clips of an earlier run."""
    return {clip_id: part for clip_id, part in read_parts(folder).items() if part != EARLIER}


def earlier_clips(options: TrainingOptions, manifest: Manifest) -> dict[str, str]:
    """`read_parts` of the run that a training starts from; empty where it starts from none.

    Raises TwostreamError where a test clip of `manifest` is among them: the network would be tested on
    what it has learnt.
    """
    if options.from_run is None:
        return {}
    folder = Path(options.from_run) / options.stream
    learnt = read_parts(folder)
    check_unseen(folder, learnt, manifest, split=options.split, remedy="start from another run")
    return learnt


def check_unseen(
    folder: Path, learnt: Mapping[str, str], manifest: Manifest, *, split: int, remedy: str
) -> None:
    """Raise TwostreamError where a test clip of the split is among those that were learnt from."""
    known = [row.clip_id for row in manifest.part(split, "test") if row.clip_id in learnt]
    if known:
        raise TwostreamError(
            folder,
            expected=f"a stream that has seen no test clip of split {split}",
            found=f"{len(known)} of them among the clips it has learnt from, such as {known[0]}",
            remedy=f"{remedy} (or, where these are other clips, give them other names)",
        )


def _damaged(path: Path, found: str) -> TwostreamError:
    return TwostreamError(
        path,
        expected=f"a table with the columns {' and '.join(HEADER)}",
        found=found,
        remedy="train the stream again",
    )
