"""The network of a stream as a file that other programs read: any number of samples at once, as uint8.

ONNX, OpenVINO and PyTorch files are made of one graph, PyTorch's export of `channels_last`: convolutions
folded with normalisations. Where the stream sees whole images it takes any height and width.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twostream.choices import ExportFormat
from twostream.errors import TwostreamError
from twostream.models.any_size import of_size
from twostream.models.engines.needs import require_package, require_torch_backend
from twostream.models.engines.onnx_engine import quietly
from twostream.models.files import load_model_file
from twostream.training.bundle import StreamBundle

SUFFIXES: dict[ExportFormat, str] = {
    "onnx": ".onnx",
    "openvino": ".xml",
    "torch": ".pt2",
    "keras": ".keras",
}
INPUT, OUTPUT = "samples", "scores"
# Two of everything: what is exported with one of something takes one of it only.
EXAMPLE_SAMPLES, LONGER_PX = 2, 32
Quantise = Callable[[Path], None]


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
    model = load_model_file(stream.model)
    if network_format == "keras":
        of_size(model, *_any_height_and_width()).save(target)
        return
    program = exported_program(model, any_size=any_size)
    if network_format == "torch":
        import torch

        torch.export.save(program, target)
    elif network_format == "onnx":
        _write_onnx(program, target)
    else:
        _write_openvino(program, target)


def _any_height_and_width() -> tuple[Any, Any]:
    return None, None


def exported_program(model: Any, *, any_size: bool) -> Any:
    """PyTorch's export of a Keras model: any number of samples, of `any_size` or of the model's own."""
    import torch

    from twostream.models.channels_last import ChannelsLastForward

    try:
        forward = ChannelsLastForward(model, frozen=True)
    except NotImplementedError as error:
        raise TwostreamError(
            "--format",
            expected="a network whose layers PyTorch's own operators have",
            found=f"{model.name} ({error})",
            remedy="use --format keras",
        ) from error

    class Network(torch.nn.Module):
        def forward(self, samples: torch.Tensor) -> torch.Tensor:
            return forward(samples.float(), training=False)

    height, width, channels = model.input_shape[1:]
    longer = LONGER_PX if any_size else 0
    example = torch.zeros((EXAMPLE_SAMPLES, height, width + longer, channels), dtype=torch.uint8)
    free = (0, 1, 2) if any_size else (0,)
    with torch.no_grad(), quietly():
        forward(example.float(), training=False)  # folded before anything is traced
        return torch.export.export(
            Network().eval(),
            (example,),
            dynamic_shapes=(dict.fromkeys(free, torch.export.Dim.DYNAMIC),),
        )


def _write_onnx(program: Any, target: Path) -> None:
    import torch

    with torch.no_grad(), quietly():
        made: Any = torch.onnx.export(program, dynamo=True, verbose=False)
    content = made.model_proto
    content.graph.output[0].name, before = OUTPUT, content.graph.output[0].name
    for node in content.graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name == before:
                    names[place] = OUTPUT
    _name_free_sizes(content.graph)
    target.write_bytes(content.SerializeToString())


def _name_free_sizes(graph: Any) -> None:
    """Let whoever looks at the graph read what may vary, where the exporter numbers it."""
    named: dict[str, str] = {}
    words = ("n", "height", "width")
    for size, word in zip(graph.input[0].type.tensor_type.shape.dim, words, strict=False):
        if size.dim_param:
            named[size.dim_param] = word
    for value in (*graph.input, *graph.output, *graph.value_info):
        for size in value.type.tensor_type.shape.dim:
            if size.dim_param in named:
                size.dim_param = named[size.dim_param]


def _write_openvino(program: Any, target: Path) -> None:
    import openvino

    # OpenVINO reads PyTorch's programs itself, but not those whose padding depends on the size.
    made = target.with_suffix(".onnx")
    try:
        _write_onnx(program, made)
        network = openvino.convert_model(made)
    finally:
        made.unlink(missing_ok=True)
    openvino.save_model(network, target, compress_to_fp16=False)
