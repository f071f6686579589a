"""What version 0.1 wrote is used as it is: no clip is extracted and no epoch trained a second time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import twostream
import yaml
from twostream.cli.main import run_command
from twostream.errors import TwostreamError
from twostream.evaluation.trained import trained_streams
from twostream.preparation import ensure
from twostream.training import start, stream
from twostream.training.history import read_history
from version_0_1 import RUN, TRAIN, contents, unpacked


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(unpacked(tmp_path))
    return tmp_path


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise AssertionError("it was done before")

    monkeypatch.setattr(ensure, "extract_clip", fail)
    monkeypatch.setattr(start, "load_backbone", fail, raising=False)
    monkeypatch.setattr(stream, "fit", fail)
    monkeypatch.setattr(stream, "build_start", fail)


def models(folder: Path) -> dict[str, bytes]:
    kept = (".keras", "history.csv", "training.json", ".zip")
    return {name: data for name, data in contents(folder).items() if name.endswith(kept)}


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("spelled", ["as it was", "absolute", "another name"])
def test_a_finished_run_has_nothing_left_to_do(old: Path, spelled: str) -> None:
    before = models(old / "run")
    backbone = Path("resnet_mini.keras")
    if spelled == "absolute":
        backbone = old / backbone
    elif spelled == "another name":
        backbone = backbone.rename("resnet_other.keras")
    results = twostream.run(Path("videos"), out=Path("run"), **{**RUN, "backbone": str(backbone)})
    assert models(old / "run") == before
    assert list(results["protocols"]["one-frame"])[:2] == ["spatial", "temporal"]


@pytest.mark.usefixtures("no_work")
def test_its_configuration_repeats_it_without_work(old: Path) -> None:
    before = models(old / "run")
    config = yaml.safe_load((old / "run" / "config.yaml").read_text())
    for name in ("source", "out", "backbone"):
        config[name] = str(old / Path(config[name]).relative_to("/before"))
    (old / "run" / "config.yaml").write_text(yaml.safe_dump(config))
    assert run_command(["run", "--config", "run/config.yaml"]) == 0
    assert models(old / "run") == before


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("data", "options"),
    [
        ("tvl1", {"limit": 3}),
        ("folders", {"limit": 3, "flow": "dis", "layout": "rawframes"}),
        ("run/data", {"flow": "dis"}),
    ],
)
def test_its_data_sets_are_whole(old: Path, data: str, options: dict[str, Any]) -> None:
    before = contents(old / data)
    content = yaml.safe_load((old / data / "prepare.yaml").read_text())["content"]
    prepared = twostream.prepare(Path("videos"), out=Path(data), workers=1, **options)
    assert prepared.reused == prepared.clips
    after = contents(old / data)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"prepare.yaml", "manifest.parquet"}
    assert yaml.safe_load(after["prepare.yaml"])["content"] == content


def test_an_interrupted_training_goes_on(old: Path) -> None:
    first = read_history(old / "begun" / "temporal" / "history.csv")
    options = {**TRAIN, "epochs": 2}
    twostream.train("temporal", Path("run/data"), out=Path("begun"), **options)
    then = read_history(old / "begun" / "temporal" / "history.csv")
    assert [(r.epoch, r.duration_seconds) for r in then[: len(first)]] == [
        (r.epoch, r.duration_seconds) for r in first
    ]
    assert [r.epoch for r in then if r.phase == "all"] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"epochs": 3}, "--epochs 3 instead of 1"),
        ({"learning_rate": 1e-3}, "--learning-rate 0.001 instead of 2e-05"),
        ({"size": 64}, "--size 64 instead of 32"),
        ({"seed": 1}, "found --seed 1 instead of 0;"),
        ({"backbone": "cnn-s"}, "--backbone cnn-s instead of a file"),
        ({"bound": 10.0}, "--bound 10 instead of 20"),
        ({"flow": "tvl1"}, "--flow tvl1 instead of dis"),
        ({"step": 2}, "--step 2 instead of 1"),
    ],
)
def test_other_options_are_refused_with_what_differs(
    old: Path, changes: dict[str, Any], told: str
) -> None:
    before = contents(old)
    with pytest.raises(TwostreamError, match="--replace") as refused:
        twostream.run(Path("videos"), out=Path("run"), **{**RUN, **changes})
    assert told in str(refused.value)
    assert contents(old) == before


def test_a_record_may_hold_more_and_less_than_this_version_knows(old: Path) -> None:
    for name in ("spatial/training.json", "spatial/preprocessing.json"):
        path = old / "run" / name
        known = json.loads(path.read_text())
        known.pop("evaluation_scale", None)
        path.write_text(json.dumps({**known, "of a later version": [1]}))
    assert set(trained_streams(old / "run")) == {"spatial", "temporal"}
    assert twostream.evaluate(old / "run", protocols="one-frame", engine="keras")


@pytest.mark.parametrize(
    "name", ["spatial/training.json", "spatial/preprocessing.json", "data/prepare.yaml"]
)
def test_what_a_later_version_wrote_otherwise_is_left_alone(old: Path, name: str) -> None:
    path = old / "run" / name
    text = path.read_text()
    later = (
        f"format: 99\n{text}"
        if name.endswith(".yaml")
        else json.dumps({**json.loads(text), "format": 99})
    )
    path.write_text(later)
    before = models(old)
    with pytest.raises(TwostreamError, match="a later version wrote"):
        twostream.run(Path("videos"), out=Path("run"), **RUN)
    assert models(old) == before
    assert path.read_text() == later
