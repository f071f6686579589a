"""From a folder of videos to `DATA`: every clip stored, the manifest, the list of problems."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from twostream.atomic import TEMPORARY_PREFIX
from twostream.datasets.clips import Dataset, Problem
from twostream.datasets.load import load_dataset
from twostream.datasets.manifest import ManifestRow, manifest_row, write_manifest
from twostream.datasets.names import readable
from twostream.datasets.official import (
    OfficialCheck,
    compare_with_official,
    write_official_check,
)
from twostream.datasets.official_names import official_name
from twostream.datasets.problems import read_problems, write_problems
from twostream.datasets.selection import ALL, Selection
from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.flow import compile_tvl1
from twostream.locks import FolderInUseError, sole_user
from twostream.opencv import require_opencv
from twostream.preparation.cores import CoreShare
from twostream.preparation.ensure import ClipTask, ensure_clip
from twostream.preparation.estimate import announce
from twostream.preparation.in_the_way import in_the_way, refuse
from twostream.preparation.options import ExtractionOptions, at_least
from twostream.preparation.rates import rate_notes, slower_notes
from twostream.preparation.ready_frames import alignment_notes, outvoted, refuse_options
from twostream.preparation.record import (
    content_digest,
    read_preparation_record,
    write_preparation_record,
)
from twostream.preparation.standing import NOTE as STANDING
from twostream.preparation.standing import standing_rows
from twostream.preparation.verified import Stamps, read_verified, write_verified
from twostream.preparation.workers import run_tasks
from twostream.progress import Progress, say
from twostream.staging import commit, settle, stage_of, unfinished_note
from twostream.store.metadata import ClipMetadata
from twostream.store.writer import Layout, clip_target
from twostream.video.decode import DEFAULT_FPS

HMDB51_FPS = 30.0  # to which its makers brought every clip


@dataclass(frozen=True)
class Preparation:
    """What `prepare` did: clips stored (of which `reused` were there), frames, problems, notes.

    `official` compares the whole data set with what is stated of it, where official lists were used.
    """

    dataset: str
    clips: int
    reused: int
    frames: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    official: OfficialCheck | None = None


def prepare_dataset(
    source: Path,
    out: Path,
    *,
    annotations: Path | None,
    options: ExtractionOptions,
    workers: int | None,
    seed: int,
    timeout_seconds: float,
    name: str | None = None,
    redo: Collection[str] = (),
    selection: Selection = ALL,
    replace_other: bool = False,
    elsewhere: Path | None = None,
    trusting: bool = False,
) -> Preparation:
    """Store every clip of `source` (or a `selection`) in `out`, resuming an earlier call.

    `workers` processes (default: one per core) take one clip each. The clips `redo` are made again
    even where they look whole. What other options made there is replaced only with `replace_other`: all is
    made beside it and takes its place at the end. Clips that lie in the data set `elsewhere`, made with the
    same options, are taken from there.

    `trusting`, what has the size and times that it had when it was read to the last
    byte is not read again. Raises TwostreamError where the source, the annotations or the
    output folder cannot be used or vanishes meanwhile, where other options made what is there, or where no
    clip can be used.
    """
    if workers is not None:
        at_least("--workers", workers, 1)
    at_least("--seed", seed, 0)
    at_least("--timeout", timeout_seconds, 1)
    dataset = load_dataset(source, annotations=annotations, seed=seed, selection=selection)
    ready = any(clip.frames_in for clip in dataset.clips)
    if ready:
        refuse_options(options)
    settings = preparation_settings(
        dataset,
        source,
        annotations=annotations,
        options=options,
        seed=seed,
        name=name,
        selection=selection,
    )
    with ExitStack() as held:
        try:
            still_there = held.enter_context(sole_user(out))
        except FolderInUseError:
            standing = None if redo else standing_rows(dataset, out, settings)
            if standing is None:
                raise
            return _taken_as_it_is(dataset, standing, out, name=settings["dataset"])
        settle(out)
        found = in_the_way(dataset, out, settings)
        if found and not replace_other:
            raise refuse(out, found)
        note = unfinished_note(out)
        if note is not None and not found:
            say(note)
        place = stage_of(out) if found else out
        if found:
            place.mkdir(exist_ok=True)
        held.enter_context(no_partial_files(place))
        say(f"{readable(str(source))}: {dataset.kind}")
        cores = workers or available_cores()
        verified = read_verified(place) if trusting else {}
        tasks = [
            replace(task, verified=verified.get(task.clip_id))
            for task in clip_tasks(
                dataset,
                place,
                options=options,
                redo=redo,
                elsewhere=out if found else elsewhere,
            )
        ]
        if options.flow == "tvl1" and not ready:
            # Once, here: the workers find the machine code in the cache.
            compile_tvl1()
        announce(tasks, out=place, workers=cores)
        if "content" not in read_preparation_record(place):
            # So that hours of an interrupted preparation are not lost to a mistyped option either.
            write_preparation_record(place, settings)
        stored, problems, reused, stamps = _store_all(
            tasks, workers=cores, timeout_seconds=timeout_seconds, still_there=still_there
        )
        alignment, others = outvoted(stored)
        if others:
            again, more, _, _ = _store_all(
                [
                    replace(task, fresh=True, alignment_of_others=alignment)
                    for task in tasks
                    if task.clip_id in others
                ],
                workers=cores,
                timeout_seconds=timeout_seconds,
                still_there=still_there,
            )
            stored |= again
            problems = [item for item in problems if item[0] not in others] + more
        sources = {clip.clip_id: clip.described for clip in dataset.clips}
        unusable = [
            Problem(sources[clip_id], stage, reason) for clip_id, stage, reason in sorted(problems)
        ]
        all_problems = (*dataset.problems, *unusable)
        write_problems(place, all_problems)
        rows = manifest_rows(dataset, stored, layout=options.layout)
        if not rows:
            raise TwostreamError(
                source,
                expected="at least one usable video",
                found=f"{len(unusable)} broken ones",
                remedy=f"see {place / 'problems.csv'}",
            )
        official = _compared(dataset, stored, selection)
        if official is not None:
            write_official_check(place, official)
        write_manifest(place, rows, n_splits=dataset.n_splits)
        write_preparation_record(place, {**settings, "content": content_digest(stored)})
        if stamps or verified:
            write_verified(place, stamps)
        if found:
            commit(out, sorted(path.name for path in place.iterdir()))
    return Preparation(
        dataset=settings["dataset"],
        clips=len(rows),
        reused=reused,
        frames=sum(metadata.frames for metadata in stored.values()),
        problems=all_problems,
        notes=(
            *dataset.notes,
            *alignment_notes(stored.values()),
            *rate_notes((row.class_name, row.fps) for row in rows),
            *slower_notes((one.fps, one.asked_fps) for one in stored.values()),
            *_not_compared(dataset),
        ),
        official=official,
    )


def preparation_settings(
    dataset: Dataset,
    source: Path,
    *,
    annotations: Path | None,
    options: ExtractionOptions,
    seed: int,
    name: str | None = None,
    selection: Selection = ALL,
) -> dict[str, Any]:
    """What ``prepare.yaml`` says of how a data set was made, as plain values."""
    return {
        "source": str(source.absolute()),
        "annotations": str(annotations.absolute()) if annotations else None,
        "dataset": name or dataset.name,
        "seed": seed,
        "classes": ",".join(selection.classes) or None,
        "limit": selection.limit,
        **options.to_dict(),
    }


def _compared(
    dataset: Dataset, stored: Collection[str], selection: Selection
) -> OfficialCheck | None:
    if dataset.left_out_by_limit:
        return None
    return compare_with_official(dataset, stored=stored, chosen=bool(selection.classes))


def _not_compared(dataset: Dataset) -> list[str]:
    left_out = dataset.left_out_by_limit
    name = official_name(dataset.listing)
    if name is None or not left_out:
        return []
    return [
        f"--limit leaves out {left_out} of {left_out + len(dataset.clips)} clips of "
        f"{name}: no table of what is there"
    ]


def _taken_as_it_is(
    dataset: Dataset, rows: Sequence[ManifestRow], out: Path, *, name: str
) -> Preparation:
    return Preparation(
        dataset=name,
        clips=len(rows),
        reused=len(rows),
        frames=sum(row.frames for row in rows),
        problems=read_problems(out),
        notes=(*dataset.notes, STANDING),
    )


def clip_tasks(
    dataset: Dataset,
    out: Path,
    *,
    options: ExtractionOptions,
    redo: Collection[str] = (),
    elsewhere: Path | None = None,
) -> list[ClipTask]:
    """A task for each clip of `dataset`; `elsewhere` is a data set that may hold the same clips."""
    return [
        ClipTask(
            clip.clip_id,
            clip.path,
            clip_target(out / "clips", clip.clip_id, layout=options.layout),
            options,
            fresh=clip.clip_id in redo,
            segment=clip.segment,
            frames_in=clip.frames_in,
            assumed_fps=HMDB51_FPS if clip.tags else DEFAULT_FPS,
            elsewhere=None
            if elsewhere is None
            else clip_target(elsewhere / "clips", clip.clip_id, layout=options.layout),
        )
        for clip in dataset.clips
    ]


def _store_all(
    tasks: list[ClipTask],
    *,
    workers: int,
    timeout_seconds: float,
    still_there: Callable[[], None],
) -> tuple[dict[str, ClipMetadata], list[tuple[str, str, str]], int, dict[str, Stamps]]:
    """Run the tasks; returns the stored clips, (clip, stage, reason) of problems, clips reused, stamps."""
    # Here, for in the workers it would be a problem of every single clip.
    require_opencv(contrib=any(task.options.flow == "tvl1-opencv" for task in tasks))
    stored: dict[str, ClipMetadata] = {}
    problems: list[tuple[str, str, str]] = []
    stamps: dict[str, Stamps] = {}
    reused = 0
    # Clips are what runs in parallel; with fewer clips than cores, pairs of one clip are too.
    share = CoreShare(workers)
    outcomes = run_tasks(
        partial(ensure_clip, threads=share),
        tasks,
        workers=workers,
        timeout_seconds=timeout_seconds,
        share=share,
    )
    with Progress("prepare", total=len(tasks)) as progress, closing(outcomes):
        for outcome in outcomes:
            still_there()
            clip_id = outcome.task.clip_id
            result = outcome.result
            if result is None:
                problems.append((clip_id, "decode", outcome.problem or "unknown"))
                progress.note = f"{len(problems)} with problems"
                progress.advance()
                continue
            stored[clip_id] = result.metadata
            if result.stamps is not None:
                stamps[clip_id] = result.stamps
            if result.metadata.warning:
                problems.append((clip_id, "warning", result.metadata.warning))
            if result.reused:
                reused += 1
                progress.already_done += 1
                progress.advance()
            else:
                progress.advance(frames=result.metadata.frames)
    return stored, problems, reused, stamps


def manifest_rows(
    dataset: Dataset, stored: dict[str, ClipMetadata], *, layout: Layout
) -> list[ManifestRow]:
    """One row for each stored clip, in the data set's order."""
    return [
        manifest_row(
            dataset,
            clip,
            path=clip_target(Path("clips"), clip.clip_id, layout=layout).as_posix(),
            frames=metadata.frames,
            fps=metadata.fps,
            width=metadata.width,
            height=metadata.height,
            duration_seconds=metadata.duration_seconds,
        )
        for clip in dataset.clips
        if (metadata := stored.get(clip.clip_id)) is not None
    ]


@contextmanager
def no_partial_files(out: Path) -> Iterator[None]:
    """Remove unfinished files before (a killed run leaves them) and after, whatever happens."""
    remove_partial_files(out)
    try:
        yield
    finally:
        remove_partial_files(out)


def remove_partial_files(out: Path) -> None:
    """Remove the files and folders in `out` and its clips that were never finished."""
    import shutil

    for path in out.glob(f"{TEMPORARY_PREFIX}*"):
        path.unlink(missing_ok=True)

    for parent, folders, files in os.walk(out / "clips"):
        for name in files:
            if name.startswith(TEMPORARY_PREFIX):
                (Path(parent) / name).unlink(missing_ok=True)
        for name in [item for item in folders if item.startswith(TEMPORARY_PREFIX)]:
            shutil.rmtree(Path(parent) / name, ignore_errors=True)
            folders.remove(name)
