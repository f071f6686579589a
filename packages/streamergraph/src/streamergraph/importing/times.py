"""Moments from file names and fields: ISO 8601, seconds since 1970, and local times without a zone."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streamergraph.errors import StreamergraphError

# Also 20220505_1509, with seconds, and with the zone where it is UTC or a number.
NAME_PATTERN = re.compile(
    r"(?<!\d)(20\d{2})([-_.]?)(\d{2})\2(\d{2})[-_T .]{0,3}(\d{2})[-_.:h]?(\d{2})"
    r"(?:[-_.:m]?([0-5]\d)(?!\d)(?:\.\d+)?)?(Z|[ _]?UTC|\+\d{2}:?\d{2}|-\d{2}:\d{2})?"
)
NAMED_EPOCH = re.compile(r"(?<!\d)1[3-9]\d{8}(?:\d{3})?(?!\d)")
FORMS = "2022-05-05T15:09:00Z, 2022-05-05 15:09:00, 2022-05-05_15-09, or seconds since 1970"
ORIGINAL = re.compile(r"(\d{4}-\d{2}-\d{2})_(\d{2})[-:](\d{2})(?:[-:](\d{2}))?")
COMPACT = re.compile(r"(20\d{6})(\d{4}(?:\d{2})?)")
DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W.*", re.IGNORECASE)
EPOCH = re.compile(r"\d{9,19}(?:\.\d+)?")
ASIDE = re.compile(r"\s*(?:\[[^\]]+\]|\([^)]+\))$")  # the name of a zone, behind its offset
ASP_DATE = re.compile(r"/Date\((\d{12,13})(?:[+-]\d{4})?\)/")
OFFSET = re.compile(r"[+-]\d{2}:?\d{2}$")
HALF_DAY = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T](1[0-2]|0?\d):(\d{2}(?::\d{2})?)\s*([ap])\.?m\.?", re.IGNORECASE
)
# As spreadsheets write them anew: 2024-5-1 9:05, and with points 1.5.2024 9:05, the day first.
LOOSE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:T|,?\s+)(\d{1,2})(:\d{2}.*)")
POINTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:T|,?\s+)(\d{1,2})(:\d{2}.*)")
# In English: of C's ctime, of a browser's Date, and as people and spreadsheets write them.
IN_ENGLISH = (
    "%a %b %d %H:%M:%S %Y", "%a %b %d %Y %H:%M:%S GMT%z",
    "%d %b %Y %H:%M:%S", "%d %B %Y %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%d %b %Y %H:%M", "%d %B %Y %H:%M",
    "%b %d, %Y %I:%M:%S %p", "%B %d, %Y %I:%M:%S %p", "%b %d, %Y %I:%M %p", "%B %d, %Y %I:%M %p",
    "%b %d, %Y %H:%M:%S", "%B %d, %Y %H:%M:%S",
)  # fmt: skip
UNITS_PER_SECOND = (1, 1_000, 1_000_000, 1_000_000_000)
TWITCH_BEGAN = datetime.datetime(2011, 6, 6, tzinfo=datetime.UTC)
# Clocks go back by an hour nearly everywhere; what is read one after the other is out of order by less.
STEP_BACK = datetime.timedelta(minutes=30)
ONE_NIGHT = datetime.timedelta(days=1)
REMEMBERED = 100_000


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that IANA name; raises StreamergraphError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise StreamergraphError(
            "--timezone",
            expected="a name such as Europe/Rome",
            found=name,
            remedy="see IANA's list",
        ) from None


def parse_time(value: Any) -> datetime.datetime | None:
    """A moment, in UTC, or a local time without a zone as it is; None for what is no time.

    Seconds, milli-, micro- and nanoseconds since 1970 are told apart by their size.

    >>> parse_time("2022-05-05_15-09").isoformat(), parse_time("2022-05-05T13:09:00Z").isoformat()
    ('2022-05-05T15:09:00', '2022-05-05T13:09:00+00:00')
    >>> parse_time(1714564800000).isoformat(), parse_time("1714564800.25").isoformat()
    ('2024-05-01T12:00:00+00:00', '2024-05-01T12:00:00.250000+00:00')
    >>> parse_time("yesterday")
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = (
        value.strip()
        if isinstance(value, str)
        else f"{value:.6f}"
        if isinstance(value, float)
        else str(value)
    )
    text = ASIDE.sub("", text)
    if found := ASP_DATE.fullmatch(text):
        text = found[1]
    if EPOCH.fullmatch(text):
        moment = _since_1970(text)
        found = COMPACT.fullmatch(text)
        if moment is not None or found is None:
            return moment
        text = f"{found[1]}T{found[2]}"
    if found := ORIGINAL.fullmatch(text):
        text = f"{found[1]}T{found[2]}:{found[3]}" + (f":{found[4]}" if found[4] else "")
    elif DATE.fullmatch(text):
        return None  # a day is no moment
    try:
        moment = datetime.datetime.fromisoformat(_as_iso(text))
        return moment if moment.tzinfo is None else moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return _as_in_mail(text)


def _as_iso(text: str) -> str:
    """A time whose parts stand apart as in 2022/05/05 15:09:00 +0000, as ISO 8601 has it."""
    if text.endswith((" UTC", " GMT")):
        text = text[:-4] if OFFSET.search(text[:-4]) else text[:-4] + "Z"
    if found := HALF_DAY.fullmatch(text):
        hour = int(found[2]) % 12 + 12 * (found[4].lower() == "p")
        text = f"{found[1]}T{hour:02}:{found[3]}"
    if found := LOOSE.fullmatch(text):
        text = f"{found[1]}-{found[3]:>02}-{found[4]:>02}T{found[5]:>02}{found[6]}"
    elif found := POINTS.fullmatch(text):
        text = f"{found[3]}-{found[2]:>02}-{found[1]:>02}T{found[4]:>02}{found[5]}"
    return re.sub(r"(?<=\d) (?=[+-]\d{2}:?\d{2}$|Z$)", "", text)


def _as_in_mail(text: str) -> datetime.datetime | None:
    """Days and months in English, of mail too."""
    if text.isascii() and not any(letter.isalpha() for letter in text):
        return None
    for form in IN_ENGLISH:
        try:
            moment = datetime.datetime.strptime(text, form)
        except ValueError:
            continue
        return moment if moment.tzinfo is None else moment.astimezone(datetime.UTC)
    if not re.match(r"[A-Z][a-z]{2}, \d", text):
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo is None else moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None


def _since_1970(text: str) -> datetime.datetime | None:
    whole, _, part = text.partition(".")
    for units in UNITS_PER_SECOND:
        seconds, rest = divmod(int(whole), units)
        micros = rest * 1_000_000 // units if units > 1 else int((part + "000000")[:6])
        try:
            moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        except (OverflowError, ValueError, OSError):
            continue
        if is_plausible(moment):
            return moment + datetime.timedelta(microseconds=micros)
    return None


@dataclass
class Night:
    """An hour that clocks showed twice, as far as it was read."""

    latest: datetime.datetime
    steps_back: int = 0
    unsure: int = 0


@dataclass
class Clock:
    """Reads times of one source: those without a zone are of `zone`. Counts what it could not be sure of.

    `local`: times without a zone. `ambiguous`: those of the hour that comes twice when clocks go back,
    taken as the first, for nothing told which. `skipped`: those that no clock shows, since clocks went
    forward.
    """

    zone: ZoneInfo
    local: int = 0
    ambiguous: int = 0
    skipped: int = 0
    _night: Night | None = field(default=None, repr=False)
    _known: dict[Any, datetime.datetime | None] = field(default_factory=dict, repr=False)

    def moment(self, value: Any) -> datetime.datetime | None:
        """The moment that `value` says, in UTC; None where it says none."""
        moment = self.said(value)
        if moment is None or moment.tzinfo is not None:
            return moment
        self.skipped += self.is_skipped(moment)
        return self.in_utc(moment, second=self.is_later_of_two(moment))

    def is_later_of_two(self, local: datetime.datetime) -> bool:
        """Whether a local time that comes twice is the later of the two, as the order of reading tells.

        It is where time went back before, once in that night. What nothing tells is counted.
        """
        if not self.is_ambiguous(local):
            if self._night is not None and local < self._night.latest:
                self._night = None  # another file or channel, which begins before
            return False
        night = self._night
        if night is None or abs(local - night.latest) > ONE_NIGHT:
            night = self._night = Night(latest=local)
        elif local < night.latest - STEP_BACK:
            night.steps_back += 1
            if night.steps_back == 1:
                self.ambiguous -= night.unsure  # they were the first of the two
        night.latest = local if local < night.latest - STEP_BACK else max(night.latest, local)
        if night.steps_back == 1:
            return True
        night.unsure += 1
        self.ambiguous += 1
        return False

    def said(self, value: Any) -> datetime.datetime | None:
        """What `value` says, without a zone where it has none."""
        try:
            moment = self._known[value]
        except (KeyError, TypeError):
            moment = parse_time(value)
            if isinstance(value, str | int | float):
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                self._known[value] = moment
        if moment is not None and moment.tzinfo is None:
            self.local += 1
        return moment

    def is_ambiguous(self, local: datetime.datetime) -> bool:
        """Whether clocks showed that local time twice."""
        first, second = (local.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        return first.utcoffset() != second.utcoffset() and not self.is_skipped(local)

    def in_utc(self, local: datetime.datetime, *, second: bool = False) -> datetime.datetime:
        """The moment of a local time; `second`: the later of the two that it may be."""
        return local.replace(tzinfo=self.zone, fold=int(second)).astimezone(datetime.UTC)

    def is_skipped(self, local: datetime.datetime) -> bool:
        """Whether clocks never showed that local time."""
        there = local.replace(tzinfo=self.zone).astimezone(datetime.UTC).astimezone(self.zone)
        return there.replace(tzinfo=None) != local

    def notes(self) -> list[str]:
        """What a user should know of the times that were read."""
        notes = []
        if self.ambiguous:
            notes.append(
                f"{self.ambiguous} local times in an hour that came twice (clocks went back in "
                f"{self.zone.key}) were taken as the first"
            )
        if self.skipped:
            notes.append(
                f"{self.skipped} local times do not exist in {self.zone.key} (clocks went forward)"
            )
        return notes


def time_in_name(name: str) -> str | None:
    """The time in a file's name such as ``2022-05-05_15-09.json``, as text; None where there is none.

    >>> time_in_name("it_2022-05-05_15-09.json"), time_in_name("20220505T130900Z.json")
    ('2022-05-05T15:09', '2022-05-05T13:09:00Z')
    >>> time_in_name("streams-1651756140.json.gz")
    '1651756140'
    """
    found = NAME_PATTERN.search(name)
    if found is None:
        epoch = NAMED_EPOCH.search(name)
        return epoch[0] if epoch else None
    year, _, month, day, hour, minute, second, zone = found.groups()
    zone = "Z" if zone and "UTC" in zone else zone or ""
    return f"{year}-{month}-{day}T{hour}:{minute}" + (f":{second}" if second else "") + zone


def is_plausible(moment: datetime.datetime) -> bool:
    """Whether Twitch existed and the moment is not in the future (a day's grace)."""
    now = datetime.datetime.now(datetime.UTC)
    return TWITCH_BEGAN <= moment <= now + datetime.timedelta(days=1)
