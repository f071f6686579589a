"""Whether a prepared data set is what it says: archives, counts, hashes, labels, nothing left over."""

from __future__ import annotations

import os
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from twostream.atomic import TEMPORARY_PREFIX
from twostream.datasets.clips import FrameFolder
from twostream.datasets.manifest import Manifest, ManifestRow, read_manifest
from twostream.datasets.names import counted
from twostream.datasets.sources import find_clips
from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.execution.outcomes import FatalError
from twostream.execution.processes import LocalProcesses
from twostream.formats import LaterFormatError
from twostream.notebook import html_table
from twostream.preparation.converted_otherwise import converted_otherwise
from twostream.preparation.extract import file_identity
from twostream.preparation.ready_frames import ALGORITHM
from twostream.preparation.record import (
    content_digest,
    read_preparation_record,
    videos_folder,
)
from twostream.preparation.tables import table_findings
from twostream.progress import Progress
from twostream.staging import STAGE_NAME, stage_of
from twostream.store.clip import open_clip
from twostream.store.frame_folders import locate_frames, open_frames
from twostream.store.members import CHECKSUMS_MEMBER, METADATA_MEMBER, expected_members
from twostream.store.metadata import ClipMetadata

if TYPE_CHECKING:
    import polars as pl

Kind = Literal[
    "missing", "damaged", "counts", "source", "conversion", "labels", "tables", "leftover"
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: the clip or file `subject`, what `kind`, the `detail`."""

    subject: str
    kind: Kind
    detail: str


@dataclass(frozen=True)
class Verification:
    """What was found in a store of `clips` clips and `frames` frames.

    `source` says where the videos were compared with what was stored, None where they were not.
    """

    clips: int
    frames: int
    findings: tuple[Finding, ...]
    source: Path | None
    decoded: bool

    @property
    def broken_clips(self) -> frozenset[str]:
        """The clips that must be made again."""
        wrong = ("missing", "damaged", "counts", "source", "conversion")
        return frozenset(item.subject for item in self.findings if item.kind in wrong)

    @property
    def leftovers(self) -> tuple[str, ...]:
        """Paths relative to the data folder that no clip of the manifest accounts for."""
        return tuple(item.subject for item in self.findings if item.kind == "leftover")

    def counts(self) -> dict[Kind, int]:
        """Findings by kind, each kind named."""
        found = Counter(item.kind for item in self.findings)
        return {kind: found[kind] for kind in KINDS}

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "clips": self.clips,
            "frames": self.frames,
            "findings": [asdict(item) for item in self.findings],
            "source": None if self.source is None else str(self.source),
            "decoded": self.decoded,
        }

    def to_polars(self) -> pl.DataFrame:
        """The table of findings: subject, kind, detail."""
        import polars as pl

        names = (item.name for item in fields(Finding))
        return pl.DataFrame(
            [asdict(item) for item in self.findings], schema=dict.fromkeys(names, pl.String)
        )

    def _repr_html_(self) -> str:
        looked_at = f"{counted(self.clips, 'clip')}, {counted(self.frames, 'frame')}"
        title = f"{looked_at}: {counted(len(self.findings), 'finding')}"
        return html_table(title, [asdict(item) for item in self.findings])


@dataclass(frozen=True)
class _ClipTask:
    row: ManifestRow
    target: Path
    video: Path | None
    decode: bool
    frames_in: FrameFolder | None = None


@dataclass(frozen=True)
class _ClipAnswer:
    findings: tuple[Finding, ...]
    metadata: ClipMetadata | None


def verify_store(
    data: Path,
    *,
    source: Path | None,
    decode: bool = True,
    workers: int | None = None,
    timeout_seconds: float = 3600.0,
    only: Collection[str] | None = None,
) -> Verification:
    """Examine every clip of the prepared folder `data`, its manifest and its record.

    Each archive is read whole against its checksums (a folder against its ``SHA256SUMS``), and with
    `decode` each image is decoded. Where `source` is there, the videos in it are hashed and
    compared with what was stored. `only` restricts the clips examined. Writes nothing. Raises
    TwostreamError where there is no readable manifest.
    """
    manifest = read_manifest(data)
    reachable = source if source is not None and source.exists() else None
    videos = None if reachable is None else videos_folder(read_preparation_record(data), reachable)
    rows = [row for row in manifest.rows if only is None or row.clip_id in only]
    frames = _frames_by_clip(reachable)
    tasks = [
        _ClipTask(
            row,
            data / row.path,
            videos / row.source if videos else None,
            decode,
            frames.get(row.clip_id),
        )
        for row in rows
    ]
    findings: list[Finding] = []
    stored: dict[str, ClipMetadata] = {}
    cores = workers or available_cores()
    outcomes = LocalProcesses(cores, timeout_seconds=timeout_seconds).map(_examine, tasks)
    with Progress("check", total=len(tasks)) as progress, closing(outcomes):
        for outcome in outcomes:
            row = outcome.task.row
            if outcome.result is None:
                findings.append(Finding(row.clip_id, "damaged", outcome.problem or "unknown"))
            else:
                findings += outcome.result.findings
                if outcome.result.metadata is not None:
                    stored[row.clip_id] = outcome.result.metadata
            progress.note = f"{counted(len(findings), 'finding')}" if findings else ""
            progress.advance(frames=row.frames)
    record = read_preparation_record(data)
    findings += _record_findings(record, stored, complete=len(stored) == len(manifest.rows))
    findings += (
        Finding(*item) for item in table_findings(data, manifest, record, source=reachable)
    )
    findings += _leftovers(data, manifest)
    order = {kind: position for position, kind in enumerate(KINDS)}
    return Verification(
        clips=len(rows),
        frames=sum(row.frames for row in rows),
        findings=tuple(sorted(findings, key=lambda item: (order[item.kind], item.subject))),
        source=reachable,
        decoded=decode,
    )


def _examine(task: _ClipTask) -> _ClipAnswer:
    """Everything that one clip alone can tell; runs in a worker."""
    row, target = task.row, task.target

    def finding(kind: Kind, detail: str) -> Finding:
        return Finding(row.clip_id, kind, detail)

    if not target.exists():
        return _ClipAnswer((finding("missing", f"no {row.path}"),), None)
    try:
        clip = open_clip(target)
        clip.check(decode=task.decode)
        extra = sorted(_members(target) - {*expected_members(clip.metadata.frames)})
    except LaterFormatError as error:
        raise FatalError(
            error.subject, expected=error.expected, found=error.found, remedy=error.remedy
        ) from error
    except TwostreamError as error:
        return _ClipAnswer((finding("damaged", f"{error.subject}: {error.found}"),), None)
    facts = clip.metadata
    found = []
    stated = (row.frames, row.width, row.height, row.fps)
    stored = (facts.frames, facts.width, facts.height, facts.fps)
    if stated != stored:
        found.append(
            finding(
                "counts",
                "the manifest says {} frames of {}x{} at {:g} fps, ".format(*stated)
                + "clip.json {} of {}x{} at {:g} fps".format(*stored),
            )
        )
    if extra:
        found.append(
            finding(
                "counts",
                f"{counted(len(extra), 'file')} that clip.json does not promise: {extra[0]}",
            )
        )
    if task.video is not None:
        compared = _compared(task.video, facts, task.frames_in)
        others = [finding("source", text) for text in compared]
        otherwise = "" if others else converted_otherwise(clip, task.video)
        found += others or [finding("conversion", text) for text in (otherwise,) if text]
    return _ClipAnswer(tuple(found), facts)


def _members(target: Path) -> set[str]:
    """The names in a stored clip but those that are not images."""
    if target.is_dir():
        names = {path.name for path in target.iterdir()}
    else:
        with zipfile.ZipFile(target) as archive:
            names = set(archive.namelist())
    return names - {METADATA_MEMBER, CHECKSUMS_MEMBER}


def _frames_by_clip(source: Path | None) -> dict[str, FrameFolder]:
    """Where the frames of clips lie whose flow is elsewhere than their pictures."""
    if source is None:
        return {}
    try:
        clips = find_clips(source).clips
    except TwostreamError:
        return {}  # told where labels are compared
    return {
        clip.clip_id: clip.frames_in
        for clip in clips
        if clip.frames_in is not None and clip.frames_in.flows is not None
    }


def _compared(video: Path, facts: ClipMetadata, frames: FrameFolder | None) -> Iterator[str]:
    try:
        ready = frames or locate_frames(video, has_flow=facts.flow_algorithm == ALGORITHM)
        identity = open_frames(ready).identity() if ready else file_identity(video)
    except TwostreamError as error:
        yield f"{video}: {error.found}"
        return
    if identity != (facts.source_sha256, facts.source_bytes):
        yield f"{video} is not what was stored"


def _record_findings(
    record: dict[str, Any], stored: dict[str, ClipMetadata], *, complete: bool
) -> Iterable[Finding]:
    if not record:
        yield Finding("prepare.yaml", "tables", "missing or damaged")
    elif complete and record.get("content") != content_digest(stored):
        yield Finding("prepare.yaml", "tables", "its digest is not that of the stored clips")


def _leftovers(data: Path, manifest: Manifest) -> Iterator[Finding]:
    """What lies in the clips folder and belongs to no clip, and files that were never finished."""
    known = {data / row.path for row in manifest.rows}
    for path in sorted(data.glob(f"{TEMPORARY_PREFIX}*")):
        yield Finding(path.name, "leftover", "never finished")
    if stage_of(data).exists():
        detail = "a replacement that was not finished: --replace goes on with it"
        yield Finding(STAGE_NAME, "leftover", detail)
    for parent, folders, files in os.walk(data / "clips"):
        for name in sorted([*folders, *files]):
            path = Path(parent) / name
            if path in known:
                if name in folders:
                    folders.remove(name)
                continue
            holds_clips = name in folders and not name.startswith(TEMPORARY_PREFIX)
            if holds_clips and not (path / METADATA_MEMBER).exists():
                continue  # a class folder: what lies in it speaks for itself
            if name in folders:
                folders.remove(name)
            unfinished = name.startswith(TEMPORARY_PREFIX)
            detail = "never finished" if unfinished else "not in the manifest"
            yield Finding(path.relative_to(data).as_posix(), "leftover", detail)
