"""What hard kills do to scores and features of a cluster: nothing (more: `scripts/dask_kills.py`)."""

from __future__ import annotations

import time

import pytest
import twostream

pytest.importorskip("distributed", reason="the extra dask")

from dask_processes import dask_cluster, once_work_begins
from twostream.errors import TwostreamError
from twostream.execution import dask_cluster as cluster_room

pytestmark = pytest.mark.slow


@pytest.fixture
def videos(small_videos):
    return [str(path) for path in sorted(small_videos.rglob("*.avi"))[:3]]


@pytest.fixture
def scores(trained_run, videos):
    """Scores of all videos as JSON; on a cluster, if one is named."""

    def found(cluster=None):
        there = twostream.predict(trained_run, *videos, timeline=True, cluster=cluster)
        return [one.to_json() for one in there]

    return found


@pytest.fixture
def features(trained_run, videos, tmp_path):
    """The file of features; of a cluster, if one is named."""

    def found(cluster=None):
        out = tmp_path / "features.parquet"
        twostream.features(trained_run, *videos, out=out, cluster=cluster)
        return out.read_bytes()

    return found


def killed_soon(process):
    def strike():
        time.sleep(1)
        process.kill()

    return strike


def test_a_killed_worker_takes_no_video_along(features, tmp_path):
    alone = features()
    with (
        dask_cluster(tmp_path, workers=2) as cluster,
        once_work_begins(cluster.address, killed_soon(cluster.processes[0])),
    ):
        assert features(cluster.address) == alone


def test_what_was_sent_to_a_killed_worker_is_sent_again(scores, tmp_path, monkeypatch):
    alone = scores()
    unseen = cluster_room.Sight((), tmp_path / "nowhere")
    monkeypatch.setattr(cluster_room, "sight_of", lambda *_: unseen)
    with (
        dask_cluster(tmp_path, workers=2) as cluster,
        once_work_begins(cluster.address, killed_soon(cluster.processes[0])),
    ):
        assert scores(cluster.address) == alone


@pytest.mark.parametrize("verb", ["scores", "features"])
def test_a_killed_scheduler_ends_the_command(verb, request, tmp_path):
    found = request.getfixturevalue(verb)
    with (
        dask_cluster(tmp_path, workers=1) as cluster,
        once_work_begins(cluster.address, cluster.scheduler.kill),
        pytest.raises(TwostreamError, match="the connection was lost; call the same command"),
    ):
        found(cluster.address)
    assert not (tmp_path / "features.parquet").exists()
