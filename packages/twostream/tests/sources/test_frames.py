"""Frames in memory give what a video of them gives."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.preparation.options import ExtractionOptions
from twostream.sources.frames import FramesClip
from twostream.sources.video import VideoClip


@pytest.mark.parametrize("changes", [{}, {"step": 2}, {"fps": 10}, {"short_side_px": 32}], ids=str)
def test_frames_give_the_bits_that_a_video_of_them_gives(
    tmp_path, write_video, moving_texture, changes
):
    frames = moving_texture(13)
    path = write_video(tmp_path / "a.mkv", frames, codec="ffv1", pix_fmt="bgr0")
    specification = ExtractionOptions(**{"flow": "dis", **changes}).specification()
    clip = FramesClip(frames, specification, fps=25.0)
    video = VideoClip(path, specification)
    assert clip.count_frames() == video.count_frames()
    for one, other in zip(clip.frames(), video.frames(), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(clip.flows(), video.flows(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert clip.facts.fps == pytest.approx(video.facts.fps)
    copy = pickle.loads(pickle.dumps(clip))
    assert copy.facts == clip.facts
    np.testing.assert_array_equal(next(copy.flows()), next(clip.flows()))


@pytest.mark.parametrize(
    ("frames", "found"),
    [
        (np.zeros((3, 8, 8, 3), np.float32), "float32"),
        (np.zeros((3, 8, 8), np.uint8), r"shape \(8, 8\)"),
        ([np.zeros((8, 8, 3), np.uint8), None], "NoneType"),
        (np.zeros((1, 40, 40, 3), np.uint8), "found 1;"),
        ([], "found 0;"),
    ],
)
def test_what_is_no_clip_is_refused(frames, found):
    with pytest.raises(TwostreamError, match=found):
        FramesClip(frames, ExtractionOptions(flow="dis").specification(), fps=25.0)


@pytest.mark.parametrize("fps", [0, -25.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(fps):
    frames = np.zeros((3, 40, 40, 3), np.uint8)
    with pytest.raises(TwostreamError, match="frames a second"):
        FramesClip(frames, ExtractionOptions(flow="dis").specification(), fps=fps)
