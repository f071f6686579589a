"""Which files are looks of one series: those of one collector, whose times lie one after the other."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from streamergraph.observations.looks import KnownLook, Look
from streamergraph.observations.schema import STORED

TIME_IN_NAME = re.compile(r"\d{4}-\d{2}-\d{2}[_T ]?\d{2}[-.:h]?\d{2}")
COUNTER = re.compile(r"(?<![^\W_])\d+(?![^\W_])[\W_]*")
ENOUGH = 20  # looks that tell whether two series are one


class Told(NamedTuple):
    """What of a look tells its series from another one."""

    run_id: str
    time: datetime.datetime | None
    status: str
    streams: int
    digest: str | None


def told(look: Look) -> Told:
    """What of a look tells its series from another one."""
    return Told(look.run_id, look.time, look.status, len(look.streams), look.digest)


def is_another(looks: Iterable[Told], known: Mapping[str, KnownLook]) -> bool:
    """Whether `looks` are of another collector than those of the same name that are `known`.

    They are if most of them lie between the known ones and are not the same.
    """
    times = [one.time for one in known.values() if one.time is not None and one.status == STORED]
    same = apart = 0
    for look in looks if times else ():
        if look.status != STORED or look.time is None or not look.streams:
            continue  # that nobody was live is the same everywhere
        before = known.get(look.run_id)
        if before is not None and _content(before.digest) == _content(look.digest):
            same += 1
        elif min(times) <= look.time <= max(times):
            apart += 1
        if same + apart == ENOUGH:
            break
    return apart > same


def _content(digest: str | None) -> str:
    """The digest without what a user said of the file."""
    return (digest or "").partition(":")[0]


def series_of_file(relative: str) -> str:
    """The series of a file by its path: its folder, and its name up to the time or number in it.

    Two languages in two folders, or under two beginnings of a name, are two series. A number that stands
    alone before the time counts looks, each of which would be a series of its own.

    >>> series_of_file("it/2022-05-05_15-09.json"), series_of_file("2022-05-05_15-09 (copy).json")
    ('it/*', '*')
    >>> series_of_file("en_2022-05-05_15-09.json"), series_of_file("look 000123.json")
    ('en_*', 'look *')
    >>> series_of_file("en_0017_2022-05-05_15-09.json"), series_of_file("cam2_2022-05-05_15-09.json")
    ('en_*', 'cam2_*')
    >>> series_of_file("chat.csv#2022-05-05T13:05:00+00:00")
    'chat.csv'
    """
    file, _, moment = relative.partition("#")
    if moment:
        return file
    path = PurePosixPath(file)
    found = TIME_IN_NAME.search(path.stem) or re.search(r"\d+", path.stem)
    stem = COUNTER.sub("", path.stem[: found.start()]) + "*" if found else path.stem
    return (path.parent / stem).as_posix()
