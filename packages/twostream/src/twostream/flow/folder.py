"""A folder with the flows of one video, a file or two a pair, that an interrupted run can go on with.

`flow.json` says what the flows were made from and with, so that flows of different videos or
settings never end up side by side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from twostream.atomic import write_json
from twostream.errors import TwostreamError
from twostream.flow.encoding import encode_flow
from twostream.flow.files import write_flow, write_image

FolderFormat = Literal["jpg", "flo", "npy", "png"]
RECORD = "flow.json"


def pair_files(folder: Path, kind: FolderFormat, index: int) -> tuple[Path, ...]:
    """The files of pair `index`, counted from 1.

    >>> [path.name for path in pair_files(Path("flows"), "jpg", 1)]
    ['flow_x_00001.jpg', 'flow_y_00001.jpg']
    >>> [path.name for path in pair_files(Path("flows"), "flo", 12)]
    ['flow_00012.flo']
    """
    if kind == "jpg":
        return tuple(folder / f"flow_{component}_{index:05d}.jpg" for component in "xy")
    return (folder / f"flow_{index:05d}.{kind}",)


def write_pair(
    folder: Path, kind: FolderFormat, index: int, flow: NDArray[np.float32], *, bound_px: float
) -> None:
    """Write the flow of one pair: grey codes of both components (`jpg`), numbers, or colours (`png`).

    `bound_px` is the largest motion of codes and the speed of full colour.
    """
    paths = pair_files(folder, kind, index)
    if kind == "jpg":
        codes = encode_flow(flow, bound_px=bound_px)
        for path, component in zip(paths, (codes[..., 0], codes[..., 1]), strict=True):
            write_image(path, component)
    else:
        write_flow(paths[0], flow, max_px=bound_px)


def pairs_done(folder: Path, kind: FolderFormat, record: Mapping[str, Any]) -> int:
    """How many pairs, from the first on, an earlier run with the same `record` has left whole.

    Raises
    ------
    TwostreamError
        The folder holds flows that were made from something else, or that nothing tells about.
    """
    found = _read_record(folder / RECORD)
    if found is None and not any(
        path.exists() for other in get_args(FolderFormat) for path in pair_files(folder, other, 1)
    ):
        return 0
    if found != record:
        differing = [key for key in record if found is None or found.get(key) != record[key]]
        raise TwostreamError(
            folder,
            expected="a new folder, or flows of this video with these settings",
            found=f"flows with another {', '.join(differing)}" if found else f"no {RECORD} in it",
            remedy="choose another --out",
        )
    return next(
        index - 1
        for index in count(1)
        if not all(_is_whole(path) for path in pair_files(folder, kind, index))
    )


def _is_whole(path: Path) -> bool:
    # Renamed, but not yet on the disk when the power failed: such a file is left empty.
    return path.exists() and path.stat().st_size > 0


def begin(folder: Path, record: Mapping[str, Any]) -> None:
    """Write what the flows of the folder will be made from and with (plain JSON values)."""
    write_json(folder / RECORD, dict(record))


def _read_record(path: Path) -> Any:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None
