"""A table of clips, CSV or Parquet: `COLUMNS` says which columns it may have."""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from twostream.datasets.class_folders import Scan
from twostream.datasets.class_numbers import ListedClip, class_names
from twostream.datasets.clip_rows import TableRow, bad_cell, scan_rows
from twostream.datasets.clips import Segment
from twostream.datasets.crops import EXPECTED, Crop, parse_crop
from twostream.datasets.label_sets import scan_label_sets
from twostream.datasets.listing import SIDE_NAMES, read_text
from twostream.datasets.plain_lists import is_plain_list, is_table_of_text, read_plain_list
from twostream.errors import TwostreamError
from twostream.suggestions import did_you_mean

TABLE_EXTENSIONS = (".csv", ".tsv", ".parquet")
REQUIRED = ("path", "label")
FRAMES = ("start_frame", "end_frame", "fps")
OPTIONAL = ("split", "group", "subject", "start_seconds", "end_seconds", *FRAMES, "crop", "note")
# What other tables call the same.
ALSO = {
    **dict.fromkeys(
        (
            "video",
            "video_path",
            "filename",
            "file_name",
            "filepath",
            "file_path",
            "file",
            "video_name",
        ),
        "path",
    ),
    **dict.fromkeys(("class", "class_name", "action", "category", "activity", "target"), "label"),
    **dict.fromkeys(("subset", "set", "partition"), "split"),
    "start": "start_seconds",
    "begin": "start_seconds",
    "start_time": "start_seconds",
    "end": "end_seconds",
    "stop": "end_seconds",
    "stop_seconds": "end_seconds",
    "end_time": "end_seconds",
    "stop_frame": "end_frame",
    "person": "subject",
    "participant": "subject",
    "notes": "note",
    "comment": "note",
}
COLUMNS = "path,label[,split][,group][,subject][,start_seconds,end_seconds][,crop]"
# As pandas calls the numbers of rows where it reads back a table that it wrote.
_NUMBER_OF_ROW = re.compile(r"unnamed: ?[0-9]+")
# Numbers of classes; tables in which one was absent made floats of them.
_WHOLE_NUMBER = re.compile(r"(?P<number>[0-9]+)(?:\.0)?")
# A list, as tables of Python and of Parquet have it.
_SEVERAL_LABELS = re.compile(r"\[\s*(?:['\"].*['\"]|[0-9]+(?:,\s*[0-9]+)*)?\s*,?\s*\]")
NAMED_BY_FOLDERS = "labels are numbers: classes have the names of the folders of their videos"
# With which spreadsheets are told what stands between cells.
_SEPARATOR = re.compile(r'"?sep=(.)"?\W*', re.IGNORECASE)
# What labelling tools write behind times.
_IN_SECONDS = re.compile(r"\s*[(\[](s|sec|seconds)[)\]]$")
COUNTED_BY = "the frames a second by which frames are counted"


def is_table(source: Path) -> bool:
    """Whether `source` has the extension or the header of a table, or is a list without a header."""
    table = source.suffix.lower() in TABLE_EXTENSIONS and source.is_file()
    return table or is_table_of_text(source) or is_plain_list(source)


def scan_table(table: Path, *, least_classes: int = 2, multi_label: bool = False) -> Scan:
    """The clips that `table` names; relative paths are relative to its folder.

    Several rows may name segments of one video; without a group of their own they belong to one
    group, since they are cut from one source. Sides are given where the table has any in its column
    ``split`` (an empty cell then means 'unused'). Videos that are absent are problems. Raises
    TwostreamError, with the line and the remedy, for anything that cannot be understood, for a clip
    with two labels or sides, and for fewer than `least_classes`. With `multi_label` several rows may label
    one clip, or overlap (see `label_sets`).
    """
    scan_them = scan_label_sets if multi_label else scan_rows
    return scan_them(
        table,
        read_rows(table),
        folder=table.parent,
        write=f"write one clip a line, {COLUMNS}",
        least_classes=least_classes,
    )


def read_rows(table: Path, *, together: Sequence[Path] = ()) -> Iterator[TableRow]:
    """The rows of a CSV file (commas, semicolons, tabs or bars), a Parquet file or a list without a header.

    `together` are lists whose numbers of classes mean the same as those of `table`.
    """
    if is_plain_list(table):
        cells = read_plain_list(table, together=[one for one in together if is_plain_list(one)])
    else:
        others = [one for one in together if one != table and not is_plain_list(one)]
        cells = _with_names(
            table, list(_cells(table)), [row for one in others for row in _cells(one)]
        )
    for where, values in cells:
        yield _row(where, values)


def _cells(table: Path) -> Iterator[tuple[str, dict[str, str]]]:
    return _parquet_cells(table) if table.suffix.lower() == ".parquet" else _csv_cells(table)


def _with_names(
    table: Path, cells: list[tuple[str, dict[str, str]]], others: list[tuple[str, dict[str, str]]]
) -> Iterator[tuple[str, dict[str, str]]]:
    """The cells, numbers of classes replaced by names where all are numbers and a file or folders tell."""
    every = [*cells, *others]
    numbers = [_WHOLE_NUMBER.fullmatch(values.get("label", "")) for _, values in every]
    if not all(numbers):
        yield from cells
        return
    listed = [
        ListedClip(where, values.get("path", "").replace("\\", "/"), match["number"])
        for (where, values), match in zip(every, numbers, strict=True)
        if match is not None
    ]
    classes = class_names(table, listed)
    remark = NAMED_BY_FOLDERS if classes.by_folders and classes.names else classes.remark
    for (where, values), clip in zip(cells, listed, strict=False):
        yield where, {**values, "label": classes.of(clip.label), "remark": remark}


def _csv_cells(table: Path) -> Iterator[tuple[str, dict[str, str]]]:
    text = read_text(table)
    header = next((line for line in text.splitlines() if line.strip()), "")
    stated = _SEPARATOR.fullmatch(header)
    delimiter = stated[1] if stated else max(",;\t|", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            where = f"{table}: line {reader.line_num}"
            if stated is not None:
                stated = None
                continue
            if columns is None:
                columns = _columns(where, cells)
                continue
            if len(cells) > len(columns):
                raise TwostreamError(
                    where,
                    expected=f"{len(columns)} cells, {','.join(columns)}",
                    found=f"{len(cells)}",
                    remedy=f"put a cell that holds {delimiter!r} in double quotes",
                )
            yield where, dict(zip(columns, (cell.strip() for cell in cells), strict=False))
    except csv.Error as error:
        raise TwostreamError(
            f"{table}: line {reader.line_num}",
            expected="a line of a CSV file",
            found=str(error),
            remedy="correct or remove the line",
        ) from error
    if columns is None:
        _columns(str(table), [])


def _parquet_cells(table: Path) -> Iterator[tuple[str, dict[str, str]]]:
    import polars as pl

    try:
        frame = pl.read_parquet(table, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = (str(error).strip().splitlines() or ["unreadable"])[0]
        raise TwostreamError(
            table, expected="a Parquet file", found=reason, remedy="write it again"
        ) from error
    columns = _columns(str(table), frame.columns)
    for number, values in enumerate(frame.iter_rows(), start=1):
        cells = ("" if value is None else str(value).strip() for value in values)
        yield f"{table}: row {number}", dict(zip(columns, cells, strict=True))


def _columns(where: str, header: list[str]) -> list[str]:
    names = [_known(name) for name in header]
    for needed in REQUIRED:
        if needed not in names:
            near = difflib.get_close_matches(needed, names, n=1, cutoff=0.5)
            raise TwostreamError(
                where,
                expected=f"a header with the columns {COLUMNS}",
                found=f"no column {needed!r} in {', '.join(header) or 'an empty table'}",
                remedy=f"rename {near[0]!r}" if near else "name the columns in the first line",
            )
    for name, written in zip(names, header, strict=True):
        if name and name not in (*REQUIRED, *OPTIONAL):
            known = [*REQUIRED, *OPTIONAL, *ALSO]
            raise TwostreamError(
                where,
                expected=f"columns that are known: {', '.join((*REQUIRED, *OPTIONAL))}",
                found=f"the column {written.strip()!r}",
                remedy=did_you_mean(name, known, otherwise="rename it, or remove it"),
            )
    twice = {name for name in names if name in (*REQUIRED, *OPTIONAL) and names.count(name) > 1}
    if twice:
        raise TwostreamError(
            where,
            expected="every column once",
            found=f"{min(twice)!r} more than once",
            remedy="rename or remove one",
        )
    return names


def _known(header: str) -> str:
    """What a column is called here; empty where it only numbers rows.

    >>> _known("Start (s)"), _known("End time"), _known("notes"), _known("Weather")
    ('start_seconds', 'end_seconds', 'note', 'weather')
    """
    plain = header.strip().casefold()
    if plain in ALSO or _NUMBER_OF_ROW.fullmatch(plain):
        return ALSO.get(plain, "")
    joined = _IN_SECONDS.sub("", plain).replace(" ", "_")
    return ALSO.get(joined, joined)


def _row(where: str, values: Mapping[str, str]) -> TableRow:
    path = values.get("path", "").replace("\\", "/")
    if not path or "\0" in path:
        raise bad_cell(where, "path", values.get("path", ""), "the path of a video")
    side = values.get("split", "").casefold()
    if side and side not in SIDE_NAMES:
        raise bad_cell(where, "split", values["split"], "train, val, test or unused")
    return TableRow(
        where=where,
        path=path,
        label=_label(where, values.get("label", "")),
        side=SIDE_NAMES[side] if side else None,
        group=values.get("group") or None,
        segment=_segment(where, values),
        crop=_crop(where, values),
        subject=values.get("subject") or None,
        fps=_fps(where, values),
        remark=values.get("remark", ""),
        frames=int(values["frames"]) if values.get("frames") else None,
    )


def _label(where: str, label: str) -> str:
    """The label: any text that can be shown on a line, and no list of several."""
    if _SEVERAL_LABELS.fullmatch(label):
        raise bad_cell(
            where, "label", label, "one label (of several a row each, with --multi-label)"
        )
    if not label or not label.isprintable():
        raise bad_cell(where, "label", label, "a text on one line")
    return label


def _segment(where: str, values: Mapping[str, str]) -> Segment | None:
    start_text, end_text = values.get("start_seconds", ""), values.get("end_seconds", "")
    first_text, last_text = values.get("start_frame", ""), values.get("end_frame", "")
    if first_text or last_text:
        if start_text or end_text:
            raise bad_cell(
                where, "start_frame", first_text or last_text, "no frames beside seconds"
            )
        return _segment_of_frames(where, first_text, last_text, values.get("fps", ""))
    if not start_text and not end_text:
        return None
    start = _seconds(where, "start_seconds", start_text) if start_text else 0.0
    end = _seconds(where, "end_seconds", end_text) if end_text else None
    if end is not None and end <= start:
        raise bad_cell(where, "end_seconds", end_text, f"a time after the start, {start:g}")
    return Segment(start, end)


def _crop(where: str, values: Mapping[str, str]) -> Crop | None:
    text = values.get("crop", "")
    crop = parse_crop(text) if text else None
    if text and crop is None:
        raise bad_cell(where, "crop", text, EXPECTED)
    return crop


def _segment_of_frames(where: str, first_text: str, last_text: str, fps_text: str) -> Segment:
    """The segment from the middle between two frames on: times of frames are rounded."""
    for column, text in (("start_frame", first_text), ("end_frame", last_text)):
        if text and not text.isdecimal():
            raise bad_cell(where, column, text, "the number of a frame, from 0")
    fps = _fps(where, {"fps": fps_text})
    if fps is None:
        raise bad_cell(where, "fps", fps_text, COUNTED_BY)
    first = int(first_text or 0)
    if last_text and int(last_text) <= first:
        raise bad_cell(where, "end_frame", last_text, f"a frame after the start, {first}")
    start = round((first - 0.5) / fps, 6) if first else 0.0
    return Segment(start, round((int(last_text) - 0.5) / fps, 6) if last_text else None)


def _fps(where: str, values: Mapping[str, str]) -> float | None:
    text = values.get("fps", "")
    if not text:
        return None
    fps = _number(text)
    if not 0 < fps < math.inf:
        raise bad_cell(where, "fps", text, COUNTED_BY)
    return fps


def _seconds(where: str, column: str, text: str) -> float:
    """Seconds from ``83.5``, ``83,5``, ``1:23.5`` or ``0:01:23.5``."""
    *above, last = text.split(":")
    value = _number(last)
    if above and all(part.isdecimal() for part in above) and len(above) < 3 and 0 <= value < 60:
        value += sum(60**power * int(part) for power, part in enumerate(reversed(above), start=1))
    elif above:
        value = math.nan
    if not 0 <= value < math.inf:
        raise bad_cell(
            where, column, text, "seconds from the start of the video, such as 83.5 or 1:23.5,"
        )
    return value


def _number(text: str) -> float:
    """A number with a decimal point or a decimal comma; NaN where it is none."""
    try:
        return float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return math.nan
