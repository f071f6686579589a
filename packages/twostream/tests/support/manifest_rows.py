"""Rows of a manifest for tests of what is counted in them."""

from __future__ import annotations

from twostream.datasets.manifest import ManifestRow


def row(clip_id, group, *sides, frames=50, **tags) -> ManifestRow:
    """A clip of class a or b, at 25 frames a second, on these sides of splits 1, 2, …"""
    class_name = clip_id.partition("/")[0]
    return ManifestRow(
        clip_id=clip_id,
        class_name=class_name,
        label="ab".index(class_name),
        path=f"clips/{clip_id}.zip",
        source=f"{clip_id}.avi",
        frames=frames,
        fps=25.0,
        width=64,
        height=48,
        duration_seconds=frames / 25,
        group=group,
        splits=sides,
        **tags,
    )
