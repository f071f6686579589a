"""Tables made anew keep what was added to those that they replace.

`enrich` adds facts to categories, and people add links to streamers; a new table has neither. What belongs
to a row that is not in the new tables is set aside in a file beside them, for it may come back: who
is just below a threshold today is above it tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import atomic_path, room_on_disk
from streamergraph.errors import StreamergraphError
from streamergraph.tables.reading import (
    holds_store,
    holds_table,
    holds_tables,
    read_published_table,
    read_table,
)
from streamergraph.tables.schema import CATEGORIES, STREAMERS, TableSchema
from streamergraph.tables.tables import Tables
from streamergraph.tables.writing import write_tables

# Facts of one match belong together: they are those of the new row, or else all of the old. The
# number of the game goes with them, but may be known without a match.
APP_ID = "steam_app_id"
MATCHED = (
    "steam_title", "developer", "publisher", "release_date", "tags", "kind", "match_method",
    "match_score", APP_ID,
)  # fmt: skip
ADDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "categories": (MATCHED, ("igdb_id",)),
    "streamers": (("social_links",),),
}
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How many rows kept what had been added to them, were set aside, or are new to `enrich`."""

    categories: int
    streamers: int
    set_aside: int
    waiting: tuple[str, ...]

    def told(self) -> list[str]:
        """A line for each thing worth saying."""
        lines = []
        parts = [
            f"{what} of {count} {whose}"
            for what, count, whose in (
                ("facts", self.categories, "categories"),
                ("links", self.streamers, "streamers"),
            )
            if count
        ]
        if parts:
            lines.append(f"kept what was added before: {' and '.join(parts)}")
        if self.set_aside:
            lines.append(
                f"{self.set_aside} rows with such facts are not in these tables; they are kept in "
                "*.set_aside.parquet for when they come back"
            )
        if self.waiting:
            named = ", ".join(self.waiting[:3]) + (", …" if len(self.waiting) > 3 else "")
            lines.append(
                f"{len(self.waiting)} new categories have no Steam facts yet: run enrich ({named})"
            )
        return lines


def require_no_store(folder: Path) -> None:
    """Raise StreamergraphError for a folder of observations, in which tables would lie beside them."""
    if holds_store(folder):
        raise StreamergraphError(
            folder,
            expected="a folder for tables",
            found="a store",
            remedy="choose another folder for --out",
        )


def require_no_tables(folder: Path) -> None:
    """Raise StreamergraphError for tables, where the observations that they were made from are meant."""
    if holds_tables(folder) and not holds_store(folder):
        raise StreamergraphError(
            folder,
            expected="a store",
            found="tables, which are processed",
            remedy="name the store that they were made from; communities, view and others take tables",
        )


def write_keeping(folder: Path, tables: Tables) -> Kept:
    """`write_tables`, with what was added to the tables in `folder` before.

    Rows are the same by name, or by id where ids are more than ranks. Raises StreamergraphError
    for old tables that cannot be read and for a store, before anything is written.
    """
    require_no_store(folder)
    categories = _keep(tables.categories, folder, CATEGORIES)
    streamers = _keep(tables.streamers, folder, STREAMERS)
    both = ((CATEGORIES, categories), (STREAMERS, streamers))
    for schema, table in both:
        # What comes back stays set aside until it is in its table.
        _write_aside(folder, schema, [*table.aside, *table.came_back])
    write_tables(folder, replace(tables, categories=categories.frame, streamers=streamers.frame))
    for schema, table in both:
        if table.came_back:
            _write_aside(folder, schema, table.aside)
    return Kept(
        categories=categories.kept,
        streamers=streamers.kept,
        set_aside=len(categories.aside) + len(streamers.aside),
        waiting=_waiting(categories.frame, categories.unknown),
    )


@dataclass(frozen=True, kw_only=True)
class _KeptTable:
    frame: pl.DataFrame
    kept: int
    aside: list[Row]
    came_back: list[Row]
    unknown: frozenset[str]  # names that the old table had not


def _keep(new: pl.DataFrame, folder: Path, schema: TableSchema) -> _KeptTable:
    blocks = ADDED[schema.name]
    rows: list[Row] = list(new.iter_rows(named=True))
    before = _rows_before(folder, schema)
    aside = _read_aside(folder, schema)
    # What was set aside is older than what stands in the table.
    added = [row for row in before if any(_has(row, block) for block in blocks)]
    n_before = len(added)
    added += aside
    find = _finder(
        added, schema, by_id=not (_are_ranks(rows, schema) or _are_ranks(before, schema))
    )
    used: set[int] = set()
    kept = 0
    for row in rows:
        places = find(row)
        used.update(places)
        taken = False
        for block in blocks:
            source = next((added[k] for k in places if _has(added[k], block)), None)
            if source is not None and not _has(row, block):
                known = {APP_ID: row[APP_ID]} if row.get(APP_ID) is not None else {}
                row.update({name: source.get(name) for name in block} | known)
                taken = True
        kept += taken and _is_fact(row, schema)
    names = [
        name for block in blocks for name in block
        if name in new.columns or any(row.get(name) is not None for row in rows)
    ]  # fmt: skip
    kinds = {column.name: column.kind for column in schema.columns} | schema.extra
    frame = new.with_columns(
        pl.Series(name, [row.get(name) for row in rows], dtype=kinds[name]) for name in names
    )
    names_before = {row["name"].casefold() for row in before}
    return _KeptTable(
        frame=frame,
        kept=kept,
        aside=[row for k, row in enumerate(added) if k not in used and _is_fact(row, schema)],
        came_back=[row for k, row in enumerate(added) if k in used and k >= n_before],
        unknown=frozenset(
            row["name"] for row in rows if row["name"].casefold() not in names_before
        ),
    )


def _rows_before(folder: Path, schema: TableSchema) -> list[Row]:
    """Rows of the table in `folder`, with what somebody wrote into its CSV where Parquet has nothing."""
    if not holds_table(folder, schema):
        return []
    rows: list[Row] = list(read_table(folder, schema).iter_rows(named=True))
    if not (folder / schema.published_file).is_file():
        return rows
    id_name = schema.unique[0]
    written = {
        (row[id_name], row["name"]): row
        for row in read_published_table(folder, schema).iter_rows(named=True)
    }
    for row in rows:
        other = written.get((row[id_name], row["name"]), {})
        for block in ADDED[schema.name]:
            if not _has(row, block):
                row.update({name: other[name] for name in block if other.get(name) is not None})
    return rows


def _finder(added: list[Row], schema: TableSchema, *, by_id: bool) -> Callable[[Row], list[int]]:
    """Which of `added` are a row: the places by id, else by name, else by name in any case."""
    id_name = schema.unique[0]
    keys: list[Callable[[Row], Any]] = [lambda row: row["name"], lambda row: row["name"].casefold()]
    if by_id:
        keys.insert(0, lambda row: row[id_name])
    places: list[dict[Any, list[int]]] = []
    for key in keys:
        found: dict[Any, list[int]] = {}
        for k, row in enumerate(added):
            found.setdefault(key(row), []).append(k)
        places.append(found)

    def find(row: Row) -> list[int]:
        for key, found in zip(keys, places, strict=True):
            if key(row) in found:
                return found[key(row)]
        return []

    return find


def _are_ranks(rows: Iterable[Row], schema: TableSchema) -> bool:
    """Whether ids only count the rows, and so are other ones in every table."""
    ids = sorted(row[schema.unique[0]] for row in rows)
    return ids == list(range(len(ids)))


def _is_fact(row: Row, schema: TableSchema) -> bool:
    """Whether there is more than the word that nothing was found for this row."""
    return any(
        row.get(name) is not None
        for block in ADDED[schema.name]
        for name in block
        if name not in ("kind", "match_method", "match_score")
    )


def _has(row: Row, block: Iterable[str]) -> bool:
    return any(row.get(name) is not None for name in block if name != APP_ID)


def _waiting(categories: pl.DataFrame, unknown: frozenset[str]) -> tuple[str, ...]:
    """Names that `enrich` has not seen, if it has seen others."""
    if "match_method" in categories.columns:
        looked_at = pl.col("match_method").is_not_null()
    else:
        looked_at = ~pl.col("name").is_in(list(unknown))
        if categories["steam_title"].drop_nulls().is_empty():
            return ()
    return tuple(categories.filter(~looked_at)["name"])


def _aside_file(folder: Path, schema: TableSchema) -> Path:
    return folder / f"{schema.name}.set_aside.parquet"


def _read_aside(folder: Path, schema: TableSchema) -> list[Row]:
    path = _aside_file(folder, schema)
    if not path.is_file():
        return []
    try:
        return list(pl.read_parquet(path).iter_rows(named=True))
    except pl.exceptions.PolarsError as error:
        raise StreamergraphError(
            path,
            expected="rows that were set aside",
            found=str(error).splitlines()[0],
            remedy="mend it, or move it away to do without them",
        ) from None


def _write_aside(folder: Path, schema: TableSchema, rows: list[Row]) -> None:
    path = _aside_file(folder, schema)
    if not rows:
        path.unlink(missing_ok=True)
        return
    names = [schema.unique[0], "name", *(name for block in ADDED[schema.name] for name in block)]
    kinds = {column.name: column.kind for column in schema.columns} | schema.extra
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names},
        schema={name: kinds[name] for name in names},
    )
    with atomic_path(path) as temporary, room_on_disk(path):
        frame.write_parquet(temporary)
