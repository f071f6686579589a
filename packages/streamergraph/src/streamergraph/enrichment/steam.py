"""Facts about games from a CSV of Steam titles."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from streamergraph.errors import StreamergraphError

COLUMNS = ("title", "developer", "publisher", "release_date", "categories")
DATE_FORMS = ("%d %B %Y", "%Y-%m-%d", "%d %b, %Y", "%d %b %Y")


@dataclass(frozen=True, kw_only=True)
class SteamGame:
    """One game; what is not known is None. No publisher was given where it is the developer."""

    title: str
    developer: str | None
    publisher: str | None
    release_date: datetime.date | None
    tags: str | None


def read_steam(path: Path) -> list[SteamGame]:
    """The games of a CSV with columns title, developer, publisher, release_date, categories.

    The first of several games with the same title is kept. Raises StreamergraphError for a file
    that is no such table.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False).fill_null("")
    except (OSError, pl.exceptions.PolarsError, UnicodeDecodeError):
        raise StreamergraphError(
            path, expected="a CSV of Steam titles", found="none", remedy="check the path"
        ) from None
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise StreamergraphError(
            path,
            expected=f"columns {', '.join(COLUMNS)}",
            found=f"none named {', '.join(missing)}",
            remedy="rename them",
        )
    games: dict[str, SteamGame] = {}
    for title, developer, publisher, released, tags in frame.select(COLUMNS).iter_rows():
        games.setdefault(
            title,
            SteamGame(
                title=title,
                developer=developer.strip() or None,
                # Absent means: the same as the developer.
                publisher=publisher.strip() or developer.strip() or None,
                release_date=parse_release_date(released),
                tags=tags.strip() or None,
            ),
        )
    return [game for title, game in games.items() if title.strip()]


def parse_release_date(text: str) -> datetime.date | None:
    """A date such as ``11 February 2022``; None where the day is not known.

    >>> parse_release_date("11 February 2022")
    datetime.date(2022, 2, 11)
    >>> parse_release_date("February 2022")
    """
    for form in DATE_FORMS:
        try:
            return (
                datetime.datetime.strptime(text.strip(), form).replace(tzinfo=datetime.UTC).date()
            )
        except ValueError:
            continue
    return None
