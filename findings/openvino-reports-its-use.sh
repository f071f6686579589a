#!/usr/bin/env bash
# `import openvino` sends a message to a service for web statistics (www.google-analytics.com), and openvino.convert_model eight
# more: the version, the kind of model, whether it went well. Nobody is asked before, in programs that use OpenVINO as a library
# either, and each message is sent from a process that is started for it. Core().read_model sends none. The command
# `opt_in_out --opt_out` of the package openvino-telemetry ends it for a user, and so does a program that imports OpenVINO while
# that package cannot be imported.
#
# A model of ONNX with one ReLU is converted; a proxy on this machine stands for the whole network, takes no message and counts who asks
# for what.
#
# Seen with openvino 2026.4.1, openvino-telemetry 2025.2.0, onnx 1.23.2. Ends with 0 while this is so, with 1 once something of it has
# changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install openvino==2026.4.1 openvino-telemetry==2025.2.0 \
    onnx==1.23.2
export HOME=$folder # where somebody may have opted out
unset CI TF_BUILD JENKINS_URL
cat >"$folder/use.py" <<'PY'
import sys

if "without" in sys.argv:
    sys.modules["openvino_telemetry"] = None
import onnx
import openvino
from onnx import helper

a, b = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2]) for name in "ab")
graph = helper.make_graph([helper.make_node("Relu", ["a"], ["b"])], "relu", [a], [b])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), "relu.onnx")
if "read" in sys.argv:
    openvino.Core().read_model("relu.onnx")
else:
    openvino.convert_model("relu.onnx")
PY
"$python" - "$folder" <<'PY'
import os
import socket
import subprocess
import sys
import threading

folder = sys.argv[1]


def asked_of(*words):
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                heard.append(connection.recv(200).split(b"\r\n")[0].decode())
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        proxy = f"http://127.0.0.1:{server.getsockname()[1]}"
        env = {**os.environ, "https_proxy": proxy, "http_proxy": proxy}
        command = [sys.executable, f"{folder}/use.py", *words]
        subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    return heard


found = {words: asked_of(*words) for words in (("convert",), ("read",), ("convert", "without"))}
for words, heard in found.items():
    print(" ".join(words), len(heard), sorted(set(heard)))
as_told = (
    len(found["convert",]) > len(found["read",]) > 0
    and all("www.google-analytics.com:443" in line for line in found["convert",])
    and not found["convert", "without"]
)
sys.exit(0 if as_told else 1)
PY
