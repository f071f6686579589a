"""One day of a store: immutable Parquet parts, and the list of those that count.

``parts.json`` names the parts of each table. It is replaced as a whole, so that what one call adds to
several tables, or puts in the place of others, is there altogether or not at all; a reader that has
read it is not disturbed by what comes later. Parts that are not in it count for nothing.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from streamergraph.atomic import atomic_path, room_on_disk
from streamergraph.errors import StreamergraphError

LIST_NAME = "parts.json"
UNDATED = "undated"  # looks of which no time is known


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file: its table, its rows, and the first and last moment in it (None: it has no times)."""

    table: str
    file: str
    rows: int
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True)
class Day:
    """The folder of one UTC day."""

    folder: Path

    @property
    def name(self) -> str:
        """The day as YYYY-MM-DD, or `UNDATED`."""
        return self.folder.name

    @property
    def date(self) -> datetime.date | None:
        """The day; None for what has no time."""
        return None if self.name == UNDATED else datetime.date.fromisoformat(self.name)

    def parts(self) -> list[Part]:
        """The parts that count; raises StreamergraphError where the list cannot be read."""
        path = self.folder / LIST_NAME
        try:
            listed = json.loads(path.read_bytes())["parts"]
            return [Part(**{key: entry.get(key) for key in _PART_KEYS}) for entry in listed]
        except FileNotFoundError:
            if self.folder.is_dir() and any(self.folder.glob("*.parquet")):
                raise self._without_list() from None
            return []
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StreamergraphError(
                path,
                expected="the list of the parts of this day",
                found="something else",
                remedy="restore it from a copy of the store, or import that day into a new store",
            ) from None

    def files(self, table: str) -> list[Path]:
        """The files of one table."""
        return [self.folder / part.file for part in self.parts() if part.table == table]

    def read(self, table: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """All rows of one table."""
        files = self.files(table)
        if not files:
            return pl.DataFrame(schema=dict(schema))
        return pl.read_parquet(files)

    def commit(
        self,
        add: Mapping[str, pl.DataFrame],
        *,
        files: Iterable[tuple[str, Path]] = (),
        instead_of: Iterable[Part] = (),
    ) -> list[Part]:
        """Write the tables of `add` (empty ones are left out) and let them count, `instead_of` no longer.

        `files` are Parquet files in this folder that others have written, with their tables. What does not
        count any more stays until `sweep`. Returns the new parts.
        """
        gone = {part.file for part in instead_of}
        files = list(files)
        there = {path.name for path in self.folder.glob("*.parquet")}
        if not (self.folder / LIST_NAME).exists() and there <= {path.name for _, path in files}:
            make_private_folder(self.folder)
            self._write_list([])  # from now on, parts without a list say that it was lost
        new = [self._write(table, frame) for table, frame in add.items() if frame.height]
        new += [_described(table, path) for table, path in files]
        if new or gone:
            kept = [part for part in self.parts() if part.file not in gone]
            self._write_list([*kept, *new])
        return new

    def _without_list(self) -> StreamergraphError:
        return StreamergraphError(
            self.folder / LIST_NAME,
            expected="the list of the parts of this day, which lie beside it",
            found="no such file",
            remedy="restore it from a copy of the store, or move this day away and import it again",
        )

    def sweep(self, *, older_than_hours: float) -> None:
        """Delete files that do not count and that nobody can be reading any more."""
        counting = {part.file for part in self.parts()} | {LIST_NAME}
        now = datetime.datetime.now().timestamp()
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name in counting or path.suffix not in (".parquet", ".json"):
                continue
            if now - path.stat().st_mtime >= 3600 * older_than_hours:
                path.unlink()

    def _write(self, table: str, frame: pl.DataFrame) -> Part:
        path = self.folder / f"{table}-{os.urandom(6).hex()}.parquet"
        make_private_folder(self.folder)
        with atomic_path(path, private=True) as temporary, room_on_disk(path):
            frame.write_parquet(temporary, compression="zstd")
        first = last = None
        if "time" in frame.columns and frame["time"].null_count() < frame.height:
            first, last = _iso(frame["time"].min()), _iso(frame["time"].max())
        return Part(table=table, file=path.name, rows=frame.height, first=first, last=last)

    def _write_list(self, parts: Sequence[Part]) -> None:
        listed = {
            "parts": [{k: v for k, v in vars(part).items() if v is not None} for part in parts]
        }
        with atomic_path(self.folder / LIST_NAME, private=True) as temporary:
            temporary.write_text(json.dumps(listed, indent=0) + "\n", encoding="utf-8")


_PART_KEYS = ("table", "file", "rows", "first", "last")


def make_private_folder(folder: Path) -> None:
    """Make `folder`, which its owner alone may enter, and what is missing above it."""
    for path in reversed([folder, *folder.parents]):
        if not path.exists():
            path.mkdir(mode=0o700, exist_ok=True)


def _iso(value: object) -> str:
    assert isinstance(value, datetime.datetime)
    return value.astimezone(datetime.UTC).isoformat()


def _described(table: str, path: Path) -> Part:
    path.chmod(0o600)
    frame = pl.scan_parquet(path)
    rows = int(frame.select(pl.len()).collect().item())
    if "time" not in frame.collect_schema().names() or not rows:
        return Part(table=table, file=path.name, rows=rows)
    first, last = frame.select(pl.col("time").min(), last=pl.col("time").max()).collect().row(0)
    return Part(table=table, file=path.name, rows=rows, first=_iso(first), last=_iso(last))
