"""A folder of snapshot files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from streamergraph.errors import StreamergraphError
from streamergraph.importing.files import PACKED, suffix_of
from streamergraph.importing.snapshots import read_snapshot_file
from streamergraph.importing.times import Clock
from streamergraph.observations.looks import KnownLook, Look
from streamergraph.observations.opt_out import OPT_OUT_NAME
from streamergraph.observations.series import series_of_file
from streamergraph.privacy import Pseudonyms

SUFFIX = ".json"
RUNS_NAME = "runs.jsonl"  # of snapshots that `collect` made, a line for every look
UNREAD = {".zip", ".zst", ".xz", ".bz2", ".7z", ".tar", ".tgz", ".tar.gz"}  # packed otherwise
OUR_OWN = (RUNS_NAME, OPT_OUT_NAME)


@dataclass
class SnapshotFolder:
    """The looks of every ``*.json`` below a folder; those in `known` that are as they were are left out.

    They are counted in `unchanged`. `known` has the states of files that were read before, by run id.
    `width_minutes` is how long each
    look stands for; None: until the next one. `name` is what the folder is called in the store.
    """

    folder: Path
    files: tuple[Path, ...]
    clock: Clock
    pseudonyms: Pseudonyms
    known: Mapping[str, KnownLook]
    width_minutes: float | None = None
    language: str | None = None
    name: str = ""
    unchanged: int = 0

    def __post_init__(self) -> None:
        self.name = self.name or self.folder.name

    @property
    def total(self) -> int:
        """Files."""
        return len(self.files)

    def looks(self) -> Iterator[Look]:
        """The looks of new and changed files, in the order of their names."""
        for path in self.files:
            look = self._look(path)
            if look is None:
                self.unchanged += 1
            else:
                yield look

    def _look(self, path: Path) -> Look | None:
        relative = path.relative_to(self.folder).as_posix()
        blank = Look(source=f"{self.name}/{series_of_file(relative)}", file=relative)
        state, known = path.stat(), self.known.get(blank.run_id)
        # What a user says of a file is a part of what it says.
        said = (
            ""
            if (self.language, self.width_minutes) == (None, None)
            else (f":{self.language}:{self.width_minutes}")
        )
        if known is not None and known.digest is not None and not known.digest.endswith(said):
            known = None
        if known is not None and (known.size_bytes, known.modified_ns) == (
            state.st_size,
            state.st_mtime_ns,
        ):
            return None
        content = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        digest = content + said
        if known is not None and known.digest is not None and known.digest.startswith(content):
            return None
        look = read_snapshot_file(path, self.clock, self.pseudonyms)
        return replace(
            look,
            source=blank.source,
            file=relative,
            language=self.language,
            streams=tuple(
                replace(stream, width_minutes=self.width_minutes) for stream in look.streams
            ),
            digest=digest,
            size_bytes=state.st_size,
            modified_ns=state.st_mtime_ns,
        )


def snapshot_files(folder: Path) -> tuple[tuple[Path, ...], Counter[str]]:
    """Every snapshot file below `folder`, and how many files there are of each other suffix.

    Raises StreamergraphError where there is no snapshot file.
    """
    files: list[Path] = []
    others: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.name.startswith(".") or path.name in OUR_OWN or not path.is_file():
            continue
        if suffix_of(path) == SUFFIX:
            files.append(path)
        else:
            others[
                "".join(path.suffixes[-2:]).lower() if path.suffix == PACKED else path.suffix
            ] += 1
    if not files:
        raise StreamergraphError(
            folder,
            expected="snapshot files (*.json, *.json.gz), a chat log (*.csv) or the four tables",
            found=told_by_suffix(others) or "none",
            remedy="unpack them first (gzip is read as it is)"
            if others.keys() & UNREAD
            else "name their folder; a chat log or an export is named as a file",
        )
    return tuple(sorted(files)), others


def told_by_suffix(others: Counter[str]) -> str:
    """How many files there are of each suffix.

    >>> told_by_suffix(Counter({".csv": 2, "": 1}))
    '2 *.csv, 1 without a suffix'
    """
    return ", ".join(
        f"{count} *{suffix}" if suffix else f"{count} without a suffix"
        for suffix, count in others.most_common()
    )
