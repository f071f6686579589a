"""What a cluster says of videos is what this machine says, whether its workers see the files or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import twostream
from dask_processes import dask_cluster
from twostream.errors import TwostreamError
from twostream.events import say
from twostream.execution import dask_cluster as room
from twostream.execution import dask_connection as connection
from twostream.execution.outcomes import Outcome
from twostream.prediction import afar, predictor
from twostream.prediction.naming import Source
from twostream.prediction.options import LookOptions
from twostream.prediction.results import Prediction
from twostream.timelines.window_scores import WindowScores

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


@pytest.mark.parametrize("verb", ["predict", "features"])
def test_nobody_at_the_address_is_told_before_networks_are_loaded(
    trained_run, small_videos, tmp_path, monkeypatch, verb
):
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(predictor, "load_for_scoring", None)
    out = {"out": tmp_path / "features.parquet"} if verb == "features" else {}
    with pytest.raises(
        TwostreamError, match=r"--cluster: expected the address of a Dask scheduler"
    ):
        getattr(twostream, verb)(trained_run, small_videos, cluster="tcp://127.0.0.1:1", **out)


RUN = afar.AskedRun(folder=Path("run"), look=LookOptions())


class Works:
    """An executor that does tasks in the order of `turns`, and then is interrupted."""

    def __init__(self, *turns):
        self.turns = turns

    def map(self, function, tasks):
        for turn in self.turns:
            yield Outcome(tasks[turn], function(tasks[turn]), None)
        raise KeyboardInterrupt


def place_of(_, source):
    return source.place


def test_sources_that_are_done_are_told_after_ctrl_c(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(afar, "_predictor", lambda *_: None)
    monkeypatch.setattr(afar, "executor_for", lambda *_, **__: Works(0, 3, 2))
    sources = [Source(name) for name in "abcd"]
    outcomes = afar.look_afar("local:1", RUN, sources, place_of)
    found = [next(outcomes) for _ in range(3)]
    with pytest.raises(KeyboardInterrupt):
        next(outcomes)
    # Under the paths that workers which were started elsewhere would have to look for.
    assert found == [(sources[k], str(tmp_path / "abcd"[k])) for k in (0, 2, 3)]


def test_what_ended_a_source_early_is_told_of_the_file_that_the_user_knows(monkeypatch, tmp_path):
    def ends_early(_, source):
        windows = WindowScores(
            class_names=("a",), windows_s=np.array([[0, 1]]), fused=np.ones((1, 1), np.float32)
        )
        error = TwostreamError(source.place, expected="frames", found="none", remedy="look")
        return Prediction(source=source.name, windows=windows, ended=error)

    monkeypatch.setattr(afar, "_predictor", lambda *_: None)
    task = afar.SourceTask(RUN, Source("talk.mp4"), tmp_path / "sent" / "talk.mp4")
    found = afar.Looking(ends_early)(task).found
    assert str(found.ended) == "talk.mp4: expected frames, found none; look"


@pytest.mark.parametrize("settled", [True, False])
def test_a_threshold_that_was_told_is_not_told_again_by_every_worker(monkeypatch, settled):
    class Predictor:
        def settle(self):
            say("threshold 0.5")

    def settles(one, source):
        if not settled:
            one.settle()
        return source.name

    monkeypatch.setattr(afar, "read_two_streams", lambda folder: folder)
    monkeypatch.setattr(afar, "load_predictor", lambda *_, **__: Predictor())
    afar._predictor.cache_clear()
    task = afar.SourceTask(replace(RUN, settled=settled), Source("a.mp4"), Path("a.mp4"))
    told = afar.Looking(settles)(task).told
    afar._predictor.cache_clear()
    assert [one.message for one in told] == ([] if settled else ["threshold 0.5"])
