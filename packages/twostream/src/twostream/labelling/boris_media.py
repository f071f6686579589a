"""The time of a BORIS observation, which runs on over all files of its first player."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from twostream.labelling.collected import Collected

NO_LENGTHS = "lies in files played one after another whose lengths are not known"
AFTER_LAST = "lies after the last file of its observation"
NEVER_STOPS = "starts and never stops"
NEVER_STARTS = "stops without a start"
NO_FOCAL_SUBJECT = "no focal subject"
# Lengths are written with three decimals, and the last frame of a file may be labelled.
ROUNDED_SECONDS = 0.1

Key = tuple[str, str, str]  # subject, behaviour, modifiers


@dataclass(frozen=True)
class Media:
    """The files of the first player in order, and when they begin by the time of the observation.

    `lengths_s` are None where they are not known; `offset_s` is what was added to the time of the media.
    """

    observation: str
    files: tuple[str, ...]
    lengths_s: tuple[float | None, ...]
    offset_s: float = 0.0

    @property
    def recording(self) -> str:
        """What its files have in common, where there are several."""
        return f"{self.files[0]}+" if len(self.files) > 1 else ""

    def parts(self, start_s: float, end_s: float) -> Iterator[tuple[str, float, float]]:
        """(file, start, end) of each file in which some of it lies.

        Raises ValueError where lengths are not known.
        """
        start, end = round(start_s - self.offset_s, 6), round(end_s - self.offset_s, 6)
        begins = 0.0
        for number, file in enumerate(self.files):
            length = self.lengths_s[number]
            last = number == len(self.files) - 1
            if length is None and not last:
                if end <= begins:
                    return
                raise ValueError("a length is not known")
            ends = float("inf") if length is None or last else begins + length
            if start < ends and end > begins:
                inside = round(max(start - begins, min(start, 0.0)), 6)
                yield file, inside, round(min(end, ends) - begins, 6)
            begins = ends

    def moment(self, time_s: float) -> tuple[str, float]:
        """The file and its time that are shown at `time_s`; raises ValueError for unknown lengths."""
        for file, start, _ in self.parts(time_s, time_s + 1e-6):
            return file, start
        raise ValueError("outside of all files")

    @property
    def length_s(self) -> float | None:
        """The length of all files."""
        known = [length for length in self.lengths_s if length is not None]
        return sum(known) if len(known) == len(self.files) else None

    def last_length(self) -> float | None:
        """The length of the last file, past which nothing can be."""
        return self.lengths_s[-1] if self.lengths_s else None


def media_lengths(
    files: Sequence[str], told: Sequence[float | None], into: Collected
) -> tuple[float | None, ...]:
    """The lengths that a file of labels tells, else those of the videos."""
    lengths: list[float | None] = []
    for number, file in enumerate(files):
        length = told[number] if number < len(told) else None
        if not length:
            facts = into.facts_of(file)
            length = facts.seconds if facts else None
        lengths.append(length or None)
    return tuple(lengths)


def add_segment(into: Collected, media: Media, key: Key, start_s: float, end_s: float) -> None:
    """Add what lies between two times of an observation, to each file in which some of it lies."""
    subject, behaviour, _ = key
    try:
        parts = list(media.parts(start_s, end_s)) if end_s > start_s else []
    except ValueError:
        into.tell(NO_LENGTHS, video=media.files[0], label=behaviour, start_s=start_s, end_s=end_s)
        return
    if not parts:
        # Nothing, or less, is between them: let what is wrong be told as for any format.
        offset = media.offset_s
        parts = [(media.files[0], start_s - offset, end_s - offset)]
    for file, start, end in parts:
        last = file == media.files[-1]
        into.segment(
            file,
            behaviour,
            start,
            end,
            subject=subject,
            recording=media.recording,
            annotator=media.observation,
            length_s=media.last_length() if last else None,
        )


def add_point(into: Collected, media: Media, key: Key, time_s: float) -> None:
    """Add a moment of an observation."""
    subject, behaviour, _ = key
    try:
        file, time = media.moment(time_s)
    except ValueError:
        if len(media.files) == 1 or time_s < media.offset_s:
            file, time = media.files[0], time_s - media.offset_s
        else:
            into.tell(NO_LENGTHS, video=media.files[0], label=behaviour, start_s=time_s)
            return
    into.point(
        file,
        behaviour,
        time,
        subject=subject,
        annotator=media.observation,
        recording=media.recording,
    )


def subject_of(name: str) -> str:
    """The subject; empty for none in particular.

    >>> subject_of("No focal subject"), subject_of(" left ")
    ('', 'left')
    """
    return "" if name.strip().casefold() == NO_FOCAL_SUBJECT else name.strip()


def modifiers_of(*written: str) -> str:
    """The modifiers that were chosen, in one text: ``None`` is none.

    >>> modifiers_of("None|fast", "")
    'fast'
    """
    parts = [part.strip() for text in written for part in text.split("|")]
    return "|".join(part for part in parts if part and part != "None")
