"""Clips whose pictures would be made otherwise today: by other libraries, or by an earlier version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from twostream.datasets.crops import parse_crop
from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.preparation.ready_frames import ALGORITHM
from twostream.sources.images import cropped, frame_as_stored
from twostream.sources.specification import FlowSpecification
from twostream.store.clip import StoredClip
from twostream.store.jpeg import Image
from twostream.store.metadata import ClipMetadata
from twostream.video.colours import converter
from twostream.video.decode import WORTH_ENTERING_SECONDS, open_video
from twostream.video.resize import resize

# Compared are means of squares of so many pixels a side, after JPEG: other roundings leave less than that
# of a level on average, BT.601 for BT.709 more, in pictures with any colours.
SQUARE_PX, OTHER_COLOURS_LEVELS = 16, 0.3
UNTOLD = "an earlier version, which did not record it"
CONVERTERS = "converters"  # the key in prepare.yaml


def converted_otherwise(clip: StoredClip, video: Path) -> str:
    """In what the first picture of a stored clip would be another, made of its `video` today; or nothing.

    Nothing is looked at where the same libraries made it, nor where its beginning lies far inside a file
    that cannot be entered there.
    """
    facts = clip.metadata
    if not _is_of_video(facts) or facts.decoded_by == converter():
        return ""
    try:
        found = _first_picture(facts, video)
        if found is None:
            return ""
        stored = next(clip.frames(0, 1))
    except TwostreamError:
        return ""  # told elsewhere
    image, conversions = found
    missing = sorted(set(conversions.split("; ")) - {*(facts.converted or "").split("; "), ""})
    if missing:
        return f"not {' or '.join(missing)}"
    away = difference_levels(image, stored)
    return f"colours are {away:.1f} levels away" if away > OTHER_COLOURS_LEVELS else ""


def difference_levels(one: Image, other: Image) -> float:
    """By how many levels two pictures of one size differ on average, details left out."""
    height, width = (max(1, side // SQUARE_PX) for side in one.shape[:2])
    small = [resize(image, width=width, height=height).astype(float) for image in (one, other)]
    return float(abs(small[0] - small[1]).mean())


def converters_of(stored: Iterable[ClipMetadata]) -> dict[str, int]:
    """How many clips of videos which libraries made, for ``prepare.yaml``."""
    counts = Counter(one.decoded_by or UNTOLD for one in stored if _is_of_video(one))
    return dict(sorted(counts.items()))


def converter_notes(converters: object) -> tuple[str, ...]:
    """What to tell of clips that several libraries made, given what `converters_of` says.

    >>> converter_notes({"PyAV 18": 2, "PyAV 19": 1})
    ('pictures were made by PyAV 18 (2 clips), PyAV 19 (1 clip): colours may differ a little',)
    >>> converter_notes({"PyAV 18": 2})
    ()
    """
    if not isinstance(converters, Mapping) or len(converters) < 2:
        return ()
    told = ", ".join(f"{name} ({counted(count, 'clip')})" for name, count in converters.items())
    return (f"pictures were made by {told}: colours may differ a little",)


def otherwise_notes(otherwise: Mapping[str, str], *, out: Path) -> tuple[str, ...]:
    """What to tell of clips (by their ids) that would be made otherwise today."""
    if not otherwise:
        return ()
    first = min(otherwise)
    return (
        f"{counted(len(otherwise), 'clip')} would be made otherwise today, such as {first} "
        f"({otherwise[first]}): `twostream check {out} --repair` makes them again",
    )


def _is_of_video(facts: ClipMetadata) -> bool:
    return facts.flow_algorithm != ALGORITHM and facts.assumed_fps is None


def _first_picture(facts: ClipMetadata, path: Path) -> tuple[Image, str] | None:
    """The first picture at the stored size, and what was done to it; None where finding it takes long."""
    start = facts.start_seconds or 0.0
    with open_video(path) as video:
        if start >= WORTH_ENTERING_SECONDS and not video.can_be_entered:
            return None
        for frame in video.shown_frames(start_seconds=start):
            image = frame.image()
            break
        else:
            return None
        conversions = video.conversions
    crop = None if facts.crop is None else parse_crop(facts.crop)
    if crop is not None and crop.is_within(image.shape[1], image.shape[0]):
        image = cropped(image, crop)
    image = resize(image, width=facts.width, height=facts.height)
    specification = FlowSpecification(jpeg_quality=facts.jpeg_quality)
    return frame_as_stored(image, specification), conversions
