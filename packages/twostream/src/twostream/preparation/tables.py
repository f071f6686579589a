"""Whether the manifest agrees with itself and, where it is there, with the source it was made from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from twostream.datasets import manifest as manifests
from twostream.datasets.clips import Dataset
from twostream.datasets.folder_names import is_folder_of
from twostream.datasets.manifest import Manifest, write_manifest
from twostream.errors import TwostreamError
from twostream.preparation.kept_sides import load_again

Item = tuple[str, Literal["labels", "tables"], str]


def table_findings(
    data: Path, manifest: Manifest, record: dict[str, Any], *, source: Path | None
) -> Iterator[Item]:
    """(subject, kind, detail) of everything that does not fit.

    The CSV must be the Parquet's; a clip's identifier must begin with its class; and where the
    source can be read, labels, groups and splits must be what it gives again.
    """
    if not _same_tables(data, manifest):
        yield manifests.CSV, "tables", f"not the content of {manifests.PARQUET}"
    for row in manifest.rows:
        if not is_folder_of(row.clip_id.partition("/")[0], row.class_name):
            yield row.clip_id, "labels", f"the manifest says {row.class_name}"
    if source is None or not record:
        return
    try:
        dataset = load_again(data, record, source=source)
    except TwostreamError as error:
        yield str(source), "labels", f"cannot be compared: {error}"
        return
    yield from _compared(manifest, dataset)


def _compared(manifest: Manifest, dataset: Dataset) -> Iterator[Item]:
    clips = {clip.clip_id: clip for clip in dataset.clips}
    # Classes none of whose clips could be prepared have no label.
    kept = [name for name in dataset.classes if name in {row.class_name for row in manifest.rows}]
    for row in manifest.rows:
        clip = clips.get(row.clip_id)
        if clip is None:
            yield row.clip_id, "labels", "no clip of the source"
            continue
        label = kept.index(clip.class_name) if clip.class_name in kept else None
        for what, stated, real in (
            ("label", row.label, label),
            ("group", row.group, clip.group),
            ("splits", _listed(row.splits), _listed(dataset.sides(clip.clip_id))),
        ):
            if stated != real:
                yield (
                    row.clip_id,
                    "labels",
                    f"{what} {stated} in the manifest, {real} by the source",
                )


def _listed(sides: tuple[str | None, ...]) -> str:
    return ",".join(side or "-" for side in sides)


def _same_tables(data: Path, manifest: Manifest) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        longest = max((len(row.splits) for row in manifest.rows), default=0)
        write_manifest(Path(folder), manifest.rows, n_splits=longest)
        try:
            return (data / manifests.CSV).read_bytes() == (
                Path(folder) / manifests.CSV
            ).read_bytes()
        except OSError:
            return False
