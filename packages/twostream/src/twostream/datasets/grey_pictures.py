"""Flow kept as pictures is grey: it tells folders of flow from those of pictures, whatever their names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from twostream.datasets.ready_frames import PICTURE

# Channels of a grey picture differ by no more, where a JPEG keeps three.
GREY_LEVELS = 8
# So many clips tell how all lie.
LOOKED_AT = 3


def is_coloured(folder: Path) -> bool:
    """Whether the first numbered picture in a folder has colours; not where it cannot be read."""
    import cv2
    import numpy as np

    names = _pictures(folder)
    if not names:
        return False
    content = np.frombuffer((folder / min(names)).read_bytes(), np.uint8)
    # In the channels that it has: asked for colours, OpenCV would make three of one.
    image = cv2.imdecode(content, cv2.IMREAD_UNCHANGED) if content.size else None
    if image is None or image.ndim == 2:
        return False
    channels = image[..., :3].astype(np.int64)
    return bool(np.ptp(channels, axis=-1).max() > GREY_LEVELS)


def flows_among(folders: Iterable[Path]) -> tuple[Path, Path] | None:
    """Two of the `folders` that look like the flows of a third, by name nothing of the kind; else None.

    These are three folders of one name, or three in one folder: two of grey pictures, as many in both,
    and one of coloured ones, as many or one more. The first few such threes must all look so.
    """
    by_name: dict[str, list[Path]] = {}
    by_parent: dict[Path, list[Path]] = {}
    for folder in folders:
        by_name.setdefault(folder.name, []).append(folder)
        by_parent.setdefault(folder.parent, []).append(folder)
    for groups in (list(by_name.values()), list(by_parent.values())):
        threes = [group for group in groups if len(group) == 3]
        # Classes may have a clip of the same name; clips that have flow have it nearly all.
        if 2 * len(threes) <= len(groups):
            continue
        found = [_flows_of(three) for three in islice(threes, LOOKED_AT)]
        if found[0] is not None and None not in found:
            return found[0]
    return None


def _flows_of(three: Sequence[Path]) -> tuple[Path, Path] | None:
    coloured = [folder for folder in three if is_coloured(folder)]
    if len(coloured) != 1:
        return None
    one, other = sorted(folder for folder in three if folder != coloured[0])
    flows = len(_pictures(one))
    fits = flows == len(_pictures(other)) and len(_pictures(coloured[0])) - flows in (0, 1)
    return (one, other) if fits else None


def _pictures(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if PICTURE.fullmatch(entry.name)]
