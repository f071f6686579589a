"""The store: what was observed, kept for months, as immutable Parquet parts by UTC day.

``store.json`` (format, fingerprint of the key, time zone of local times), ``opt-out.list`` (who is not to
be stored, see `opt_out`), and a folder a day below ``days`` (see `days`). All files are for their owner
only: who was where at what minute is nobody else's business, even under pseudonyms.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.atomic import atomic_path
from streamergraph.errors import StreamergraphError
from streamergraph.locks import LOCK_NAME, sole_writer
from streamergraph.observations.adding import add_to_day
from streamergraph.observations.days import UNDATED, Day, make_private_folder
from streamergraph.observations.joining import join_small_tables, last_words
from streamergraph.observations.looks import KnownLook, Look
from streamergraph.observations.opt_out import (
    OPT_OUT_NAME,
    OptOut,
    left_out,
    read_opt_out,
    write_opt_out,
)
from streamergraph.observations.schema import CHANNELS, LOSSES, OBSERVATIONS, RUNS, SCHEMAS, STORED
from streamergraph.privacy import Pseudonyms

FORMAT_VERSION = 2
DESCRIPTION_NAME = "store.json"
DAYS = "days"


@dataclass(frozen=True, kw_only=True)
class Description:
    """What store.json says.

    `timezone` is that of local times in what was imported; None where none was ever read. `origins` has the
    names of sources by keyed marks of where they lay (see `importing.origins`). `forgotten`
    and `forgotten_channels` are read where an earlier version has written them: see `Store.opt_out`.
    """

    format: int
    key_fingerprint: str
    timezone: str | None = None
    origins: dict[str, str] = field(default_factory=dict)
    forgotten: tuple[int, ...] = ()
    forgotten_channels: tuple[str, ...] = ()


class Store:
    """Observations in a folder; make one with `create`, read one with `open`."""

    def __init__(self, folder: Path, pseudonyms: Pseudonyms | None = None) -> None:
        self.folder = folder
        self.pseudonyms = pseudonyms  # only for writing

    @classmethod
    def create(cls, folder: Path, pseudonyms: Pseudonyms) -> Store:
        """Open `folder` for writing under this key, and make it if needed.

        Raises StreamergraphError where the store was written under another key, which would not
        recognise its viewers, in an older format, or by a later version of this program.
        """
        store = cls(folder, pseudonyms)
        if (folder / DESCRIPTION_NAME).is_file():
            store.require_key(pseudonyms)
            store.require_this_format()
            return store
        if folder.is_dir() and any(path.name != LOCK_NAME for path in folder.iterdir()):
            raise StreamergraphError(
                folder,
                expected="a store or an empty folder",
                found="other files",
                remedy="choose another folder",
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        make_private_folder(folder)
        store.describe(Description(format=FORMAT_VERSION, key_fingerprint=pseudonyms.fingerprint))
        return store

    @classmethod
    @contextlib.contextmanager
    def filling(cls, folder: Path, pseudonyms: Pseudonyms) -> Iterator[Store]:
        """`create` for the body, which alone may write; a store that it made and refuses is removed.

        So is one that it leaves without observations by another error. Not a store that existed, nor
        what else lies in its folder.
        """
        made = [path for path in (folder, *folder.parents) if not path.exists()]
        new = not (folder / DESCRIPTION_NAME).exists()
        store = cls.create(folder, pseudonyms)
        try:
            with sole_writer(folder):
                yield store
        except BaseException as error:
            with contextlib.suppress(OSError):  # what went wrong before is what must be said
                refused = isinstance(error, StreamergraphError) or not store.has_observations()
                if new and refused:
                    shutil.rmtree(folder / DAYS, ignore_errors=True)
                    for name in (DESCRIPTION_NAME, LOCK_NAME, OPT_OUT_NAME):
                        (folder / name).unlink(missing_ok=True)
                    for path in made:
                        path.rmdir()
            raise

    @classmethod
    def open(cls, folder: Path, *, of_runs: bool = False) -> Store:
        """Open an existing store; raises StreamergraphError where there is none, or nothing in it.

        A store `of_runs` may have observed nobody: that every run failed is for reports on runs to tell.
        """
        store = cls(folder)
        if of_runs and store.description().format == FORMAT_VERSION and store.has(RUNS):
            return store
        if store.description().format <= FORMAT_VERSION and not store.has_observations():
            raise StreamergraphError(
                folder,
                expected="observations",
                found="none",
                remedy="fill it with `import` or `collect`",
            )
        return store

    def description(self) -> Description:
        """The contents of store.json; raises StreamergraphError where there is none or a later one."""
        try:
            said: dict[str, Any] = json.loads((self.folder / DESCRIPTION_NAME).read_bytes())
            description = Description(
                format=int(said["format"]),
                key_fingerprint=str(said["key_fingerprint"]),
                timezone=said.get("timezone"),
                origins=dict(said.get("origins", {})),
                forgotten=tuple(said.get("forgotten", ())),
                forgotten_channels=tuple(said.get("forgotten_channels", ())),
            )
        except (OSError, ValueError, KeyError, TypeError):
            raise StreamergraphError(
                self.folder, expected="a store", found="none", remedy="make one with `import`"
            ) from None
        if description.format > FORMAT_VERSION:
            raise StreamergraphError(
                self.folder,
                expected=f"a store of format {FORMAT_VERSION} or earlier",
                found=f"format {description.format}, which a later version has written",
                remedy="use that version",
            )
        return description

    def describe(self, description: Description) -> None:
        """Replace store.json."""
        said = {name: value for name, value in asdict(description).items() if value not in ((), {})}
        with atomic_path(self.folder / DESCRIPTION_NAME, private=True) as temporary:
            temporary.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")

    def opt_out(self) -> OptOut:
        """Who is not to be stored; an earlier version kept them in store.json."""
        description = self.description()
        return read_opt_out(self.folder, description.key_fingerprint) | OptOut(
            viewers=frozenset(description.forgotten),
            channels=frozenset(description.forgotten_channels),
        )

    def use_opt_out(self, opt_out: OptOut) -> None:
        """Have a list in the place of the one that there is; what is stored stays (see `upkeep.forget`)."""
        description = self.description()
        write_opt_out(self.folder, opt_out, description.key_fingerprint)
        if description.forgotten or description.forgotten_channels:
            self.describe(replace(description, forgotten=(), forgotten_channels=()))

    def require_key(self, pseudonyms: Pseudonyms) -> None:
        """Raise StreamergraphError unless the store was written under this key."""
        if self.description().key_fingerprint != pseudonyms.fingerprint:
            raise StreamergraphError(
                self.folder,
                expected="the key that the store was written with",
                found="another one",
                remedy="name it with --key, or import everything into a new store",
            )

    def require_this_format(self) -> None:
        """Raise StreamergraphError for a store of an older format, which can be read only."""
        found = self.description().format
        if found < FORMAT_VERSION:
            raise StreamergraphError(
                self.folder,
                expected=f"a store of format {FORMAT_VERSION}",
                found=f"one of format {found}",
                remedy=f"convert it first: streamergraph store convert {self.folder}",
            )

    def use_timezone(self, name: str) -> None:
        """Note the zone of the local times that are stored; raises StreamergraphError for another one."""
        description = self.description()
        if description.timezone is None:
            self.describe(replace(description, timezone=name))
        elif description.timezone != name:
            raise StreamergraphError(
                "--timezone",
                expected=f"{description.timezone}, in which the times of {self.folder} were read",
                found=name,
                remedy="leave it out, or import into another store and merge the two",
            )

    def days(self) -> list[Day]:
        """Every day with parts, in order; what has no time comes last."""
        folder = self.folder / DAYS
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        return [Day(folder / name) for name in names if not name.startswith(".")]

    def day(self, name: str) -> Day:
        """The day of that name (YYYY-MM-DD), which need not exist."""
        return Day(self.folder / DAYS / name)

    def first_and_last_day(self) -> tuple[datetime.date, datetime.date]:
        """The first and the last day with observations; raises StreamergraphError where there is none."""
        dates = [
            day.date
            for day in self.days()
            if day.date is not None and any(part.table == OBSERVATIONS for part in day.parts())
        ]
        if not dates:
            raise StreamergraphError(
                self.folder,
                expected="observations",
                found="none",
                remedy="fill it with `import` or `collect`",
            )
        return min(dates), max(dates)

    def has_observations(self) -> bool:
        """Whether anything was stored."""
        if self.description().format < FORMAT_VERSION:
            return any(self.folder.glob("observations/day=*/part.parquet"))
        return self.has(OBSERVATIONS)

    def has(self, table: str) -> bool:
        """Whether a table of a store of today's format has any part."""
        return any(part.table == table for day in self.days() for part in day.parts())

    def runs(self) -> pl.DataFrame:
        """Every look ever taken, by time; of several words on one the last (see `last_words`)."""
        return last_words(self._all(RUNS)).sort("time", "source", "file", nulls_last=True)

    def known_looks(self) -> dict[str, KnownLook]:
        """Every look of `runs` by its run id."""
        names = [item.name for item in fields(KnownLook)]
        return {
            run: KnownLook(**dict(zip(names, values, strict=True)))
            for run, *values in self.runs().select("run_id", *names).iter_rows()
        }

    def losses(self) -> pl.DataFrame:
        """What was not understood in the looks of `runs`: run_id, file, reason, count."""
        return self._all(LOSSES).join(
            self.runs().select("run_id", "recorded"), on=["run_id", "recorded"], how="semi"
        )

    def channels(self) -> pl.DataFrame:
        """Every id with the names that it was seen with, and from when until when."""
        return self._all(CHANNELS)

    def add(self, looks: Sequence[Look]) -> list[Look]:
        """Store looks; returns them with what became of each, as is noted in `runs`.

        A stream that is known at that moment from another look is not stored again, and a look that
        tells nothing new is a duplicate. A look that is known by its `run_id` and is given again has
        changed: what it says now takes the place of what it said. Everything of one day is there
        altogether or not at all.
        """
        known = self.opt_out()
        looks, listed = left_out(looks, known, self.pseudonyms)
        if listed != known:
            self.use_opt_out(listed)
        by_day: dict[str, list[int]] = defaultdict(list)
        for number, look in enumerate(looks):
            by_day[look.time.date().isoformat() if look.time else UNDATED].append(number)
        added = list(looks)
        for name, numbers in sorted(by_day.items()):
            day = self.day(name)
            if not day.parts():
                self._finish_the_day_before(name)
            became = add_to_day(day, [looks[number] for number in numbers])
            join_small_tables(day)
            for number, look in zip(numbers, became, strict=True):
                added[number] = look
        return added

    def _finish_the_day_before(self, name: str) -> None:
        before = [day for day in self.days() if day.name < name and day.date is not None]
        if before:
            join_small_tables(before[-1], most_parts=1)

    def _all(self, table: str) -> pl.DataFrame:
        files = [path for day in self.days() for path in day.files(table)]
        return pl.read_parquet(files) if files else pl.DataFrame(schema=SCHEMAS[table])


def counts_of(runs: pl.DataFrame) -> dict[str, int]:
    """How many looks had which fate, the stored ones first."""
    rows = runs["status"].value_counts().sort("status").iter_rows()
    return dict(sorted(rows, key=lambda row: (row[0] != STORED, row[0])))
