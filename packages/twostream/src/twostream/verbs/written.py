"""What the verbs return of files and folders that they wrote; used as their paths."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.notebook import html_link, html_table

if TYPE_CHECKING:
    from twostream.datasets.official import OfficialCheck
    from twostream.exporting.publishing import PublishedFile

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class AtPath:
    """What was written, and where; to be used as its path."""

    path: Path

    def __fspath__(self) -> str:
        return os.fspath(self.path)

    def __str__(self) -> str:
        return str(self.path)

    def __truediv__(self, name: str | os.PathLike[str]) -> Path:
        return self.path / name

    def __eq__(self, other: object) -> bool:
        return self.path == (other.path if isinstance(other, AtPath) else other)

    def __hash__(self) -> int:
        return hash(self.path)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "path":  # what notebooks and pickle ask for
            raise AttributeError(name)
        return getattr(self.path, name)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"path": str(self.path)}

    def _repr_html_(self) -> str:
        return f"<p>{html_link(self.path)}</p>"


@dataclass(frozen=True, eq=False)
class FeatureFile(AtPath):
    """A Parquet file of the features of so many `sources`, in all so many `windows`."""

    sources: int
    windows: int


@dataclass(frozen=True, eq=False)
class ReportPage(AtPath):
    """The page about an evaluated run."""


@dataclass(frozen=True, eq=False)
class ExplorationPage(AtPath):
    """The page about a prepared data set, and what it says of leakage and damage, a line each."""

    findings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Bundle(AtPath):
    """A folder with trained streams and all that they need, and what is worth knowing of them."""

    streams: tuple[str, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Export(AtPath):
    """A folder with networks in a format of other programs, and what is worth knowing of it."""

    format: str
    streams: tuple[str, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Published:
    """The files that were uploaded to an address on the Hub; `url` is None where none were (a dry run)."""

    address: str
    files: tuple[PublishedFile, ...]
    url: str | None = None

    @property
    def rows(self) -> list[Row]:
        """A row for each file."""
        return [asdict(one) for one in self.files]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"address": self.address, "url": self.url, "files": self.rows}

    def _repr_html_(self) -> str:
        return html_table(self.address, self.rows)


@dataclass(frozen=True, eq=False)
class Download(AtPath):
    """A data set that was fetched: `check` compares it with what is stated, if both parts are there.

    `clips` is the folder of its videos, or of its ready frames.
    """

    name: str
    check: OfficialCheck | None = None
    clips: Path | None = None


@dataclass(frozen=True)
class Fetched:
    """One archive of a data set, fetched and opened, or there already."""

    role: str
    files: int
    path: Path
    how: str


@dataclass(frozen=True, eq=False)
class ListFiles(Sequence[Path]):
    """The list files that were written; a sequence of their paths."""

    folder: Path
    paths: tuple[Path, ...]
    clips: int
    notes: tuple[str, ...] = ()

    def __getitem__(self, index: Any) -> Any:
        found = self.paths[index]
        return list(found) if isinstance(index, slice) else found

    def __len__(self) -> int:
        return len(self.paths)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self.paths) == list(other)

    def __hash__(self) -> int:
        return hash(self.paths)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"paths": [str(path) for path in self.paths], "notes": list(self.notes)}

    def _repr_html_(self) -> str:
        return html_table(f"Lists of {self.clips} clips", [{"file": str(p)} for p in self.paths])
