"""What the tables say: the figures of the original's exploration, corrected where it erred."""

from __future__ import annotations

import datetime
import re
from typing import Any

import polars as pl

from streamergraph.tables.tables import Tables

COMPANY_FORMS = re.compile(
    r"[,.]?\s*\b(?:co|ltd|inc|llc|corp|corporation|gmbh|s\.?a|entertainment)\b\.?", re.IGNORECASE
)


def summary_of(values: pl.Series) -> dict[str, float]:
    """Count, mean, sample standard deviation, least, quartiles, greatest; two decimals.

    >>> summary_of(pl.Series([1, 2, 3, 4]))["std"]
    1.29
    """
    numbers = values.drop_nulls()
    facts = {
        "count": float(numbers.len()),
        "mean": numbers.mean(),
        "std": numbers.std(),
        "min": numbers.min(),
        **{f"{q} %": numbers.quantile(q / 100, interpolation="linear") for q in (25, 50, 75)},
        "max": numbers.max(),
    }
    return {name: round(float(value or 0), 2) for name, value in facts.items()}  # type: ignore[arg-type]


def relations_by_threshold(tables: Tables) -> dict[float, int]:
    """Relations whose measure is above a threshold; at the tables' own, at or above it."""
    weight = tables.weight()
    values = tables.overlaps[weight.column]
    highest = max(values.to_list(), default=0.0)
    first, *more = _thresholds(tables.facts.threshold, highest, weight.is_count)
    return {first: int((values >= first).sum())} | {t: int((values > t).sum()) for t in more}


def _thresholds(first: float, highest: float, is_count: bool) -> list[float]:
    """`first`, then tens up to 90 per cent; persons, and small percentages, by 1, 2, 5, 10, 20, 50.

    >>> _thresholds(10.0, 96.5, False)
    [10, 20, 30, 40, 50, 60, 70, 80, 90]
    >>> _thresholds(5.0, 730, True)
    [5, 10, 20, 50, 100, 200, 500]
    >>> _thresholds(0.5, 7.2, False)
    [0.5, 1, 2, 5]
    """
    if is_count or highest <= 20:
        ladder = [step * 10**power for power in range(-6, 16) for step in (1, 2, 5)]
        # From hundredths of what is there on: more steps tell no more.
        steps = [round(step, 6) for step in ladder if step < highest and step >= highest / 200]
    else:
        steps = [10.0 * k for k in range(1, 10)]
    return [int(t) if t == int(t) else t for t in [first, *(t for t in steps if t > first)]]


def minutes_by_category(tables: Tables) -> pl.DataFrame:
    """Columns category, minutes, streamers; the longest first."""
    return (
        tables.played.join(
            tables.categories.select("category_id", pl.col("name").alias("category")),
            on="category_id",
        )
        .group_by("category")
        .agg(pl.col("minutes").sum(), pl.len().alias("streamers"))
        .sort(["minutes", "category"], descending=[True, False])
    )


def games_by_year(tables: Tables) -> dict[int, int]:
    """Matched games by year of release."""
    years = tables.categories["release_date"].drop_nulls().dt.year().value_counts()
    return {int(year): int(count) for year, count in years.sort("release_date").iter_rows()}


def released_between(tables: Tables, first: datetime.date, last: datetime.date) -> pl.DataFrame:
    """Matched games released in the window: name, release_date, tags; by date."""
    return (
        tables.categories.filter(pl.col("release_date").is_between(first, last))
        .select("name", "release_date", "tags")
        .sort("release_date", "name")
    )


def oldest_and_newest(tables: Tables) -> list[tuple[str, datetime.date]]:
    """The matched games released first and last."""
    dated = tables.categories.filter(pl.col("release_date").is_not_null()).sort(
        "release_date", "name"
    )
    if not dated.height:
        return []
    rows = dated.select("name", "release_date").rows()
    return [rows[0], rows[-1]]


def top_developers(tables: Tables, *, count: int = 15) -> list[tuple[str, int, int]]:
    """Developers by games: (name, games under all forms of the name, games under this form).

    The original counted forms apart: CAPCOM Co., Ltd. beside Capcom.
    """
    names = tables.categories["developer"].drop_nulls().to_list()
    together: dict[str, dict[str, int]] = {}
    for name in names:
        forms = together.setdefault(company_key(name), {})
        forms[name] = forms.get(name, 0) + 1
    rows = []
    for forms in together.values():
        best = max(sorted(forms), key=lambda form: forms[form])
        rows.append((best, sum(forms.values()), forms[best]))
    return sorted(rows, key=lambda row: (-row[1], row[0]))[:count]


def company_key(name: str) -> str:
    """A company's name without its legal form and case.

    >>> company_key("CAPCOM Co., Ltd.") == company_key("Capcom")
    True
    """
    return " ".join(COMPANY_FORMS.sub(" ", name).lower().replace(",", " ").split()) or name.lower()


def tag_counts(tables: Tables) -> dict[str, int]:
    """Categories by Steam tag, the most frequent first."""
    tags = tables.categories["tags"].drop_nulls().str.split("; ").explode().str.strip_chars()
    counted = (
        tags.filter(tags != "").value_counts().sort(["count", "tags"], descending=[True, False])
    )
    return {str(tag): int(count) for tag, count in counted.iter_rows()}


def main_streamers(tables: Tables, *, count: int = 40) -> list[dict[str, Any]]:
    """The streamers of the scatter: those with the most viewers on average."""
    return (
        tables.streamers.sort(["mean_viewers", "streamer_id"], descending=[True, False])
        .head(count)
        .select("name", "minutes_live", "distinct_chatters", "mean_viewers")
        .to_dicts()
    )
