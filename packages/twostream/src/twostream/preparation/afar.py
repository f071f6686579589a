"""Clips that are made on other machines, whether these see the folder of the data set or not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from twostream.atomic import atomic_path, temporary_folder
from twostream.datasets.clips import FrameFolder
from twostream.errors import TwostreamError
from twostream.execution.claims import claimed
from twostream.execution.parcels import Parcel, unpack
from twostream.execution.portable import Portable
from twostream.locks import STORE_IS_UNUSABLE
from twostream.preparation.ensure import ClipResult, ClipTask, ensure_clip, no_room
from twostream.preparation.verified import stamp_of, stamps_of_new


def portable_clips(out: Path) -> Portable[ClipTask, ClipResult]:
    """`ensure_clip` for workers of several machines, each of whom claims what it makes in `out`."""
    return Portable(
        run=ensure_claimed_clip,
        inputs=files_of,
        moved=moved_clip,
        made=target_of,
        landed=keep_clip,
        folder=out.absolute(),
    )


def anywhere(task: ClipTask) -> ClipTask:
    """The task by paths that mean the same wherever a worker was started."""
    frames = task.frames_in
    return replace(
        task,
        source=task.source.absolute(),
        frames_in=None if frames is None else _with_paths(frames, Path.absolute),
        target=task.target.absolute(),
        elsewhere=None if task.elsewhere is None else task.elsewhere.absolute(),
    )


def ensure_claimed_clip(task: ClipTask) -> ClipResult:
    """`ensure_clip`, holding the claim of the clip; raises as that does."""
    try:
        with claimed(task.target):
            return ensure_clip(task)
    except OSError as error:
        if error.errno not in STORE_IS_UNUSABLE:
            raise
        raise no_room(task.target, error) from error


def files_of(task: ClipTask) -> Sequence[Path]:
    """The video, or the folder or archive of frames, and folders of flow that lie apart."""
    frames = task.frames_in
    return [task.source] if frames is None else [frames.path, *(frames.flows or ())]


def target_of(task: ClipTask) -> Path:
    """Where the clip is stored."""
    return task.target


def moved_clip(task: ClipTask, places: Mapping[Path, Path], out: Path) -> ClipTask:
    """The task with its source at another place, stored below `out`."""
    frames = task.frames_in
    if frames is not None and frames.flows is not None:
        frames = _with_paths(
            frames, _as_they_lay(files_of(task), places, out / "apart").__getitem__
        )
    elif frames is not None:
        frames = replace(frames, path=places[frames.path])
    return replace(
        task,
        source=places[task.source] if frames is None else task.source,
        frames_in=frames,
        target=out / task.target.name,
        elsewhere=None,
        verified=None,
    )


def _as_they_lay(
    folders: Sequence[Path], places: Mapping[Path, Path], below: Path
) -> dict[Path, Path]:
    """Let folders lie to each other as they did: by the ways between them a clip is known, too."""
    common = os.path.commonpath(folders)
    lying = {folder: below / folder.relative_to(common) for folder in folders}
    for folder, place in lying.items():
        shutil.copytree(places[folder], place, copy_function=os.link)
    return lying


def _with_paths(frames: FrameFolder, other: Callable[[Path], Path]) -> FrameFolder:
    flows = frames.flows
    if flows is not None:
        horizontal, vertical = flows
        flows = other(horizontal), other(vertical)
    return replace(frames, path=other(frames.path), flows=flows)


def keep_clip(task: ClipTask, result: ClipResult, parcel: Parcel | None) -> ClipResult:
    """Store the clip that came from elsewhere; raises FatalError where there is no room for it."""
    if parcel is None:
        raise TwostreamError(
            task.target,
            expected="the clip that a worker has made",
            found="nothing",
            remedy="call the same command again",
        )
    before = None if task.frames_in else stamp_of(task.source)
    try:
        if parcel.is_folder:
            task.target.parent.mkdir(parents=True, exist_ok=True)
            with temporary_folder(task.target.parent) as folder:
                unpack(parcel, folder / "clip")
                if task.target.is_dir():
                    shutil.rmtree(task.target)
                (folder / "clip").replace(task.target)
        else:
            ((_, content),) = parcel.files
            with atomic_path(task.target) as temporary:
                temporary.write_bytes(content)
    except OSError as error:
        if error.errno not in STORE_IS_UNUSABLE:
            raise
        raise no_room(task.target, error) from error
    return replace(result, stamps=stamps_of_new(before, task.source, task.target))
