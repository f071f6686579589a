"""Columns of the four tables: our names and types, and the names in the original's CSV files."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl
from polars.datatypes import DataTypeClass


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name here, its name in the published CSV, its type."""

    name: str
    published: str
    kind: DataTypeClass
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class TableSchema:
    """One table: file stems in both forms and its columns."""

    name: str
    published_file: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    extra: dict[str, DataTypeClass] = field(default_factory=dict)


STREAMERS = TableSchema(
    name="streamers",
    published_file="Streamer_dataset.csv",
    columns=(
        Column(name="streamer_id", published="idStreamer", kind=pl.Int64),
        Column(name="name", published="streamer", kind=pl.String),
        Column(name="minutes_live", published="minutesLive", kind=pl.Int64),
        Column(name="mean_viewers", published="viewerMean", kind=pl.Int64),
        Column(name="peak_viewers", published="viewerPeak", kind=pl.Int64),
        Column(name="mean_chatters", published="spectMean", kind=pl.Int64),
        Column(name="distinct_chatters", published="spectTot", kind=pl.Int64),
        Column(name="social_links", published="socialLinks", kind=pl.String, required=False),
    ),
    unique=("streamer_id",),
    # Rank by mean viewers from 1 on; people in the audience, the denominator of the measures.
    extra={"rank": pl.Int64, "audience": pl.Int64, "login": pl.String},
)
CATEGORIES = TableSchema(
    name="categories",
    published_file="Games_dataset.csv",
    columns=(
        Column(name="category_id", published="idGame", kind=pl.Int64),
        Column(name="name", published="gameName", kind=pl.String),
        Column(name="steam_title", published="steamName", kind=pl.String, required=False),
        Column(name="developer", published="developer", kind=pl.String, required=False),
        Column(name="publisher", published="publisher", kind=pl.String, required=False),
        Column(name="release_date", published="releaseDate", kind=pl.Date, required=False),
        Column(name="tags", published="categories", kind=pl.String, required=False),
    ),
    unique=("category_id",),
    extra={
        "kind": pl.String,
        "match_method": pl.String,
        "match_score": pl.Int64,
        "igdb_id": pl.Int64,
        "steam_app_id": pl.Int64,
    },
)
PLAYED = TableSchema(
    name="played",
    published_file="Streamer-Games_dataset.csv",
    columns=(
        Column(name="streamer_id", published="ID_streamer", kind=pl.Int64),
        Column(name="category_id", published="ID_game", kind=pl.Int64),
        Column(name="minutes", published="minutes", kind=pl.Int64),
    ),
    unique=("streamer_id", "category_id"),
)
OVERLAPS = TableSchema(
    name="overlaps",
    published_file="Streamer-Streamer_dataset.csv",
    columns=(
        Column(name="streamer_id_a", published="ID_streamer_i", kind=pl.Int64),
        Column(name="streamer_id_b", published="ID_streamer_j", kind=pl.Int64),
        Column(name="overlap_percent", published="overlap_percentage", kind=pl.Float64),
    ),
    unique=("streamer_id_a", "streamer_id_b"),
    extra={
        "common_viewers": pl.Int64,
        "jaccard": pl.Float64,
        "cosine": pl.Float64,
        "share_a": pl.Float64,
        "share_b": pl.Float64,
        "time_weighted": pl.Float64,
        "p_value": pl.Float64,
    },
)
SCHEMAS = (STREAMERS, CATEGORIES, PLAYED, OVERLAPS)
CATEGORY_NAMES_FILE = "Games_dataset_name.csv"
