"""The program that goes with an export: it reads the folder with other libraries than this one."""

from __future__ import annotations

from functools import cache

import jinja2

from twostream.choices import ExportFormat
from twostream.datasets.crops import Crop
from twostream.exporting.flow_by_opencv import OpenCvFlow, flow_by_opencv
from twostream.training.two_streams import TwoStreamBundle

EXAMPLE_NAME = "example.py"
# By format: what is installed and imported, how a network is opened, and how it is asked.
READERS: dict[ExportFormat, dict[str, str]] = {
    "onnx": {
        "packages": "onnxruntime",
        "library": "onnxruntime",
        "load": 'session = onnxruntime.InferenceSession(folder / see["file"])',
        "call": 'session.run(None, {"samples": samples})[0]',
    },
    "openvino": {
        "packages": "openvino",
        "library": "openvino",
        "load": 'network = openvino.Core().compile_model(folder / see["file"], "CPU", '
        '{"INFERENCE_PRECISION_HINT": "f32"})',
        "call": "network(samples)[0]",
    },
    "torch": {
        "packages": "torch",
        "library": "torch",
        "load": 'network = torch.export.load(folder / see["file"]).module()',
        "call": "network(torch.from_numpy(samples)).detach().numpy()",
    },
    "keras": {
        "packages": "keras torch",
        "library": "keras",
        "backend": "torch",
        "load": 'network = keras.saving.load_model(folder / see["file"], compile=False)',
        "call": 'np.asarray(network.predict_on_batch(samples.astype("float32")))',
    },
}


def example(bundle: TwoStreamBundle, network_format: ExportFormat) -> str:
    """The program for an export of this bundle: what it need not know of others is left out."""
    flow, rule, crop = flow_by_opencv(bundle.flow), bundle.fusion, bundle.flow.rectangle
    reader = READERS[network_format]
    return _template().render(
        packages=f"numpy av opencv-contrib-python-headless {reader['packages']}",
        **{name: reader[name] for name in ("library", "load", "call")},
        backend=reader.get("backend"),
        cut="" if crop is None else _cut(crop),
        fps=bundle.flow.fps is not None,
        temporal=bundle.temporal is not None,
        flow_call=None if flow is None else _call(flow),
        view=bundle.streams[0].preprocessing.view,
        fused=len(bundle.streams) == 2,
        pool=rule.pool,
        multi_label=bundle.multi_label,
    )


def _cut(crop: Crop) -> str:
    return f"[{crop.y} : {crop.y + crop.height}, {crop.x} : {crop.x + crop.width}]"


def _call(flow: OpenCvFlow) -> str:
    if not flow.call.endswith("_create"):
        return f'cv2.{flow.call}(*greys, None, **flow["numbers"])'
    return f'cv2.{flow.call}(**flow["numbers"]).calc(*greys, None)'


@cache
def _template() -> jinja2.Template:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("twostream.exporting", "templates"),
        autoescape=False,  # it is Python
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    ).get_template("example.py.j2")
