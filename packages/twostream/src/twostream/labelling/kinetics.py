"""Kinetics: a row a clip, with whole seconds of the original video; the usual files are already cut."""

from __future__ import annotations

from collections.abc import Iterator

from twostream.datasets.listing import SIDE_NAMES
from twostream.labelling.collected import NO_LABEL, Collected
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import mapping, number, sequence, text, written

CUT = "files are already cut: each is a clip"
WHOLE = "files are whole videos, from which clips are cut"

Row = tuple[str, str, float | None, float | None, str]  # label, video, start, end, side


def recognises(file: LabelFile) -> bool:
    """Whether it is a table, or the JSON of the same, of Kinetics."""
    if {"youtube_id", "time_start", "time_end"} <= set(file.header):
        return True
    document = mapping(file.document)
    first = mapping(next(iter(document.values()), None))
    return "subset" in first and "annotations" in first


def read(file: LabelFile, into: Collected) -> None:
    """Add every clip: the whole of a file that is already cut, else a part of the whole video."""
    for label, name, start, end, split in _rows(file):
        side = SIDE_NAMES.get("val" if split == "validate" else split)
        cut = f"{name}_{round(start or 0):06d}_{round(end or 0):06d}"
        if not label.strip():
            into.tell(NO_LABEL, video=name, start_s=start, end_s=end)
        elif into.facts_of(cut) is None and into.facts_of(name) is not None:
            into.note(WHOLE)
            into.segment(name, label, start, end, side=side, recording=name)
        else:
            into.note(CUT)
            into.segment(cut, label, 0.0, None, side=side, recording=name, whole_rest=True)


def _rows(file: LabelFile) -> Iterator[Row]:
    if "youtube_id" in file.header:
        for row in file.rows:
            yield (
                row.get("label", ""),
                row.get("youtube_id", ""),
                number(row.get("time_start", "")),
                number(row.get("time_end", "")),
                row.get("split", "").casefold(),
            )
        return
    for name, value in mapping(file.document).items():
        one = mapping(value)
        said = mapping(one.get("annotations"))
        start, end = (*sequence(said.get("segment")), None, None)[:2]
        subset = text(one.get("subset")).casefold()
        yield written(said.get("label")), name, number(start), number(end), subset
