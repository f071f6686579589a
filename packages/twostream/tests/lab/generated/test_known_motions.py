"""Pictures under known motions, and the data set made of them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from twostream.cli.main import run_command
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError
from twostream.lab.generated.actions import MOTION_CLASSES
from twostream.lab.generated.dataset import write_video
from twostream.lab.generated.known_motions import (
    KNOWN_MOTIONS,
    KnownMotion,
    render_known_motion,
)
from twostream.lab.generated.motion_clips import motion_clips, pictures_of
from twostream.verbs.demo import demo

PICTURES = [
    cv2.resize(np.random.default_rng(k).integers(0, 256, (9, 12, 3), np.uint8), (160, 120))
    for k in range(3)
]


def motion_of_the_piece(motion: KnownMotion, *, group: int) -> tuple[float, float, float]:
    """Right, down and growth of what moves against the ground, in the middle of a clip."""
    clip = render_known_motion(motion, seed=0, group=group, side_px=96, pictures=PICTURES)
    grey = [cv2.cvtColor(clip[k], cv2.COLOR_RGB2GRAY) for k in (12, 16)]
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*grey, None)
    flow = flow - np.median(flow, axis=(0, 1))
    speed = np.hypot(*np.moveaxis(flow, 2, 0))
    y, x = np.nonzero(speed > 0.6 * np.quantile(speed, 0.98))
    u, v = flow[y, x, 0], flow[y, x, 1]
    outwards = u * (x - x.mean()) + v * (y - y.mean())
    return float(u.mean()), float(v.mean()), float(outwards.mean())


def test_pieces_move_as_their_classes_say() -> None:
    groups = (1, 2, 3)
    assert all(motion_of_the_piece("piece_rises", group=g)[1] < -1 for g in groups)
    assert all(motion_of_the_piece("piece_falls", group=g)[1] > 1 for g in groups)
    assert all(abs(motion_of_the_piece("piece_passes", group=g)[0]) > 1 for g in groups)
    assert all(motion_of_the_piece("piece_grows", group=g)[2] > 0 for g in groups)
    assert all(motion_of_the_piece("piece_shrinks", group=g)[2] < 0 for g in groups)


def test_the_same_arguments_give_the_same_clip_and_another_group_another() -> None:
    for motion in KNOWN_MOTIONS:
        one, same = (render_known_motion(motion, seed=1, group=2, side_px=32) for _ in range(2))
        np.testing.assert_array_equal(one, same)
        assert 26 <= len(one) <= 34
        assert one.shape[1:] == (32, 32, 3)
        other = render_known_motion(motion, seed=1, group=3, side_px=32)
        assert not np.array_equal(one[0], other[0])


def test_the_data_set_has_a_clip_of_each_class_and_group_and_its_split(tmp_path: Path) -> None:
    told: list[int] = []
    for _ in range(2):  # what exists is kept
        motion_clips(
            tmp_path / "videos", tmp_path / "lists", groups=2, test_groups=1, side_px=32,
            figures=("sit_down", "wave_fast"), on_clip=told.append,
        )  # fmt: skip
    assert told[: len(told) // 2] == list(range(1, 25))
    data = load_dataset(tmp_path / "videos", annotations=tmp_path / "lists", seed=0)
    assert set(data.classes) == {"sit_down", "wave_fast", *KNOWN_MOTIONS}
    assert sorted(data.splits[1].values()) == ["test"] * 12 + ["train"] * 12


def test_pictures_are_frames_of_the_videos_that_can_be_read(tmp_path: Path) -> None:
    write_video(tmp_path / "a" / "one.avi", np.full((20, 48, 64, 3), 90, np.uint8))
    write_video(tmp_path / "short.avi", np.full((3, 64, 48, 3), 200, np.uint8))
    write_video(tmp_path / "small.avi", np.full((3, 16, 16, 3), 200, np.uint8))
    (tmp_path / "broken.avi").write_bytes(b"none")
    with pytest.warns(UserWarning, match="2 of 4 videos are left out, broken.avi first"):
        found = pictures_of(tmp_path)
    assert [picture.shape for picture in found] == [(48, 64, 3), (64, 48, 3)]
    (tmp_path / "empty").mkdir()
    with pytest.raises(TwostreamError, match="no videos"):
        pictures_of(tmp_path / "empty")


def test_demos_that_cannot_be_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TwostreamError, match="--frames: expected --motions"):
        demo(out=tmp_path / "out", frames=tmp_path)
    with pytest.raises(TwostreamError, match="--motions: expected one kind"):
        demo(out=tmp_path / "out", motions=True, recordings=True)


def test_the_demo_of_motions_trains_on_clips_of_the_frames_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Path, dict[str, object]]] = []
    monkeypatch.setattr("twostream.verbs.run.run", lambda source, **a: asked.append((source, a)))
    monkeypatch.setattr("twostream.verbs.demo.MOTION_GROUPS", 2)
    monkeypatch.setattr("twostream.verbs.demo.TESTED_MOTION_GROUPS", 1)
    monkeypatch.setattr("twostream.verbs.demo.SIDE_PX", 32)
    write_video(tmp_path / "a" / "one.avi", np.full((20, 48, 64, 3), 90, np.uint8))
    words = ["demo", "--motions", "--out", str(tmp_path / "o"), "--frames"]
    assert run_command([*words, str(tmp_path / "a")]) == 0
    ((source, how),) = asked
    assert source.name.startswith("frames-")
    assert len(list(source.rglob("*.avi"))) == 2 * (len(MOTION_CLASSES) + len(KNOWN_MOTIONS))
    assert how["recipe"] == "generated-motion"
    assert run_command([*words, str(tmp_path / "none")]) == 2
