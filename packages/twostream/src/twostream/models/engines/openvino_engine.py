"""The engine ``openvino``: the fastest on most processors."""

from __future__ import annotations

import warnings
from importlib.metadata import version
from typing import Any

import numpy as np

from twostream.environment import core_share
from twostream.errors import TwostreamError
from twostream.models.computation import Computation
from twostream.models.device import Compute, Precision
from twostream.models.engines.engine import Outputs, Predictor, Samples, batch_samples
from twostream.models.engines.needs import require_cpu, require_package, require_torch_backend
from twostream.models.engines.openvino_library import openvino_library

NAME = "openvino"
# OpenVINO's names of types, and of what a processor can compute in.
HINTS = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}
CAPABILITIES: dict[Precision, str] = {
    "float32": "FP32",
    "bf16": "BF16",
    "fp16": "FP16",
    "int8": "INT8",
}


def check(compute: Compute) -> None:
    """Raise TwostreamError where OpenVINO is not installed, or has not such numbers or device here."""
    require_package("openvino", for_what="fast inference")
    require_torch_backend(NAME)
    require_cpu(NAME, compute.device)
    if compute.precision != "float32" and not computes_in(compute.precision):
        raise TwostreamError(
            f"--precision {compute.precision}",
            expected="numbers that OpenVINO has on this processor",
            found=f"none of {compute.dtype}",
            remedy="use --precision float32, or another --engine",
        )


def computes_in(precision: Precision) -> bool:
    """Whether OpenVINO has a precision on this processor."""
    known: list[str] = openvino_library().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return CAPABILITIES[precision] in known


def load(model: Any, compute: Compute) -> Predictor:
    """See `Engine`; raises whatever OpenVINO's converter does for unusual networks.

    A network in int8 is made by `twostream.models.int8`, of samples too.
    """
    if compute.precision == "int8":
        raise NotImplementedError("it was not quantised by samples")
    import torch

    openvino = openvino_library()
    shape = model.input_shape[1:]
    with warnings.catch_warnings():
        # Tracing warns about every Python branch on a shape; the shapes here are fixed.
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(_traced(model, torch.zeros((2, *shape))))
    converted.reshape([-1, *shape])
    steps = openvino.preprocess.PrePostProcessor(converted)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    return compiled_predictor(steps.build(), compute)


def _traced(model: Any, example: Any) -> Any:
    # OpenVINO traces by itself, too, but then traces all again to compare, and runs both: half of all the
    # time until the first score of a video. What networks say is compared with Keras by our tests.
    import torch

    trace: Any = torch.jit.trace
    with torch.no_grad():
        return trace(model.eval(), example, strict=False, check_trace=False)


def compiled_predictor(network: Any, compute: Compute) -> Predictor:
    """An OpenVINO model of samples as uint8, compiled for the processor; quantised ones stay so."""
    compiled = compile_model(network, compute)

    def one_batch(samples: Samples) -> Outputs:
        outputs: Outputs = compiled(np.ascontiguousarray(samples))[0]
        return outputs.copy()

    # What the compiled model says, not what it was asked for; what is not quantised is in float32.
    hint = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    named = {short: name for name, short in HINTS.items()}
    computation = Computation(
        engine=NAME,
        library=f"openvino {version('openvino')}",
        precision=compute.dtype if compute.precision == "int8" else named.get(hint, hint),
        device=",".join(compiled.get_property("EXECUTION_DEVICES")).lower(),
        threads=int(compiled.get_property("INFERENCE_NUM_THREADS")),
    )
    return Predictor(one_batch, computation, batch_samples(compute.device))


def compile_model(model: Any, compute: Compute) -> Any:
    """An OpenVINO model compiled for the processor, in the precision that is asked for.

    The hint rules out what the plugin prefers (bfloat16 on recent x86 processors, float16 on ARM); the mode
    rules out other short cuts in rounding.
    """
    rest_in_float32 = compute.precision in ("float32", "int8")
    settings: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": "f32" if rest_in_float32 else HINTS[compute.dtype]
    }
    if rest_in_float32:
        settings["EXECUTION_MODE_HINT"] = "ACCURACY"
    if (own := core_share()) is not None:  # it counts the machine's cores, whoever else has them
        settings["INFERENCE_NUM_THREADS"] = own
    return openvino_library().Core().compile_model(model, "CPU", settings)
