"""The network of a stream as a file that other programs read: any number of samples at once, as uint8."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from twostream.choices import ExportFormat
from twostream.models.any_size import of_size
from twostream.models.engines.needs import require_package, require_torch_backend
from twostream.models.engines.openvino_library import openvino_library
from twostream.models.exported import exported_program, openvino_model, write_onnx
from twostream.models.files import load_model_file
from twostream.progress import step
from twostream.training.bundle import StreamBundle

SUFFIXES: dict[ExportFormat, str] = {
    "onnx": ".onnx",
    "openvino": ".xml",
    "torch": ".pt2",
    "keras": ".keras",
}


def check_format(network_format: ExportFormat) -> None:
    """Raise TwostreamError where a package is missing that this format takes."""
    if network_format != "keras":
        require_torch_backend(f"--format {network_format}")
    if network_format == "openvino":
        require_package("openvino", for_what="exporting to it")
    if network_format in ("onnx", "openvino"):
        for package in ("onnx", "onnxscript"):
            require_package(package, for_what="exporting networks", extra="onnx")


def write_network(stream: StreamBundle, network_format: ExportFormat, target: Path) -> None:
    """Write the network of a stream; beside an OpenVINO file its weights of the same name.

    It takes samples (n, height, width, C) uint8 and gives probabilities (n, classes) float32; as a Keras
    file it takes float32. Raises TwostreamError for a network whose layers cannot be exported.
    """
    any_size = stream.preprocessing.view == "full"
    if network_format == "keras" and not any_size:
        shutil.copyfile(stream.model, target)
        return
    with step(f"{stream.stream}: the network for {network_format} (minutes where it is large)"):
        _write(stream, network_format, target, any_size=any_size)


def _write(
    stream: StreamBundle, network_format: ExportFormat, target: Path, *, any_size: bool
) -> None:
    model = load_model_file(stream.model)
    if network_format == "keras":
        of_size(model, *_any_height_and_width()).save(target)
    elif network_format == "openvino":
        network = openvino_model(model, any_size=any_size)
        openvino_library().save_model(network, target, compress_to_fp16=False)
    else:
        program = exported_program(model, any_size=any_size)
        if network_format == "torch":
            import torch

            torch.export.save(program, target)
        else:
            write_onnx(program, target)


def _any_height_and_width() -> tuple[Any, Any]:
    return None, None
