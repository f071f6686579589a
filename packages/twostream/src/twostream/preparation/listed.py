"""How many frames lists say that clips have, beside how many there are."""

from __future__ import annotations

from collections.abc import Iterable

from twostream.datasets.clips import SourceClip
from twostream.datasets.manifest import ManifestRow
from twostream.preparation.options import ExtractionOptions


def listed_notes(
    clips: Iterable[SourceClip], rows: Iterable[ManifestRow], options: ExtractionOptions
) -> tuple[str, ...]:
    """A sentence where the list of the `clips` tells other numbers of frames than there are.

    `rows` are the prepared ones. What is there is used, whatever the list says. Lists of flows count one
    less, all alike. Where the `options` leave frames out, nothing is compared.
    """
    if options.step != 1 or options.fps is not None:
        return ()
    frames = {row.clip_id: row.frames for row in rows}
    both = [
        (clip.described, clip.frames_listed, frames[clip.clip_id])
        for clip in clips
        if clip.frames_listed is not None and clip.clip_id in frames
    ]
    if both and all(listed == found - 1 for _, listed, found in both):
        return ()
    other = [one for one in both if one[1] != one[2]]
    if not other:
        return ()
    source, listed, found = max(other, key=lambda one: abs(one[1] - one[2]))
    few = max(listed for _, listed, _ in both) < 2
    return (
        f"the list tells other numbers of frames for {len(other)} of {len(both)} clips, such as {listed} "
        f"of {source}, where {found} were found: all that are there are used"
        + ("; where these are labels, write a row for each and give --multi-label" if few else ""),
    )
