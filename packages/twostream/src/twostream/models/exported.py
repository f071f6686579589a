"""A Keras network as a graph that other programs read: any number of samples at once, as uint8.

One graph is the source of all of them: PyTorch's export of `channels_last`, convolutions folded with
normalisations. Where a stream sees whole images it takes any height and width.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twostream.errors import TwostreamError
from twostream.models.engines.onnx_engine import quietly
from twostream.models.engines.openvino_library import openvino_library

INPUT, OUTPUT = "samples", "scores"
# Two of everything: what is exported with one of something takes one of it only.
EXAMPLE_SAMPLES, LONGER_PX = 2, 32


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


def write_onnx(program: Any, target: Path) -> None:
    """Write a program of PyTorch's as ONNX, with names for people."""
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


def openvino_model(model: Any, *, any_size: bool) -> Any:
    """A Keras model as one of OpenVINO, in float32."""
    # OpenVINO reads PyTorch's programs itself, but not those whose padding depends on the size.
    with TemporaryDirectory(prefix="twostream-") as folder:
        made = Path(folder) / "network.onnx"
        write_onnx(exported_program(model, any_size=any_size), made)
        return openvino_library().convert_model(made)
