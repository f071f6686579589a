"""`run`: from a folder of videos to the report, repeated, resumed, one stream only."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import small_dataset
import twostream
import yaml
from twostream.cli.main import run_command
from twostream.errors import TwostreamError

pytestmark = pytest.mark.usefixtures("short_heads")

QUICK: dict[str, Any] = {
    "flow": "dis",
    "backbone": "cnn-s",
    "size": 32,
    "epochs": 1,
    "stack_length": 4,
    "engine": "keras",
}


@pytest.fixture(scope="session")
def finished(small_videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of both streams."""
    out = tmp_path_factory.mktemp("finished") / "a run"
    twostream.run(small_videos, out=out, **QUICK)
    return out


@pytest.fixture(scope="session")
def two_splits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """UCF-101's lists of the small clips: the first group is tested, then the second."""
    lists = tmp_path_factory.mktemp("lists")
    names = [f"{c}/v_{c}_g{g:02d}_c01.avi" for c in small_dataset.CLASSES for g in range(1, 5)]
    number = {c: k for k, c in enumerate(small_dataset.CLASSES, 1)}
    (lists / "classInd.txt").write_text("".join(f"{k} {c}\n" for c, k in number.items()))
    for split in (1, 2):
        tested = [name for name in names if f"_g{split:02d}_" in name]
        trained = [f"{name} {number[name.split('/')[0]]}" for name in names if name not in tested]
        (lists / f"testlist{split:02d}.txt").write_text("\n".join(tested) + "\n")
        (lists / f"trainlist{split:02d}.txt").write_text("\n".join(trained) + "\n")
    return lists


def accuracies(run: Path) -> Any:
    return json.loads((run / "results.json").read_text())["protocols"]


def test_everything_is_there_at_the_end(finished: Path) -> None:
    for name in (
        "config.yaml",
        "results.json",
        "results.csv",
        "report.html",
        "data/manifest.parquet",
        "data/problems.csv",
        "spatial/model.keras",
        "temporal/preprocessing.json",
        "scores/one-frame.npz",
        "scores/whole-video.npz",
    ):
        assert (finished / name).is_file(), name
    results = json.loads((finished / "results.json").read_text())
    assert set(results) >= {"dataset", "split", "n_test", "classes", "protocols", "environment"}
    for streams in results["protocols"].values():
        assert list(streams) == ["spatial", "temporal", "fusion", "chosen", "fusion-logit"]
        for values in streams.values():
            intervals = values.pop("intervals")
            assert set(values) == set(intervals) == {"top1", "top5", "mean_class"}
            assert all(0 <= value <= 1 for value in values.values())


def test_no_half_file_is_left(finished: Path) -> None:
    assert [path for path in finished.rglob("*") if path.name.startswith(".partial-")] == []


def test_a_second_call_does_nothing_twice(finished: Path, small_videos: Path) -> None:
    kept = [*finished.rglob("*.zip"), *finished.rglob("*.keras"), *finished.rglob("history.csv")]
    before = {path: path.stat().st_mtime_ns for path in kept}
    numbers = accuracies(finished)
    twostream.run(small_videos, out=finished, **QUICK)
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    assert accuracies(finished) == numbers


def test_the_saved_configuration_repeats_the_run(finished: Path, tmp_path: Path) -> None:
    config = finished / "config.yaml"
    assert run_command(["run", "--config", str(config), "--out", str(tmp_path / "again")]) == 0
    assert accuracies(tmp_path / "again") == accuracies(finished)
    ours, theirs = (
        yaml.safe_load((run / "config.yaml").read_text()) for run in (finished, tmp_path / "again")
    )
    assert {**ours, "out": None} == {**theirs, "out": None}


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
def test_one_stream_alone(small_videos: Path, tmp_path: Path, stream: Any) -> None:
    results = twostream.run(
        small_videos, out=tmp_path, streams=stream, protocols="one-frame", **QUICK
    )
    assert list(results["protocols"]["one-frame"]) == [stream]
    assert (tmp_path / "report.html").is_file()


@pytest.mark.usefixtures("shown")
def test_splits_are_run_one_by_one_and_averaged(
    two_splits: Path, small_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options: dict[str, Any] = {**QUICK, "annotations": two_splits, "protocols": "one-frame"}
    results = twostream.run(small_videos, out=tmp_path / "run", splits="1,2", **options)
    assert "one-frame: fusion minus" in capsys.readouterr().out
    assert json.loads((tmp_path / "run" / "results.json").read_text()) == results
    assert list(results["splits"]) == ["1", "2"]
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "mean of 2 splits" in page
    assert 'href="split2/report.html"' in page
    for number, found in results["splits"].items():
        folder = tmp_path / "run" / f"split{number}"
        assert found["split"] == int(number)
        assert json.loads((folder / "results.json").read_text()) == found
        assert (folder / "report.html").is_file()
    assert [path.name for path in tmp_path.rglob("manifest.parquet")] == ["manifest.parquet"]
    kept = [*tmp_path.rglob("*.zip"), *tmp_path.rglob("*.keras")]
    before = {path: path.stat().st_mtime_ns for path in kept}
    assert twostream.evaluate(tmp_path / "run", protocols="one-frame", engine="keras") == results
    assert twostream.run(small_videos, out=tmp_path / "run", splits="1,2", **options) == results
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    with pytest.raises(TwostreamError, match="split 3"):
        twostream.run(small_videos, out=tmp_path / "run", splits="1,3", **options)


def test_several_splits_are_prepared_once(
    two_splits: Path, small_videos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import twostream.preparation.dataset as preparation

    prepared, whole = [], preparation.prepare_dataset

    def count(*arguments: Any, **options: Any) -> Any:
        prepared.append(arguments)
        return whole(*arguments, **options)

    monkeypatch.setattr(preparation, "prepare_dataset", count)
    options: dict[str, Any] = {**QUICK, "annotations": two_splits, "protocols": "one-frame"}
    twostream.run(small_videos, out=tmp_path / "run", splits="1,2", streams="spatial", **options)
    assert len(prepared) == 1
    saved = yaml.safe_load((tmp_path / "run" / "split2" / "config.yaml").read_text())
    assert (saved["split"], saved["splits"]) == (2, None)
    assert saved["data"] == str(tmp_path / "run" / "data")


def test_data_can_be_shared_by_runs(finished: Path, small_videos: Path, tmp_path: Path) -> None:
    options = {**QUICK, "seed": 0}
    twostream.run(small_videos, out=tmp_path / "run", data=finished / "data", **options)
    assert not (tmp_path / "run" / "data").exists()
    assert accuracies(tmp_path / "run") == accuracies(finished)


def test_wrong_options_cost_no_time(small_videos: Path, tmp_path: Path) -> None:
    with pytest.raises(TwostreamError, match="--protocols"):
        twostream.run(small_videos, out=tmp_path / "run", protocols="two-frames")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backbone": "RestNet50"}, "did you mean ResNet50"),
        ({"backbone": "absent.keras"}, "no such file"),
        ({"epochs": -1}, "--epochs"),
    ],
)
def test_wrong_training_options_are_found_before_anything_is_extracted(
    small_videos: Path, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TwostreamError, match=message):
        twostream.run(small_videos, out=tmp_path / "run", **{**QUICK, **options})
    assert not (tmp_path / "run").exists()


@pytest.fixture
def no_extraction(monkeypatch: pytest.MonkeyPatch) -> None:
    def extract(*_: Any, **__: Any) -> Any:
        raise AssertionError("something is extracted")

    monkeypatch.setattr("twostream.verbs.prepare.prepare", extract)


@pytest.mark.usefixtures("no_extraction")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backbone": "junk.keras"}, r"junk\.keras.*saved by Keras"),
        ({"temporal_backbone": "junk.keras"}, r"junk\.keras.*saved by Keras"),
        ({"backbone": "classifier.keras"}, "cut the classifier off"),
        ({"backbone": "deep.keras", "size": 32}, "--size.*large enough"),
        ({"temporal_backbone": "depthwise.keras"}, "a convolution over RGB"),
        ({"backbone": "MobileNetV2"}, "to download the ImageNet weights"),
        ({"temporal_backbone": "MobileNetV2"}, "to download the ImageNet weights"),
        ({"backbone": "MobileNetV2", "weights": "small.weights.h5"}, "from the same backbone"),
        ({"temporal_from_": Path("earlier")}, "no such file or folder; check --temporal-from"),
    ],
)
def test_a_network_that_cannot_be_had_is_found_before_anything_is_extracted(
    small_videos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    odd_networks: Path,
    options: dict[str, Any],
    message: str,
) -> None:
    def unreachable(*_: Any, **__: Any) -> Any:
        raise OSError("no network")

    monkeypatch.setattr("keras.src.applications.mobilenet_v2.file_utils.get_file", unreachable)
    monkeypatch.chdir(odd_networks)
    with pytest.raises(TwostreamError, match=message):
        twostream.run(small_videos, out=tmp_path / "run", **{**QUICK, **options})
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="session")
def odd_networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of networks and weights that no stream can begin with."""
    import keras

    folder = tmp_path_factory.mktemp("networks")
    (folder / "junk.keras").write_text("no model")
    image = keras.Input((None, None, 3))
    maps = deep = keras.layers.Conv2D(4, 3)(image)
    for _ in range(5):
        deep = keras.layers.Conv2D(4, 3, strides=2)(deep)
    scores = keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(maps))
    each = keras.layers.DepthwiseConv2D(3)(image)
    for name, output in {"classifier": scores, "deep": deep, "depthwise": each}.items():
        keras.Model(image, output, name=f"resnet_{name}").save(folder / f"{name}.keras")
    keras.Model(image, maps).save_weights(folder / "small.weights.h5")
    return folder


def test_a_split_without_test_clips_is_found_before_training(tmp_path: Path) -> None:
    videos = small_dataset.write_videos(tmp_path / "videos", groups=1)
    with pytest.raises(TwostreamError, match="two source videos"):
        twostream.run(videos, out=tmp_path / "run", **QUICK)
    assert not (tmp_path / "run").exists()


def test_a_source_that_gives_nothing_to_test_on_is_found_before_anything_is_extracted(
    two_splits: Path, small_videos: Path, tmp_path: Path
) -> None:
    for number, side in ((1, "train"), (2, "val"), (3, "train"), (4, "val")):
        for name in ("down", "right"):
            clip = f"{name}/v_{name}_g{number:02d}_c01.avi"
            (tmp_path / side / name).mkdir(parents=True, exist_ok=True)
            shutil.copy(small_videos / clip, tmp_path / side / clip)
    with pytest.raises(TwostreamError, match="clips to validate on; --val-part test"):
        twostream.run(tmp_path, out=tmp_path.parent / "run", val_part="validation", **QUICK)
    options = {**QUICK, "annotations": two_splits, "splits": "1,3"}
    with pytest.raises(TwostreamError, match="splits that there are: 1, 2, found no such split"):
        twostream.run(small_videos, out=tmp_path.parent / "run", **options)
    assert not (tmp_path.parent / "run").exists()


def test_a_file_in_the_place_of_a_folder_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run_command(["demo", "--out", str(tmp_path / "file")]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("twostream: ")
    assert "file" in error


def test_the_verbs_are_functions_of_the_package() -> None:
    for name in ("demo", "evaluate", "prepare", "report", "run", "train"):
        assert callable(getattr(twostream, name))
    with pytest.raises(AttributeError):
        _ = twostream.absent


def test_a_dry_run_writes_nothing_and_finds_what_would_stop_a_run(
    small_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", str(small_videos), "--out", str(tmp_path / "run"), "--dry-run", "--flow", "dis"]
    assert run_command([*words, "--backbone", "cnn-s"]) == 0
    assert "clips" in capsys.readouterr().out
    assert run_command([*words, "--backbone", "cnn-x"]) == 2
    assert run_command([*words, "--backbone", "cnn-s", "--split", "9"]) == 2
    assert not (tmp_path / "run").exists()


def test_the_temporal_stream_alone_may_start_from_an_earlier_run(
    finished: Path, small_videos: Path, tmp_path: Path
) -> None:
    later, start = tmp_path / "later", ["--temporal-from", str(finished)]
    quick = ["--flow", "dis", "--size", "32", "--epochs", "0", "--stack-length", "4"]
    quick += ["--protocols", "one-frame", "--engine", "keras"]
    words = ["run", str(small_videos), "--out", str(later), "--backbone", "cnn-s", *quick]
    assert run_command([*words, *start]) == 0
    begun = {
        stream: json.loads((later / stream / "training.json").read_text())["weights"]
        for stream in ("spatial", "temporal")
    }
    assert begun == {"spatial": None, "temporal": str(finished / "temporal" / "model.keras")}
    config = later / "config.yaml"
    settings = yaml.safe_load(config.read_text())
    assert settings["temporal"]["from"] == str(finished)
    assert settings["spatial"]["from"] is None
    assert run_command(["run", "--config", str(config), "--out", str(tmp_path / "again")]) == 0
    assert accuracies(tmp_path / "again") == accuracies(later)


def test_a_start_that_cannot_be_is_refused_before_anything_is_trained(
    finished: Path, small_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = ["--flow", "dis", "--size", "32", "--epochs", "0", "--backbone", "cnn-s"]
    words = ["run", str(small_videos), "--temporal-from", str(finished), *quick]
    words += ["--data", str(tmp_path / "data")]
    refused = [
        (["--stack-length", "3"], "--stack-length 4"),
        # Another seed makes other splits, whose test clips the earlier run has learnt from.
        (["--stack-length", "4", "--seed", "1"], "among the clips it has learnt from"),
        (
            ["--stack-length", "4", "--seed", "1", "--splits", "1"],
            "among the clips it has learnt from",
        ),
    ]
    for k, (more, sentence) in enumerate(refused):
        out = tmp_path / f"later{k}"
        capsys.readouterr()
        assert run_command([*words, *more, "--out", str(out)]) == 2
        assert sentence in capsys.readouterr().err.replace("\n", " ")
        assert not list(out.rglob("training.json"))


def test_a_run_cannot_start_from_itself(
    finished: Path, small_videos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    model = (run / "temporal" / "model.keras").read_bytes()
    words = ["run", str(small_videos), "--temporal-from", str(run), "--out", str(run)]
    words += ["--flow", "dis", "--size", "32", "--stack-length", "4", "--streams", "temporal"]
    assert run_command(words) == 2
    assert "choose another --out" in capsys.readouterr().err
    assert (run / "temporal" / "model.keras").read_bytes() == model


def test_a_run_may_start_from_an_earlier_one_and_its_configuration_repeats_that(
    finished: Path, small_videos: Path, tmp_path: Path
) -> None:
    words = ["run", str(small_videos), "--from", str(finished), "--out", str(tmp_path / "later")]
    quick = ["--flow", "dis", "--size", "32", "--epochs", "0", "--stack-length", "4"]
    quick += ["--protocols", "one-frame", "--engine", "keras"]
    assert run_command([*words, *quick]) == 0
    config = tmp_path / "later" / "config.yaml"
    assert yaml.safe_load(config.read_text())["spatial"]["from"] == str(finished)
    assert run_command(["run", "--config", str(config), "--out", str(tmp_path / "again")]) == 0
    assert accuracies(tmp_path / "again") == accuracies(tmp_path / "later")
