"""Moments from file names and fields: local times without a zone, as the original wrote them."""

from __future__ import annotations

import datetime
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streamergraph.errors import StreamergraphError

NAME_PATTERN = re.compile(r"(\d{4}-\d{2}-\d{2}_\d{2}-\d{2})")
FORMATS = ("%Y-%m-%d_%H-%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
TWITCH_BEGAN = datetime.datetime(2011, 6, 6, tzinfo=datetime.UTC)


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


def parse_time(text: str, zone: ZoneInfo) -> datetime.datetime | None:
    """A moment in UTC from one of the original's two forms or ISO 8601; None for anything else.

    >>> parse_time("2022-05-05_15-09", ZoneInfo("Europe/Rome")).isoformat()
    '2022-05-05T13:09:00+00:00'
    >>> parse_time("2022-05-05T13:09:00Z", ZoneInfo("Europe/Rome")).isoformat()
    '2022-05-05T13:09:00+00:00'
    >>> parse_time("yesterday", ZoneInfo("UTC"))
    """
    for form in FORMATS:
        try:
            local = datetime.datetime.strptime(text, form)
        except ValueError:
            continue
        return local.replace(tzinfo=zone).astimezone(datetime.UTC)
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(datetime.UTC)


def time_of_file_name(name: str, zone: ZoneInfo) -> datetime.datetime | None:
    """The moment in a name such as ``2022-05-05_15-09.json``; None where there is none."""
    found = NAME_PATTERN.search(name)
    return parse_time(found[1], zone) if found else None


def is_plausible(moment: datetime.datetime) -> bool:
    """Whether Twitch existed and the moment is not in the future (a day's grace)."""
    now = datetime.datetime.now(datetime.UTC)
    return TWITCH_BEGAN <= moment <= now + datetime.timedelta(days=1)
