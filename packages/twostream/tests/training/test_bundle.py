from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from manifest_rows import row
from twostream.datasets.manifest import read_manifest, write_manifest
from twostream.errors import TwostreamError
from twostream.training.bundle import (
    BUNDLE_NAME,
    bundle_of,
    read_bundle,
    shortest_interval,
    write_bundle,
)
from twostream.training.options import TrainingOptions
from twostream.training.record import read_record
from twostream.training.stream import train_stream
from twostream.training.two_streams import read_two_streams


@pytest.fixture(scope="module")
def run(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both streams, trained for no epoch at all."""
    folder = tmp_path_factory.mktemp("run") / "run"
    for stream in ("spatial", "temporal"):
        options = TrainingOptions(
            stream=stream,  # type: ignore[arg-type]
            backbone="cnn-s", weights=None, epochs=0, head_epochs=1, size_px=32, stack_length=4,
        )  # fmt: skip
        train_stream(small_data, folder, options=options)
    return folder


def test_training_makes_the_folder_of_a_stream_a_bundle(run: Path, small_data: Path) -> None:
    bundle = read_bundle(run / "temporal")
    assert (run / "temporal" / BUNDLE_NAME).is_file()
    assert (bundle.stream, bundle.preprocessing.stack_length) == ("temporal", 4)
    assert bundle.flow.algorithm is not None
    assert bundle.flow.bound_px == 20
    assert bundle.sources is not None
    assert bundle.sources.lowest_fps <= bundle.sources.fps <= bundle.sources.highest_fps
    assert bundle.training.backbone == "cnn-s"


def test_the_class_of_background_is_kept(run: Path, small_data: Path, tmp_path: Path) -> None:
    assert read_two_streams(run).background is None
    data = tmp_path / "data"
    data.mkdir()
    rows = read_manifest(small_data).rows
    rows = tuple(replace(row, background=row.class_name == "left") for row in rows)
    write_manifest(data, rows, n_splits=1)
    of_stream = read_bundle(run / "spatial")
    made = bundle_of(
        run / "spatial", read_record(run / "spatial"), of_stream.preprocessing, data=data
    )
    assert made.background == "left"
    shutil.copytree(run, tmp_path / "run")
    for stream in ("spatial", "temporal"):
        write_bundle(replace(read_bundle(tmp_path / "run" / stream), background="left"))
    assert read_two_streams(tmp_path / "run").background == "left"


def test_a_stream_of_an_earlier_version_is_read_as_the_same_bundle(
    run: Path, small_data: Path, tmp_path: Path
) -> None:
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "spatial" / BUNDLE_NAME).unlink()
    earlier = read_bundle(tmp_path / "run" / "spatial")
    now = read_bundle(run / "spatial")
    assert {k: v for k, v in vars(earlier).items() if k != "folder"} == {
        k: v for k, v in vars(now).items() if k != "folder"
    }


def test_what_later_versions_add_is_ignored_and_what_they_change_is_named(
    run: Path, tmp_path: Path
) -> None:
    shutil.copytree(run / "spatial", tmp_path / "spatial")
    path = tmp_path / "spatial" / BUNDLE_NAME
    values = json.loads(path.read_text())
    values |= {"of a later version": 1, "flow": {**values["flow"], "another": 2}}
    path.write_text(json.dumps(values))
    assert read_bundle(tmp_path / "spatial").flow == read_bundle(run / "spatial").flow
    path.write_text(json.dumps({**values, "format": 3}))
    with pytest.raises(TwostreamError, match="a later version"):
        read_bundle(tmp_path / "spatial")
    path.write_text("{")
    with pytest.raises(TwostreamError, match="copy the stream again"):
        read_bundle(tmp_path / "spatial")


def test_a_bundle_without_its_network_or_its_streams_is_refused(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run / "spatial", tmp_path / "spatial")
    (tmp_path / "spatial" / "model.keras").unlink()
    with pytest.raises(TwostreamError, match="the network of the bundle"):
        read_two_streams(tmp_path)
    with pytest.raises(TwostreamError, match="a trained stream"):
        read_two_streams(tmp_path / "spatial")


def test_two_streams_must_belong_together(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    path = tmp_path / "run" / "spatial" / BUNDLE_NAME
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, "classes": values["classes"][::-1]}))
    with pytest.raises(TwostreamError, match="two streams of the same classes"):
        read_two_streams(tmp_path / "run")


def test_the_shortest_interval_is_by_the_class_with_the_shortest_in_recordings() -> None:
    of_recordings = [
        *(row(f"a/{k}", "film", "train", frames=50 + k) for k in range(20)),  # 2 s and more
        *(row(f"b/{k}", "film", "train", frames=100) for k in range(3)),
        row("b/none", "film", "train", frames=10, background=True),
    ]
    rows = [replace(one, source="film.mp4") for one in of_recordings]
    assert shortest_interval(rows) == pytest.approx(0.9 * 51 / 25)  # one of twenty is shorter
    assert shortest_interval(of_recordings) is None  # each a video of its own
