"""The clips of a data set as they lie on disk, and what could not be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twostream.datasets.crops import Crop
from twostream.datasets.hmdb51 import HmdbTags
from twostream.datasets.listing import Listing


@dataclass(frozen=True)
class Segment:
    """A part of a video, in seconds from its first frame: `start` belongs to it, `end` does not.

    `end_seconds` None means up to the last frame.

    >>> Segment(2, 4.5).contains(2.0), Segment(2, 4.5).contains(4.5)
    (True, False)
    """

    start_seconds: float = 0.0
    end_seconds: float | None = None

    def contains(self, time_seconds: float) -> bool:
        """Whether a frame shown at that time belongs to the segment."""
        return self.start_seconds <= time_seconds and not self.is_past(time_seconds)

    def is_past(self, time_seconds: float) -> bool:
        """Whether the segment has ended by then."""
        return self.end_seconds is not None and time_seconds >= self.end_seconds

    @property
    def name(self) -> str:
        """The segment in a file's name.

        >>> Segment(2, 4.5).name, Segment(60).name
        ('2-4.5s', '60s-end')
        """
        if self.end_seconds is None:
            return f"{self.start_seconds:.10g}s-end"
        return f"{self.start_seconds:.10g}-{self.end_seconds:.10g}s"


@dataclass(frozen=True)
class FrameFolder:
    """Where the ready frames of a clip lie: a folder, or the folder `inside` a ZIP archive.

    `flows` are the folders of horizontal and of vertical flow where those lie apart from the images; they
    may be one folder. Without flow (`has_flow`) its numbered pictures are the frames of a video, `fps` a
    second if told. `called` is the clip's name where its folder has another one, as ``rgb`` in the clip's.
    """

    path: Path
    inside: str = ""
    flows: tuple[Path, Path] | None = None
    has_flow: bool = True
    fps: float | None = None
    called: str = ""

    def __str__(self) -> str:
        return f"{self.path}/{self.inside}" if self.inside else str(self.path)

    @property
    def name(self) -> str:
        """The name of the clip, which has no extension."""
        if self.called:
            return self.called
        if self.inside:
            return self.inside.rpartition("/")[2]
        return self.path.name if self.path.is_dir() else self.path.stem


@dataclass(frozen=True)
class SourceClip:
    """One clip of a class: a video file, a segment of one, or ready frames.

    Attributes
    ----------
    clip_id : ``<class>/<stem>``, unique within its data set.
    class_name : name of the class.
    path : the video file.
    source : `path` relative to the scanned folder, with forward slashes.
    group : the source video; clips of one group belong on one side of a split.
    tags : what an HMDB-51 name says, else None.
    segment : the part of the video that is the clip; None for all of it.
    frames_in : where its images are; None for a video.
    background : whether its class stands for 'none of the others'.
    crop : the part of every picture that the source gives for this clip; None where it gives none.
    subject : who is in it, where a table says so.
    labels : where several labels may hold at once, all that do, sorted; `class_name` is then the set in
        words. None where a clip is of one class.
    frames_listed : how many frames it has by the list that names it; None where that does not say.
    """

    clip_id: str
    class_name: str
    path: Path
    source: str
    group: str
    tags: HmdbTags | None
    segment: Segment | None = None
    frames_in: FrameFolder | None = None
    background: bool = False
    crop: Crop | None = None
    subject: str | None = None
    labels: tuple[str, ...] | None = None
    frames_listed: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What it counts as: its class, or each of its labels; the background where it has none."""
        return self.labels or (self.class_name,)

    @property
    def file_name(self) -> str:
        """What lists of splits call the clip within its class."""
        return self.frames_in.name if self.frames_in else self.path.name

    @property
    def described(self) -> str:
        """The clip's source for people, with its segment and its part of the picture."""
        parts = [part.name for part in (self.segment, self.crop) if part is not None]
        return f"{self.source} ({', '.join(parts)})" if parts else self.source


@dataclass(frozen=True)
class Problem:
    """Something that could not be used: which `source`, at what `stage`, and the `reason`.

    `class_name` says of which class, where that is known.
    """

    source: str
    stage: str
    reason: str
    class_name: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Dataset:
    """Everything known of a source of clips before a single frame is decoded.

    Attributes
    ----------
    name : 'hmdb51', 'ucf101' or the name of the folder.
    classes : class names in the order of their labels; each has at least one clip.
    clips : the clips, sorted by class name and path.
    splits : split number -> clip_id -> 'train', 'val', 'test' or 'unused', for every clip.
    problems : files and annotations that cannot be used.
    notes : sentences for the user about what was ignored, assumed or odd.
    kind : what the source was found to be, in words.
    listing : what official lists say of the wanted classes; None without annotations.
    left_out_by_limit : clips that there were before only some were taken.
    """

    name: str
    classes: tuple[str, ...]
    clips: tuple[SourceClip, ...]
    splits: Mapping[int, Mapping[str, str]]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    kind: str = ""
    listing: Listing | None = None
    left_out_by_limit: int = 0

    @property
    def n_splits(self) -> int:
        """The greatest split number: as many columns of splits as the manifest needs."""
        return max(self.splits, default=0)

    def label(self, class_name: str) -> int:
        """The 0-based label of a class; raises ValueError for a class without clips."""
        return self.classes.index(class_name)

    def sides(self, clip_id: str) -> tuple[str | None, ...]:
        """The sides of one clip in splits 1 to `n_splits`; None where a split does not exist."""
        return tuple(
            self.splits[number][clip_id] if number in self.splits else None
            for number in range(1, self.n_splits + 1)
        )
