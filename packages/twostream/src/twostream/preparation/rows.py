"""From stored clips to the rows of the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from twostream.datasets.clips import Dataset
from twostream.datasets.manifest import ManifestRow, manifest_row
from twostream.store.metadata import ClipMetadata
from twostream.store.writer import Layout, clip_target


def manifest_rows(
    dataset: Dataset, stored: Mapping[str, ClipMetadata], *, layout: Layout
) -> list[ManifestRow]:
    """One row for each stored clip, in the data set's order."""
    return [
        manifest_row(
            dataset,
            clip,
            path=clip_target(Path("clips"), clip.clip_id, layout=layout).as_posix(),
            frames=metadata.frames,
            fps=metadata.fps,
            width=metadata.width,
            height=metadata.height,
            duration_seconds=metadata.duration_seconds,
        )
        for clip in dataset.clips
        if (metadata := stored.get(clip.clip_id)) is not None
    ]
