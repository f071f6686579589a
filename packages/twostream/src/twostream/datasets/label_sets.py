"""Several labels at once: rows whose stretches overlap become stretches with a set of labels each."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from twostream.datasets.class_folders import Scan
from twostream.datasets.clip_rows import TableRow, as_spelled, scan_rows
from twostream.datasets.clips import Segment
from twostream.datasets.crops import Crop
from twostream.datasets.names import counted

# Where labels change more often, too few frames are left for a stack of flow at usual rates.
SHORTEST_SECONDS = 0.5
# Two ends this near are one: files of labels round, and frames are told from their middles.
SAME_MOMENT_SECONDS = 0.05

Key = tuple[str, Crop | None, str]


@dataclass(frozen=True)
class LabelSets:
    """Rows of which no two of one sequence overlap, each with all labels that hold in it, and notes."""

    rows: tuple[TableRow, ...]
    notes: tuple[str, ...]


def scan_label_sets(
    named: Path,
    rows: Iterable[TableRow],
    *,
    folder: Path,
    what: str = "a table",
    write: str = "",
    several_subjects: bool = False,
    least_classes: int = 2,
) -> Scan:
    """The clips of rows with several labels at once, each with its set; otherwise as `scan_rows`."""
    spelled = as_spelled(rows, folder=folder)
    found = with_label_sets(spelled.rows, several_subjects=several_subjects)
    scan = scan_rows(
        named,
        found.rows,
        folder=folder,
        what=what,
        write=write,
        several_subjects=several_subjects,
        least_classes=least_classes,
    )
    return replace(scan, notes=(*spelled.notes, *found.notes, *scan.notes))


def with_label_sets(rows: Iterable[TableRow], *, several_subjects: bool = False) -> LabelSets:
    """Cut rows at each start and end of a label, so that the same labels hold all through a stretch.

    Rows of one video and part of the picture are one sequence; with `several_subjects` each subject has
    its own. Pieces shorter than half a second are left out and counted; a row that nothing overlaps stays
    as it is, however short.

    >>> def row(label, start, end):
    ...     return TableRow("t: line 2", "a.mp4", label, None, None, Segment(start, end), None)
    >>> found = with_label_sets([row("walk", 0, 6), row("wave", 2, 4), row("walk", 8, 9)])
    >>> [(one.segment.start_seconds, one.segment.end_seconds, one.labels) for one in found.rows]
    [(0, 2, ('walk',)), (2, 4, ('walk', 'wave')), (4, 6, ('walk',)), (8, 9, ('walk',))]
    >>> found.notes
    ('several labels at once: 4 clips, 1 of them with several; walk 4, wave 1',)
    """
    sequences: dict[Key, list[TableRow]] = {}
    for row in rows:
        subject = row.subject or "" if several_subjects else ""
        sequences.setdefault((posixpath.normpath(row.path), row.crop, subject), []).append(row)
    found: list[TableRow] = []
    left_out: list[tuple[float, float, tuple[str, ...]]] = []
    for sequence in sequences.values():
        for together in _overlapping(sequence):
            pieces, short = _pieces(together)
            found += pieces
            left_out += short
    found = _named(found)
    notes = [_counts(found)] if found else []
    if left_out:
        start, end, labels = left_out[0]
        seconds = sum(end - start for start, end, _ in left_out)
        notes.append(
            f"left out: {counted(len(left_out), 'stretch', 'stretches')} of less than "
            f"{SHORTEST_SECONDS:g} s between two changes of labels, {seconds:.3g} s in all; "
            f"{'+'.join(labels)} {start:.10g}-{end:.10g} s"
        )
    return LabelSets(tuple(found), tuple(notes))


def _named(rows: Sequence[TableRow]) -> list[TableRow]:
    """The rows by the names of their sets, of which no two sets have the same.

    A label may hold the sign that joins labels: ``a+b`` is another set than that of a and b.
    """
    names: dict[tuple[str, ...], str] = {}
    for labels in sorted({row.labels or () for row in rows}):
        name, number = "+".join(labels), 1
        while name in names.values():
            number += 1
            name = f"{'+'.join(labels)} ({number})"
        names[labels] = name
    return [replace(row, label=names[row.labels or ()]) for row in rows]


def _counts(rows: Sequence[TableRow]) -> str:
    names = sorted({name for row in rows for name in row.labels or ()})
    each = [f"{name} {sum(name in (row.labels or ()) for row in rows)}" for name in names]
    shown = ", ".join(each[:20]) + (", …" if len(each) > 20 else "")
    several = sum(len(row.labels or ()) > 1 for row in rows)
    return f"several labels at once: {counted(len(rows), 'clip')}, {several} of them with several; {shown}"


def _times(row: TableRow) -> tuple[float, float]:
    segment = row.segment or Segment()
    end = segment.end_seconds
    return segment.start_seconds, math.inf if end is None else end


def _overlapping(sequence: Sequence[TableRow]) -> Iterable[list[TableRow]]:
    """Rows that hang together in time."""
    together: list[TableRow] = []
    reached = -math.inf
    for row in sorted(sequence, key=_times):
        start, end = _times(row)
        if together and start >= reached - SAME_MOMENT_SECONDS:
            yield together
            together = []
            reached = -math.inf
        together.append(row)
        reached = max(reached, end)
    if together:
        yield together


def _pieces(
    together: Sequence[TableRow],
) -> tuple[list[TableRow], list[tuple[float, float, tuple[str, ...]]]]:
    """Pieces in which the same labels hold, and those that are too short."""
    if len({_times(row) for row in together}) == 1:
        labels = tuple(sorted({row.label for row in together}))
        return [_with(together[0], together[0].segment, labels)], []
    edges = _edges(together)
    pieces: list[tuple[float, float, tuple[str, ...], TableRow]] = []
    for start, end in pairwise(edges):
        middle = start + 1 if end == math.inf else (start + end) / 2
        held = [row for row in together if _times(row)[0] <= middle < _times(row)[1]]
        if not held:
            continue
        labels = tuple(sorted({row.label for row in held}))
        if pieces and pieces[-1][1] == start and pieces[-1][2] == labels:
            pieces[-1] = (pieces[-1][0], end, labels, pieces[-1][3])
        else:
            pieces.append((start, end, labels, held[0]))
    kept, short = [], []
    for start, end, labels, row in pieces:
        if end - start < SHORTEST_SECONDS and len(pieces) > 1:
            short.append((start, end, labels))
            continue
        whole = start == 0 and end == math.inf and row.segment is None
        segment = None if whole else Segment(start, None if end == math.inf else end)
        kept.append(_with(row, segment, labels))
    return kept, short


def _edges(rows: Sequence[TableRow]) -> list[float]:
    """The moments at which labels change; of several that are as good as one, the first."""
    edges: list[float] = []
    for moment in sorted({time for row in rows for time in _times(row)}):
        if not edges or moment - edges[-1] > SAME_MOMENT_SECONDS:
            edges.append(moment)
    return edges


def _with(row: TableRow, segment: Segment | None, labels: tuple[str, ...]) -> TableRow:
    return replace(row, segment=segment, label="+".join(labels), labels=labels)
