"""Replacing what stands in a folder by what was made beside it: all of it, or nothing.

What is to replace finished work is made in ``FOLDER/.next``. When it is whole, `commit` moves it into its
place in steps of one rename each. What stood there waits in ``FOLDER/.previous`` until all of it has moved.
A process that is killed between two steps leaves a list of what is still to be moved, by which `settle`
ends the work: whoever opens the folder next calls it first. What a user has put among the files that are
replaced goes to the same place among the new ones.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from twostream.atomic import flush_to_disk, write_json
from twostream.errors import TwostreamError

STAGE_NAME = ".next"
PREVIOUS_NAME = ".previous"
COMMIT_NAME = "commit.json"  # in the stage: from then on the replacement is decided
# What this program writes into a data set and into the folder of a stream, and may remove there.
_OURS = re.compile(
    r"(split\d+/|final/)?(data/)?("
    r"config\.yaml|threshold\.json|label_thresholds\.json|manifest\.(parquet|csv)|problems\.csv|official(_clips)?\.csv|prepare\.yaml|check\.(csv|json)"
    r"|clips/[^/]+/([^/]+\.zip|[^/]+/(img_\d+\.jpg|flow_[xy]_\d+\.jpg|clip\.json|SHA256SUMS))"
    r"|(spatial|temporal)/("
    r"model\.keras|(training|preprocessing)\.json|(history|clips)\.csv|circumstances\.txt"
    r"|[a-z_]+\.npz|(validation|training|original)/[a-z_]+\.npz|tensorboard/events\.[^/]+"
    r"|checkpoints/([a-z]+\.keras|random_\d+\.npz|course\.json)))"
    r"|(.*/)?(\.[a-z]+\.lock|\.partial-[^/]*)"
)


def stage_of(folder: Path) -> Path:
    """Where the replacement of things in `folder` is made.

    >>> stage_of(Path("runs/mine")).as_posix()
    'runs/mine/.next'
    """
    return folder / STAGE_NAME


def commit(folder: Path, names: Sequence[str]) -> None:
    """Put the files and folders `names`, made in the stage of `folder`, into their place.

    `names` are paths relative to the stage, and none lies in another. Whatever stood in their place is
    removed at the end, and so is the rest of the stage. Raises FileNotFoundError, before anything is
    moved, where one of them was not made. The caller holds the lock of `folder`.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "config.yaml").write_text("old")
    >>> stage_of(folder).mkdir()
    >>> _ = (stage_of(folder) / "config.yaml").write_text("new")
    >>> commit(folder, ["config.yaml"])
    >>> (folder / "config.yaml").read_text(), [path.name for path in folder.iterdir()]
    ('new', ['config.yaml'])
    """
    stage = stage_of(folder)
    for name in names:
        if not (stage / name).exists():
            raise FileNotFoundError(f"{stage / name} was not made")
    # Leftovers here are of a commit that was completed: what stood before must not be mistaken for them.
    shutil.rmtree(folder / PREVIOUS_NAME, ignore_errors=True)
    write_json(stage / COMMIT_NAME, list(names))
    settle(folder)


def settle(folder: Path) -> None:
    """End a commit in `folder` that was interrupted; does nothing where there is none.

    The caller holds the lock of `folder`. Raises TwostreamError where the list of what is to be moved is
    damaged.
    """
    stage, previous = stage_of(folder), folder / PREVIOUS_NAME
    if (stage / COMMIT_NAME).is_file():
        for name in _decided(stage / COMMIT_NAME):
            new, place, old = stage / name, folder / name, previous / name
            if not new.exists():
                continue  # it was moved before the interruption
            if place.exists() and not old.exists():
                old.parent.mkdir(parents=True, exist_ok=True)
                place.rename(old)
            place.parent.mkdir(parents=True, exist_ok=True)
            new.replace(place)
            flush_to_disk(place.parent)
        (stage / COMMIT_NAME).unlink()
        shutil.rmtree(stage)
    if previous.exists():
        _keep_what_is_not_ours(folder, previous)
        shutil.rmtree(previous)


def _keep_what_is_not_ours(folder: Path, previous: Path) -> None:
    """Move the files in `previous` that this program did not write to their place among the new ones.

    Where a new one has the name already, the old one gets ``.previous`` behind its own.
    """
    for path in sorted(previous.rglob("*")):
        name = path.relative_to(previous).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        if _OURS.fullmatch(name):
            continue
        place = folder / name
        while place.exists() or place.is_symlink():
            place = place.with_name(f"{place.name}{PREVIOUS_NAME}")
        place.parent.mkdir(parents=True, exist_ok=True)
        path.rename(place)


def is_unsettled(folder: Path) -> bool:
    """Whether a commit in `folder` was interrupted: `settle` must end it before anything is read."""
    return (stage_of(folder) / COMMIT_NAME).is_file()


def unfinished_note(folder: Path) -> str | None:
    """What to tell of a replacement in `folder` that was not finished; None where there is none."""
    stage = stage_of(folder)
    if not stage.exists():
        return None
    return f"note: {stage} holds a replacement that was not finished: --replace goes on with it"


def settle_before_reading(
    folder: Path, hold: Callable[[Path], AbstractContextManager[object]]
) -> None:
    """End an interrupted commit in a folder that is only to be read; `hold` takes the folder's lock."""
    if is_unsettled(folder):
        with hold(folder):
            settle(folder)


def _decided(path: Path) -> list[str]:
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("no list of names")
    except (OSError, ValueError) as error:
        raise TwostreamError(
            path,
            expected="the list of what replaces what",
            found=f"something else ({error})",
            remedy=f"move what is in {path.parent} and in {path.parent.parent / PREVIOUS_NAME} by hand",
        ) from error
    return names
