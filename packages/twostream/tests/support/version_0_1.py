"""What version 0.1 left: six videos, data sets made of them, a finished run and one that was interrupted.

`written_by_0_1.tar.gz` holds them as that version wrote them, with ``/before`` in the place of the folder
where it was called: ``run`` by ``run videos`` with the options `RUN`, ``tvl1`` and ``folders`` (layout
rawframes, DIS) by ``prepare videos --limit 3``, ``begun`` by a ``train temporal`` of two epochs that was
interrupted after the first.
"""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).with_name("written_by_0_1.tar.gz")
# How the run was called.
RUN: dict[str, Any] = {
    "backbone": "resnet_mini.keras",
    "flow": "dis",
    "size": 32,
    "stack_length": 4,
    "epochs": 1,
    "head_epochs": 1,
    "protocols": "one-frame",
    "engine": "keras",
}
# How its streams were trained, and the one that was interrupted but for its two epochs.
TRAIN: dict[str, Any] = {
    name: RUN[name] for name in ("backbone", "size", "stack_length", "epochs", "head_epochs")
}


def unpacked(folder: Path) -> Path:
    """All of it in `folder`."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` but locks, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    }
