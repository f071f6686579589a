"""Files that a killed preparation left unfinished: removed before and after."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twostream.atomic import TEMPORARY_PREFIX


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
