"""The facts of a stored clip that tests make up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twostream.store.metadata import ClipMetadata


def clip_facts(*, frames: int, size: tuple[int, int], **changes: Any) -> ClipMetadata:
    """Metadata of a clip of so many frames of (height, width), at 25 frames a second."""
    height, width = size
    facts = ClipMetadata(
        source_name="a.avi",
        source_sha256="0",
        source_bytes=1,
        source_width=width,
        source_height=height,
        fps=25.0,
        frames=frames,
        width=width,
        height=height,
        step=1,
        bound_px=20.0,
        jpeg_quality=90,
        flow_algorithm="none",
    )
    return replace(facts, **changes)
