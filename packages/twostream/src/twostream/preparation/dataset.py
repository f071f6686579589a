"""From a folder of videos to `DATA`: every clip stored, the manifest, the list of problems."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from twostream.datasets.clips import Dataset, Problem
from twostream.datasets.manifest import ManifestRow, write_manifest
from twostream.datasets.names import readable
from twostream.datasets.official import write_official_check
from twostream.datasets.problems import read_problems, write_problems
from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.events import say
from twostream.execution.choosing import executor_for, reach_cluster
from twostream.execution.executor import Executor
from twostream.execution.processes import KeptProcesses, kept_processes
from twostream.locks import FolderInUseError, sole_user
from twostream.preparation.afar import anywhere, portable_clips
from twostream.preparation.clip_tasks import clip_tasks
from twostream.preparation.compared import compared, not_compared
from twostream.preparation.conversions import conversion_notes
from twostream.preparation.converted_otherwise import (
    CONVERTERS,
    converter_notes,
    converters_of,
    otherwise_notes,
)
from twostream.preparation.copies import copy_notes
from twostream.preparation.crops import refuse_crops_outside
from twostream.preparation.ends import why_without_frames
from twostream.preparation.ensure import ensure_clip, import_libraries
from twostream.preparation.estimate import announce, pending
from twostream.preparation.finished import finished_preparation
from twostream.preparation.in_the_way import in_the_way, refuse
from twostream.preparation.kept_sides import SIDES, load_for, sides_digest
from twostream.preparation.left_over import left_over_notes
from twostream.preparation.listed import listed_notes
from twostream.preparation.options import PrepareOptions
from twostream.preparation.outcome import Preparation
from twostream.preparation.partial_files import no_partial_files
from twostream.preparation.rates import rate_notes, slower_notes
from twostream.preparation.ready_frames import (
    alignment_notes,
    has_ready_flow,
    outvoted,
    refuse_options,
)
from twostream.preparation.record import (
    content_digest,
    preparation_settings,
    read_preparation_record,
    write_preparation_record,
)
from twostream.preparation.rows import manifest_rows
from twostream.preparation.standing import NOTE as STANDING
from twostream.preparation.standing import standing_rows
from twostream.preparation.storing import store_all
from twostream.preparation.verified import read_verified, write_verified
from twostream.staging import commit, settle, stage_of, unfinished_note


def prepare_dataset(
    source: Path,
    out: Path,
    options: PrepareOptions,
    *,
    redo: Collection[str] = (),
    replace_other: bool = False,
    elsewhere: Path | None = None,
    trusting: bool = False,
    executor: Executor | None = None,
) -> Preparation:
    """Store every clip of `source` (or those selected) in `out`, resuming an earlier call.

    Worker processes (default: one per core) take one clip each, or whatever `executor` is given. The
    clips `redo` are made again even where they look whole. What other options made there is replaced only
    with `replace_other`: all is made beside it and takes its place at the end. Clips that lie in the data
    set `elsewhere`, made with the same options, are taken from there.

    `trusting`, what has the size and times that it had when it was read to the last byte is not read again;
    where that is true of all clips, nothing is done at all.

    Raises TwostreamError where the source, the annotations or the output folder cannot be used or vanishes
    meanwhile, where other options made what is there, or where no clip can be used.
    """
    dataset = load_for(source, out, options)
    ready = has_ready_flow(dataset)
    if ready:
        refuse_options(options.extraction)
    settings = preparation_settings(dataset, source, options)
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
        refuse_crops_outside(clip_tasks(dataset, place, options=options.extraction))
        if found:
            reach_cluster(options.cluster)  # before anything is written
            place.mkdir(exist_ok=True)
        held.enter_context(no_partial_files(place))
        say(f"{readable(str(source))}: {dataset.kind}")
        cores = options.workers or available_cores()
        # One set of processes for the estimate and the work, where it is this machine's.
        processes: KeptProcesses | None = None
        if executor is None and options.cluster is None:
            executor = processes = held.enter_context(
                kept_processes(cores, timeout_seconds=options.timeout)
            )
        executor = executor or executor_for(
            options.cluster, workers=cores, timeout_seconds=options.timeout
        )
        function = ensure_clip if options.cluster is None else portable_clips(place)
        verified = read_verified(place) if trusting else {}
        tasks = [
            replace(task, verified=verified.get(task.clip_id))
            for task in clip_tasks(
                dataset,
                place,
                options=options.extraction,
                redo=redo,
                elsewhere=out if found else elsewhere,
            )
        ]
        if options.cluster is not None:
            tasks = [anywhere(task) for task in tasks]
        if trusting and not found and not redo:
            whole = finished_preparation(dataset, out, settings, tasks, selection=options.selection)
            if whole is not None:
                return whole
        if not found:
            reach_cluster(options.cluster)
        if options.extraction.flow == "tvl1" and not ready:
            from twostream.flow import compile_tvl1

            if processes is not None and pending(tasks):
                processes.start(len(tasks), import_libraries)
            # Once, here: the workers find the machine code in the cache.
            compile_tvl1()
        if options.cluster is None:
            announce(tasks, out=place, workers=cores, processes=processes)
        if "content" not in read_preparation_record(place):
            # So that hours of an interrupted preparation are not lost to a mistyped option either.
            write_preparation_record(place, settings)
        store = partial(store_all, executor=executor, still_there=still_there, function=function)
        done = store(tasks)
        stored, problems = done.clips, done.problems
        alignment, others = outvoted(stored)
        if others:
            again = store(
                [
                    replace(task, fresh=True, alignment_of_others=alignment)
                    for task in tasks
                    if task.clip_id in others
                ]
            )
            stored |= again.clips
            problems = [item for item in problems if item[0] not in others] + again.problems
        sources = {clip.clip_id: clip.described for clip in dataset.clips}
        failed = {clip_id for clip_id, stage, _ in problems if stage == "decode"}
        why = why_without_frames(dataset.clips, failed)
        unusable = [
            Problem(sources[clip_id], stage, why.get(clip_id, reason))
            for clip_id, stage, reason in sorted(problems)
        ]
        all_problems = (*dataset.problems, *unusable)
        write_problems(place, all_problems)
        rows = manifest_rows(dataset, stored, layout=options.extraction.layout)
        if not rows:
            raise TwostreamError(
                source,
                expected="at least one usable video",
                found=f"{len(unusable)} broken ones",
                remedy=f"see {place / 'problems.csv'}",
            )
        official = compared(dataset, stored, options.selection)
        if official is not None:
            write_official_check(place, official)
        write_manifest(place, rows, n_splits=dataset.n_splits)
        made = {
            "content": content_digest(stored),
            SIDES: sides_digest(rows),
            CONVERTERS: converters_of(stored.values()),
        }
        write_preparation_record(place, {**settings, **made})
        if done.stamps or verified:
            write_verified(place, done.stamps)
        if found:
            commit(out, sorted(path.name for path in place.iterdir()))
    return Preparation(
        dataset=settings["dataset"],
        clips=len(rows),
        reused=done.reused,
        frames=sum(metadata.frames for metadata in stored.values()),
        problems=all_problems,
        notes=(
            *dataset.notes,
            *left_over_notes(dataset.clips, rows, n_splits=dataset.n_splits),
            *alignment_notes(stored.values()),
            *rate_notes((row.class_name, row.fps) for row in rows),
            *slower_notes((one.fps, one.asked_fps) for one in stored.values()),
            *conversion_notes(one.converted for one in stored.values()),
            *converter_notes(converters_of(stored.values())),
            *listed_notes(dataset.clips, rows, options.extraction),
            *copy_notes(rows, stored),
            *otherwise_notes(done.otherwise, out=out),
            *not_compared(dataset),
        ),
        official=official,
    )


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
