"""Clips that are prepared stay on their side of a drawn split when others are added."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from twostream.datasets.clips import Dataset
from twostream.datasets.listing import TEST, TRAIN
from twostream.datasets.load import load_dataset
from twostream.datasets.manifest import ManifestRow, read_manifest
from twostream.errors import TwostreamError
from twostream.preparation.options import PrepareOptions
from twostream.preparation.record import read_preparation_record

SIDES = "sides"  # the key in prepare.yaml


def load_for(source: Path, out: Path, options: PrepareOptions) -> Dataset:
    """The data set of `source` as it will be prepared into `out`, whose clips keep their sides.

    Raises TwostreamError as `load_dataset` does.
    """
    return load_dataset(
        source,
        annotations=options.annotations,
        seed=options.seed,
        selection=options.selection,
        kept=kept_sides(out, seed=options.seed),
    )


def kept_sides(data: Path, *, seed: int) -> dict[str, str]:
    """Side by clip of the split that was drawn with `seed` for the data set in `data`; empty if none was.

    Sides that were drawn by an earlier version, which drew in another way, are kept like any. Those that
    are not what was recorded of them are not: something else wrote the manifest.
    """
    record = read_preparation_record(data)
    if not record or record.get("annotations") is not None or record.get("seed") != seed:
        return {}
    try:
        rows = read_manifest(data).rows
    except TwostreamError:
        return {}  # nothing was finished there
    if any(row.splits not in ((TRAIN,), (TEST,)) for row in rows):
        return {}  # the sides were given by the source
    sides = {row.clip_id: str(row.splits[0]) for row in rows}
    return sides if record.get(SIDES, sides_digest(rows)) == sides_digest(rows) else {}


def sides_digest(rows: Iterable[ManifestRow]) -> str:
    """A short name for the sides of all clips together, in every split."""
    lines = sorted(f"{row.clip_id}\t{row.splits}\n" for row in rows)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:24]
