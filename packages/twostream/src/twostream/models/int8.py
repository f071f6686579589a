"""Networks in 8-bit integers: quantised after their training by NNCF, and kept beside the networks.

NNCF looks at what the layers of a network compute of some samples, from which it takes the range of each;
those samples are the *calibration*. What is kept is a network of OpenVINO and what it was made of:
``STREAM/int8/network.xml``, ``network.bin`` and ``calibration.json``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass, fields
from functools import partial
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

from twostream.atomic import flush_to_disk, temporary_folder, write_json
from twostream.errors import TwostreamError
from twostream.extras import how_to_install
from twostream.formats import LaterFormatError, check_format
from twostream.models.any_size import of_any_size
from twostream.models.device import Compute
from twostream.models.engines.engine import Predictor, Samples
from twostream.models.engines.needs import require_package
from twostream.models.engines.network import Network
from twostream.models.engines.openvino_engine import compiled_predictor
from twostream.models.engines.openvino_library import openvino_library
from twostream.models.exported import openvino_model
from twostream.models.files import file_digest, load_model_file
from twostream.models.reasons import reason
from twostream.progress import Progress, step

FOLDER_NAME, NETWORK_NAME, RECORD_NAME = "int8", "network.xml", "calibration.json"
FORMAT = 1
# How networks are quantised: those of an earlier method are made again. 1 had depthwise convolutions in
# 8 bits, too; a record that does not say is of it.
METHOD = 2
INT8 = Compute(precision="int8")
# NNCF itself, OpenVINO, which computes, and what exports the graph that is quantised.
PACKAGES = ("nncf", "openvino", "onnx", "onnxscript")


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What a network was quantised by: clips of the training part, and what was drawn from them.

    `network` is the SHA-256 of the network in float32, `int8` that of what was made of it.
    """

    clips: tuple[str, ...]
    samples: int
    seed: int
    network: str
    int8: str = ""
    libraries: tuple[str, ...] = ()

    def text(self) -> str:
        """In a line, for people.

        >>> Calibration(clips=("a", "b"), samples=300, seed=0, network="").text()
        'quantised by 300 samples of 2 training clips (seed 0)'
        """
        return (
            f"quantised by {self.samples} samples of {len(self.clips)} training "
            f"clip{'' if len(self.clips) == 1 else 's'} (seed {self.seed})"
        )


def require_nncf() -> None:
    """Raise TwostreamError where a package is missing that quantising takes."""
    for package in PACKAGES:
        require_package(package, for_what="scores in int8", extra="int8")


class _Told:
    """Samples of which each pass through them is told: NNCF makes one or more, and is silent here."""

    def __init__(self, samples: Sequence[Any], label: str) -> None:
        self._samples = samples
        self._label = label

    def __len__(self) -> int:
        return len(self._samples)

    def __iter__(self) -> Iterator[Any]:
        with Progress(self._label, total=len(self), unit="sample") as progress:
            for sample in self._samples:
                progress.advance()  # before it: nobody asks for more after the last one
                try:
                    yield sample
                except GeneratorExit:
                    return


def quantised(network: Any, samples: Sequence[Any], *, name: str = "network") -> Any:
    """A network of OpenVINO, or a model of ONNX, in 8-bit integers, by `samples` (1, S, S, C) uint8.

    For ONNX each is a mapping from the name of the input. Progress is told of the network as `name`.
    Weights are symmetric, activations need not be. What is computed is the same on all processors.
    Depthwise convolutions stay in float32: in 8 bits they were somewhat faster, and cost EfficientNet-Lite0
    half of the clips that it recognises by motion.
    Raises TwostreamError where NNCF cannot be imported.
    """
    openvino_library()  # before NNCF, which reports as it does
    try:
        import nncf
        from nncf.quantization.advanced_parameters import OverflowFix
    except Exception as error:  # an OpenVINO too old for it is an AttributeError
        raise TwostreamError(
            "nncf",
            expected="an NNCF that suits the OpenVINO here",
            found=reason(error),
            remedy=how_to_install("int8"),
        ) from error

    nncf.set_log_level(40)  # errors alone
    data = nncf.Dataset(_Told(samples, f"int8 {name}: what its layers compute"))
    # Processors without VNNI add pairs of products in 16 bits, which overflow where weights use all of
    # their 8: scores would be others there, by 0.5 and more. Weights of 7 bits are safe everywhere.
    everywhere = nncf.AdvancedQuantizationParameters(overflow_fix=OverflowFix.ENABLE)
    with _quietly(), step(f"int8 {name}: quantising (minutes where it is large)"):
        return nncf.quantize(
            network,
            data,
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(samples),
            ignored_scope=nncf.IgnoredScope(names=depthwise_convolutions(network)),
            advanced_parameters=everywhere,
        )


def depthwise_convolutions(network: Any) -> list[str]:
    """The names of the convolutions of single channels, in a network of OpenVINO or a model of ONNX."""
    if hasattr(network, "graph"):
        channels = {one.name: one.dims[1] for one in network.graph.initializer if len(one.dims) > 1}
        return [
            node.name
            for node in network.graph.node
            if node.op_type == "Conv"
            and any(one.name == "group" and one.i > 1 for one in node.attribute)
            and channels.get(node.input[1]) == 1
        ]
    return [
        operation.get_friendly_name()
        for operation in network.get_ordered_ops()
        if operation.get_type_name() == "GroupConvolution"
        and operation.input(1).get_shape()[2] == 1  # groups, filters and channels of each, size
    ]


def quantise(model: Path, samples: Sequence[Samples], told: Calibration, *, any_size: bool) -> None:
    """Quantise the network in a ``.keras`` file, and keep that beside it.

    Raises TwostreamError where NNCF is not installed, for a network that cannot be exported, and where
    nothing can be written.
    """
    require_nncf()
    with step(
        f"int8 {model.parent.name}: the network as OpenVINO has it (minutes where it is large)"
    ):
        exported = openvino_model(load_model_file(model), any_size=any_size)
    network = quantised(exported, samples, name=model.parent.name)
    target = folder_of(model)
    try:
        with temporary_folder(model.parent) as folder:
            openvino_library().save_model(network, folder / NETWORK_NAME, compress_to_fp16=False)
            libraries = tuple(f"{name} {version(name)}" for name in ("nncf", "openvino"))
            values = {**asdict(told), "int8": _digest(folder), "libraries": libraries}
            write_json(folder / RECORD_NAME, {"format": FORMAT, "method": METHOD, **values})
            for path in folder.iterdir():
                flush_to_disk(path)
            shutil.rmtree(target, ignore_errors=True)
            folder.rename(target)
    except OSError as error:
        raise TwostreamError(
            target,
            expected="a folder that can be written, for the network in int8",
            found=str(error.strerror or error),
            remedy="use --precision float32, or a copy of the run",
        ) from error


def folder_of(model: Path) -> Path:
    """Where the network in int8 is kept of the one in the file `model`."""
    return model.parent / FOLDER_NAME


def calibration_of(model: Path) -> Calibration | None:
    """What is kept of the network in the file `model`; None where nothing is that still suits it.

    What was made of another network, or by an earlier method, does not. Raises TwostreamError where it is
    damaged, LaterFormatError where a later version wrote it.
    """
    path = folder_of(model) / RECORD_NAME
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        check_format(values, known=FORMAT, subject=path)
        if values.get("method", 1) < METHOD:
            return None
        known = {item.name: values[item.name] for item in fields(Calibration)}
        lists = {name: tuple(known[name]) for name in ("clips", "libraries")}
        found = Calibration(**{**known, **lists})
    except (FileNotFoundError, NotADirectoryError):
        return None
    except LaterFormatError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(path.parent, str(error)) from error
    if found.network != file_digest(model):
        return None
    if found.int8 != _digest(path.parent):
        raise _damaged(path.parent, "other files than were made")
    return found


def load_int8(model: Path) -> Network:
    """The network that is kept of the one in the file `model`: its probabilities alone.

    Raises TwostreamError where none is kept.
    """
    if calibration_of(model) is None:
        raise TwostreamError(
            folder_of(model),
            expected="a network in int8 that was made of this one",
            found="none",
            remedy="run `twostream evaluate RUN --precision int8`, which makes it",
        )
    keras_model = load_model_file(model)

    def load(part: Any) -> Predictor:
        if part is not keras_model:
            raise TwostreamError(
                "--precision int8",
                expected="scores: what is inside a network is not kept in it",
                found="features",
                remedy="use --precision float32 or bf16",
            )
        return int8_predictor(part, openvino_library().Core().read_model(_network_file(model)))

    return Network(keras_model, INT8.device, load)


def int8_predictor(model: Any, network: Any) -> Predictor:
    """The predictor of a quantised network of OpenVINO, on images of the sizes that the model takes."""
    return of_any_size(model, partial(_of_size, network))


def _of_size(network: Any, model: Any) -> Predictor:
    own = network.input(0).get_partial_shape()
    if own[1].is_static and [own[1].get_length(), own[2].get_length()] != [*model.input_shape[1:3]]:
        raise TwostreamError(
            "--view",
            expected="the view that the network in int8 was made for",
            found="images of another size",
            remedy="leave it out, or use --precision float32",
        )
    sized = network.clone()
    sized.reshape([-1, *model.input_shape[1:]])
    return compiled_predictor(sized, INT8)


def _network_file(model: Path) -> Path:
    return folder_of(model) / NETWORK_NAME


def _digest(folder: Path) -> str:
    network = folder / NETWORK_NAME
    return f"{file_digest(network)} {file_digest(network.with_suffix('.bin'))}"


def _damaged(folder: Path, found: str) -> TwostreamError:
    return TwostreamError(
        folder,
        expected="a network in int8",
        found=f"damaged data ({found})",
        remedy="remove the folder: it is made again",
    )


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the progress that NNCF prints."""
    with redirect_stdout(StringIO()):
        yield
