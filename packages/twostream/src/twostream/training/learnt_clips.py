"""`clips.csv`: the clips that a stream has learnt from, and was selected on, so that no test holds one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from twostream.atomic import write_csv
from twostream.datasets.manifest import Manifest
from twostream.errors import TwostreamError
from twostream.preparation.record import read_preparation_record, videos_folder
from twostream.training.options import TrainingOptions
from twostream.training.partition import Partition
from twostream.training.record import read_record

CLIPS_NAME = "clips.csv"
HEADER = ["clip_id", "part", "source"]
HEADER_BEFORE = HEADER[:2]  # without the videos
EARLIER = "earlier"


class LearntClip(NamedTuple):
    """What a clip was for: ``training``, ``validation`` or, of an earlier run, ``earlier``.

    `source` is its video as the manifest names it; empty where an earlier version wrote the file.
    """

    part: str
    source: str = ""


def write_parts(folder: Path, partition: Partition, *, earlier: Mapping[str, LearntClip]) -> None:
    """Write ``clips.csv`` into a stream's folder; the clips of an `earlier` run stand last."""
    own = partition.parts
    sources = {row.clip_id: row.source for row in (*partition.training, *partition.validation)}
    rows = [(clip_id, part, sources[clip_id]) for clip_id, part in own.items()]
    rows += [(name, EARLIER, one.source) for name, one in earlier.items() if name not in own]
    write_csv(folder / CLIPS_NAME, HEADER, rows)


def read_learnt(folder: Path) -> dict[str, LearntClip]:
    """What each clip was for; empty where the file is absent, as in old runs.

    Raises TwostreamError for a damaged file: what a stream has learnt from must not be guessed.
    """
    path = folder / CLIPS_NAME
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
            known = header in (HEADER, HEADER_BEFORE)
            found = {name: LearntClip(*told) for name, *told in rows} if known else None
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise _damaged(path, str(error)) from error
    if not found:
        raise _damaged(path, "other columns" if found is None else "no clips")
    return found


def read_parts(folder: Path) -> dict[str, str]:
    """`read_learnt` without the videos: clip -> ``training``, ``validation`` or ``earlier``."""
    return {name: one.part for name, one in read_learnt(folder).items()}


def own_parts(folder: Path) -> dict[str, str]:
    """`read_parts` without the clips of an earlier run."""
    return {name: part for name, part in read_parts(folder).items() if part != EARLIER}


def has_learnt_from(folder: Path, video: Path) -> bool:
    """Whether a stream has learnt from clips of a video, as far as its folder tells.

    Videos are named in it by their paths below the folder that they were prepared from.
    """
    path = f"/{video.resolve().as_posix()}"
    sources = {one.source for one in read_learnt(folder).values()} - {""}
    return any(path.endswith(f"/{source}") for source in sources)


def earlier_clips(options: TrainingOptions, manifest: Manifest) -> dict[str, LearntClip]:
    """`read_learnt` of the run that a training starts from; empty where it starts from none.

    Raises TwostreamError where a test clip of `manifest` is among them: the network would be tested on
    what it has learnt.
    """
    if options.from_run is None:
        return {}
    folder = Path(options.from_run) / options.stream
    learnt = read_learnt(folder)
    check_unseen(
        folder,
        learnt,
        manifest,
        split=options.split,
        by_video=of_one_folder(folder, manifest.folder),
        remedy="prepare into the folder of clips that the earlier run learnt from (--data), where "
        "recordings stay on their sides, or start from another run",
    )
    return learnt


def of_one_folder(stream: Path, data: Path) -> bool:
    """Whether an earlier stream and a data set have their videos from one folder, as far as that is known.

    Recordings of two projects may be called alike and be others.
    """
    try:
        earlier = read_preparation_record(Path(read_record(stream).data))
    except TwostreamError:
        return False
    now = read_preparation_record(data)
    if not earlier.get("source") or not now.get("source"):
        return False
    folders = {videos_folder(one, Path(one["source"])).resolve() for one in (earlier, now)}
    return len(folders) == 1


def check_unseen(
    folder: Path,
    learnt: Mapping[str, LearntClip],
    manifest: Manifest,
    *,
    split: int,
    remedy: str,
    by_video: bool = True,
) -> None:
    """Raise TwostreamError where a test clip of the split is among those that were learnt from.

    By the name of the clip, or, since corrected labels cut other clips, `by_video`, unless the split
    itself has clips of that video on both sides.
    """
    tested = manifest.part(split, "test")
    known = [row.clip_id for row in tested if row.clip_id in learnt]
    if not known and by_video:
        both = {row.source for row in manifest.part(split, "train")}
        sources = {one.source for one in learnt.values()} - {""} - both
        known = [row.clip_id for row in tested if row.source in sources]
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
