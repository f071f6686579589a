"""What is written: intervals of one video, and what the writers of all formats share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class WrittenSegment:
    """An interval to write: seconds from the first frame, `score` from 0 to 1 where there is one."""

    label: str
    start_s: float
    end_s: float
    score: float | None = None
    subject: str = ""


@dataclass(frozen=True)
class WrittenVideo:
    """The video of the intervals: its file's name, frames a second, and what else is known of it.

    `labels` are all that could be in it: whoever corrects what was found must be able to choose what was
    missed.
    """

    name: str
    fps: float
    frames: int | None = None
    seconds: float | None = None
    width: int = 0
    height: int = 0
    labels: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """The name without its extension."""
        return PurePosixPath(self.name).stem

    @property
    def length_s(self) -> float | None:
        """How long it is, in seconds."""
        if self.seconds is not None or self.frames is None:
            return self.seconds
        return self.frames / self.fps

    def span(self, one: WrittenSegment, *, step: int = 1, first: int = 0) -> tuple[int, int]:
        """The first frame of an interval and the first after it, at least one `step` later."""
        start = first + round((one.start_s * self.fps - first) / step) * step
        end = first + round((one.end_s * self.fps - first) / step) * step
        if self.frames is not None:
            start = min(start, max(self.frames - 1, 0))
        return max(start, first), max(end, start + step)


@dataclass(frozen=True)
class Text:
    """The content of a file; `notes` say what the format could not hold, or what was kept."""

    content: str
    notes: tuple[str, ...] = ()


def milliseconds(seconds: float) -> int:
    """Whole milliseconds.

    >>> milliseconds(2.4804)
    2480
    """
    return round(seconds * 1000)


def in_order(segments: Iterable[WrittenSegment]) -> list[WrittenSegment]:
    """Intervals in the order of time, then of label."""
    return sorted(segments, key=lambda one: (one.start_s, one.end_s, one.label, one.subject))


def labels_of(segments: Iterable[WrittenSegment], video: WrittenVideo) -> list[str]:
    """Each label that is in a video or could be, once, in alphabetical order."""
    return sorted({*video.labels, *(one.label for one in segments)})


def one_line(label: str) -> str:
    r"""A label without line breaks and tabs.

    >>> one_line("a\tb\nc")
    'a b c'
    """
    return " ".join(label.split())


def note_of(one: WrittenSegment) -> str:
    """Score and subject in words, for formats that have a place for a note."""
    parts = [] if one.score is None else [f"score {one.score:.3g}"]
    return ", ".join([*parts, one.subject] if one.subject else parts)
