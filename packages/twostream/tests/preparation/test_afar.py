"""Clips made on a cluster: the store is, byte for byte, the one that this machine makes alone."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra dask")

from dask_processes import dask_cluster
from ready_clips import write_clip
from twostream.execution import dask_cluster as room
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as found:
        yield found


def store(folder):
    """All files by name; stamps of files apart, which are of this machine and this hour."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {".verified.json", ".prepare.lock"}
    }


def prepared(source, out, *, cluster=None, **options):
    chosen = ExtractionOptions(**{"flow": "dis", **options})
    return prepare_dataset(
        source, out, PrepareOptions(extraction=chosen, workers=1, cluster=cluster)
    )


@pytest.mark.parametrize("layout", ["archive", "rawframes"])
def test_workers_that_see_the_folder_make_the_same_store(cluster, small_source, tmp_path, layout):
    alone = prepared(small_source, tmp_path / "alone", layout=layout)
    together = prepared(small_source, tmp_path / "together", layout=layout, cluster=cluster.address)
    assert store(tmp_path / "together") == store(tmp_path / "alone")
    assert together.clips == alone.clips == 4
    again = prepared(small_source, tmp_path / "together", layout=layout, cluster=cluster.address)
    assert again.reused == 4


def test_paths_of_here_are_those_of_workers_that_were_started_elsewhere(
    cluster, make_source, tmp_path, monkeypatch
):
    prepared(make_source(tmp_path / "videos"), tmp_path / "alone")
    told = []
    monkeypatch.setattr(room, "say", told.append)
    monkeypatch.chdir(tmp_path)
    prepared(Path("videos"), Path("together"), cluster=cluster.address)
    assert store(tmp_path / "together") == store(tmp_path / "alone")
    assert told == []  # nothing was sent


@contextmanager
def seen_by_nobody(folder):
    yield folder / "a name that is nowhere"


@pytest.mark.parametrize("layout", ["archive", "rawframes"])
def test_workers_that_see_nothing_get_videos_and_send_clips(
    cluster, small_source, tmp_path, layout, monkeypatch
):
    prepared(small_source, tmp_path / "alone", layout=layout)
    monkeypatch.setattr(room, "token_in", seen_by_nobody)
    told = []
    monkeypatch.setattr(room, "say", told.append)
    together = prepared(small_source, tmp_path / "together", layout=layout, cluster=cluster.address)
    assert store(tmp_path / "together") == store(tmp_path / "alone")
    assert (together.clips, together.problems) == (4, ())
    assert told == [f"{cluster.address}: workers that do not see the files here get them sent"]


def test_frames_whose_flows_lie_apart_are_sent_with_these(cluster, tmp_path, monkeypatch):
    for name in ("v_Biking_g01_c01", "v_Diving_g02_c01"):
        clip = write_clip(tmp_path / "made" / name, alignment="from", images=6)
        for kind, place in (("img", "jpegs"), ("flow_x", "flow/u"), ("flow_y", "flow/v")):
            folder = tmp_path / "frames" / place / name
            folder.mkdir(parents=True)
            for path in sorted(clip.glob(f"{kind}_*")):
                path.rename(folder / f"frame{int(path.stem[-5:]):06d}.jpg")
    monkeypatch.setattr(room, "token_in", seen_by_nobody)
    for out, address in (("alone", None), ("together", cluster.address)):
        found = prepare_dataset(
            tmp_path / "frames", tmp_path / out, PrepareOptions(workers=1, cluster=address)
        )
        assert (found.clips, found.problems) == (2, ())
    assert store(tmp_path / "together") == store(tmp_path / "alone")


def test_a_broken_video_is_a_problem_of_its_own(cluster, make_source, tmp_path, monkeypatch):
    source = make_source(tmp_path / "videos")
    (source / "left" / "left_0.avi").write_bytes(b"no video")
    prepared(source, tmp_path / "alone")
    for token in (room.token_in, seen_by_nobody):
        monkeypatch.setattr(room, "token_in", token)
        out = tmp_path / f"together-{token.__name__}"
        assert len(prepared(source, out, cluster=cluster.address).problems) == 1
        assert store(out) == store(tmp_path / "alone")


def test_a_video_too_large_to_send_is_told(cluster, small_source, tmp_path, monkeypatch):
    monkeypatch.setattr(room, "token_in", seen_by_nobody)
    monkeypatch.setattr(room, "MOST_SENT_BYTES", 100)
    with pytest.raises(Exception, match="found 4 broken ones"):
        prepared(small_source, tmp_path / "together", cluster=cluster.address)
    assert "let the workers see the folder" in (tmp_path / "together" / "problems.csv").read_text()
