"""Networks in 8-bit integers: where there is one, what it was made of, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.events import Finished, Started, listening
from twostream.formats import LaterFormatError
from twostream.models.device import Compute, resolve_compute
from twostream.models.engines import needs
from twostream.models.engines.openvino_library import openvino_library
from twostream.models.exported import exported_program, openvino_model, write_onnx
from twostream.models.files import file_digest
from twostream.models.inference import check_scoring, resolve_scoring
from twostream.models.int8 import (
    METHOD,
    NETWORK_NAME,
    RECORD_NAME,
    Calibration,
    calibration_of,
    depthwise_convolutions,
    folder_of,
    load_int8,
    quantised,
    require_nncf,
)

pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="engines on PyTorch")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A network and one in int8 beside it, both of a few bytes that nobody reads."""
    model = tmp_path / "model.keras"
    model.write_bytes(b"float32")
    folder = folder_of(model)
    folder.mkdir()
    network = folder / NETWORK_NAME
    network.write_bytes(b"graph")
    network.with_suffix(".bin").write_bytes(b"weights")
    told = Calibration(
        clips=("a", "b"),
        samples=50,
        seed=0,
        network=str(file_digest(model)),
        int8=f"{file_digest(network)} {file_digest(network.with_suffix('.bin'))}",
        libraries=("nncf 3",),
    )
    record = {"format": 1, "method": METHOD, **asdict(told)}
    (folder / RECORD_NAME).write_text(json.dumps(record))
    return model


def test_what_it_was_made_of_is_read_again(kept: Path) -> None:
    found = calibration_of(kept)
    assert found is not None
    assert (found.clips, found.samples, found.seed) == (("a", "b"), 50, 0)


def test_one_that_was_made_of_another_network_is_none(kept: Path) -> None:
    kept.write_bytes(b"trained again")
    assert calibration_of(kept) is None
    with pytest.raises(TwostreamError, match="evaluate RUN --precision int8"):
        load_int8(kept)


def test_one_of_an_earlier_method_is_none(kept: Path) -> None:
    record = folder_of(kept) / RECORD_NAME
    values = json.loads(record.read_text())
    del values["method"]  # as the first did not tell it
    record.write_text(json.dumps(values))
    assert calibration_of(kept) is None


@pytest.mark.parametrize("name", ["network.bin", NETWORK_NAME, RECORD_NAME])
def test_a_damaged_one_is_told_with_the_way_out(kept: Path, name: str) -> None:
    (folder_of(kept) / name).write_bytes(b"else")
    with pytest.raises(TwostreamError, match=r"damaged data.*remove the folder: it is made again"):
        calibration_of(kept)


def test_one_of_a_later_version_is_left_alone(kept: Path) -> None:
    (folder_of(kept) / RECORD_NAME).write_text('{"format": 9}')
    with pytest.raises(LaterFormatError, match="upgrade"):
        calibration_of(kept)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("torch", "auto"), "int8: expected the engine openvino.*--engine torch; leave --engine"),
        (("onnx", "auto"), "int8: expected the engine openvino.*--engine onnx"),
        (("keras", "cpu"), "int8: expected the engine openvino.*--engine keras"),
        (("auto", "cuda"), "int8: expected the processor.*--device cuda.*bf16"),
        (("openvino", "mps"), "int8: expected the processor.*--device mps"),
    ],
)
def test_what_does_not_compute_in_it_is_refused_before_any_work(asked: Any, message: str) -> None:
    for check in (check_scoring, resolve_scoring):
        with pytest.raises(TwostreamError, match=message):
            check(*asked, "int8")


def test_nothing_trains_in_it() -> None:
    with pytest.raises(TwostreamError, match=r"too small for int8.*bf16"):
        resolve_compute("cpu", "int8", purpose="training")


def test_auto_takes_openvino_on_the_processor() -> None:
    pytest.importorskip("openvino")
    scoring = resolve_scoring(precision="int8")
    assert (scoring.engine, scoring.compute) == ("openvino", Compute(precision="int8"))


def test_an_nncf_that_does_not_suit_openvino_is_told_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("openvino")
    (tmp_path / "nncf.py").write_text("import openvino; openvino.Type.a_type_of_later")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "nncf", raising=False)
    with pytest.raises(TwostreamError, match=r"suits the OpenVINO here, found .*a_type_of_later"):
        quantised(None, [])


def test_what_makes_it_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "is_installed", lambda package: package != "nncf")
    with pytest.raises(TwostreamError, match=r"the package nncf for scores in int8.*pip install"):
        require_nncf()


def test_each_pass_through_the_samples_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By an NNCF that is only played: it takes no more than it needs of an iterator."""
    pytest.importorskip("openvino")
    played, advanced = ModuleType("nncf"), ModuleType("nncf.quantization.advanced_parameters")
    seen = []

    def quantize(network: Any, samples: Any, **_: Any) -> Any:
        seen.extend(list(islice(samples, len(samples))) for _ in range(2))
        return network

    for name in ("Dataset", "AdvancedQuantizationParameters", "IgnoredScope", "QuantizationPreset"):
        setattr(played, name, lambda samples=None, **_: samples)
    played.QuantizationPreset.MIXED = None  # type: ignore[attr-defined]
    played.quantize, played.set_log_level = quantize, lambda _: None  # type: ignore[attr-defined]
    advanced.OverflowFix = SimpleNamespace(ENABLE=None)  # type: ignore[attr-defined]
    for module in (played, ModuleType("nncf.quantization"), advanced):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    network = SimpleNamespace(graph=SimpleNamespace(initializer=[], node=[]))
    heard: list[Any] = []
    with listening(heard.append):
        assert quantised(network, ["a", "b", "c"], name="temporal") is network
    assert seen == [["a", "b", "c"]] * 2
    begun = [one for one in heard if isinstance(one, Started)]
    assert all(one.label.startswith("int8 temporal: ") for one in begun)
    assert [one.total for one in begun] == [None, 3, 3]
    over = [one for one in heard if isinstance(one, Finished)]
    assert [(one.done, one.completed) for one in over] == [(3, True), (3, True), (0, True)]


SCORES = """
import sys
import numpy as np
from twostream.models.engines.openvino_library import openvino_library
network = openvino_library().Core().compile_model("int8.xml", "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
np.save(sys.argv[1], network(np.load("samples.npy"))[0])
"""


@pytest.mark.slow
def test_scores_are_the_same_without_vnni(tmp_path: Path) -> None:
    """Where products of 8 bits are added in pairs of 16 bits, none overflows."""
    for package in ("nncf", "openvino", "onnxscript"):
        pytest.importorskip(package)
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3))
    inner = image
    for _ in range(3):
        inner = keras.layers.Conv2D(16, 3, activation="relu", padding="same")(inner)
    scores = keras.layers.Dense(5, activation="softmax")(
        keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 16)(inner))
    )
    model = keras.Model(image, scores)
    samples = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), np.uint8)
    network = quantised(openvino_model(model, any_size=False), [one[None] for one in samples])
    openvino_library().save_model(network, tmp_path / "int8.xml", compress_to_fp16=False)
    np.save(tmp_path / "samples.npy", samples)
    for name, more in (("here", {}), ("avx2", {"ONEDNN_MAX_CPU_ISA": "AVX2"})):
        subprocess.run(
            [sys.executable, "-c", SCORES, name],
            cwd=tmp_path,
            env={**os.environ, **more},
            check=True,
        )
    here, elsewhere = (np.load(tmp_path / f"{name}.npy") for name in ("here", "avx2"))
    assert np.ptp(here) > 0.01
    np.testing.assert_allclose(elsewhere, here, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["openvino", "onnx"])
def test_depthwise_convolutions_stay_in_float32(tmp_path: Path, library: str) -> None:
    for package in ("nncf", "openvino", "onnx", "onnxscript"):
        pytest.importorskip(package)
    image = keras.Input((16, 16, 3))
    inner = keras.layers.Conv2D(8, 3, activation="relu", padding="same")(image)
    inner = keras.layers.DepthwiseConv2D(3, activation="relu", padding="same")(inner)
    inner = keras.layers.Conv2D(8, 1, activation="relu")(inner)
    scores = keras.layers.Dense(5, activation="softmax")(
        keras.layers.GlobalAveragePooling2D()(inner)
    )
    model = keras.Model(image, scores)
    samples = [
        np.random.default_rng(k).integers(0, 256, (1, 16, 16, 3), np.uint8) for k in range(4)
    ]
    if library == "openvino":
        network = quantised(openvino_model(model, any_size=False), samples)
        feeding = {
            operation.get_type_name(): operation.input(1).get_source_output().get_node()
            for operation in network.get_ordered_ops()
            if operation.get_type_name().endswith("Convolution")
        }
        depthwise, pointwise = (
            feeding[name].get_type_name() for name in ("GroupConvolution", "Convolution")
        )
        assert depthwise in ("Constant", "Reshape")
        assert pointwise in ("FakeQuantize", "Multiply")  # numbers of 8 bits, scaled
        return
    import onnx

    target = tmp_path / "network.onnx"
    write_onnx(exported_program(model, any_size=False), target)
    exact = onnx.load(target)
    (name,) = depthwise_convolutions(exact)
    made = quantised(exact, [{exact.graph.input[0].name: one} for one in samples])
    weights = {node.name: node.input[1] for node in made.graph.node if node.op_type == "Conv"}
    scaled = {
        output
        for node in made.graph.node
        if node.op_type == "DequantizeLinear"
        for output in node.output
    }
    assert {node: of in scaled for node, of in weights.items()} == {
        node: node != name for node in weights
    }
