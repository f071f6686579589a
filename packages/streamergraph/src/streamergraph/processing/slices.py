"""Which part of a store is processed: a time, a language, a kind of audience."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from streamergraph.errors import StreamergraphError
from streamergraph.observations.schema import KINDS


@dataclass(frozen=True, kw_only=True)
class Slice:
    """From `first` (included) to `last` (excluded), in UTC; None: from the beginning, to the end.

    `language`: only streams of it; None: all. `audience`: members, authors, or None to choose.
    """

    first: datetime.datetime | None = None
    last: datetime.datetime | None = None
    language: str | None = None
    audience: str | None = None

    def check(self) -> None:
        """Raise StreamergraphError for what is no slice."""
        if self.first is not None and self.last is not None and self.first >= self.last:
            raise StreamergraphError(
                "--until",
                expected="a time after --from",
                found=self.last.isoformat(),
                remedy="exchange the two",
            )
        if self.audience is not None and self.audience not in KINDS:
            raise StreamergraphError(
                "--audience",
                expected=" or ".join(KINDS),
                found=self.audience,
                remedy="choose one of them",
            )


def moment_of(text: str, *, flag: str, end: bool = False) -> datetime.datetime:
    """A day (YYYY-MM-DD) or moment of a flag, in UTC unless it says a zone; a day that ends is in.

    >>> moment_of("2022-05-05", flag="--until", end=True).isoformat()
    '2022-05-06T00:00:00+00:00'
    >>> moment_of("2022-05-05T15:00+02:00", flag="--from").isoformat()
    '2022-05-05T13:00:00+00:00'
    """
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise StreamergraphError(
            flag,
            expected="a day (2022-05-05) or a moment (2022-05-05T15:00)",
            found=text,
            remedy="write it so",
        ) from None
    if end and len(text.strip()) == len("2022-05-05"):
        moment += datetime.timedelta(days=1)
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).astimezone(
        datetime.UTC
    )


def slices_of(
    whole: Slice, every: str | None, days: tuple[datetime.date, datetime.date]
) -> list[tuple[str, Slice]]:
    """The slices of `whole` with a name each; without `every`, it alone, without a name.

    `days` are the first and the last of the store. A week that `whole` cuts has a part of its days.
    """
    if every is None:
        return [("", whole)]
    if every != "week":
        raise StreamergraphError("--every", expected="week", found=every, remedy="choose that")
    first = max(days[0], whole.first.date()) if whole.first is not None else days[0]
    end = whole.last - datetime.timedelta(microseconds=1) if whole.last is not None else None
    last = min(days[1], end.date()) if end is not None else days[1]
    found = []
    for name, week in weeks(first, last):
        begin = week.first if whole.first is None else max(week.first or whole.first, whole.first)
        until = week.last if whole.last is None else min(week.last or whole.last, whole.last)
        found.append((name, replace(whole, first=begin, last=until)))
    return found


def weeks(first: datetime.date, last: datetime.date) -> list[tuple[str, Slice]]:
    """The weeks (Monday to Sunday, UTC) that hold the days from `first` to `last`, with their ISO names.

    >>> [name for name, _ in weeks(datetime.date(2022, 5, 5), datetime.date(2022, 5, 9))]
    ['2022-W18', '2022-W19']
    """
    monday = first - datetime.timedelta(days=first.weekday())
    found = []
    while monday <= last:
        following = monday + datetime.timedelta(days=7)
        year, week, _ = monday.isocalendar()
        found.append(
            (f"{year}-W{week:02d}", Slice(first=_midnight(monday), last=_midnight(following)))
        )
        monday = following
    return found


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)
