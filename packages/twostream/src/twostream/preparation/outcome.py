"""What a preparation did, for people and programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from twostream.datasets.clips import Problem
from twostream.datasets.official import OfficialCheck


@dataclass(frozen=True)
class Preparation:
    """What `prepare` did: clips stored (of which `reused` were there), frames, problems, notes.

    `official` compares the whole data set with what is stated of it, where official lists were used.
    """

    dataset: str
    clips: int
    reused: int
    frames: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    official: OfficialCheck | None = None
    folder: Path | None = None
    """Where the prepared data set is."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self) | {"folder": None if self.folder is None else str(self.folder)}

    def _repr_html_(self) -> str:
        where = "" if self.folder is None else f" in {self.folder}"
        lines = [f"{self.dataset}: {self.clips} clips, {self.frames} frames{where}"]
        lines += [f"note: {note}" for note in self.notes]
        lines += [f"{one.stage}: {one.source}: {one.reason}" for one in self.problems]
        return "".join(f"<p>{escape(line)}</p>" for line in lines)
