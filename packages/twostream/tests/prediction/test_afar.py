"""What a cluster says of videos is what this machine says, whether its workers see the files or not."""

from __future__ import annotations

import numpy as np
import pytest
import twostream
from dask_processes import dask_cluster
from twostream.errors import TwostreamError
from twostream.execution import dask_cluster as room

pytest.importorskip("distributed", reason="the extra dask")


@pytest.mark.slow
def test_predictions_features_and_errors_are_those_of_this_machine(
    trained_run, small_videos, tmp_path, monkeypatch
):
    videos = [str(path) for path in sorted(small_videos.rglob("*.avi"))[:2]]
    broken = tmp_path / "broken.avi"
    broken.write_bytes(b"no video")
    asked = {"timeline": True, "on_above": 0.2}
    here = twostream.predict(trained_run, *videos, **asked)
    twostream.features(trained_run, *videos, out=tmp_path / "here.parquet")
    with dask_cluster(tmp_path, workers=1) as cluster:
        for seen in (True, False):
            if not seen:
                monkeypatch.setattr(
                    room, "sight_of", lambda *_: room.Sight((), tmp_path / "nowhere")
                )
            there = twostream.predict(trained_run, *videos, cluster=cluster.address, **asked)
            assert [one.source for one in there] == videos
            assert [one.to_json() for one in there] == [one.to_json() for one in here]
            for one, other in zip(there, here, strict=True):
                assert np.array_equal(one.windows.fused, other.windows.fused)
            out = tmp_path / f"there-{seen}.parquet"
            twostream.features(trained_run, *videos, out=out, cluster=cluster.address)
            assert out.read_bytes() == (tmp_path / "here.parquet").read_bytes()
            with pytest.raises(TwostreamError) as refused:
                twostream.predict(trained_run, str(broken), cluster=cluster.address)
            assert refused.value.subject == str(broken)


def test_a_camera_is_looked_at_from_here(trained_run):
    with pytest.raises(TwostreamError, match="camera 7: expected a video file"):
        twostream.predict(trained_run, "7", cluster="tcp://127.0.0.1:1", protocol="25")
