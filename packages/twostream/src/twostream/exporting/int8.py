"""Networks in 8-bit integers for other programs: OpenVINO's are those of the run, ONNX's are made alike."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from twostream.choices import ExportFormat
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.evaluation.engines import rounding_text
from twostream.evaluation.quantising import calibration, keep_int8, training_place
from twostream.evaluation.rounding import differing
from twostream.exporting.networks import write_network
from twostream.models.engines.engine import Predict
from twostream.models.inference import resolve_scoring
from twostream.models.int8 import (
    NETWORK_NAME,
    Calibration,
    calibration_of,
    folder_of,
    load_int8,
    quantised,
    require_nncf,
)
from twostream.training.bundle import StreamBundle

FORMATS: tuple[ExportFormat, ...] = ("onnx", "openvino")


def check_int8(network_format: ExportFormat) -> None:
    """Raise TwostreamError for a format that has no 8-bit integers here."""
    if network_format not in FORMATS:
        raise TwostreamError(
            "--int8",
            expected=f"--format {' or '.join(FORMATS)}, which hold numbers in 8 bits",
            found=f"--format {network_format}",
            remedy="choose one of these, or leave --int8 out",
        )
    require_nncf()


def write_int8(
    stream: StreamBundle, network_format: ExportFormat, target: Path, *, data: Path | None
) -> Calibration:
    """Write the network of a stream of a run in int8; says by what it was quantised.

    Raises TwostreamError where NNCF is not installed, or neither training clips nor an int8 network of
    the run are at hand.
    """
    if network_format == "openvino":
        keep_int8(stream.folder.parent, [stream.stream], data=data)
        made = folder_of(stream.model) / NETWORK_NAME
        for suffix in (".xml", ".bin"):
            shutil.copyfile(made.with_suffix(suffix), target.with_suffix(suffix))
        kept = calibration_of(stream.model)
        assert kept is not None  # it was made, or checked, just now
        return kept
    import onnx

    samples, told = calibration(stream.folder, data)
    write_network(stream, "onnx", target)
    network = onnx.load(target)
    name = network.graph.input[0].name
    taken = [{name: one} for one in samples]
    onnx.save(quantised(network, taken, name=stream.stream), target)
    return told


def agreement_note(
    stream: StreamBundle, network_format: ExportFormat, target: Path, *, data: Path | None
) -> str | None:
    """How far what was written is from float32, on a few test clips; None where none is at hand."""
    scoring = resolve_scoring(precision="int8")
    run, name = stream.folder.parent, stream.stream
    with suppress(TwostreamError):
        record, place = training_place(stream.folder, data)
        rows = read_manifest(place).part(record.split, "test")
        if rows:
            predict = _predict(stream, network_format, target)
            found = differing(predict, run, name, rows, data=place, scoring=scoring)
            return rounding_text(name, found)
    return None


def _predict(stream: StreamBundle, network_format: ExportFormat, target: Path) -> Predict:
    if network_format == "openvino":
        return load_int8(stream.model).probabilities
    import onnxruntime

    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def predict(samples: Any) -> Any:
        return session.run(None, {name: np.ascontiguousarray(samples)})[0]

    return predict


def told_of(calibrations: dict[str, Calibration]) -> dict[str, Any]:
    """What an export says of its calibration, by stream: of the clips their number, and no names.

    Names of clips may be those of people. The digest tells whether another export was made of the same
    ones: SHA-256 of their names, a line each.
    """
    return {
        stream: {
            "clips": len(one.clips),
            "clips_sha256": hashlib.sha256("\n".join(one.clips).encode()).hexdigest(),
            "samples": one.samples,
            "seed": one.seed,
        }
        for stream, one in calibrations.items()
    }
