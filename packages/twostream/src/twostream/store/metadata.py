"""`clip.json`: what a stored clip is and how it was made."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from twostream.errors import TwostreamError

FORMAT = 1
FLOW_CONVENTION = "flow k goes from image k to image k+1; x to the right, y down, px per step"
FLOW_ENCODING = "code = 128 + round(127 * clamp(flow, -bound, bound) / bound)"


@dataclass(frozen=True, kw_only=True)
class ClipMetadata:
    """Facts of one stored clip; sizes in pixels at the stored size, fps in frames per second.

    `start_seconds` and `end_seconds` are those of a segment cut from a longer video, else None.
    `flow_zero_code` is the code of zero motion where it is not 128.
    """

    source_name: str
    source_sha256: str
    source_bytes: int
    source_width: int
    source_height: int
    fps: float
    frames: int
    width: int
    height: int
    step: int
    bound_px: float
    jpeg_quality: int
    flow_algorithm: str
    flow_parameters: dict[str, Any] = field(default_factory=dict)
    warning: str = ""
    start_seconds: float | None = None
    end_seconds: float | None = None
    flow_zero_code: int | None = None
    flow_convention: str = FLOW_CONVENTION
    flow_encoding: str = FLOW_ENCODING
    format: int = FORMAT

    @property
    def flows(self) -> int:
        """Number of flow fields: one fewer than frames."""
        return self.frames - 1

    @property
    def duration_seconds(self) -> float:
        """Duration of the stored frames."""
        return self.frames / self.fps

    def to_json(self) -> bytes:
        """The file's content; what does not apply to the clip is left out."""
        values = {name: value for name, value in asdict(self).items() if value is not None}
        return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode()


def parse_metadata(content: bytes, *, subject: str) -> ClipMetadata:
    """Read `clip.json`; raises TwostreamError naming `subject` where it is not one of this format."""
    try:
        values = json.loads(content)
        if values["format"] != FORMAT:
            raise ValueError(f"format {values['format']}, not {FORMAT}")
        known = {item.name for item in fields(ClipMetadata)}
        metadata = ClipMetadata(**{k: value for k, value in values.items() if k in known})
        _check(metadata)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise TwostreamError(
            subject,
            expected=f"a clip.json of format {FORMAT}",
            found=f"something else ({error})",
            remedy="run `twostream prepare` again: it redoes damaged clips",
        ) from error
    return metadata


def _check(metadata: ClipMetadata) -> None:
    """Raise ValueError for values that no clip can have."""
    for name in ("frames", "width", "height", "source_width", "source_height", "step"):
        value = getattr(metadata, name)
        if type(value) is not int or value < (2 if name == "frames" else 1):
            raise ValueError(f"{name} is {value!r}")
    if metadata.flow_zero_code not in (None, 127):
        raise ValueError(f"flow_zero_code is {metadata.flow_zero_code!r}")
    for name in ("start_seconds", "end_seconds"):
        value = getattr(metadata, name)
        if value is not None and (type(value) not in (int, float) or not 0 <= value < math.inf):
            raise ValueError(f"{name} is {value!r}")
    for name in ("fps", "bound_px"):
        value = getattr(metadata, name)
        if type(value) not in (int, float) or not 0 < value < math.inf:
            raise ValueError(f"{name} is {value!r}")
