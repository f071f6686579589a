"""What the verbs return of what they found out: tables of small frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.notebook import html_table

if TYPE_CHECKING:
    import polars as pl

    from twostream.embeddings.nearest import SimilarMoment
    from twostream.models.catalogue import BackboneFacts
    from twostream.timelines.agreement import Agreement
    from twostream.timelines.bouts import BoutMeasures
    from twostream.timelines.intervals import Interval
    from twostream.timelines.review import SecondLook

Row = dict[str, Any]


@dataclass(frozen=True)
class SimilarMoments:
    """Moments that are like one that was asked for, the most similar first."""

    moments: tuple[SimilarMoment, ...]

    @property
    def rows(self) -> list[Row]:
        """A row for each moment."""
        return [one.to_dict() for one in self.moments]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"moments": self.rows}

    def _repr_html_(self) -> str:
        return html_table("Similar moments", self.rows)


@dataclass(frozen=True)
class Backbones:
    """Backbones and their facts, in the order in which they were asked for."""

    facts: tuple[BackboneFacts, ...]

    @property
    def rows(self) -> list[Row]:
        """A row for each backbone."""
        return [one.to_dict() for one in self.facts]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"backbones": self.rows}

    def to_polars(self) -> pl.DataFrame:
        """The table."""
        import polars as pl

        return pl.DataFrame(self.rows)

    def _repr_html_(self) -> str:
        return html_table("Backbones", self.rows)


@dataclass(frozen=True, eq=False)
class Bouts:
    """What `bouts` counted, and wrote into `folder`.

    `measures` are by label, subject and video; `transitions` (label, next label) -> how often; `agreements`
    by unit, ``frames`` and ``bouts``, where there was somebody to compare with; `by_label` by unit and
    label, which is there or not.
    """

    folder: Path
    measures: tuple[BoutMeasures, ...]
    transitions: Mapping[tuple[str, str], int]
    agreements: Mapping[str, Agreement]
    by_label: Mapping[tuple[str, str], Agreement] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> list[Row]:
        """A row for each label, subject and video, and for all of these."""
        return [asdict(one) for one in self.measures]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "folder": str(self.folder),
            "measures": self.rows,
            "transitions": [[*pair, count] for pair, count in self.transitions.items()],
            "kappa": {unit: one.kappa for unit, one in self.agreements.items()},
            "notes": list(self.notes),
        }

    def to_polars(self) -> pl.DataFrame:
        """The measures as a table."""
        import polars as pl

        return pl.DataFrame(self.rows)

    def _repr_html_(self) -> str:
        return html_table(f"bouts, in {self.folder}", self.rows)


@dataclass(frozen=True, eq=False)
class Review:
    """The stretches of `videos` that are worth a second look, the most worth first."""

    videos: tuple[str, ...]
    looks: tuple[SecondLook, ...]
    notes: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The video, or how many they are."""
        return self.videos[0] if len(self.videos) == 1 else f"{len(self.videos)} videos"

    @property
    def rows(self) -> list[Row]:
        """A row for each stretch."""
        return [asdict(one) for one in self.looks]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"videos": list(self.videos), "looks": self.rows, "notes": list(self.notes)}

    def _repr_html_(self) -> str:
        return html_table(f"worth a second look in {self.where}", self.rows)


@dataclass(frozen=True)
class Seen:
    """An interval in a source that goes on."""

    source: str
    interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"source": self.source, **asdict(self.interval)}
