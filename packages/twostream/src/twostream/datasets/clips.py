"""The clips of a data set as they lie on disk, and what could not be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twostream.datasets.hmdb51 import HmdbTags


@dataclass(frozen=True)
class SourceClip:
    """One video file of a class.

    Attributes
    ----------
    clip_id : ``<class>/<stem>``, unique within its data set.
    class_name : name of the class folder.
    path : the video file.
    source : `path` relative to the scanned folder, with forward slashes.
    group : the source video; clips of one group belong on one side of a split.
    tags : what an HMDB-51 name says, else None.
    """

    clip_id: str
    class_name: str
    path: Path
    source: str
    group: str
    tags: HmdbTags | None


@dataclass(frozen=True)
class Problem:
    """Something that could not be used: which `source`, at what `stage`, and the `reason`."""

    source: str
    stage: str
    reason: str


@dataclass(frozen=True)
class Dataset:
    """Everything known of a folder of clips before a single frame is decoded.

    Attributes
    ----------
    name : 'hmdb51', 'ucf101' or the name of the folder.
    classes : class names in the order of their labels; each has at least one clip.
    clips : the clips, sorted by class name and path.
    splits : split number -> clip_id -> 'train', 'test' or 'unused', for every clip.
    problems : files and annotations that cannot be used.
    notes : sentences for the user about what was ignored, assumed or odd.
    """

    name: str
    classes: tuple[str, ...]
    clips: tuple[SourceClip, ...]
    splits: Mapping[int, Mapping[str, str]]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

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
