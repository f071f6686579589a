"""Whether two runs were tested on the same files: clips of one name may have been made of others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.store.clip import open_clip

# Clips are opened for it, so that of very many some tell.
MOST_LOOKED_AT = 1000


def clips_of_other_files(data_a: Path, data_b: Path, ids: Sequence[str]) -> tuple[str, ...]:
    """The clips of two prepared data sets, among `ids`, that were made of other bytes.

    How they were made may differ. Clips that either has not are left out, as all are where one data set
    cannot be read.
    """
    try:
        if data_a.resolve() == data_b.resolve():
            return ()
        rows_a, rows_b = (
            {row.clip_id: data / row.path for row in read_manifest(data).rows}
            for data in (data_a, data_b)
        )
    except (TwostreamError, OSError):
        return ()
    common = [clip_id for clip_id in ids if clip_id in rows_a and clip_id in rows_b]
    looked_at = common[:: max(1, len(common) // MOST_LOOKED_AT)]
    return tuple(
        clip_id
        for clip_id in looked_at
        if (one := _content(rows_a[clip_id])) is not None
        and (other := _content(rows_b[clip_id])) is not None
        and one != other
    )


def note_of_other_files(
    run_a: Path, run_b: Path, results: tuple[dict[str, Any], dict[str, Any]], ids: Sequence[str]
) -> str | None:
    """A sentence where clips that two runs were both tested on were made of other files; else None."""
    places = [
        Path(str(found.get("data") or run / "data"))
        for run, found in zip((run_a, run_b), results, strict=True)
    ]
    other = clips_of_other_files(places[0], places[1], ids)
    if not other:
        return None
    return (
        f"{len(other)} of the clips that both have were made of other files, such as {other[0]}: "
        "what differs between the runs may be the videos"
    )


def _content(archive: Path) -> str | None:
    try:
        return open_clip(archive).metadata.source_sha256
    except (TwostreamError, OSError):
        return None
