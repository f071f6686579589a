"""The two short tables that Gephi imports, for who has nothing else: streamers, and weighed relations."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.tables.facts import TableFacts
from streamergraph.tables.integrity import require_integrity
from streamergraph.tables.reading import cast_column, holds_tables, read_csv
from streamergraph.tables.schema import CATEGORIES, PLAYED, STREAMERS
from streamergraph.tables.tables import Tables
from streamergraph.tables.weights import MEASURE_COLUMNS, WEIGHTS

STREAMERS_FILE = "Streamer_dataset_short.csv"
RELATIONS_FILE = "Streamer-Streamer_dataset_short.csv"
USUAL_THRESHOLD = 10.0


def holds_short_tables(folder: Path) -> bool:
    """Whether `folder` has the two short tables and no others."""
    both = all((folder / name).is_file() for name in (STREAMERS_FILE, RELATIONS_FILE))
    return both and not holds_tables(folder)


def read_short_tables(folder: Path) -> Tables:
    """The tables as far as the short ones tell: names, mean viewers and weights; the rest is null.

    Columns Id, Label, viewer_mean; Source, Target, Weight, and where another weight than the
    overlap was written Measure, as `view` writes them. The order of two ends does not matter. Raises
    StreamergraphError for a column that is absent, a value of another type, or a pair that repeats.
    """
    nodes, edges = folder / STREAMERS_FILE, folder / RELATIONS_FILE
    rows = _columns(nodes, {"Id": pl.Int64, "Label": pl.String, "viewer_mean": pl.Float64})
    known = {
        "streamer_id": rows["Id"],
        "name": rows["Label"],
        "mean_viewers": rows["viewer_mean"].round().cast(pl.Int64),
    }
    streamers = pl.DataFrame(
        [
            known[c.name].alias(c.name)
            if c.name in known
            else pl.Series(c.name, [None] * rows.height, dtype=c.kind)
            for c in STREAMERS.columns
        ]
    )
    pairs = _columns(edges, {"Source": pl.Int64, "Target": pl.Int64, "Weight": pl.Float64})
    weight = _weight_of(edges)
    overlaps = pairs.select(
        streamer_id_a=pl.min_horizontal("Source", "Target"),
        streamer_id_b=pl.max_horizontal("Source", "Target"),
        overlap_percent="Weight",
    )
    if weight != "overlap_percent":
        kind = pl.Int64 if WEIGHTS[weight].is_count else pl.Float64
        overlaps = overlaps.with_columns(pl.col("overlap_percent").cast(kind).alias(weight))
    measure = next(name for name, column in MEASURE_COLUMNS.items() if column == weight)
    least = overlaps[weight].min() if overlaps.height else None
    at_least = float(least) if isinstance(least, int | float) else USUAL_THRESHOLD
    usual = measure == "overlap" and at_least >= USUAL_THRESHOLD
    tables = Tables(
        streamers=streamers,
        categories=pl.DataFrame(schema={c.name: c.kind for c in CATEGORIES.columns}),
        played=pl.DataFrame(schema={c.name: c.kind for c in PLAYED.columns}),
        overlaps=overlaps,
        facts=TableFacts(measure=measure, threshold=USUAL_THRESHOLD if usual else at_least),
    )
    require_integrity(folder, tables)
    return tables


def _columns(path: Path, kinds: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    frame = read_csv(path)
    for name in kinds:
        if name not in frame.columns:
            raise StreamergraphError(
                path,
                expected=f"a column {name}",
                found=", ".join(frame.columns) or "none",
                remedy="see the page `Communities and pictures`",
            )
    return pl.DataFrame(
        [cast_column(path, frame[name], kind, True) for name, kind in kinds.items()]
    )


def _weight_of(path: Path) -> str:
    """The column of the overlaps that the weights are, by what Measure says in every row."""
    frame = read_csv(path)
    if "Measure" not in frame.columns or not frame.height:
        return "overlap_percent"
    said = frame["Measure"].unique().to_list()
    columns = {weight.label: column for column, weight in WEIGHTS.items()}
    named = {
        label: column for label, column in columns.items() if column in MEASURE_COLUMNS.values()
    }
    if len(said) != 1 or said[0] not in named:
        raise StreamergraphError(
            path,
            expected=f"one measure in all rows of Measure: {' or '.join(named)}",
            found=", ".join(map(repr, said[:3])),
            remedy="remove the column if the weights are overlaps",
        )
    return named[said[0]]
