"""Games on Steam, and how much of a table of them was understood."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from streamergraph.enrichment.release_dates import ReleaseDates, read_dates
from streamergraph.enrichment.steam_files import EXPECTED, NAMES, read_records
from streamergraph.errors import StreamergraphError

NO_TITLE = "without a title"


@dataclass(frozen=True, kw_only=True)
class SteamGame:
    """One game; what is not known is None. No publisher was given where it is the developer."""

    title: str
    developer: str | None = None
    publisher: str | None = None
    release_date: datetime.date | None = None
    tags: str | None = None
    app_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SteamTable:
    """The games of a file in its order; `not_understood` counts other entries by reason."""

    file: str
    games: list[SteamGame]
    dates: ReleaseDates
    absent: tuple[str, ...]
    not_understood: dict[str, int]

    def told(self) -> list[str]:
        """A line for each thing that a reader of the file should know."""
        lines = []
        for reason, count in self.not_understood.items():
            lines.append(f"{self.file}: {count} entries were not read: {reason}")
        if self.absent:
            lines.append(
                f"{self.file}: nothing is known of {', '.join(self.absent)}: no such column"
            )
        if self.dates.unread:
            reasons = "; ".join(
                f"{count} {reason}, such as {example!r}"
                for reason, (count, example) in self.dates.unread.items()
            )
            lines.append(
                f"{self.file}: {self.dates.n_unread} of {len(self.games)} release dates "
                f"could not be read: {reasons}"
            )
        return lines


def read_steam(path: Path) -> SteamTable:
    """The games of a table in CSV or JSON.

    Columns or keys: title (or name), and if known developer, publisher, release_date, tags (or genres,
    categories), appid, also in the plural and in other spellings. Raises StreamergraphError for
    a file of which no title is left.
    """
    found = read_records(path)
    titled = [record for record in found.records if record.get("title", "").strip()]
    reasons = Counter(found.not_understood)
    if n_untitled := len(found.records) - len(titled):
        reasons[NO_TITLE] = n_untitled
    if not titled:
        raise StreamergraphError(
            path,
            expected=EXPECTED,
            found="no title in it"
            + "".join(f"; {count} {reason}" for reason, count in reasons.items()),
            remedy="check the file; titles are called title or name",
        )
    dates = read_dates([record.get("release_date", "") for record in titled])
    return SteamTable(
        file=path.name,
        games=[
            SteamGame(
                title=record["title"].strip(),
                developer=record.get("developer", "").strip() or None,
                # Absent means: the same as the developer.
                publisher=record.get("publisher", "").strip()
                or record.get("developer", "").strip()
                or None,
                release_date=day,
                tags=record.get("tags", "").strip() or None,
                app_id=int(record["app_id"]) if record.get("app_id") else None,
            )
            for record, day in zip(titled, dates.dates, strict=True)
        ],
        dates=dates,
        absent=tuple(
            name.replace("_", " ")
            for name in NAMES
            if name != "app_id" and not any(name in record for record in titled)
        ),
        not_understood=dict(reasons),
    )
