"""What files of labels say: segments, moments, stretches that nobody judged, and what must be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# 29.97 is 30000/1001.
SAME_RATE = 1e-3


@dataclass(frozen=True, slots=True)
class FrameSpan:
    """Frames of a video, by which a format counts; `first` belongs to it, `end` does not."""

    first: int
    end: int
    fps: float

    @property
    def start_s(self) -> float:
        """When the first frame is shown, in seconds."""
        return self.first / self.fps

    @property
    def end_s(self) -> float:
        """When the first frame after it is shown, in seconds."""
        return self.end / self.fps


@dataclass(frozen=True, slots=True)
class LabelledSegment:
    """A label from `start_s` on and before `end_s`, in seconds of the video file from its first frame.

    Attributes
    ----------
    video : the file as the labels name it; empty where they name none.
    label : any text but an empty one.
    end_s : None for the end of the file.
    subject : who does it; empty where nothing is said.
    annotator : who labelled it; empty where nothing is said.
    recording : what files of one recording have in common; empty where the file is one of its own.
    side : 'train', 'val' or 'test' where the labels say so, else None.
    frames : the same by frames, where the format counts them.
    file : the file of labels that says so, below the folder that was read; empty where one file was.
    """

    video: str
    label: str
    start_s: float
    end_s: float | None
    subject: str = ""
    annotator: str = ""
    recording: str = ""
    side: str | None = None
    frames: FrameSpan | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class LabelledPoint:
    """A label of one moment, without length."""

    video: str
    label: str
    time_s: float
    subject: str = ""
    annotator: str = ""
    recording: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a video that is neither action nor background: ambiguous, or not looked at."""

    video: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Told:
    """What must be said: the `reason`, by which it is counted, and the one case.

    `lost` is whether a label was left out; else it was only changed, or nothing was.
    """

    reason: str
    detail: str = ""
    video: str = ""
    label: str = ""
    start_s: float | None = None
    end_s: float | None = None
    lost: bool = True

    @property
    def case(self) -> str:
        """The one case for people.

        >>> Told("ends before it starts", video="a.mp4", label="wave", start_s=6, end_s=5).case
        "a.mp4: 'wave' 6-5 s"
        """
        times = ["?" if s is None else f"{s:.10g}" for s in (self.start_s, self.end_s)]
        words = [f"{self.label!r}"] if self.label else []
        if self.start_s is not None:
            words.append(f"{times[0]}-{times[1]} s" if self.end_s is not None else f"{times[0]} s")
        if self.detail:
            words.append(f"({self.detail})" if words else self.detail)
        return ": ".join(part for part in (self.video, " ".join(words)) if part)


@dataclass(frozen=True)
class Labels:
    """Everything that one or several files of labels say.

    Attributes
    ----------
    formats : the names of their formats.
    segments, points, unsure : in the order of the files.
    told : what was left out or changed.
    videos : all videos that were looked at, those without any label too.
    notes : sentences on how the files were understood.
    """

    formats: tuple[str, ...]
    segments: tuple[LabelledSegment, ...]
    points: tuple[LabelledPoint, ...]
    unsure: tuple[Stretch, ...]
    told: tuple[Told, ...]
    videos: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class VideoFacts:
    """What is known of a video file: frames a second, frames, seconds; None where it is not known.

    `read_times` gives the times of all frames of a video whose frames are not evenly spaced, else None; it
    is asked only where frames are counted.
    """

    fps: float | None = None
    frames: int | None = None
    seconds: float | None = None
    read_times: Callable[[], tuple[float, ...] | None] | None = None

    def counts_like(self, fps: float) -> bool:
        """Whether so many frames a second are those of the video: rates are written with few digits."""
        return self.fps is not None and abs(fps / self.fps - 1) < SAME_RATE

    def time_of(self, frame: float) -> float:
        """When a frame is shown; between two frames where `frame` is.

        >>> VideoFacts(25.0).time_of(50), VideoFacts(10.0, read_times=lambda: (0.0, 0.1, 0.4)).time_of(1.5)
        (2.0, 0.25)
        """
        rate = self.fps or 1.0
        times = self.read_times() if self.read_times is not None else None
        if not times:
            return frame / rate
        last = len(times) - 1
        if frame >= last:
            return times[last] + (frame - last) / rate
        below = max(0, int(frame))
        return times[below] + max(0.0, frame - below) * (times[below + 1] - times[below])


FactsOf = Callable[[str], VideoFacts | None]
"""The facts of the video that labels name so; None where there is no such file."""


def no_facts(video: str) -> VideoFacts | None:
    """Nothing is known of any video."""
    del video
    return None
