"""How long a video is, for those who treat short and long ones otherwise."""

from __future__ import annotations

import odd_videos
import pytest
from twostream.prediction.lengths import is_no_longer, seconds_of
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
