"""What an export says of itself in `export.json`: all that a program needs to feed its networks.

Everything there is written as what a reader computes, not as options of this program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twostream.choices import ExportFormat
from twostream.errors import TwostreamError
from twostream.evaluation.sample_sets import EVEN_SAMPLES
from twostream.exporting.flow_by_opencv import OpenCvFlow, flow_by_opencv
from twostream.exporting.thresholds import Thresholds
from twostream.training.bundle import StreamBundle
from twostream.training.two_streams import TwoStreamBundle
from twostream.version import __version__
from twostream.video.resize import DEFAULT_SHORT_SIDE_PX

DESCRIPTION_NAME = "export.json"
FORMAT = 1
PROTOCOL = "25"


def flow_of(bundle: TwoStreamBundle) -> OpenCvFlow | None:
    """How others compute the bundle's flow, None where it has no temporal stream.

    Raises TwostreamError where nobody knows how the flow was made.
    """
    if bundle.temporal is None:
        return None
    bundle.flow.known_algorithm(bundle.folder)
    return flow_by_opencv(bundle.flow)


def refuse_crops(bundle: TwoStreamBundle) -> None:
    """Raise TwostreamError where every clip had a crop of its own: a new video has none to be told."""
    if bundle.flow.crop_of_each_clip:
        raise TwostreamError(
            bundle.folder,
            expected="a run whose clips were all cropped alike, or not at all",
            found="one whose clips had crops of their own",
            remedy="prepare with one --crop for all, or crop videos before they are shown to the networks",
        )


def description(
    bundle: TwoStreamBundle,
    *,
    network_format: ExportFormat,
    precision: str,
    files: Mapping[str, str],
    sha256: Mapping[str, str],
    thresholds: Thresholds,
    calibration: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The content of ``export.json``: `files` names the network of each stream, `sha256` is by file.

    `calibration` says of networks in int8 by what they were quantised.
    """
    made, flow, crop = bundle.flow, flow_of(bundle), bundle.flow.rectangle
    return {
        "format": FORMAT,
        "made_by": f"twostream {__version__}",
        "network_format": network_format,
        "precision": precision,
        "calibration": None if calibration is None else dict(calibration),
        "classes": list(bundle.classes),
        "background": bundle.background,
        "scores": "sigmoid" if bundle.multi_label else "softmax",
        "protocol": PROTOCOL,
        "samples": EVEN_SAMPLES,
        "threshold": thresholds.of_windows,
        "label_thresholds": thresholds.of_labels or None,
        "images": {
            "step": made.step,
            "fps": made.fps,
            "crop": None if crop is None else [crop.x, crop.y, crop.width, crop.height],
            "short_side_px": made.short_side_px or DEFAULT_SHORT_SIDE_PX,
            "jpeg_quality": made.jpeg_quality,
        },
        "flow": None
        if flow is None
        else {
            "learnt_from": made.algorithm,
            "opencv": flow.call,
            "numbers": flow.numbers,
            "same": flow.same,
            "bound_px": made.bound_px,
            "zero_code": 128,
            "codes_each_side": 127,
        },
        "streams": {one.stream: _stream(one, files[one.stream]) for one in bundle.streams},
        "fusion": asdict(bundle.fusion) if len(bundle.streams) == 2 else None,
        "sha256": dict(sha256),
    }


def _stream(one: StreamBundle, file: str) -> dict[str, Any]:
    see = one.preprocessing
    return {
        "file": file,
        "channels": see.channels,
        "size_px": see.size_px,
        "stack": 1 if one.stream == "spatial" else see.stack_length,
        "view": see.view,
        "scale": see.evaluation_scale,
    }


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder, by name."""
    from twostream.models.files import file_digest

    found = {path.name: file_digest(path) for path in sorted(folder.iterdir()) if path.is_file()}
    return {name: digest for name, digest in found.items() if digest is not None}
