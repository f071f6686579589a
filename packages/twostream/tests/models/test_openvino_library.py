"""OpenVINO converts networks without telling anybody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from twostream.models.engines.openvino_library import openvino_library

pytest.importorskip("openvino")

CONVERTS = """
import onnx
from onnx import helper
{before}
from twostream.models.engines.openvino_library import openvino_library
a, b = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2]) for name in "ab")
graph = helper.make_graph([helper.make_node("Relu", ["a"], ["b"])], "relu", [a], [b])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), "relu.onnx")
openvino_library().convert_model("relu.onnx")
"""


def test_conversions_have_nobody_to_report_to() -> None:
    openvino_library()
    from openvino.tools.ovc import convert_impl, telemetry_stub, telemetry_utils

    assert convert_impl.tm is telemetry_utils.tm is telemetry_stub


@pytest.mark.slow
@pytest.mark.parametrize("before", ["", "import openvino"])
def test_a_conversion_opens_no_connection(tmp_path: Path, before: str) -> None:
    """The proxy stands for the whole network. An import of OpenVINO by others opens one of its own."""
    pytest.importorskip("onnx")
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                heard.append(connection.recv(100))
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        proxy = f"http://127.0.0.1:{server.getsockname()[1]}"
        told = {name: value for name, value in os.environ.items() if name not in ("CI", "TF_BUILD")}
        told |= {"https_proxy": proxy, "http_proxy": proxy, "HOME": str(tmp_path)}
        code = CONVERTS.format(before=before)
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=told, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    assert len(heard) <= (before != "")
    if not before:
        assert not (tmp_path / "intel").exists()  # where a number for this user would be kept
