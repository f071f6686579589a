"""The manifest as a table of polars. Import inside functions: polars takes long to load."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from twostream.atomic import written_by_polars
from twostream.datasets.manifest import ManifestRow
from twostream.errors import TwostreamError

TEXT, WHOLE, REAL, FLAG = pl.String(), pl.Int64(), pl.Float64(), pl.Boolean()
Kind = pl.String | pl.Int64 | pl.Float64 | pl.Boolean

REQUIRED: dict[str, Kind] = {
    "clip_id": TEXT,
    "class_name": TEXT,
    "label": WHOLE,
    "path": TEXT,
    "source": TEXT,
    "frames": WHOLE,
    "fps": REAL,
    "width": WHOLE,
    "height": WHOLE,
    "duration_seconds": REAL,
    "group": TEXT,
}
TAGS: dict[str, Kind] = {
    "body_parts": TEXT,
    "camera_motion": TEXT,
    "people": WHOLE,
    "viewpoint": TEXT,
    "quality": TEXT,
}
# Written only where a row has it, read as False where it is missing.
BACKGROUND = "background"
# Written only where several labels may hold at once: JSON, since a table of text has no lists.
LABELS = "labels"
WORDS = {
    "String": "text",
    "Int64": "whole numbers",
    "Float64": "numbers",
    "Boolean": "true or false",
}

_SPLIT = re.compile(r"split_([1-9][0-9]*)")


def write(rows: Sequence[ManifestRow], n_splits: int, *, parquet: Path, csv: Path) -> None:
    """Write `rows` as both files, each whole or not at all; last the one that is read back."""
    columns: dict[str, list[object]] = {
        name: [getattr(row, name) for row in rows] for name in REQUIRED
    }
    for number in range(1, n_splits + 1):
        columns[f"split_{number}"] = [
            row.splits[number - 1] if number <= len(row.splits) else None for row in rows
        ]
    columns |= {name: [getattr(row, name) for row in rows] for name in TAGS}
    if any(row.background for row in rows):
        columns[BACKGROUND] = [row.background for row in rows]
    if any(row.labels is not None for row in rows):
        columns[LABELS] = [
            None if row.labels is None else json.dumps(row.labels, ensure_ascii=False)
            for row in rows
        ]
    kinds: dict[str, Kind] = {name: _kind(name) for name in columns}
    frame = pl.DataFrame(columns, schema=kinds)
    with written_by_polars(csv) as temporary:
        frame.write_csv(temporary)
    with written_by_polars(parquet) as temporary:
        frame.write_parquet(temporary)


def read(path: Path) -> tuple[ManifestRow, ...]:
    """Read the rows; raises TwostreamError for a damaged file, missing columns and wrong types."""
    try:
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        # Some damage makes polars panic, which Python would not count as an Exception.
        reason = str(error).strip().splitlines()
        raise _bad(path, f"a damaged file ({reason[0] if reason else 'unreadable'})") from error
    missing = [name for name in REQUIRED | TAGS if name not in frame.columns]
    if missing:
        raise _bad(path, f"no column {', '.join(missing)}")
    splits = sorted(
        (int(match[1]), name) for name in frame.columns if (match := _SPLIT.fullmatch(name))
    )
    marked = [name for name in (BACKGROUND, LABELS) if name in frame.columns]
    kept = [*REQUIRED, *(name for _, name in splits), *TAGS, *marked]
    for name in kept:
        _check(path, name, frame[name])
    frame = frame.select(pl.col(name).cast(_kind(name)) for name in kept)
    numbers = dict(splits)
    longest = max(numbers, default=0)
    return tuple(
        ManifestRow(
            **{name: values[name] for name in (*REQUIRED, *TAGS)},
            background=bool(values.get(BACKGROUND)),
            labels=_labels(path, values.get(LABELS)),
            splits=tuple(
                values[numbers[number]] if number in numbers else None
                for number in range(1, longest + 1)
            ),
        )
        for values in frame.iter_rows(named=True)
    )


def _labels(path: Path, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    try:
        labels = json.loads(text)
    except ValueError:
        labels = None
    if not isinstance(labels, list) or not all(isinstance(name, str) for name in labels):
        raise _bad(path, f"{text!r} in the column {LABELS}", "a list of texts as JSON in it")
    return tuple(labels)


def _kind(name: str) -> Kind:
    return FLAG if name == BACKGROUND else REQUIRED.get(name) or TAGS.get(name) or TEXT


def _check(path: Path, name: str, column: pl.Series) -> None:
    wanted, found = _kind(name), column.dtype
    fits = (
        found == wanted
        or (wanted == WHOLE and found.is_integer())
        or (wanted == REAL and found.is_numeric())
        or (name not in REQUIRED and column.null_count() == len(column))
    )
    if not fits:
        raise _bad(path, f"{found} in the column {name}", f"{WORDS[str(wanted)]} in it")
    if name in REQUIRED and column.null_count():
        raise _bad(path, f"an empty cell in the column {name}")


def _bad(path: Path, found: str, wanted: str | None = None) -> TwostreamError:
    expected = "a manifest as `twostream prepare` writes it"
    return TwostreamError(
        path,
        expected=expected if wanted is None else f"{expected}, with {wanted}",
        found=found,
        remedy="run `twostream prepare` again",
    )
