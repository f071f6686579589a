"""One file under two names: what is learnt from one is tested with the other, or labelled otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

from twostream.datasets.manifest import ManifestRow
from twostream.store.metadata import ClipMetadata

NAMED = 3


def copy_notes(rows: Iterable[ManifestRow], stored: Mapping[str, ClipMetadata]) -> tuple[str, ...]:
    """What to tell of sources that are the same bytes, and lie on both sides of a split or have two labels.

    `stored` has what each clip was made of by clip id. Names and groups do not tell: a copy has names of
    its own. Parts of one file may have labels of their own.
    """
    alike: dict[str, list[ManifestRow]] = defaultdict(list)
    same_part: dict[Hashable, list[ManifestRow]] = defaultdict(list)
    for row in rows:
        one = stored[row.clip_id]
        alike[one.source_sha256].append(row)
        part = (one.source_sha256, one.start_seconds, one.end_seconds, one.crop)
        same_part[part].append(row)
    notes = []
    parted = [found for found in alike.values() if _is_parted(found)]
    if parted:
        named = _named([{row.source for row in found} for found in parted])
        notes.append(
            f"{_files(parted)} several names, of which some train and others test ({named}): "
            "remove the copies, or give each file and its copies one `group` in a table"
        )
    torn = [found for found in same_part.values() if _has_two_labels(found)]
    if torn:
        named = _named([{f"{row.source} ({row.class_name})" for row in found} for found in torn])
        notes.append(
            f"{_files(torn)} several names with other labels ({named}): which one is right?"
        )
    return tuple(notes)


def _files(found: Sequence[object]) -> str:
    return "1 file has" if len(found) == 1 else f"{len(found)} files have"


def _named(found: Iterable[Collection[str]]) -> str:
    named = sorted(" and ".join(sorted(names)) for names in found)
    return "; ".join(named[:NAMED]) + (
        f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    )


def _has_two_labels(found: Sequence[ManifestRow]) -> bool:
    """Whether these clips of the same bytes, from several sources, are of several classes."""
    return len({row.class_name for row in found}) > 1 and len({row.source for row in found}) > 1


def _is_parted(found: list[ManifestRow]) -> bool:
    """Whether several groups of these clips lie on both sides of any split."""
    if len({row.group for row in found}) < 2:
        return False
    for sides in zip(*(row.splits for row in found), strict=True):
        if "test" in sides and ("train" in sides or "val" in sides):
            return True
    return False
