"""Which columns of the overlaps can weigh a relation, and what each is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from streamergraph.errors import StreamergraphError

# The values of `process --measure`, each with the column that holds it. The larger of the two
# directed shares is the overlap: both divide by the smaller audience.
MEASURE_COLUMNS = {
    "overlap": "overlap_percent",
    "jaccard": "jaccard",
    "cosine": "cosine",
    "count": "common_viewers",
    "directed": "overlap_percent",
    "time-weighted": "time_weighted",
}


@dataclass(frozen=True, kw_only=True)
class Weight:
    """A column that can weigh a relation.

    `said` is its name in sentences and `property_name` its name in graph databases. `is_count`: whole
    persons, else per cent.
    """

    column: str
    said: str
    property_name: str
    is_count: bool = False

    @property
    def label(self) -> str:
        """The name with its unit.

        >>> WEIGHTS["jaccard"].label, WEIGHTS["common_viewers"].label
        ('Jaccard index (%)', 'common viewers')
        """
        return self.said if self.is_count else f"{self.said} (%)"

    @property
    def sentence(self) -> str:
        """What weighs a relation, as outputs say it.

        >>> WEIGHTS["jaccard"].sentence
        'Weight of a relation: Jaccard index (%).'
        """
        return f"Weight of a relation: {self.label}."


# A p-value is none of them: it is small where a relation is strong.
WEIGHTS = {
    weight.column: weight
    for weight in (
        Weight(column="overlap_percent", said="overlap", property_name="overlapPercentage"),
        Weight(
            column="common_viewers",
            said="common viewers",
            property_name="commonViewers",
            is_count=True,
        ),
        Weight(column="jaccard", said="Jaccard index", property_name="jaccard"),
        Weight(column="cosine", said="cosine similarity", property_name="cosine"),
        Weight(column="share_a", said="share of the first audience", property_name="shareOfFirst"),
        Weight(
            column="share_b", said="share of the second audience", property_name="shareOfSecond"
        ),
        Weight(column="time_weighted", said="time-weighted overlap", property_name="timeWeighted"),
    )
}


def choose_weight(overlaps: pl.DataFrame, column: str) -> Weight:
    """The weight in `column` of `overlaps`; the value of ``--weight`` or the tables' own measure.

    Raises StreamergraphError for a column that is absent or measures no strength, and where some
    value of it is unknown, not finite, or not above 0.
    """
    able = [name for name in WEIGHTS if name in overlaps.columns]
    if column not in able:
        raise StreamergraphError(
            "--weight",
            expected=" or ".join(able),
            found=column,
            remedy="choose a column that the tables have and that measures strength",
        )
    broken = overlaps.filter(~is_strength(column))
    if broken.height:
        raise StreamergraphError(
            "--weight",
            expected=f"values of {column} above 0 and finite in every relation",
            found=f"{broken.height} others, first {broken.row(0, named=True)}",
            remedy="choose another column, or make the tables anew",
        )
    return WEIGHTS[column]


def is_strength(column: str) -> pl.Expr:
    """Whether a value can weigh a relation: known, finite, above 0."""
    value = pl.col(column).cast(pl.Float64)
    return (value.is_finite() & (value > 0)).fill_null(False)


def rounded_for_display(column: str) -> pl.Expr:
    """Percentages as published, with one decimal; with two digits where that would say 0.

    >>> frame = pl.DataFrame({"x": [33.3333, 0.06, 0.0444, 0.0]})
    >>> frame.select(rounded_for_display("x"))["x"].to_list()
    [33.3, 0.1, 0.044, 0.0]
    """
    value = pl.col(column)
    return pl.when(value.round(1) == 0).then(value.round_sig_figs(2)).otherwise(value.round(1))


def exact(value: float) -> str:
    """A weight as text that reads back as the same number.

    >>> exact(12.0), exact(100 / 3), exact(1234567)
    ('12', '33.333333333333336', '1234567')
    """
    return str(int(value)) if value == int(value) else repr(float(value))


def shown(values: Sequence[float]) -> list[str]:
    """Weights as texts for people; whole numbers have no decimals.

    >>> shown([500, 12.0, 33.3333, 0.0444])
    ['500', '12', '33.3', '0.044']
    """
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.Float64)})
    return [f"{value:.15g}" for value in frame.select(rounded_for_display("value")).to_series()]
