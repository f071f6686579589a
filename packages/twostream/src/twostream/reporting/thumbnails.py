"""Small moving pictures of a clip's frames and flow, as data URIs."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.flow.colors import flow_to_rgb
from twostream.flow.encoding import decode_flow
from twostream.store.clip import StoredClip, open_clip
from twostream.store.jpeg import encode_jpeg

STEPS = 12
STILLS = 3
WIDTH_PX, HEIGHT_PX, QUALITY = 168, 126, 70
LEAST_FULL_COLOUR_PX = 1.0
LEAST_LOOP_SECONDS = 1.2

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Step:
    """A place in a film: `seconds` of the clip, and where the sheet shows it, in per cent."""

    seconds: float
    percent: float


@dataclass(frozen=True)
class Filmstrip:
    """Evenly spaced frames of a clip and the flow from each to the next.

    `sheet` is one picture, a data URI: a column a step, frames above flows. `stills` are the steps at
    about a sixth, a half and five sixths of the clip. `full_colour_px` is the speed, in stored pixels per
    step, of full colour; `width` and `height` are those of one frame in the sheet.
    """

    sheet: str
    steps: int
    stills: tuple[Step, ...]
    loop_seconds: float
    full_colour_px: float
    width: int
    height: int


class ClipShelf:
    """The prepared clips of a run, wherever they are now; `absence` says why they are not there."""

    def __init__(self, folder: Path | None) -> None:
        self.paths: dict[str, Path] = {}
        self.absence = ""
        if folder is None:
            self.absence = "the run does not say where its prepared clips are"
            return
        try:
            manifest = read_manifest(folder)
        except (TwostreamError, OSError) as error:
            self.absence = str(error)
            return
        self.paths = {row.clip_id: folder / row.path for row in manifest.rows}

    def filmstrip(self, clip_id: str, *, steps: int = STEPS) -> Filmstrip | None:
        """Pictures of the clip, or None where it is missing or damaged."""
        path = self.paths.get(clip_id)
        if path is None:
            return None
        try:
            return filmstrip(open_clip(path), steps=steps)
        except (TwostreamError, OSError):
            return None


def filmstrip(clip: StoredClip, *, steps: int = STEPS) -> Filmstrip:
    """Up to `steps` steps from all over `clip`; a shorter clip has one for each flow.

    Flow of all steps has one scale: full colour is the 99th percentile of their speeds, so that a few
    stray vectors do not pale the motion, but at least one pixel a step.
    """
    facts = clip.metadata
    count = min(steps, facts.flows)
    indices = [int(facts.flows * (k + 0.5) / count) for k in range(count)]
    fields = [decode_flow(clip.flow_codes(index), bound_px=facts.bound_px) for index in indices]
    speeds = [np.hypot(field[..., 0], field[..., 1]) for field in fields]
    full = max(float(np.percentile(np.stack(speeds), 99)), LEAST_FULL_COLOUR_PX)
    frames = [_small(clip.frame(index)) for index in indices]
    flows = [_small(flow_to_rgb(field, max_px=full)) for field in fields]
    height, width = frames[0].shape[:2]
    stills = sorted({int(count * (k + 0.5) / STILLS) for k in range(STILLS)})
    return Filmstrip(
        sheet=_uri(np.vstack([np.hstack(frames), np.hstack(flows)])),
        steps=count,
        stills=tuple(
            Step(indices[k] / facts.fps, 100 * k / (count - 1) if count > 1 else 0.0)
            for k in stills
        ),
        loop_seconds=max(LEAST_LOOP_SECONDS, min(facts.frames / facts.fps, 4.0)),
        full_colour_px=full,
        width=width,
        height=height,
    )


def _small(image: Image) -> Image:
    import cv2

    height, width = image.shape[:2]
    scale = min(WIDTH_PX / width, HEIGHT_PX / height, 1.0)
    if scale == 1.0:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smaller: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return smaller


def _uri(image: Image) -> str:
    content = encode_jpeg(image, quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(content).decode("ascii")
