"""`clip.json`: what a stored clip is and how it was made."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any

from twostream.datasets.crops import parse_crop
from twostream.errors import TwostreamError
from twostream.fingerprints import added_field, deciding_values, values_with_earlier_ones
from twostream.formats import LaterFormatError, check_format

FORMAT = 1
# What the digest of a clip is made of, in this order: the fields of the first version.
_FIRST_FIELDS = (
    "source_name",
    "source_sha256",
    "source_bytes",
    "source_width",
    "source_height",
    "fps",
    "frames",
    "width",
    "height",
    "step",
    "bound_px",
    "jpeg_quality",
    "flow_algorithm",
    "flow_parameters",
    "warning",
    "start_seconds",
    "end_seconds",
    "flow_zero_code",
)
# Facts of later versions that say nothing of the pixels.
_NOT_DECIDING = ("decoded_by",)
# Sentences for readers in `clip.json`. The digest holds them as the first version wrote them, whatever
# they say now: what a clip is does not change with its description.
_FIRST_CONVENTION = "flow k goes from image k to image k+1; x to the right, y down, px per step"
_FIRST_ENCODING = "code = 128 + round(127 * clamp(flow, -bound, bound) / bound)"
_FIRST_CLASSIC_ENCODING = "code = floor(127.5 + 127.5 * clamp(flow, -bound, bound) / bound)"
FLOW_CONVENTION = "flow k goes from image k to image k+1; x to the right, y down, px per step"
FLOW_ENCODING = "code = 128 + round(127 * clamp(flow, -bound, bound) / bound)"


@dataclass(frozen=True, kw_only=True)
class ClipMetadata:
    """Facts of one stored clip; sizes in pixels at the stored size, fps in frames per second.

    `start_seconds` and `end_seconds` are those of a segment cut from a longer video, else None.
    `flow_zero_code` is the code of zero motion where it is not 128. `asked_fps` is the rate at which frames
    were chosen, where one was asked for; a source that is slower has fewer, which `fps` tells.
    `converted` is what was done to its pictures beyond what every video needs: HDR to SDR, deinterlaced.
    `crop` is the part of every picture that was used, ``x,y,width,height``; None for all of it.
    `assumed_fps` is the rate that pictures, which tell none, were taken to have.
    `decoded_by` are the libraries that made its pictures; None where nobody recorded it. They decide no
    identity: the same pictures made by others are the same clip.
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
    asked_fps: float | None = added_field(None, before=None)
    converted: str | None = added_field(None, before=None)
    crop: str | None = added_field(None, before=None)
    assumed_fps: float | None = added_field(None, before=None)
    decoded_by: str | None = added_field(None, before=None)
    flow_convention: str = FLOW_CONVENTION
    flow_encoding: str = FLOW_ENCODING
    format: int = FORMAT

    @property
    def flows(self) -> int:
        """Number of flow fields: one fewer than frames."""
        return self.frames - 1

    @property
    def used_size(self) -> tuple[int, int]:
        """Width and height of what was used of the source's pictures, before they were shrunk."""
        crop = None if self.crop is None else parse_crop(self.crop)
        return (
            (self.source_width, self.source_height) if crop is None else (crop.width, crop.height)
        )

    @property
    def duration_seconds(self) -> float:
        """Duration of the stored frames."""
        return self.frames / self.fps

    def to_json(self) -> bytes:
        """The file's content; what does not apply to the clip is left out."""
        values = {name: value for name, value in asdict(self).items() if value is not None}
        return _as_json(values)

    def identity(self) -> bytes:
        """What decides the stored pixels, in bytes that no later version spells otherwise.

        They are those that the first version wrote as ``clip.json``. A field that was added since is in
        them only where versions before would have made another clip.
        """
        values = asdict(self)
        first = {name: values[name] for name in _FIRST_FIELDS if values[name] is not None}
        own = self.flow_zero_code is None
        described = {
            "flow_convention": _FIRST_CONVENTION,
            "flow_encoding": _FIRST_ENCODING if own else _FIRST_CLASSIC_ENCODING,
            "format": 1,
        }
        added = {
            name: value
            for name, value in deciding_values(self).items()
            if name not in first
            and name not in described
            and name not in _NOT_DECIDING
            and value is not None
        }
        return _as_json({**first, **described, **added})


def _as_json(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode()


def parse_metadata(content: bytes, *, subject: str) -> ClipMetadata:
    """Read `clip.json`; raises TwostreamError naming `subject` where it is damaged.

    LaterFormatError where a later version wrote it in a way that this one would misread: such a clip is
    whole.
    """
    try:
        values = json.loads(content)
        check_format(values, known=FORMAT, subject=subject)
        metadata = ClipMetadata(**values_with_earlier_ones(ClipMetadata, values))
        _check(metadata)
    except LaterFormatError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise TwostreamError(
            subject,
            expected="the clip.json of a stored clip",
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
    if metadata.crop is not None and parse_crop(metadata.crop) is None:
        raise ValueError(f"crop is {metadata.crop!r}")
    for name in ("fps", "bound_px", "asked_fps", "assumed_fps"):
        value = getattr(metadata, name)
        if name in ("asked_fps", "assumed_fps") and value is None:
            continue
        if type(value) not in (int, float) or not 0 < value < math.inf:
            raise ValueError(f"{name} is {value!r}")
