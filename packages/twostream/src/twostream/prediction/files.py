"""Predictions as files: scores of all streams by window, and intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twostream.errors import TwostreamError
from twostream.own_files import require_own_csv, require_own_parquet
from twostream.paths import is_same, lies_inside
from twostream.prediction.naming import Named
from twostream.prediction.results import Prediction
from twostream.timelines.files import (
    INTERVAL_COLUMNS,
    SCORE_COLUMNS,
    write_intervals_csv,
    write_scores,
)


def check_target(target: Path, flag: str, named: Sequence[Named]) -> None:
    """Raise TwostreamError where `target` is one of the sources that a user named, or below one."""
    for source in named:
        if isinstance(source, int) or "://" in str(source):
            continue
        if is_same(target, source) or lies_inside(target, source):
            raise TwostreamError(
                target,
                expected="a place apart from SOURCE, into which nothing is written",
                found=f"a place in {source}",
                remedy=f"choose another {flag}",
            )


def require_own(
    *, csv: Path | None = None, parquet: Path | None = None, intervals: Path | None = None
) -> None:
    """Raise TwostreamError where there are files that `write_predictions` did not write."""
    scores = "a table of scores by window"
    if csv is not None:
        require_own_csv(csv, SCORE_COLUMNS, flag="--csv", what=scores)
    if parquet is not None:
        require_own_parquet(parquet, SCORE_COLUMNS, flag="--parquet", what=scores)
    if intervals is not None:
        require_own_csv(
            intervals, INTERVAL_COLUMNS, flag="--intervals", what="a table of intervals"
        )


def write_predictions(
    found: Sequence[Prediction],
    *,
    csv: Path | None = None,
    parquet: Path | None = None,
    intervals: Path | None = None,
) -> None:
    """Write scores by window as `csv` and `parquet` (a clip is one window), and `intervals` as CSV.

    Where nothing was found nothing is written. Raises OSError.
    """
    if not found:
        return
    if csv is not None or parquet is not None:
        write_scores([(one.source, one.windows) for one in found], csv=csv, parquet=parquet)
    if intervals is not None:
        write_intervals_csv(intervals, [(one.source, one.intervals) for one in found])
