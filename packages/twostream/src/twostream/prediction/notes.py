"""What is to be known of a source after it was read."""

from __future__ import annotations

from twostream.datasets.names import counted
from twostream.sources.camera import CameraClip
from twostream.sources.video import VideoClip
from twostream.store.source import ClipSource


def notes_of_reading(clip: ClipSource) -> tuple[str, ...]:
    """Frames that were resized, since the source changed its size, and frames that were left out."""
    if not isinstance(clip, VideoClip | CameraClip):
        return ()
    name, notes = clip.facts.name, []
    if clip.resized_frames:
        notes.append(
            f"{name}: {counted(clip.resized_frames, 'frame')} came in another size than the first and "
            f"were resized to its {clip.facts.width}x{clip.facts.height}"
        )
    if isinstance(clip, CameraClip) and clip.dropped_frames:
        notes.append(
            f"{name}: {counted(clip.dropped_frames, 'frame')} came faster than they were looked at and "
            "were left out; fewer windows a second (--rate) or a faster flow keep up"
        )
    return tuple(notes)
