"""A chat log: who wrote when in which channel. A window of minutes is a look; every message counts."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from streamergraph.atomic import room_on_disk
from streamergraph.errors import StreamergraphError
from streamergraph.importing.chat_lists import LOGIN
from streamergraph.importing.fields import NO_COUNT, count_in, id_in, is_said
from streamergraph.importing.local_order import later_of_two
from streamergraph.importing.messages import Message, read_messages
from streamergraph.importing.shared_ids import without_shared_ids
from streamergraph.importing.times import FORMS, Clock, is_plausible
from streamergraph.observations.looks import Look, SeenStream, digest_of
from streamergraph.privacy import Pseudonyms
from streamergraph.temporary import temporary_folder

ROWS_OF_A_CHUNK = 100_000
LIKE_A_TIME = re.compile(r"(?=.*\d)(?=.*[^\dTZ])[\d\s.:/,+TZ-]{1,40}")  # and like no login
MESSAGES_AT_ONCE = 1_000_000
DAYS_AROUND_A_NIGHT = 2
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
QUARTER = 15 * 60 * 1_000_000  # microseconds; clocks are changed at quarters of an hour
CHUNK_SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int64(), "local": pl.Boolean(), "micros": pl.Int64(), "channel": pl.String(),
    "channel_id": pl.Int64(), "viewer": pl.Int64(), "category": pl.String(), "viewers": pl.Int64(),
}  # fmt: skip


@dataclass
class ChatLog:
    """The looks of a log of messages (see `read_messages`).

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
        with temporary_folder() as folder:
            self._spool(folder)
            with duckdb.connect(str(folder / "work.duckdb")) as connection:
                connection.execute("SET memory_limit = '512MiB'")
                connection.execute("SET enable_progress_bar = false")
                files = str(folder / "*.parquet").replace("'", "''")
                connection.execute(f"CREATE VIEW messages AS FROM read_parquet('{files}')")
                self._tell_hours_apart(connection)
                losses = self.losses.copy()
                for look in self._windows(connection):
                    yield Look(**{**vars(look), "losses": losses + look.losses})
                    losses = Counter()

    def _spool(self, folder: Path) -> None:
        rows: list[tuple[Any, ...]] = []
        chunks = 0
        for number, message in enumerate(read_messages(self.path, self.losses)):
            if (row := self._row(number, message)) is not None:
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

    def _row(self, number: int, message: Message) -> tuple[Any, ...] | None:
        said = self.clock.said(message.time)
        moment = said if said is None or said.tzinfo else said.replace(tzinfo=datetime.UTC)
        if moment is None or not is_plausible(moment):
            self.losses[
                "messages whose time is not understood"
                if moment is None
                else "messages of a time that cannot be"
            ] += 1
            self.example = self.example or _like_a_time(message.time)
            return None
        channel, user = message.channel.lstrip("#"), message.user.lstrip("@")
        channel_id = id_in(message.channel_id)
        if channel_id is None and is_said(message.channel_id) and message.channel_id != "0":
            self.losses["ids of channels that are no number"] += 1
        if not user or not (channel or channel_id is not None):
            self.losses["messages without a channel or a user"] += 1
            return None
        if not LOGIN.fullmatch(user):
            self.losses["messages whose user is no login"] += 1
            return None
        viewers = count_in(message.viewers)
        if viewers is None and is_said(message.viewers):
            self.losses[NO_COUNT] += 1
        category = message.category if is_said(message.category) else None
        return (
            number, said is not moment, (moment - EPOCH) // MICROSECOND, channel or None, channel_id,
            self.pseudonyms.viewer(user), category, viewers,
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
        # What is far from such a night tells nothing of it.
        around = 24 * 4 * DAYS_AROUND_A_NIGHT
        near = " OR ".join(
            f"micros // {QUARTER} BETWEEN {night - around} AND {night + around}" for night in twice
        )
        listed = connection.execute(
            f"SELECT row, micros FROM messages WHERE local AND ({near}) ORDER BY row"
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
            CREATE VIEW timed AS
            SELECT m.*, (micros + CASE WHEN NOT local THEN 0 WHEN l.row IS NULL THEN s.first
                                       ELSE s.second END) // {window} * {window} AS begin
            FROM messages m LEFT JOIN shifts s ON local AND s.quarter = m.micros // {QUARTER}
            LEFT JOIN later l ON l.row = m.row
            """
        )
        counts = connection.execute(
            "SELECT begin, count(*) FROM timed GROUP BY begin ORDER BY begin"
        ).fetchall()
        for first, last in _portions(counts):
            rows = connection.execute(
                """
                SELECT begin, lower(channel), arg_max(channel, row), max(channel_id),
                       arg_max(category, row), max(viewers), list(DISTINCT viewer)
                FROM timed WHERE begin BETWEEN ? AND ? GROUP BY begin, lower(channel),
                     CASE WHEN channel IS NULL THEN channel_id END
                ORDER BY begin, lower(channel)
                """,
                [first, last],
            ).fetchall()
            for begin, streams in groupby(rows, key=itemgetter(0)):
                found, shared = without_shared_ids([self._stream(*row[1:]) for row in streams])
                yield self._look(begin, found, Counter(shared))

    def _stream(
        self,
        login: str | None,
        name: str | None,
        channel_id: int | None,
        category: str | None,
        viewers: int | None,
        authors: list[int],
    ) -> SeenStream:
        known = login if login and LOGIN.fullmatch(login) else None
        return SeenStream(
            user_id=channel_id,
            login=known,
            name=None if name == known else name,  # a login alone is no name for show
            category=category,
            viewers=viewers,
            authors=tuple(sorted(authors)),
            width_minutes=self.window_minutes,
        )

    def _look(self, begin: int, streams: list[SeenStream], losses: Counter[str]) -> Look:
        moment = EPOCH + begin * MICROSECOND
        return Look(
            source=self.path.name,
            file=f"{self.path.name}#{moment.isoformat()}",
            time=moment,
            language=self.language,
            streams=tuple(streams),
            digest=digest_of(streams),
            losses=losses,
        )


def _write(rows: list[tuple[Any, ...]], path: Path) -> None:
    with room_on_disk(path):
        pl.DataFrame(rows, schema=CHUNK_SCHEMA, orient="row").write_parquet(path, compression="lz4")


def _portions(counts: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The first and the last window of portions of so many messages, whatever the order of the log."""
    begun, held = 0, 0
    for k, (_, count) in enumerate(counts):
        if held and held + count > MESSAGES_AT_ONCE:
            yield counts[begun][0], counts[k - 1][0]
            begun, held = k, 0
        held += count
    if held:
        yield counts[begun][0], counts[-1][0]


def _like_a_time(text: str) -> str:
    """A text to show as an example of a time; nothing of one that may be a login."""
    if text.isdigit():
        return f"a number of {len(text)} digits"
    return text if LIKE_A_TIME.fullmatch(text) else ""
