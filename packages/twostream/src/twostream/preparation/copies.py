"""One file under two names: what is learnt from one would be tested with the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from twostream.datasets.manifest import ManifestRow

NAMED = 3


def copy_notes(rows: Iterable[ManifestRow], contents: Mapping[str, str]) -> tuple[str, ...]:
    """What to tell of sources that are the same bytes and lie on both sides of a split.

    `contents` has the hash of each clip's source by clip id. Names and groups do not tell: a copy has
    names of its own.
    """
    alike: dict[str, list[ManifestRow]] = defaultdict(list)
    for row in rows:
        alike[contents[row.clip_id]].append(row)
    parted = [found for found in alike.values() if _is_parted(found)]
    if not parted:
        return ()
    named = sorted(" and ".join(sorted({row.source for row in found})) for found in parted)
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    what = "1 file has" if len(named) == 1 else f"{len(named)} files have"
    return (
        f"{what} several names, of which some train and others test ({'; '.join(named[:NAMED])}{more}): "
        "remove the copies, or give each file and its copies one `group` in a table",
    )


def _is_parted(found: list[ManifestRow]) -> bool:
    """Whether several groups of these clips lie on both sides of any split."""
    if len({row.group for row in found}) < 2:
        return False
    for sides in zip(*(row.splits for row in found), strict=True):
        if "test" in sides and ("train" in sides or "val" in sides):
            return True
    return False
