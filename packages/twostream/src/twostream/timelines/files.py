"""Intervals and scores of windows as tables and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.atomic import write_csv, written_by_polars
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import Probabilities, Times, WindowScores

if TYPE_CHECKING:
    import polars as pl

# Of a table that is written: more at once take memory beside the scores themselves.
ROWS_AT_ONCE = 4096
SCORE_COLUMNS = ("source", "start_s", "end_s", "stream")  # and the classes
INTERVAL_COLUMNS = ("source", "start_s", "end_s", "label", "score")


def intervals_as_json(intervals: Sequence[Interval]) -> list[dict[str, Any]]:
    """The intervals as plain values, times to a tenth of a millisecond.

    >>> intervals_as_json([Interval(0.5, 2, "jump", 0.875)])
    [{'start_s': 0.5, 'end_s': 2, 'label': 'jump', 'score': 0.875}]
    """
    return [
        {
            "start_s": round(one.start_s, 4),
            "end_s": round(one.end_s, 4),
            "label": one.label,
            "score": round(one.score, 6),
        }
        for one in intervals
    ]


def write_intervals_csv(target: Path, of_sources: Sequence[tuple[str, Sequence[Interval]]]) -> None:
    """Write the intervals of several sources as one CSV table, atomically; raises OSError."""
    rows = [
        (source, one.start_s, one.end_s, one.label, one.score)
        for source, intervals in of_sources
        for one in intervals
    ]
    write_csv(target, INTERVAL_COLUMNS, rows)


def write_scores(
    of_sources: Sequence[tuple[str, WindowScores]],
    *,
    csv: Path | None = None,
    parquet: Path | None = None,
) -> None:
    """Write the probabilities of all streams by window as CSV, as Parquet or as both, atomically.

    A row is a window and a stream: columns `source`, `start_s`, `end_s`, `stream`, and one a class, by
    its name. All sources have the same classes; there is at least one. Raises OSError.
    """
    if csv is not None:
        with written_by_polars(csv) as temporary, temporary.open("wb") as file:
            for number, rows in enumerate(_tables(of_sources)):
                rows.write_csv(file, include_header=number == 0)
    if parquet is not None:
        with written_by_polars(parquet) as temporary:
            _write_parquet(temporary, of_sources)


def _tables(of_sources: Sequence[tuple[str, WindowScores]]) -> Iterator[pl.DataFrame]:
    """The rows of the table, some at once; of a stream without windows a table without rows."""
    for source, scores in of_sources:
        for stream, probabilities in scores.streams.items():
            for first in range(0, max(len(probabilities), 1), ROWS_AT_ONCE):
                rows = slice(first, first + ROWS_AT_ONCE)
                yield _table(
                    source, stream, scores.class_names, scores.windows_s[rows], probabilities[rows]
                )


def _write_parquet(target: Path, of_sources: Sequence[tuple[str, WindowScores]]) -> None:
    """Polars takes one piece after another, so that the table is never there as a whole."""
    from polars.io.plugins import register_io_source

    def pieces(
        with_columns: list[str] | None, _filter: object, _rows: object, _at_once: object
    ) -> Iterator[pl.DataFrame]:
        for piece in _tables(of_sources):
            yield piece if with_columns is None else piece.select(with_columns)

    schema = next(_tables(of_sources)).schema
    register_io_source(pieces, schema=schema).sink_parquet(
        target, compression="zstd", row_group_size=ROWS_AT_ONCE, maintain_order=True
    )


def _table(
    source: str, stream: str, classes: Sequence[str], windows_s: Times, scores: Probabilities
) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        {
            "source": pl.Series([source] * len(windows_s), dtype=pl.String),
            "start_s": windows_s[:, 0],
            "end_s": windows_s[:, 1],
            "stream": pl.Series([stream] * len(windows_s), dtype=pl.String),
            **{
                _column(name): scores[:, column].astype("float32")
                for column, name in enumerate(classes)
            },
        }
    )


def _column(class_name: str) -> str:
    """The column of a class; one that is called as another column gets a sign in front."""
    return f"={class_name}" if class_name in (*INTERVAL_COLUMNS, "stream") else class_name
