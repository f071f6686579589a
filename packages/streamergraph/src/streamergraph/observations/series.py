"""Which files are looks of one series: those of one collector, whose times lie one after the other."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

TIME_IN_NAME = re.compile(r"\d{4}-\d{2}-\d{2}[_T ]?\d{2}[-.:h]?\d{2}")


def series_of_file(relative: str) -> str:
    """The series of a file by its path: its folder, and its name up to the time or number in it.

    Two languages in two folders, or under two beginnings of a name, are two series.

    >>> series_of_file("it/2022-05-05_15-09.json"), series_of_file("2022-05-05_15-09 (copy).json")
    ('it/*', '*')
    >>> series_of_file("en_2022-05-05_15-09.json"), series_of_file("look 000123.json")
    ('en_*', 'look *')
    >>> series_of_file("chat.csv#2022-05-05T13:05:00+00:00")
    'chat.csv'
    """
    file, _, moment = relative.partition("#")
    if moment:
        return file
    path = PurePosixPath(file)
    found = TIME_IN_NAME.search(path.stem) or re.search(r"\d+", path.stem)
    stem = path.stem[: found.start()] + "*" if found else path.stem
    return (path.parent / stem).as_posix()
