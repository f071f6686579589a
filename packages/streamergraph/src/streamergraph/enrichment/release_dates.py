"""Release dates as stores and tables write them, for readers of several regions."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# As Steam writes them: whole or cut to three letters and more.
MONTHS = (
    "january januari januar gennaio enero janvier janeiro stycznia января ocak ledna січня",
    "february februari februar febbraio febrero fevrier fevereiro lutego февраля subat unora лютого",
    "march marz maart marzo mars marco marca mart марта",
    "april aprile abril avril kwietnia апреля nisan dubna квітня",
    "may mai mei maggio mayo maio maja maj мая май mayis kvetna травня",
    "june juni giugno junio juin junho czerwca июня haziran червня",
    "july juli luglio julio juillet julho lipca июля temmuz липня",
    "august augustus agosto aout sierpnia августа agustos srpna серпня",
    "september settembre septiembre septembre setembro wrzesnia сентября szeptember eylul zari вересня",
    "october oktober ottobre octubre octobre outubro pazdziernika октября ekim rijna жовтня",
    "november novembre noviembre novembro listopada ноября kasim листопада",
    "december dezember dicembre diciembre decembre dezembro grudnia декабря desember aralik prosince "
    "грудня",
)
NO_DAY = "say no day"
OPEN_ORDER = "leave open which number is the day and which the month"
NOT_KNOWN = "have a form that is not known"
# Dates of computer games that can be.
FIRST_YEAR, YEARS_AHEAD = 1950, 20

YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:(?:T|\s).*)?")
YEAR_FIRST_IN_WORDS = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
EPOCH = re.compile(r"(\d{9,10}|\d{12,13})(?:\.0+)?")
TIME_OF_DAY = re.compile(
    r"[,T\s]*\b\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?|z|utc|gmt)?", re.IGNORECASE
)
YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")
MONTH_OF_YEAR = re.compile(r"\d{4}[-/.]\d{1,2}|\d{1,2}[-/.]\d{4}|\d{4}\s*[年년]\s*\d{1,2}\s*[月월]")
WORDS = re.compile(r"\d+|[^\W\d_]+")


def _plain(word: str) -> str:
    """Without accents, in lower case."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _month_numbers() -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for number, names in enumerate(MONTHS, 1):
        for name in _plain(names).split():
            for length in range(3, len(name) + 1):
                found.setdefault(name[:length], set()).add(number)
    # French jui is June or July.
    return {start: min(numbers) for start, numbers in found.items() if len(numbers) == 1}


MONTH_NUMBERS = _month_numbers() | {"sept": 9}


@dataclass(frozen=True, kw_only=True)
class ReleaseDates:
    """The dates of one file in its order; `unread` counts texts by reason, with an example each."""

    dates: list[datetime.date | None]
    unread: dict[str, tuple[int, str]]

    @property
    def read(self) -> int:
        """How many dates are known."""
        return sum(day is not None for day in self.dates)

    @property
    def n_unread(self) -> int:
        """How many texts are no date to us. Empty ones are none."""
        return sum(count for count, _ in self.unread.values())


@dataclass(frozen=True)
class _EitherOrder:
    first: int
    second: int
    year: int


def read_dates(texts: Sequence[str]) -> ReleaseDates:
    """The date that each text is; None where the day is not known.

    Known are ISO dates with or without a time, days with the name of the month in any order, seconds since
    1970, and numbers as ``21/10/2008``. Whether the day or the month comes first is decided by the
    numbers above 12 in the whole file; where there are none, or both ways, 03/04/2017 stays open.

    >>> read_dates(["Oct 21, 2008", "21 October 2008", "Coming soon"]).dates[1:]
    [datetime.date(2008, 10, 21), None]
    >>> read_dates(["03/04/2017", "10/21/2008"]).dates[0]
    datetime.date(2017, 3, 4)
    >>> read_dates(["03/04/2017"]).unread
    {'leave open which number is the day and which the month': (1, '03/04/2017')}
    """
    parsed = [_parse(text) for text in texts]
    pairs = [found for found in parsed if isinstance(found, _EitherOrder)]
    day_first = any(12 < pair.first <= 31 for pair in pairs)
    month_first = any(12 < pair.second <= 31 for pair in pairs)
    dates: list[datetime.date | None] = []
    unread: dict[str, tuple[int, str]] = {}
    for text, found in zip(texts, parsed, strict=True):
        if isinstance(found, _EitherOrder):
            found = _in_order(found, day_first=day_first, month_first=month_first)
        if isinstance(found, str):
            count, example = unread.get(found, (0, text.strip()))
            unread[found] = (count + 1, example)
        dates.append(found if isinstance(found, datetime.date) else None)
    return ReleaseDates(dates=dates, unread=unread)


def _parse(text: str) -> datetime.date | _EitherOrder | str | None:
    """A date, two numbers in either order, or why it is none; None for an empty text."""
    text = text.strip()
    if not text:
        return None
    if found := YEAR_FIRST.fullmatch(text):
        return _day(found[1], found[3], found[4])
    if found := YEAR_FIRST_IN_WORDS.match(text) or COMPACT.fullmatch(text):
        return _day(found[1], found[2], found[3])
    if found := EPOCH.fullmatch(text):
        seconds = int(found[1]) / (1000 if len(found[1]) > 10 else 1)
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        return _day(moment.year, moment.month, moment.day)
    text = TIME_OF_DAY.sub("", text).strip()
    if found := YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first == second:
            return _day(year, first, second)
        return _EitherOrder(first, second, year) if min(first, second) <= 12 else NOT_KNOWN
    return _parse_words(text)


def _parse_words(text: str) -> datetime.date | str:
    words = [_plain(word) for word in WORDS.findall(text)]
    months = [MONTH_NUMBERS[word] for word in words if word in MONTH_NUMBERS]
    numbers = [word for word in words if word.isdigit()]
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if len(months) == len(years) == len(days) == 1 and len(numbers) == 2:
        return _day(years[0], months[0], days[0])
    if not numbers or (years and len(numbers) == len(years)) or MONTH_OF_YEAR.fullmatch(text):
        return NO_DAY
    return NO_DAY if re.search(r"\bq[1-4]\b", text.lower()) else NOT_KNOWN


def _in_order(pair: _EitherOrder, *, day_first: bool, month_first: bool) -> datetime.date | str:
    if pair.first > 12 or (day_first and not month_first):
        return _day(pair.year, pair.second, pair.first)
    if pair.second > 12 or (month_first and not day_first):
        return _day(pair.year, pair.first, pair.second)
    return OPEN_ORDER


def _day(year: int | str, month: int | str, day: int | str) -> datetime.date | str:
    latest = datetime.datetime.now(datetime.UTC).year + YEARS_AHEAD
    if not FIRST_YEAR <= int(year) <= latest:
        return NOT_KNOWN
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return NOT_KNOWN
