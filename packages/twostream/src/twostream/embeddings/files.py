"""Features as Parquet: a row for each window and stream."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from twostream.atomic import written_by_polars
from twostream.embeddings.features import SourceFeatures, Vectors
from twostream.errors import TwostreamError

COLUMNS = ("source", "stream", "start_s", "end_s", "features")


def features_table(found: Sequence[SourceFeatures]) -> pl.DataFrame:
    """A row for each window and stream: source, stream, start and end in seconds, and the vector."""
    rows = [
        pl.DataFrame(
            {
                "source": [one.source] * len(vectors),
                "stream": [str(stream)] * len(vectors),
                "start_s": one.windows_s[:, 0],
                "end_s": one.windows_s[:, 1],
                "features": pl.Series(vectors.tolist(), dtype=pl.List(pl.Float32)),
            }
        )
        for one in found
        for stream, vectors in one.vectors.items()
    ]
    return pl.concat(rows)


def write_features(target: Path, found: Sequence[SourceFeatures]) -> None:
    """Write `features_table` as Parquet, atomically; raises OSError."""
    with written_by_polars(target) as temporary:
        features_table(found).write_parquet(temporary, compression="zstd")


def read_features(path: Path) -> pl.DataFrame:
    """The table in a file of `write_features`; raises TwostreamError for any other file."""
    try:
        table = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _no_features(path, "a file that is no Parquet") from error
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise _no_features(path, f"a table without {', '.join(missing)}")
    return table


def vectors_of(table: pl.DataFrame) -> Vectors:
    """The vectors (n, D) of the rows of a table, all of one stream."""
    return np.asarray(table["features"].to_list(), np.float32).reshape(table.height, -1)


def _no_features(path: Path, found: str) -> TwostreamError:
    return TwostreamError(
        path,
        expected="what `twostream features` wrote",
        found=found,
        remedy="make it with `twostream features RUN SOURCE --out FILE.parquet`",
    )
