"""BORIS events exported as tables: tabular (a row an event) and aggregated (a row a bout).

BORIS 7 writes lines of facts above the header of the tabular one and calls its columns otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from twostream.datasets.names import counted
from twostream.labelling.boris_media import (
    NEVER_STARTS,
    NEVER_STOPS,
    Key,
    Media,
    add_point,
    add_segment,
    media_lengths,
    modifiers_of,
    subject_of,
)
from twostream.labelling.boris_project import NO_VIDEO, tell_open
from twostream.labelling.collected import NO_TIME, Collected
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import clock, number

TABULAR = ({"time", "behavior", "subject"}, {"behavior type", "status"})
AGGREGATED = {"start (s)", "stop (s)", "behavior", "subject"}
MOST_LINES_ABOVE = 500
NOT_A_FILE = ("", "not found", "na", "live", "live observation")


@dataclass(frozen=True)
class _Table:
    above: dict[str, list[list[str]]]
    rows: list[dict[str, str]]


def recognises(file: LabelFile) -> bool:
    """Whether it is a tabular or aggregated export of BORIS."""
    return _header_line(file) is not None


def _header_line(file: LabelFile) -> tuple[int, str] | None:
    """The number of the header's line, from 0, and the delimiter."""
    if "behavior" not in file.head.casefold():
        return None
    for number_, line in enumerate(file.head.split("\n")[:MOST_LINES_ABOVE]):
        for delimiter in "\t,;":
            names = {cell.strip().strip('"').casefold() for cell in line.split(delimiter)}
            if (TABULAR[0] <= names and TABULAR[1] & names) or names >= AGGREGATED:
                return number_, delimiter
    return None


def read(file: LabelFile, into: Collected) -> None:
    """Add every bout and moment of the table."""
    table = _table(file)
    observations: dict[str, list[dict[str, str]]] = {}
    named = table.above.get("observation id", [[""]])[0]
    for row in table.rows:
        name = row.get("observation id") or (named[0] if named else "")
        observations.setdefault(name, []).append(row)
    for name, rows in observations.items():
        media = _media(name, rows, table.above, into)
        if media is None:
            into.tell(NO_VIDEO, f"observation {name!r} ({counted(len(rows), 'row')})")
            continue
        for one in media.files:
            into.saw(one)
        if "start (s)" in rows[0]:
            _read_aggregated(rows, media, into)
        else:
            _read_tabular(rows, media, into)


def _table(file: LabelFile) -> _Table:
    found = _header_line(file)
    assert found is not None
    line, delimiter = found
    above: dict[str, list[list[str]]] = {}
    for written in file.text.split("\n")[:line]:
        first, *rest = (cell.strip() for cell in written.split(delimiter))
        if first:
            above.setdefault(first.casefold(), []).append([cell for cell in rest if cell])
    header, *cells = file.cells(delimiter, skip=line)
    names = [name.strip().casefold() for name in header]
    rows = [{name: cell.strip() for name, cell in zip(names, row, strict=False)} for row in cells]
    return _Table(above, rows)


def _media(
    name: str,
    rows: list[dict[str, str]],
    above: Mapping[str, list[list[str]]],
    into: Collected,
) -> Media | None:
    first = rows[0]
    if "live" in first.get("observation type", "").casefold():
        return None
    players = _players(first.get("source", ""))
    told: list[float | None] = []
    if players:
        durations = first.get("media duration (s)", "").split("|")[0]
        told = [number(part) for part in durations.split(";")]
    else:
        players = {
            int(match[1]): [cells[0] for cells in found if cells]
            for key, found in above.items()
            if (match := re.fullmatch(r"player #(\d+)", key))
        }
    files = next((players[key] for key in sorted(players) if players[key]), [])
    if not files:
        columns = ("media file name", "media file path", "media file")
        named = (row.get(column, "") for row in rows for column in columns)
        files = list(dict.fromkeys(one for one in named if one.casefold() not in NOT_A_FILE))
        files = [file for one in files for file in _players(one).get(1, [one])]
    if not files:
        return None
    written = first.get("time offset (s)") or (above.get("time offset (s)") or [[""]])[0][:1]
    offset = clock(written if isinstance(written, str) else "".join(written)) or 0.0
    return Media(name, tuple(files), media_lengths(files, told, into), offset)


def _players(source: str) -> dict[int, list[str]]:
    """The files of each player: ``player #1:a.mp4;b.mp4|player #2:c.mp4``.

    >>> _players("player #1:C:/a.mp4;b.mp4|player #2:c.mp4")
    {1: ['C:/a.mp4', 'b.mp4'], 2: ['c.mp4']}
    """
    found: dict[int, list[str]] = {}
    for part in re.split(r"\|(?=player #\d+:)", source, flags=re.IGNORECASE):
        match = re.match(r"\s*player #(\d+):(.*)", part, flags=re.IGNORECASE | re.DOTALL)
        if match:
            found[int(match[1])] = [one.strip() for one in match[2].split(";") if one.strip()]
    return found


def _key(row: Mapping[str, str]) -> Key:
    modifiers = modifiers_of(*(row[name] for name in row if name.startswith("modifier")))
    return subject_of(row.get("subject", "")), row.get("behavior", ""), modifiers


def _timed(
    rows: list[dict[str, str]], media: Media, into: Collected
) -> Iterator[tuple[float, Mapping[str, str]]]:
    """The rows in order of time; those of one moment stay in order."""
    found = []
    for row in rows:
        time = clock(row.get("time", ""))
        if time is None:
            into.tell(NO_TIME, media.observation, label=row.get("behavior", ""))
        else:
            found.append((time, row))
    yield from sorted(found, key=lambda item: item[0])


def _read_tabular(rows: list[dict[str, str]], media: Media, into: Collected) -> None:
    open_since: dict[Key, float] = {}
    again: dict[Key, float] = {}  # bouts that begin at the moment at which the one before ends
    timed = [
        ((row.get("behavior type") or row.get("status") or "").upper(), _key(row), time)
        for time, row in _timed(rows, media, into)
    ]
    stops = {(key, time) for kind, key, time in timed if kind == "STOP"}
    for kind, key, time in timed:
        if kind == "POINT":
            add_point(into, media, key, time)
        elif kind == "START" and (key, time) in stops and open_since.get(key, time) < time:
            again[key] = time
        elif kind == "START":
            if key in open_since:
                into.tell(
                    NEVER_STOPS,
                    key[0],
                    video=media.files[0],
                    label=key[1],
                    start_s=open_since[key] - media.offset_s,
                )
            open_since[key] = time
        elif kind == "STOP" and key in open_since:
            add_segment(into, media, key, open_since.pop(key), time)
            if key in again:
                open_since[key] = again.pop(key)
        else:
            reason = NEVER_STARTS if kind == "STOP" else f"an event of the kind {kind!r}"
            into.tell(
                reason,
                key[0],
                video=media.files[0],
                label=key[1],
                start_s=time - media.offset_s,
            )
    tell_open(into, media, open_since)


def _read_aggregated(rows: list[dict[str, str]], media: Media, into: Collected) -> None:
    for row in rows:
        start, end = clock(row.get("start (s)", "")), clock(row.get("stop (s)", ""))
        key = _key(row)
        if start is None:
            into.tell(NO_TIME, media.observation, label=key[1])
        elif row.get("behavior type", "").upper() == "POINT":
            add_point(into, media, key, start)
        elif end is None:
            into.tell(
                NEVER_STOPS,
                key[0],
                video=media.files[0],
                label=key[1],
                start_s=start - media.offset_s,
            )
        else:
            add_segment(into, media, key, start, end)
