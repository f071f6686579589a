"""A chat log: who wrote when in which channel. A window of minutes is a look; every message counts."""

from __future__ import annotations

import csv
import datetime
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import polars as pl

from streamergraph.errors import StreamergraphError
from streamergraph.importing.local_order import later_of_two
from streamergraph.importing.streams import whole_number
from streamergraph.importing.times import FORMS, Clock, is_plausible
from streamergraph.observations.looks import Look, SeenStream, digest_of
from streamergraph.privacy import Pseudonyms

COLUMNS = {
    "time": ("time", "timestamp", "date_time", "created_at", "sent_at", "tmi-sent-ts"),
    "channel": ("channel", "channel_name", "channel_login", "streamer", "room"),
    "user": ("user", "user_login", "username", "login", "nick", "author", "user_name"),
    "category": ("category", "game_name", "category_name", "game"),
    "viewers": ("viewers", "viewer_count"),
}
REQUIRED = ("time", "channel", "user")
ROWS_OF_A_CHUNK = 100_000
LIKE_A_TIME = re.compile(r"[\d\s.:/,+TZ-]{1,40}")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
QUARTER = 15 * 60 * 1_000_000  # microseconds; clocks are changed at quarters of an hour
CHUNK_SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(), "local": pl.Boolean(), "micros": pl.Int64(), "channel": pl.String(),
    "viewer": pl.Int64(), "category": pl.String(), "viewers": pl.Int64(),
}  # fmt: skip


@dataclass
class ChatLog:
    """The looks of a CSV of messages (columns time, channel, user; optional category, viewers).

    The authors of each window of `window_minutes` are the audience of one look, whose coverage says
    that people who only read are not in it. Messages are spooled as numbers to a temporary folder, so
    that neither the length of the log nor its order matters; no login is written. `losses` counts
    the messages that did not count, by reason; `example` is a time that was not understood.
    """

    path: Path
    clock: Clock
    pseudonyms: Pseudonyms
    window_minutes: int = 5
    language: str | None = None
    losses: Counter[str] = field(default_factory=Counter)
    example: str = ""

    @property
    def total(self) -> int:
        """Not known before the log was read."""
        return 0

    def looks(self) -> Iterator[Look]:
        """A look for every window in which anybody wrote, by time; the first one has the losses.

        Raises StreamergraphError for a file that is no such table, or of which no message counts.
        """
        with TemporaryDirectory(prefix="streamergraph-") as name:
            folder = Path(name)
            self._spool(folder)
            with duckdb.connect(str(folder / "work.duckdb")) as connection:
                connection.execute("SET memory_limit = '1GiB'")
                connection.execute("SET enable_progress_bar = false")
                files = str(folder / "*.parquet").replace("'", "''")
                connection.execute(f"CREATE VIEW messages AS FROM read_parquet('{files}')")
                self._tell_hours_apart(connection)
                losses = self.losses.copy()
                for look in self._windows(connection):
                    yield Look(**{**vars(look), "losses": losses})
                    losses = Counter()

    def _spool(self, folder: Path) -> None:
        rows: list[tuple[Any, ...]] = []
        chunks = 0
        with _opened(self.path) as (places, reader):
            for number, cells in enumerate(reader):
                if (row := self._row(number, cells, places)) is not None:
                    rows.append(row)
                if len(rows) == ROWS_OF_A_CHUNK:
                    _write(rows, folder / f"{chunks}.parquet")
                    rows, chunks = [], chunks + 1
        if not rows and not chunks:
            found = "; ".join(f"{n} {reason}" for reason, n in self.losses.items()) or "no message"
            shown = f", such as {self.example!r}" if self.example else ""
            raise StreamergraphError(
                self.path,
                expected=f"messages with a time such as {FORMS}",
                found=found + shown,
                remedy="write the times in one of these forms",
            )
        _write(rows, folder / f"{chunks}.parquet")

    def _row(self, number: int, cells: list[str], places: dict[str, int]) -> tuple[Any, ...] | None:
        cell = {name: cells[k].strip() if k < len(cells) else "" for name, k in places.items()}
        said = self.clock.said(cell["time"])
        moment = said if said is None or said.tzinfo else said.replace(tzinfo=datetime.UTC)
        if moment is None or not is_plausible(moment):
            self.losses[
                "messages whose time is not understood"
                if moment is None
                else "messages of a time that cannot be"
            ] += 1
            # In a row that lacks a cell a login may stand here, and it is not to be shown.
            shown = cell["time"] if LIKE_A_TIME.fullmatch(cell["time"]) else ""
            self.example = self.example or shown
            return None
        if not cell["channel"] or not cell["user"]:
            self.losses["messages without a channel or a user"] += 1
            return None
        viewers = whole_number(cell.get("viewers", ""))
        if viewers is None and cell.get("viewers"):
            self.losses["viewer counts that are no count"] += 1
        return (
            number, said is not moment, (moment - EPOCH) // MICROSECOND, cell["channel"],
            self.pseudonyms.viewer(cell["user"]), cell.get("category") or None, viewers,
        )  # fmt: skip

    def _tell_hours_apart(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Tables `shifts` (from local times to UTC, by quarter of an hour) and `later` (rows).

        A local time that came twice has two shifts; the rows in `later` take the second.
        """
        connection.execute("CREATE TABLE shifts (quarter BIGINT, first BIGINT, second BIGINT)")
        connection.execute("CREATE TABLE later (row BIGINT)")
        quarters = connection.execute(
            f"SELECT micros // {QUARTER}, count(*) FROM messages WHERE local GROUP BY ALL"
        ).fetchall()
        twice = []
        for quarter, count in quarters:
            local = (EPOCH + quarter * QUARTER * MICROSECOND).replace(tzinfo=None)
            shifts = [
                (self.clock.in_utc(local, second=second) - local.replace(tzinfo=datetime.UTC))
                // MICROSECOND
                for second in (False, True)
            ]
            if self.clock.is_skipped(local):
                self.clock.skipped += count
            elif self.clock.is_ambiguous(local):
                twice.append(quarter)
            connection.execute("INSERT INTO shifts VALUES (?, ?, ?)", [quarter, *shifts])
        if not twice:
            return
        listed = connection.execute(
            "SELECT row, micros FROM messages WHERE local ORDER BY row"
        ).fetchnumpy()
        micros = np.asarray(listed["micros"])
        later, unsure = later_of_two(micros / 60e6, np.isin(micros // QUARTER, twice))
        self.clock.ambiguous += unsure
        connection.execute(
            "INSERT INTO later SELECT unnest(?::BIGINT[])",
            [np.asarray(listed["row"])[later].tolist()],
        )

    def _windows(self, connection: duckdb.DuckDBPyConnection) -> Iterator[Look]:
        window = self.window_minutes * 60_000_000
        connection.execute(
            f"""
            CREATE TABLE windows AS
            WITH timed AS (
                SELECT m.*, micros + CASE WHEN NOT local THEN 0
                                          WHEN l.row IS NULL THEN s.first ELSE s.second END AS utc
                FROM messages m LEFT JOIN shifts s ON local AND s.quarter = m.micros // {QUARTER}
                LEFT JOIN later l ON l.row = m.row
            )
            SELECT utc // {window} * {window} AS begin, lower(channel) AS login,
                   arg_max(channel, utc) AS name, arg_max(category, utc) AS category,
                   max(viewers) AS viewers, list(DISTINCT viewer) AS authors
            FROM timed GROUP BY ALL
            """
        )
        cursor = connection.execute("FROM windows ORDER BY begin, login")
        streams: list[SeenStream] = []
        now = None
        while row := cursor.fetchone():
            begin, login, name, category, viewers, authors = row
            if now is not None and begin != now:
                yield self._look(now, streams)
                streams = []
            now = begin
            streams.append(
                SeenStream(
                    login=login,
                    name=name,
                    category=category,
                    viewers=viewers,
                    authors=tuple(sorted(authors)),
                    width_minutes=self.window_minutes,
                )
            )
        if now is not None:
            yield self._look(now, streams)

    def _look(self, begin: int, streams: list[SeenStream]) -> Look:
        moment = EPOCH + begin * MICROSECOND
        return Look(
            source=self.path.name,
            file=f"{self.path.name}#{moment.isoformat()}",
            time=moment,
            language=self.language,
            streams=tuple(streams),
            digest=digest_of(streams),
        )


def _write(rows: list[tuple[Any, ...]], path: Path) -> None:
    pl.DataFrame(rows, schema=CHUNK_SCHEMA, orient="row").write_parquet(path, compression="lz4")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[dict[str, int], Iterator[list[str]]]]:
    """The places of the columns of a CSV, and its rows."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.read(4096)
            file.seek(0)
            delimiter = max(",;\t", key=head.partition("\n")[0].count)
            reader = csv.reader(file, delimiter=delimiter)
            header = [cell.strip().lower() for cell in next(reader, [])]
            yield _places(path, header), reader
    except (UnicodeDecodeError, csv.Error):
        raise StreamergraphError(
            path, expected="CSV with a header", found="something else", remedy="mend the file"
        ) from None


def _places(path: Path, header: list[str]) -> dict[str, int]:
    places = {
        column: next(header.index(name) for name in names if name in header)
        for column, names in COLUMNS.items()
        if any(name in header for name in names)
    }
    if any(name not in places for name in REQUIRED):
        raise StreamergraphError(
            path,
            expected="columns time, channel, user",
            found=", ".join(header) or "none",
            remedy="rename them",
        )
    return places
