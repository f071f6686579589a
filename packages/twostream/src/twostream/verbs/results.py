"""What the verbs return: frozen, typed, with tables; they show themselves in a notebook.

What was a dictionary is a read-only mapping of the same content (``results["protocols"]``), as in
``results.json``; `to_dict` gives it as a dictionary, for JSON. What was a path is used as one still: it
has a path's methods and opens as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.notebook import html_link, html_table

if TYPE_CHECKING:
    import polars as pl

    from twostream.exploration.balance import TagImbalance
    from twostream.preparation.plan import Plan
    from twostream.preparation.verification import Verification
    from twostream.training.partition import Parts
    from twostream.training.record import TrainingRecord

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Content(Mapping[str, Any]):
    """A read-only mapping of what a result says; equal to a dictionary of the same content."""

    content: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, key: str) -> Any:
        return self.content[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.content)

    def __len__(self) -> int:
        return len(self.content)

    def to_dict(self) -> dict[str, Any]:
        """The content as a dictionary, for JSON."""
        return dict(self.content)

    @property
    def rows(self) -> list[Row]:
        """The table of the result, a row each."""
        return [{"name": name, "value": value} for name, value in self.content.items()]

    def to_polars(self) -> pl.DataFrame:
        """The table of the result."""
        import polars as pl

        return pl.DataFrame(self.rows)

    def to_pandas(self) -> Any:
        """The table of the result for pandas; raises TwostreamError where pandas is not installed."""
        try:
            import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]
        except ImportError as error:
            from twostream.errors import TwostreamError

            raise TwostreamError(
                "to_pandas",
                expected="pandas",
                found="none",
                remedy="pip install pandas, or take to_polars()",
            ) from error
        return pd.DataFrame(self.rows)

    def _repr_html_(self) -> str:
        return html_table(type(self).__name__, self.rows)


@dataclass(frozen=True, eq=False)
class Evaluation(Content):
    """Accuracies of a run by protocol and stream; the content is that of ``results.json``.

    Of several splits it holds their ``mean``, their ``standard_deviation`` and each of the ``splits``;
    of folds also what all clips together come to: ``pooled``.
    """

    run: Path
    notes: tuple[str, ...] = ()
    """What is worth knowing of them, a sentence each."""

    @property
    def of_splits(self) -> bool:
        """Whether these are of several splits."""
        return "mean" in self.content

    @property
    def report(self) -> Path | None:
        """The page about the run, where it is written."""
        page = self.run / "report.html"
        return page if page.is_file() else None

    @property
    def rows(self) -> list[Row]:
        """A row for each protocol and stream: top-1, top-5 and mean class accuracy, fractions of 1.

        Of clips with several labels mAP and F1 (macro, micro) stand in their place. Of folds those of all
        clips together, of other splits the means.
        """
        found = self.content.get("pooled") or self.content.get("mean") or self.content
        return [
            {"protocol": protocol, "stream": stream}
            | {name: values[name] for name in values if name != "intervals"}
            for protocol, streams in found["protocols"].items()
            for stream, values in streams.items()
        ]

    def _repr_html_(self) -> str:
        page = "" if self.report is None else f"<p>report: {html_link(self.report)}</p>"
        notes = "".join(f"<p>note: {escape(note)}</p>" for note in self.notes)
        return html_table(f"Evaluation of {self.run}", self.rows) + notes + page


@dataclass(frozen=True, eq=False)
class PlannedRun(Content):
    """What `run --dry-run` would prepare: `clips`, of which `there` are stored already."""


@dataclass(frozen=True, eq=False)
class Comparison(Content):
    """Two runs on the same clips; the content is that of ``comparison.json``."""

    page: Path

    @property
    def rows(self) -> list[Row]:
        """A row for each measure: A, B and B minus A, its 95 % interval; A and B as fractions of 1."""
        return [
            {
                "measure": measure,
                "A": self.content["A"][measure],
                "B": self.content["B"][measure],
                "B_minus_A": found["difference"],
                "low": found["interval"][0],
                "high": found["interval"][1],
            }
            for measure, found in self.content["B_minus_A"].items()
        ]

    def _repr_html_(self) -> str:
        return html_table("B minus A", self.rows) + f"<p>comparison: {html_link(self.page)}</p>"


@dataclass(frozen=True, eq=False)
class FlowComparison(Content):
    """How far a flow is from the true one: the measures of `FlowErrors` by name."""

    estimate: Path
    truth: Path


@dataclass(frozen=True, eq=False)
class SplitTable(Content):
    """What each split of a data set trains and tests (``splits``), and how alike its parts are in tags."""

    folder: Path
    imbalances: tuple[TagImbalance, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> list[Row]:
        """A row for each split."""
        rows: list[Row] = [dict(row) for row in self.content["splits"]]
        return rows


@dataclass(frozen=True, eq=False)
class Machine(Content):
    """What this machine computes with, by section."""

    @property
    def rows(self) -> list[Row]:
        """A row for each fact."""
        return [
            {"section": section, "name": name, "value": value}
            for section, facts in self.content.items()
            for name, value in facts.items()
        ]


@dataclass(frozen=True)
class Planned:
    """What `prepare` would do into `folder`."""

    plan: Plan
    folder: Path


@dataclass(frozen=True)
class Checked:
    """What `check` found."""

    found: Verification


@dataclass(frozen=True)
class TrainingBegins:
    """How many clips train, validate and test a stream, and what these cannot tell."""

    stream: str
    parts: Parts
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trained:
    """What was trained on what, or that all of it `was_there` already."""

    record: TrainingRecord
    was_there: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class JsonLine:
    """A result that was asked for as JSON: one line of it."""

    text: str
