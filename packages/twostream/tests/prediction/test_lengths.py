"""How long a video is, for those who treat short and long ones otherwise."""

from __future__ import annotations

import odd_videos
import pytest
from twostream.prediction.lengths import frames_per_second, is_no_longer, seconds_of
from twostream.sources.opening import open_source
from twostream.sources.specification import FlowSpecification


@pytest.fixture
def opened(tmp_path):
    """A video of frames at these milliseconds."""

    def make(times_ms, suffix=".mkv"):
        path = tmp_path / f"a{suffix}"
        frames = odd_videos.moving_ramp(len(times_ms))
        odd_videos.write(path, frames, codec="mpeg4", times_ms=times_ms)
        return open_source(str(path), FlowSpecification(algorithm="dis"))

    return make


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".avi"])
@pytest.mark.parametrize("fps", [25, 30, 29.97])
def test_a_length_that_is_just_the_longest_counts_as_no_longer(opened, suffix, fps):
    """Though sums of rounded times come to a little more."""
    clip = opened([round(1000 * k / fps) for k in range(round(3 * fps))], suffix)
    assert is_no_longer(clip, 3.0)
    assert seconds_of(clip) == pytest.approx(3.0, abs=0.05)
    assert not is_no_longer(clip, 2.9)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_the_rate_is_that_of_the_frames_in_any_container(opened, suffix):
    """Two seconds at 30 a second, then two at 10; a Matroska header tells 30 for all."""
    fast = [round(1000 * k / 30) for k in range(60)]
    clip = opened(fast + [2000 + 100 * k for k in range(20)], suffix)
    assert frames_per_second(clip) == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".avi"])
def test_a_header_that_is_right_is_believed_to_the_last_digit(tmp_path, suffix):
    path = odd_videos.write(tmp_path / f"a{suffix}", odd_videos.moving_ramp(40), codec="mpeg4")
    clip = open_source(str(path), FlowSpecification(algorithm="dis"))
    assert frames_per_second(clip) == clip.facts.fps == 25


@pytest.mark.parametrize("suffix", [".mkv", ".avi"])
def test_a_header_that_is_wrong_is_not(opened, suffix):
    """The header of the one says 25, that of the other 1000."""
    clip = opened([round(1000 * k / 30) for k in range(60)], suffix)
    assert frames_per_second(clip) == pytest.approx(30, abs=0.6)
