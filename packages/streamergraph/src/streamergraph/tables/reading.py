"""Tables from a folder: our Parquet files, or the original's CSV files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from polars.datatypes import DataTypeClass

from streamergraph.errors import StreamergraphError
from streamergraph.tables.facts import read_facts
from streamergraph.tables.integrity import require_integrity
from streamergraph.tables.schema import (
    CATEGORIES,
    CATEGORY_NAMES_FILE,
    OVERLAPS,
    PLAYED,
    SCHEMAS,
    STREAMERS,
    TableSchema,
)
from streamergraph.tables.tables import Tables


def read_tables(folder: Path, *, check: bool = True) -> Tables:
    """The tables of `folder`, with our column names and types.

    Parquet files are preferred; else the original's CSV files are read (`socialLinks` and the
    Steam columns may be absent, and the categories may be only ids and names). `check=False`
    reads tables whose relations name unknown ids or repeat themselves, for reports on quality.
    How the tables were made stands in tables.json, or in the process.json of earlier versions.
    Raises StreamergraphError where a table is absent, lacks a column, holds a value of another
    type, or (with `check`) contradicts itself.
    """
    if not folder.is_dir():
        raise StreamergraphError(
            folder, expected="a folder of tables", found="none", remedy="make it with `process`"
        )
    overlaps = read_table(folder, OVERLAPS)
    tables = Tables(
        streamers=read_table(folder, STREAMERS),
        categories=read_table(folder, CATEGORIES),
        played=read_table(folder, PLAYED),
        overlaps=overlaps,
        facts=read_facts(folder, counted="common_viewers" in overlaps.columns),
    )
    if check:
        require_integrity(folder, tables)
    return tables


STORE_NAME = "store.json"  # in a folder of observations, of which `process` makes tables


def holds_store(folder: Path) -> bool:
    """Whether `folder` is a store, also one with tables beside."""
    return (folder / STORE_NAME).is_file()


def holds_tables(folder: Path) -> bool:
    """Whether `folder` has the original's tables or ours."""
    return any(holds_table(folder, schema) for schema in SCHEMAS)


def holds_table(folder: Path, schema: TableSchema) -> bool:
    """Whether `folder` has this table, in either form."""
    names = [f"{schema.name}.parquet", schema.published_file]
    if schema is CATEGORIES:
        names.append(CATEGORY_NAMES_FILE)
    return any((folder / name).is_file() for name in names)


def read_table(folder: Path, schema: TableSchema) -> pl.DataFrame:
    """One of the tables of `folder`, by itself; raises StreamergraphError as `read_tables` does."""
    parquet = folder / f"{schema.name}.parquet"
    if parquet.is_file():
        try:
            return _conform(parquet, pl.read_parquet(parquet), schema, published=False)
        except pl.exceptions.PolarsError as error:
            raise StreamergraphError(
                parquet, expected="a Parquet file", found=str(error), remedy="make the tables anew"
            ) from None
    return read_published_table(folder, schema)


def read_published_table(folder: Path, schema: TableSchema) -> pl.DataFrame:
    """One of the tables of `folder` in its published form, CSV; raises StreamergraphError alike."""
    path = folder / schema.published_file
    names_only = folder / CATEGORY_NAMES_FILE
    if schema is CATEGORIES and not path.is_file() and names_only.is_file():
        frame = read_csv(names_only)
        return _conform(
            names_only,
            frame.rename({"ID_game": "idGame", "game_name": "gameName"}, strict=False),
            schema,
            published=True,
        )
    if not path.is_file():
        raise StreamergraphError(
            folder,
            expected=f"{schema.name}.parquet or {schema.published_file}",
            found="a store" if holds_store(folder) else "neither",
            remedy="all four tables must be there"
            if holds_tables(folder)
            else f"make them with `process`: streamergraph process {folder} --out TABLES"
            if holds_store(folder)
            else "name the folder of tables; from snapshots or a log `run` makes it",
        )
    return _conform(path, read_csv(path), schema, published=True)


def read_csv(path: Path) -> pl.DataFrame:
    """A CSV with a header, every value as text; raises StreamergraphError for what is none."""
    try:
        # Everything as text first, so that what is wrong can be named by its row.
        return pl.read_csv(path, infer_schema=False).fill_null("")
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise StreamergraphError(
            path, expected="CSV with a header", found=str(error).splitlines()[0], remedy="mend it"
        ) from None


def _conform(
    path: Path, frame: pl.DataFrame, schema: TableSchema, *, published: bool
) -> pl.DataFrame:
    columns = []
    for column in schema.columns:
        source = column.published if published else column.name
        if source not in frame.columns:
            if column.required:
                raise StreamergraphError(
                    path,
                    expected=f"a column {source}",
                    found=", ".join(frame.columns) or "none",
                    remedy="see the page `From observations to tables`",
                )
            columns.append(pl.Series(column.name, [None] * frame.height, dtype=column.kind))
            continue
        columns.append(
            cast_column(path, frame[source].alias(column.name), column.kind, column.required)
        )
    for name, kind in schema.extra.items():
        if name in frame.columns:
            columns.append(cast_column(path, frame[name], kind, False))
    return pl.DataFrame(columns)


def cast_column(path: Path, values: pl.Series, kind: DataTypeClass, required: bool) -> pl.Series:
    """Values of one column as `kind`; raises StreamergraphError, naming the row, for one that is not."""
    if values.dtype == pl.String and kind != pl.String:
        values = values.str.strip_chars()
        values = values.set(values == "", None)
    if kind == pl.Date and values.dtype == pl.String:
        cast = values.str.to_date("%Y-%m-%d", strict=False)
    else:
        if kind == pl.Int64 and values.dtype == pl.String:
            values = values.str.replace(r"\.0+$", "")  # as pandas writes a column with a hole
        cast = values.cast(kind, strict=False)
    if (
        kind == pl.Int64 and values.dtype.is_float()
    ):  # 100.5 is no whole number, and would become 100
        cast = cast.set((cast.cast(pl.Float64) != values).fill_null(False), None)
    bad = cast.is_null() & (values.is_not_null() if not required else True)
    if bad.any():
        row = bad.arg_true()[0]
        raise StreamergraphError(
            path,
            expected=f"{_said(kind)} in every row of {values.name}",
            found=f"{values[row]!r} in row {row + 2}",
            remedy="mend or remove that row",
        )
    if kind == pl.String and not required:
        # An empty text and a text `nan` (a slip of the original) both say that nothing is known.
        cast = cast.set((cast == "") | (cast == "nan"), None)
    return cast


def _said(kind: DataTypeClass) -> str:
    if kind == pl.Int64:
        return "a whole number"
    if kind == pl.Float64:
        return "a number"
    return "a date (YYYY-MM-DD)" if kind == pl.Date else "a text"
