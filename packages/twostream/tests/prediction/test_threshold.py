"""The score from which a class is said: chosen on validation clips, or on clips that show none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import twostream
from small_training import options
from twostream.datasets.manifest import Manifest
from twostream.errors import TwostreamError
from twostream.evaluation.choosing import HeldOut
from twostream.events import Said, listening
from twostream.prediction import choosing_threshold
from twostream.prediction.threshold import (
    FILE_NAME,
    HIGHEST,
    on_unlike,
    on_validation,
    read_threshold,
    threshold_sentence,
    write_threshold,
)
from twostream.prediction.unlike_anything import ShuffledClip, drifting
from twostream.store.clip import open_clip
from twostream.training.stream import train_stream
from twostream.training.two_streams import read_two_streams

TRAININGS = {"spatial": "abc"}


def of_best(*best: float) -> np.ndarray:
    """Scores of two classes, the first of which is the best."""
    return np.float32([[one, 1 - one] for one in best])


def test_on_validation_clips_the_most_is_said_and_right() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    found = on_validation(of_best(0.9, 0.8, 0.7, 0.65, 0.6), labels, trainings=TRAININGS)
    assert (found.value, found.chosen_on, found.clips) == (0.7, "validation", 5)
    assert "5 validation clips; the test part chose nothing" in found.reason


def test_where_all_are_right_none_is_left_out() -> None:
    found = on_validation(of_best(0.9, 0.6), np.array([0, 0]), trainings=TRAININGS)
    assert found.value == 0.6


def test_of_clips_that_show_nothing_few_are_said() -> None:
    found = on_unlike(of_best(*np.linspace(0.5, 0.6, 21)), trainings=TRAININGS)
    assert found.value == pytest.approx(0.595, abs=1e-4)
    assert "there are no validation clips" in found.reason
    # A network that is sure of everything still finds something.
    assert on_unlike(of_best(1.0, 1.0), trainings=TRAININGS).value == HIGHEST


def test_it_is_kept_for_these_trainings_alone(run: Path) -> None:
    bundle = read_two_streams(run)
    assert read_threshold(bundle) is None
    trainings = {one.stream: one.training.fingerprint for one in bundle.streams}
    kept = on_unlike(of_best(0.5), trainings=trainings)
    write_threshold(run, kept)
    assert read_threshold(bundle) == kept
    write_threshold(run, replace(kept, trainings={**trainings, "spatial": "another"}))
    assert read_threshold(bundle) is None
    (run / FILE_NAME).write_text("{")
    with pytest.raises(TwostreamError, match="remove it: it is chosen again"):
        read_threshold(bundle)


def test_without_validation_clips_generated_ones_choose_it_once_and_no_test_clip_does(
    run: Path, small_videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing_threshold, "UNLIKE_CLIPS", 2)
    asked: list[str] = []
    part = Manifest.part

    def told(self: Manifest, split: int, side: str) -> object:
        asked.append(side)
        return part(self, split, side)

    monkeypatch.setattr(Manifest, "part", told)
    monkeypatch.setattr(choosing_threshold, "held_out_by_heads", lambda *_: "nothing is left")
    video = min(small_videos.rglob("*.avi"))
    heard: list[object] = []
    with listening(heard.append):
        (found,) = twostream.predict(run, video, timeline=True, engine="torch")
    assert found.is_timeline
    assert set(asked) == {"train"}
    lines = [event.message for event in heard if isinstance(event, Said)]
    assert any(line.startswith("threshold ") and "generated ones" in line for line in lines)
    twostream.bundle(run, out=run / "bundle")
    assert (run / "bundle" / FILE_NAME).is_file()
    monkeypatch.setattr(choosing_threshold, "_on_unlike", None)
    twostream.predict(run / "bundle", video, timeline=True, engine="torch")


def test_of_heads_alone_training_clips_whose_source_was_left_out_choose_it(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = np.float32([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.2, 0.5, 0.3]])
    held = HeldOut(scores, scores, np.array([0, 1, 2]), ("a", "b", "c"))
    monkeypatch.setattr(choosing_threshold, "held_out_by_heads", lambda *_: held)
    twostream.evaluate(run, protocols="one-frame", engine="torch")
    bundle = read_two_streams(run)
    kept = read_threshold(bundle)
    assert kept is not None
    assert kept.value == pytest.approx(0.7, abs=1e-4)
    assert "training clips, their source video left out" in kept.reason
    assert threshold_sentence(run) == (
        f"a window of a long video shows a class from a score of {kept.value:g} on: {kept.reason}"
    )


@pytest.mark.slow
def test_validation_clips_choose_it_where_there_are_any(
    tmp_path: Path, small_data: Path, small_videos: Path
) -> None:
    for stream in ("spatial", "temporal"):
        train_stream(small_data, tmp_path, options=options(stream=stream, epochs=1))
    video = min(small_videos.rglob("*.avi"))
    twostream.predict(tmp_path, video, timeline=True, engine="torch")
    kept = read_threshold(read_two_streams(tmp_path))
    assert kept is not None
    assert kept.chosen_on == "validation"


def test_background_is_never_an_interval(run: Path, small_videos: Path) -> None:
    loaded = twostream.load(run, timeline=True, engine="torch", on_above=0.01, shortest=0.0)
    video = min(small_videos.rglob("*.avi"))
    before = loaded.predict(video)
    assert before.intervals != ()
    said = {one.label for one in before.intervals}
    (label, *_) = said
    streams = {one.stream: replace(one, background=label) for one in loaded.bundle.streams}
    bundle = replace(loaded.bundle, **streams)
    networks = replace(
        loaded.predictor.networks, loaded=replace(loaded.predictor.networks.loaded, bundle=bundle)
    )
    after = replace(loaded, predictor=replace(loaded.predictor, networks=networks)).predict(video)
    assert after.windows.background == label
    assert label not in {one.label for one in after.intervals}


def test_clips_in_pieces_have_the_same_pixels_elsewhere(small_data: Path) -> None:
    clip = open_clip(min((small_data / "clips").rglob("*.zip")))
    shuffled = ShuffledClip(clip, seed=3)
    assert shuffled.count_frames() == clip.count_frames()
    (one,), (other,) = clip.frames(0, 1), shuffled.frames(0, 1)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(np.sort(one.reshape(-1, 3), 0), np.sort(other.reshape(-1, 3), 0))


def test_clouds_drift(run: Path) -> None:
    flow = read_two_streams(run).flow
    clip = drifting(flow, width=48, height=32, frames=6, fps=25, seed=1)
    assert (clip.count_frames(), clip.facts.width) == (6, 48)
    assert max(int(np.abs(x.astype(int) - 128).max()) for x, _ in clip.flows()) > 0
