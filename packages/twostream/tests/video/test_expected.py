"""How long a video will be is told from its pictures: not from its sound, nor from a clock that jumps."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import odd_videos
import pytest
from twostream.datasets.clips import Segment
from twostream.preparation.ensure import ClipTask
from twostream.preparation.estimate import estimate
from twostream.preparation.options import ExtractionOptions
from twostream.video.decode import open_video
from twostream.video.expected import expected_frames, expected_seconds, length_seconds
from twostream.video.oddities import decoding_warning

FRAMES = 20
WRAP_SECONDS = 2**33 / 90_000  # after which the clock of a transport stream begins at 0 again
HOUR_MS = 3_600_000


def with_sound(path, *, seconds, sound="aac"):
    """20 frames in 0.8 s, and sound that goes on."""
    with av.open(str(path), "w") as file:
        picture = file.add_stream("mpeg4" if path.suffix != ".flv" else "flv1", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        voice = file.add_stream(sound, rate=44_100)
        for image in odd_videos.moving_ramp(FRAMES):
            file.mux(picture.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(picture.encode(None))
        for k in range(int(seconds * 44_100 / 1024)):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            silence.sample_rate, silence.time_base = 44_100, Fraction(1, 44_100)
            silence.pts = 1024 * k
            file.mux(voice.encode(silence))
        file.mux(voice.encode(None))
    return path


def wrapped(path):
    """A transport stream whose clock begins at 0 again in its middle."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg2video", rate=25, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        packets = []
        for image in odd_videos.moving_ramp(FRAMES):
            packets += stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24"))
        for packet in [*packets, *stream.encode(None)]:
            later = int((WRAP_SECONDS - 0.4) / packet.time_base)
            packet.pts, packet.dts = packet.pts + later, packet.dts + later
            file.mux(packet)
    return path


def jumping(path):
    """Frames whose clock is set forward by an hour in the middle."""
    ms = [40 * k + (HOUR_MS if k >= 10 else 0) for k in range(FRAMES)]
    return odd_videos.write(path, odd_videos.moving_ramp(FRAMES), codec="mpeg4", times_ms=ms)


def fragmented(path, *, first_seconds, without_first=0):
    """An MP4 in fragments of 5 frames, as live streams are recorded, whose clock begins at `first_seconds`.

    FFmpeg counts the times in fragments from 0 again: they are set in the boxes that tell them (`tfdt`).
    """
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(str(path), "w", options=options) as file:
        stream = file.add_stream("mpeg4", rate=25, options={"g": "5", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for image in odd_videos.moving_ramp(FRAMES + without_first):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(stream.encode(None))
        ticks = stream.time_base.denominator
    head, *fragments = _split_before_fragments(path.read_bytes())
    for k, fragment in enumerate(fragments):
        at = fragment.index(b"tfdt") + 8  # behind name, version and flags
        time = int.from_bytes(fragment[at : at + 8], "big") + first_seconds * ticks
        fragments[k] = fragment[:at] + time.to_bytes(8, "big") + fragment[at + 8 :]
    path.write_bytes(head + b"".join(fragments[without_first // 5 :]))
    return path


def _split_before_fragments(content):
    """The boxes before the first fragment, and each fragment; the index behind the last one is left out."""
    parts, at = [b""], 0
    while at < len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if kind == b"moof":
            parts.append(b"")
        if kind != b"mfra":
            parts[-1] += content[at : at + size]
        at += size
    return parts


def delayed(path):
    """A fragmented MP4 whose header says that its pictures begin 0.4 s late, and lasts as they do."""
    with av.open(str(path), "w", options={"movflags": "frag_keyframe+empty_moov+delay_moov"}) as f:
        stream = f.add_stream("mpeg4", rate=25, options={"g": "5", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for k, image in enumerate(odd_videos.moving_ramp(FRAMES)):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = k + 10, Fraction(1, 25)
            f.mux(stream.encode(frame))
        f.mux(stream.encode(None))
    return path


def late(path):
    """An ordinary MP4 whose pictures begin an hour late."""
    ms = [HOUR_MS + 40 * k for k in range(FRAMES)]
    return odd_videos.write(path, odd_videos.moving_ramp(FRAMES), codec="mpeg4", times_ms=ms)


ODD = {
    "sound.mkv": lambda path: with_sound(path, seconds=9),
    "sound.mp4": lambda path: with_sound(path, seconds=9),
    "sound.ts": lambda path: with_sound(path, seconds=9),
    "sound.flv": lambda path: with_sound(path, seconds=9),
    "wrapped.ts": wrapped,
    "jumping.mkv": jumping,
    "fragmented.mp4": lambda path: fragmented(path, first_seconds=0),
    "live.mp4": lambda path: fragmented(path, first_seconds=10_800),
    "without its beginning.mp4": lambda path: fragmented(path, first_seconds=0, without_first=10),
    "delayed.mp4": delayed,
    "late.mp4": late,
}


@pytest.mark.parametrize("name", ODD)
def test_it_is_as_long_as_its_pictures_and_whole(tmp_path, name):
    path = ODD[name](tmp_path / name)
    with open_video(path) as video:
        assert length_seconds(video) == pytest.approx(FRAMES / 25, abs=0.1)
        assert expected_seconds(video) == pytest.approx(FRAMES / 25, abs=0.1)
        assert expected_frames(video)[0] == pytest.approx(FRAMES, abs=1)
        found = sum(1 for _ in video.frames())
        assert (found, decoding_warning(video, found)) == (FRAMES, "")


@pytest.mark.parametrize("name", ODD)
def test_the_estimate_counts_its_pictures(tmp_path, name):
    path = ODD[name](tmp_path / name)
    options = ExtractionOptions(flow="dis")
    whole = ClipTask("a/1", path, tmp_path / "1.zip", options)
    beyond = ClipTask("a/2", path, tmp_path / "2.zip", options, segment=Segment(2.0, 8.0))
    assert estimate([whole, beyond], out=tmp_path, workers=1).frames == pytest.approx(FRAMES, abs=2)


def test_what_is_cut_off_after_a_jump_is_told_still(tmp_path):
    path = jumping(tmp_path / "a.mkv")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_video(path) as video:
        found = sum(1 for _ in video.frames())
        assert "cut off" in decoding_warning(video, found)


def test_a_fragmented_mp4_with_the_clock_of_a_live_stream_is_as_long_as_without(tmp_path):
    for first_seconds in (0, 10_800):
        with open_video(fragmented(tmp_path / "a.mp4", first_seconds=first_seconds)) as video:
            assert video.container_seconds == pytest.approx(FRAMES / 25, abs=0.01)
            assert expected_frames(video) == pytest.approx((FRAMES, 25))
