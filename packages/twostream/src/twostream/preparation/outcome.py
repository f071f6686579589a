"""What a preparation did, for people and programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.datasets.clips import Problem
from twostream.datasets.names import counted
from twostream.datasets.official import OfficialCheck
from twostream.notebook import html_table

if TYPE_CHECKING:
    import polars as pl


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
        notes = "".join(f"<p>note: {escape(note)}</p>" for note in self.notes)
        title = (
            f"{self.dataset}: {counted(self.clips, 'clip')}, {counted(self.frames, 'frame')}{where}"
        )
        return html_table(title, self.rows) + notes

    @property
    def rows(self) -> list[dict[str, str]]:
        """A row for each problem: its stage, source and reason."""
        return [
            {"stage": one.stage, "source": one.source, "reason": one.reason}
            for one in self.problems
        ]

    def to_polars(self) -> pl.DataFrame:
        """The table of problems."""
        import polars as pl

        return pl.DataFrame(
            self.rows, schema=dict.fromkeys(("stage", "source", "reason"), pl.String)
        )
