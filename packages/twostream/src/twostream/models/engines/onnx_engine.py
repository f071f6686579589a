"""The engine ``onnx``: ONNX Runtime on the processor, in float32.

What it runs is the graph of `channels_last`, exported by PyTorch: folded convolutions and what follows.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np

from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.models.computation import Computation
from twostream.models.device import Compute
from twostream.models.engines.engine import Outputs, Predictor, Samples, batch_samples
from twostream.models.engines.needs import require_cpu, require_package, require_torch_backend

NAME = "onnx"
PACKAGES = ("onnxruntime", "onnx", "onnxscript")


def check(compute: Compute) -> None:
    """Raise TwostreamError where a package of the extra ``onnx`` is missing, or it cannot do so."""
    for package in PACKAGES:
        require_package(package, for_what="inference by ONNX Runtime", extra="onnx")
    require_torch_backend(NAME)
    require_cpu(NAME, compute.device)
    if compute.precision != "float32":
        raise TwostreamError(
            f"--precision {compute.precision}",
            expected="float32, in which ONNX Runtime computes here",
            found=compute.precision,
            remedy="use --precision float32, or another --engine",
        )


def load(model: Any, compute: Compute) -> Predictor:
    """See `Engine`; networks that `channels_last` cannot run cannot be run here."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads = available_cores()
    session = onnxruntime.InferenceSession(
        exported(model), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name

    def one_batch(samples: Samples) -> Outputs:
        outputs: Outputs = session.run(None, {name: np.ascontiguousarray(samples)})[0]
        return outputs

    computation = Computation(
        engine=NAME,
        library=f"onnxruntime {version('onnxruntime')}",
        precision=compute.dtype,
        device="cpu",
        threads=threads,
    )
    return Predictor(one_batch, computation, batch_samples(compute.device))


def exported(model: Any) -> bytes:
    """A Keras model as an ONNX graph from samples (n, S, S, C) uint8 to its output; any n."""
    import torch

    from twostream.models.channels_last import ChannelsLastForward

    forward = ChannelsLastForward(model, frozen=True)

    class Network(torch.nn.Module):
        def forward(self, samples: torch.Tensor) -> torch.Tensor:
            return forward(samples.float(), training=False)

    example = torch.zeros((2, *model.input_shape[1:]), dtype=torch.uint8)
    with torch.no_grad():
        forward(example.float(), training=False)  # folded before anything is traced
    with torch.no_grad(), quietly():
        program: Any = torch.onnx.export(
            Network().eval(),
            (example,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
            verbose=False,
        )
    content: bytes = program.model_proto.SerializeToString()
    return content


@contextmanager
def quietly() -> Iterator[None]:
    """Without what the exporter says of packages that are not needed and of its own future."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
