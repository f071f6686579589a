"""An export says the same of a video as `predict`, read by a program that has no twostream."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import twostream
from small_training import options, sharpen
from twostream.errors import TwostreamError
from twostream.evaluation.chosen import chosen_scores
from twostream.events import Started, listening
from twostream.exporting import networks
from twostream.exporting.example import EXAMPLE_NAME, example
from twostream.sources.specification import FlowSpecification
from twostream.training.bundle import StreamBundle, read_bundle, write_bundle
from twostream.training.fusion_rule import ChosenFusion, FusionSpecification, write_chosen
from twostream.training.stream import train_stream
from twostream.training.two_streams import TwoStreamBundle, read_two_streams
from twostream.transforms.preprocessing import Preprocessing

WITHOUT_TWOSTREAM = """
import runpy, sys
sys.modules["twostream"] = None
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
assert not [name for name in sys.modules if name.startswith("twostream.")]
"""
OURS = ("PYTHONPATH", "KERAS_BACKEND")  # what a stranger's shell does not have
PACKAGES = {"onnx": "onnxruntime", "openvino": "openvino", "keras": "keras", "torch": "torch"}


def needs(network_format: str) -> None:
    pytest.importorskip(PACKAGES[network_format])
    if network_format in ("onnx", "openvino"):
        pytest.importorskip("onnxscript")


def of_example(export: Path, video: Path) -> dict[str, dict[str, float]]:
    told = {name: value for name, value in os.environ.items() if name not in OURS}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TWOSTREAM, str(export / EXAMPLE_NAME), str(video)],
        capture_output=True,
        text=True,
        env=told,
        cwd=export,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def of_predict(run: Path, video: Path) -> dict[str, dict[str, float]]:
    prediction = twostream.load(run, protocol="25", engine="torch").predict(video)
    return {
        stream: dict(zip(prediction.classes, map(float, values), strict=True))
        for stream, values in prediction.scores.items()
    }


def assert_same(found: Any, expected: Any, *, atol: float = 1e-4) -> None:
    assert found.keys() == expected.keys() == {"spatial", "temporal", "fused"}
    for stream, scores in expected.items():
        assert found[stream].keys() == scores.keys()
        np.testing.assert_allclose(
            list(found[stream].values()), list(scores.values()), atol=atol, err_msg=stream
        )


def with_rule(run: Path, **rule: Any) -> None:
    trainings = {one.stream: one.training.fingerprint for one in read_two_streams(run).streams}
    chosen = ChosenFusion(
        rule=FusionSpecification(**rule), trainings=trainings, evidence={"procedure": 1}
    )
    write_chosen(run, chosen)


def test_the_example_says_what_predict_says(
    trained_run: Path, small_videos: Path, tmp_path: Path
) -> None:
    needs("onnx")
    with_rule(
        trained_run,
        pool="product",
        spatial_weight=0.3,
        spatial_temperature=2.0,
        temporal_temperature=0.7,
        temperature=1.5,
    )
    heard: list[Any] = []
    with listening(heard.append):
        export = twostream.export(trained_run, format="onnx", out=tmp_path / "out")
    begun = [one.label for one in heard if isinstance(one, Started)]
    assert [label.partition(":")[0] for label in begun] == ["spatial", "temporal"]
    video = next((small_videos / "left").iterdir())
    expected = of_predict(trained_run, video)
    assert_same(of_example(tmp_path / "out", video), expected)
    for scores in expected.values():
        assert 0.05 < max(scores.values()) - min(scores.values()) < 0.999

    assert export.classes == ("down", "left", "right")
    about = json.loads((tmp_path / "out" / "export.json").read_text())
    assert about["scores"] == "softmax"
    assert set(about["sha256"]) | {"export.json"} == {p.name for p in (tmp_path / "out").iterdir()}
    lines = (tmp_path / "out" / EXAMPLE_NAME).read_text().splitlines()
    assert len(lines) < 60
    card = (tmp_path / "out" / "README.md").read_text()
    assert "Nothing was measured" in card
    assert "nothing below 32 px" in " ".join(card.split())
    assert str(tmp_path) not in card + json.dumps(about)


@pytest.fixture(scope="module")
def run_of_whole_images(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both streams, which see the whole of an image."""
    run = tmp_path_factory.mktemp("whole") / "run"
    for stream in ("spatial", "temporal"):
        train_stream(
            small_data, run, options=options(stream=stream, epochs=0, weights=None, view="full")
        )
        sharpen(run / stream / "model.keras")
    return run


@pytest.mark.slow
@pytest.mark.parametrize("network_format", ["onnx", "openvino", "keras", "torch"])
def test_networks_of_whole_images_take_any_height_and_width(
    run_of_whole_images: Path, tmp_path: Path, network_format: Any
) -> None:
    needs(network_format)
    twostream.export(run_of_whole_images, format=network_format, out=tmp_path / "out")
    video = tmp_path / "wide.avi"
    write_wide(video)
    assert_same(of_example(tmp_path / "out", video), of_predict(run_of_whole_images, video))


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["dis", "tvl1-opencv"])
def test_real_clips_too(
    trained_run: Path, shared_data: Path, tmp_path: Path, algorithm: str
) -> None:
    needs("onnx")
    run = Path(shutil.copytree(trained_run, tmp_path / "run"))
    for stream in ("spatial", "temporal"):
        bundle = read_bundle(run / stream)
        # Small pictures: OpenCV's TV-L1 takes a second for a pair of the original ones.
        flow = replace(bundle.flow, algorithm=algorithm, short_side_px=64, step=2)
        write_bundle(replace(bundle, flow=flow))
    clip = sorted((shared_data / "ucf101" / "videos").rglob("*.avi"))[0]
    twostream.export(run, format="onnx", out=tmp_path / "out")
    assert_same(of_example(tmp_path / "out", clip), of_predict(run, clip))


@pytest.mark.slow
def test_a_crop_and_a_rate_too(trained_run: Path, tmp_path: Path) -> None:
    needs("onnx")
    run = Path(shutil.copytree(trained_run, tmp_path / "run"))
    for stream in ("spatial", "temporal"):
        bundle = read_bundle(run / stream)
        flow = replace(bundle.flow, crop="8,0,64,40", fps=10.0, step=1)
        write_bundle(replace(bundle, flow=flow))
    video = tmp_path / "wide.avi"
    write_wide(video)
    twostream.export(run, format="onnx", out=tmp_path / "out")
    assert_same(of_example(tmp_path / "out", video), of_predict(run, video))
    assert "never padded" in (tmp_path / "out" / "README.md").read_text()


def write_wide(path: Path) -> None:
    import av

    rng = np.random.default_rng(0)
    ground = rng.integers(0, 255, (48, 128, 3), np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25, options={"qscale": "2"})
        stream.width, stream.height, stream.pix_fmt = 84, 48, "yuv420p"
        for k in range(12):
            image = np.ascontiguousarray(ground[:, 2 * k : 2 * k + 84])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())


def test_nothing_is_left_where_an_export_fails(
    trained_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("half-way")

    monkeypatch.setattr(networks, "exported_program", fails)
    with pytest.raises(RuntimeError, match="half-way"):
        twostream.export(trained_run, format="torch", out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(TwostreamError, match="a new or empty folder"):
        twostream.export(trained_run, format="torch", out=tmp_path / "out")
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    with pytest.raises(TwostreamError, match="onnx, openvino, keras, torch"):
        twostream.export(trained_run, format="tflite", out=tmp_path / "other")


def test_the_example_in_the_docs_is_the_one_that_is_written() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "take-it-elsewhere.md").read_text()
    assert "```text\n" + example(made_bundle(), "onnx") + "```\n" in page


@pytest.mark.parametrize("network_format", ["onnx", "openvino", "keras", "torch"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"crop": "0,8,64,48"},
        {"fps": 12.5, "step": 1},
        {"fps": 12.5, "step": 1, "crop": "0,8,64,48"},
        {"algorithm": "tvl1"},
        {"algorithm": "farneback", "step": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("view", ["full", "centre", "three"])
def test_every_example_is_a_program_of_a_page(
    network_format: Any, changes: dict[str, Any], view: Any
) -> None:
    for pool, multi_label in itertools.product(("average", "product"), (False, True)):
        rule = FusionSpecification(pool=pool, multi_label=multi_label)
        bundle = made_bundle(view=view, multi_label=multi_label, rule=rule, **changes)
        text = example(bundle, network_format)
        compile(text, "example.py", "exec")
        assert ("KERAS_BACKEND" in text.partition("import av")[0]) == (network_format == "keras")
        assert len(text.splitlines()) < 60
        assert max(map(len, text.splitlines())) < 125


@pytest.mark.parametrize("multi_label", [False, True])
@pytest.mark.parametrize("pool", ["average", "product"])
@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_the_example_joins_both_streams_by_the_rule_of_the_run(
    multi_label: bool, pool: Any, temperature: float
) -> None:
    rule = FusionSpecification(
        pool=pool,
        spatial_weight=0.3,
        temperature=temperature,
        spatial_temperature=2.0,
        temporal_temperature=0.5,
        multi_label=multi_label,
    )
    bundle = made_bundle(multi_label=multi_label, rule=rule)
    text = example(bundle, "onnx")
    code = text[text.index("rule, share") : text.index("print(json")]
    one, other = np.array([[0.7, 0.2, 0.1 - 1e-9, 1e-9], [0.05, 0.9, 0.04, 0.01]], np.float32)
    scores = {"spatial": one.astype(np.float64), "temporal": other.astype(np.float64)}
    exec(code, {"about": {"fusion": asdict(rule)}, "scores": scores, "np": np})
    np.testing.assert_allclose(scores["fused"], chosen_scores(one, other, rule), atol=1e-6)


def made_bundle(
    *,
    view: Any = "full",
    multi_label: bool = False,
    rule: FusionSpecification = FusionSpecification(pool="product"),  # noqa: B008 # frozen
    **flow: Any,
) -> TwoStreamBundle:
    """What a bundle says of itself, without networks."""
    specification = FlowSpecification(**{"algorithm": "dis", **flow})
    streams = {
        stream: StreamBundle(
            folder=Path(stream),
            classes=("a", "b"),
            preprocessing=Preprocessing(stream=stream, view=view),
            flow=specification,
            training=None,  # type: ignore[arg-type]
            multi_label=multi_label,
        )
        for stream in ("spatial", "temporal")
    }
    return TwoStreamBundle(
        folder=Path(),
        spatial=streams["spatial"],
        temporal=streams["temporal"],
        fusion=rule,
    )
