"""Whether tables agree with themselves and with one another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.tables.tables import Tables
from streamergraph.tables.weights import WEIGHTS, is_strength


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule and the rows that break it: how many, and the first as text."""

    table: str
    rule: str
    broken: int
    example: str = ""


def integrity_findings(tables: Tables) -> list[Finding]:
    """Every rule of the tables with the number of rows that break it (0 where it holds)."""
    streamers, categories = tables.streamers, tables.categories
    played, overlaps = tables.played, tables.overlaps
    ids = streamers["streamer_id"].implode()
    category_ids = categories["category_id"].implode()
    a, b = pl.col("streamer_id_a"), pl.col("streamer_id_b")
    findings = [
        _finding("streamers", "ids are unique", streamers, pl.col("streamer_id").is_duplicated()),
        _finding(
            "streamers",
            "names are unique, whatever their case",
            streamers,
            pl.col("name").str.to_lowercase().is_duplicated(),
        ),
        _finding("categories", "ids are unique", categories, pl.col("category_id").is_duplicated()),
        _finding("categories", "names are unique", categories, pl.col("name").is_duplicated()),
        _finding("played", "streamers are known", played, ~pl.col("streamer_id").is_in(ids)),
        _finding(
            "played", "categories are known", played, ~pl.col("category_id").is_in(category_ids)
        ),
        _finding(
            "played",
            "a streamer and a category meet once",
            played,
            pl.struct("streamer_id", "category_id").is_duplicated(),
        ),
        _finding("played", "minutes are positive", played, pl.col("minutes") <= 0),
        _finding("overlaps", "streamers are known", overlaps, ~(a.is_in(ids) & b.is_in(ids))),
        _finding("overlaps", "the first id is the smaller", overlaps, a >= b),
        _finding(
            "overlaps",
            "a pair stands once",
            overlaps,
            pl.struct("streamer_id_a", "streamer_id_b").is_duplicated(),
        ),
        _finding(
            "overlaps",
            "weights are above 0 and finite",
            overlaps,
            ~is_strength("overlap_percent"),
        ),
    ]
    measure = tables.facts.weight
    if measure != "overlap_percent" and measure in overlaps.columns:
        rule = f"values of {WEIGHTS[measure].label} are above 0 and finite"
        findings.append(_finding("overlaps", rule, overlaps, ~is_strength(measure)))
    return findings


def require_integrity(subject: Path, tables: Tables) -> None:
    """Raise StreamergraphError for the first rule that a row breaks.

    Names of streamers and categories may repeat: ids are what relations use.
    """
    for finding in integrity_findings(tables):
        if finding.broken and "names" not in finding.rule:
            raise StreamergraphError(
                subject,
                expected=f"in {finding.table} that {finding.rule}",
                found=f"{finding.broken} rows that break it, first {finding.example}",
                remedy="`quality` lists everything that is wrong",
            )


def _finding(table: str, rule: str, frame: pl.DataFrame, broken: pl.Expr) -> Finding:
    rows = frame.filter(broken)
    return Finding(table=table, rule=rule, broken=rows.height, example=first_of(rows))


def first_of(rows: pl.DataFrame) -> str:
    """The first row in words, without the columns that say nothing; "" where there is none.

    >>> first_of(pl.DataFrame({"name": ["Anna"], "minutes": [3], "links": [None]}))
    'name Anna, minutes 3'
    """
    if not rows.height:
        return ""
    known = {name: value for name, value in rows.row(0, named=True).items() if value is not None}
    return ", ".join(f"{name} {value}" for name, value in known.items())[:200]
