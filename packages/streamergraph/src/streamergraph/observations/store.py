"""The store: one Parquet file a day of observations, and the list of snapshots."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import atomic_path, write_json
from streamergraph.errors import StreamergraphError
from streamergraph.observations.schema import OBSERVATION_SCHEMA, SNAPSHOT_SCHEMA
from streamergraph.privacy import Pseudonyms

FORMAT_VERSION = 1


class Store:
    """Observations in a folder, partitioned by UTC day.

    ``store.json`` (format and fingerprint of the key), ``snapshots.parquet``,
    ``observations/day=YYYY-MM-DD/part.parquet``. Every file is replaced as a whole, so that
    importing the same source twice changes nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, pseudonyms: Pseudonyms) -> Store:
        """Open `folder` for writing under this key, and make it if needed.

        Raises StreamergraphError where the store was written under another key: its viewers
        would not be recognised.
        """
        store = cls(folder)
        if (folder / "store.json").is_file():
            store.require_key(pseudonyms)
        else:
            if folder.is_dir() and any(folder.iterdir()):
                raise StreamergraphError(
                    folder,
                    expected="a store or an empty folder",
                    found="other files",
                    remedy="choose another folder",
                )
            write_json(
                folder / "store.json",
                {"format": FORMAT_VERSION, "key_fingerprint": pseudonyms.fingerprint},
            )
        return store

    @classmethod
    @contextlib.contextmanager
    def filling(cls, folder: Path, pseudonyms: Pseudonyms) -> Iterator[Store]:
        """`create` for the body; a store that the body leaves by an error and empty is removed.

        Only one that was made here: not a store that existed, nor what else lies in its folder.
        """
        made = [path for path in (folder, *folder.parents) if not path.exists()]
        new = not (folder / "store.json").exists()
        store = cls.create(folder, pseudonyms)
        try:
            yield store
        except BaseException:
            with contextlib.suppress(OSError):  # what went wrong before is what must be said
                if new and [path.name for path in folder.iterdir()] == ["store.json"]:
                    (folder / "store.json").unlink()
                    for path in made:
                        path.rmdir()
            raise

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open an existing store; raises StreamergraphError where there is none."""
        store = cls(folder)
        store.description()
        if not store.has_observations():
            raise StreamergraphError(
                folder, expected="observations", found="none", remedy="fill it with `import`"
            )
        return store

    def description(self) -> dict[str, Any]:
        """The contents of store.json."""
        import json

        try:
            description: dict[str, Any] = json.loads((self.folder / "store.json").read_bytes())
        except (OSError, ValueError):
            raise StreamergraphError(
                self.folder, expected="a store", found="none", remedy="make one with `import`"
            ) from None
        return description

    def require_key(self, pseudonyms: Pseudonyms) -> None:
        """Raise StreamergraphError unless the store was written under this key."""
        if self.description().get("key_fingerprint") != pseudonyms.fingerprint:
            raise StreamergraphError(
                self.folder,
                expected="the key that the store was written with",
                found="another one",
                remedy="name it with --key, or import everything into a new store",
            )

    def has_observations(self) -> bool:
        """Whether anything was stored."""
        return any(self.folder.glob("observations/day=*/part.parquet"))

    @property
    def observations_pattern(self) -> str:
        """All observation files, as DuckDB reads them."""
        return str(self.folder / "observations" / "day=*" / "part.parquet")

    def snapshots(self) -> pl.DataFrame:
        """Every file ever looked at, by time."""
        path = self.folder / "snapshots.parquet"
        if not path.is_file():
            return pl.DataFrame(schema=SNAPSHOT_SCHEMA)
        return pl.read_parquet(path)

    def add_day(self, day: datetime.date, observations: pl.DataFrame) -> None:
        """Merge observations of one UTC day; the newer one of a time and streamer is kept."""
        path = self.folder / "observations" / f"day={day.isoformat()}" / "part.parquet"
        merged = observations
        if path.is_file():
            merged = pl.concat([pl.read_parquet(path), observations])
        merged = merged.unique(["time", "streamer_key"], keep="last", maintain_order=True)
        with atomic_path(path) as temporary:
            merged.sort("time", "streamer_key").write_parquet(temporary, compression="zstd")

    def add_snapshots(self, rows: pl.DataFrame) -> None:
        """Merge what became of the sources; the newer word on a source is kept."""
        merged = pl.concat([self.snapshots(), rows]).unique(
            ["source", "time"], keep="last", maintain_order=True
        )
        with atomic_path(self.folder / "snapshots.parquet") as temporary:
            merged.sort("time", "source", nulls_last=True).write_parquet(temporary)


def observation_frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Observations from rows with the keys of `OBSERVATION_SCHEMA`."""
    return pl.DataFrame(rows, schema=OBSERVATION_SCHEMA)
