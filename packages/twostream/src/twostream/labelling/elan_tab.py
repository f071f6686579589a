"""ELAN's tab-delimited text: a line an annotation without a header, or a column a tier with one.

Which times, in which forms, is the choice of who exports. The offset of the medium is in the times only
if the box for that was ticked, which the file does not tell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from twostream.labelling.collected import NO_TIME, Collected
from twostream.labelling.elan import OTHER_TIER, TWICE
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import clock, number

NO_HEADER = "columns of times are told by their form: begin, end and duration in this order"
TWO_TIMES = "two columns of times were read as begin and end"
OFFSET = "the offset of the medium is in ELAN's text only where it was asked for"
_HEADER = re.compile(r"(begin|end) time - ", re.IGNORECASE)
_FORMS = (
    ("msec", re.compile(r"-?\d+")),
    ("hms", re.compile(r"-?\d+:\d\d:\d\d[.,]\d+")),
    ("sec", re.compile(r"-?\d+[.,]\d+")),
    ("frames", re.compile(r"\d+:\d\d:\d\d[:;]\d\d")),
)
ENDING = ".eaf"
FILE_COLUMNS = ("file path", "file name")
NTSC, PAL, PAL_50 = 30000 / 1001, 25.0, 50.0


def recognises(file: LabelFile) -> bool:
    """Whether it is tab-delimited text of ELAN."""
    if not file.is_text or "\t" not in file.head or not file.lines:
        return False
    if _HEADER.search(file.lines[0]):
        return True
    rows, _ = _without_files([line.split("\t") for line in file.lines[:200]])
    return _columns(rows) is not None


def read(file: LabelFile, into: Collected) -> None:
    """Add every annotation, the participant being the subject where there is a column of them."""
    into.note(OFFSET)
    rows = [line.split("\t") for line in file.text.split("\n") if line.strip()]
    if _HEADER.search("\t".join(rows[0])):
        _read_with_header(rows, into)
    else:
        rows, files = _without_files(rows)
        _read_without(rows, files, into)


def _without_files(
    rows: Sequence[Sequence[str]],
) -> tuple[list[list[str]], list[str] | None]:
    """Lines without the columns that name the annotation file, and its name a line where there are any.

    ELAN adds them where it exports several files as one text.
    """
    width = min(len(row) for row in rows)
    named = [
        column
        for column in range(width)
        if all(row[column].strip().casefold().endswith(ENDING) for row in rows)
    ]
    kept = [[cell for column, cell in enumerate(row) if column not in named] for row in rows]
    return kept, [row[named[0]] for row in rows] if named else None


def _videos(files: Sequence[str], into: Collected) -> list[str]:
    """The video of each line: that called as its annotation file, unless all are of one other video."""
    names = [one.strip().removesuffix(ENDING) for one in files]
    known = [into.facts_of(name) is not None for name in (names[0], into.default_video)]
    if len(set(names)) == 1 and known == [False, True]:
        return [into.default_video] * len(names)
    return names


def _read_with_header(rows: Sequence[Sequence[str]], into: Collected) -> None:
    header = [cell.strip() for cell in rows[0]]
    times: dict[str, dict[str, int]] = {"begin": {}, "end": {}, "duration": {}}
    tiers: list[int] = []
    files: list[int] = []
    for column, name in enumerate(header):
        match = re.match(r"(begin|end) time - (.*)|(duration) - (.*)", name, re.IGNORECASE)
        if match:
            kind = (match[1] or match[3]).casefold()
            times[kind][(match[2] or match[4]).casefold()] = column
        elif name.casefold() in FILE_COLUMNS:
            files.append(column)
        elif name:
            tiers.append(column)
    for name, count in Counter(header[column] for column in tiers).items():
        if count > 1:
            into.tell(TWICE, f"tier {name!r}", lost=False)
    wanted = into.options.tiers
    for column in tiers:
        if wanted is not None and header[column] not in wanted:
            into.tell(OTHER_TIER, f"tier {header[column]!r}", lost=False)
    tiers = [column for column in tiers if wanted is None or header[column] in wanted]
    videos = [into.default_video] * (len(rows) - 1)
    if files:
        names = [row[files[0]] if files[0] < len(row) else "" for row in rows[1:]]
        videos = _videos(names, into)
    for row, video in zip(rows[1:], videos, strict=True):
        start = _by_form(row, times["begin"])
        end = _by_form(row, times["end"])
        duration = _by_form(row, times["duration"])
        if end is None and start is not None and duration is not None:
            end = round(start + duration, 6)
        if start is None and end is not None and duration is not None:
            start = round(end - duration, 6)
        for column in tiers:
            label = row[column].strip() if column < len(row) else ""
            if label:
                subject = into.tier_as_subject(header[column])
                into.segment(video, label, start, end, subject=subject)


def _by_form(row: Sequence[str], columns: dict[str, int]) -> float | None:
    """The time in its most exact form."""
    for form in sorted(columns, key=lambda form: (form != "msec", "ff" in form, form)):
        cell = row[columns[form]].strip() if columns[form] < len(row) else ""
        if form == "msec":
            value = number(cell)
            found = None if value is None else value / 1000
        elif "ff" in form:
            rate = NTSC if "ntsc" in form else PAL_50 if "50" in form else PAL
            found = _of_frames(cell, rate)
        else:
            found = clock(cell)
        if found is not None:
            return round(found, 6)
    return None


def _of_frames(cell: str, rate: float) -> float | None:
    """Seconds of ``hh:mm:ss:ff``; with a rate that is not whole, the count that drops numbers."""
    parts = re.split("[:;]", cell.strip())
    if len(parts) != 4 or not all(part.isdecimal() for part in parts):
        return None
    hours, minutes, seconds, frame = map(int, parts)
    nominal = round(rate)
    total_minutes = 60 * hours + minutes
    frames = (total_minutes * 60 + seconds) * nominal + frame
    if rate != nominal:
        frames -= 2 * (total_minutes - total_minutes // 10)
    return frames / rate


class _Columns:
    """Where times and texts stand in lines without a header."""

    def __init__(self, first: int, after: int, times: Sequence[int], form: str) -> None:
        self.tier = 0 if first > 0 else None
        self.participant = 1 if first > 1 else None
        self.times, self.form, self.label = times, form, after


def _columns(rows: Sequence[Sequence[str]]) -> _Columns | None:
    """The columns of lines without a header; None where they are no lines of ELAN.

    A block of times stands between texts: as many columns of each form, for begin, end, duration.
    """
    width = min(len(row) for row in rows)
    if width < 3:
        return None
    forms = [_form(rows, column) for column in range(width)]
    first = next((n for n, form in enumerate(forms) if form), None)
    if first is None or first > 2:
        return None
    after = first
    while (
        after < width - 1 and forms[after]
    ):  # the label is a text, even where it looks like a time
        after += 1
    block = forms[first:after]
    counts = Counter(block)
    kinds = max(counts.values(), default=0)
    while block and (counts[block[-1]] < kinds or len(block) % kinds):
        counts[block.pop()] -= 1
        after -= 1
        counts = +counts
    if kinds not in (2, 3) or not block:
        return None
    form = next(name for name in ("msec", "hms", "sec", "frames") if name in block)
    return _Columns(first, after, [first + n for n, one in enumerate(block) if one == form], form)


def _form(rows: Sequence[Sequence[str]], column: int) -> str:
    for name, pattern in _FORMS:
        if all(pattern.fullmatch(row[column].strip()) for row in rows):
            return name
    return ""


def _read_without(
    rows: Sequence[Sequence[str]], files: Sequence[str] | None, into: Collected
) -> None:
    videos = [into.default_video] * len(rows) if files is None else _videos(files, into)
    columns = _columns(rows)
    if columns is None:
        usable = [n for n, row in enumerate(rows) if _columns([row]) is not None]
        for n, row in enumerate(rows):
            if n not in usable:
                into.tell(NO_TIME, " ".join(row)[:80])
        rows, videos = [rows[n] for n in usable], [videos[n] for n in usable]
        columns = _columns(rows) if rows else None
        if columns is None:
            return
    seconds = _reader(columns.form, into)
    if seconds is None:
        into.tell("times are frames of a rate that is not said: --label-rate says it", rows[0][0])
        return
    times = [[seconds(row[column]) for column in columns.times] for row in rows]
    as_end = len(columns.times) == 3 or all(
        t[0] is not None and t[1] is not None and t[1] >= t[0] for t in times
    )
    into.note(NO_HEADER if len(columns.times) == 3 else TWO_TIMES)
    wanted = into.options.tiers
    for row, video, (start, second, *_) in zip(rows, videos, times, strict=True):
        tier = row[columns.tier].strip() if columns.tier is not None else ""
        if wanted is not None and tier not in wanted:
            into.tell(OTHER_TIER, f"tier {tier!r}", lost=False)
            continue
        end = second if as_end or start is None or second is None else start + second
        subject = row[columns.participant].strip() if columns.participant is not None else ""
        subject = subject or into.tier_as_subject(tier)
        into.segment(video, row[columns.label], start, end, subject=subject)


def _reader(form: str, into: Collected) -> Callable[[str], float | None] | None:
    if form == "msec":
        return lambda cell: None if (value := number(cell)) is None else round(value / 1000, 6)
    if form == "frames":
        rate = into.options.label_rate
        return None if rate is None else lambda cell: _of_frames(cell, rate)
    return clock
