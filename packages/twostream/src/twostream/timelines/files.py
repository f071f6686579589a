"""Intervals and scores of windows as tables and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.atomic import atomic_path, write_csv
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores

if TYPE_CHECKING:
    import polars as pl

# Of a table that is written: more at once take memory beside the table itself.
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


def scores_table(of_sources: Sequence[tuple[str, WindowScores]]) -> pl.DataFrame:
    """The probabilities of all streams by window.

    A row is a window and a stream: columns `source`, `start_s`, `end_s`, `stream`, and one a class, by
    its name. All sources have the same classes; there is at least one.
    """
    import polars as pl

    return pl.concat(
        pl.DataFrame(
            {
                "source": pl.Series([source] * len(scores.windows_s), dtype=pl.String),
                "start_s": scores.windows_s[:, 0],
                "end_s": scores.windows_s[:, 1],
                "stream": pl.Series([stream] * len(scores.windows_s), dtype=pl.String),
                **{
                    _column(name): probabilities[:, column].astype("float32")
                    for column, name in enumerate(scores.class_names)
                },
            }
        )
        for source, scores in of_sources
        for stream, probabilities in scores.streams.items()
    )


def write_scores(
    of_sources: Sequence[tuple[str, WindowScores]],
    *,
    csv: Path | None = None,
    parquet: Path | None = None,
) -> None:
    """Write `scores_table` as CSV, as Parquet or as both, atomically; raises OSError."""
    table = scores_table(of_sources)
    if csv is not None:
        with atomic_path(csv) as temporary, temporary.open("wb") as file:
            for first in range(0, max(1, table.height), ROWS_AT_ONCE):
                rows = table.slice(first, ROWS_AT_ONCE)
                rows.write_csv(file, include_header=first == 0)
    if parquet is not None:
        with atomic_path(parquet) as temporary:
            table.write_parquet(temporary, compression="zstd", row_group_size=ROWS_AT_ONCE)


def _column(class_name: str) -> str:
    """The column of a class; one that is called as another column gets a sign in front."""
    return f"={class_name}" if class_name in (*INTERVAL_COLUMNS, "stream") else class_name
