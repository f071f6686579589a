"""A video that is written anew keeps its times and its sound."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.video.decode import open_video
from twostream.video.rewriting import check_container, write_with_sound

RATE = 16_000


def write_source(
    path: Path, *, codec: str | None, seconds=2.0, fps=25, video="mpeg4", late_s=0.0, rate=RATE
) -> Path:
    """Grey frames that get lighter, and a tone in the second half, by one clock."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream(video, rate=fps)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        sound = None if codec is None else file.add_stream(codec, rate=rate, layout="mono")
        for k in range(round(seconds * fps)):
            frame = av.VideoFrame.from_ndarray(
                np.full((48, 64, 3), 20 + 4 * k % 200, np.uint8), format="rgb24"
            )
            frame.pts, frame.time_base = k + round(late_s * fps), Fraction(1, fps)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
        if sound is not None:
            time = np.arange(round(seconds * rate)) / rate
            tone = np.sin(2 * np.pi * 440 * time) * (time >= seconds / 2) * 0.5
            samples = (tone * 32767).astype(np.int16)[None]
            for start in range(0, samples.shape[1], 1024):
                frame = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(samples[:, start : start + 1024]), "s16", "mono"
                )
                frame.rate, frame.pts = rate, start + round(late_s * rate)
                frame.time_base = Fraction(1, rate)
                for fitting in av.AudioResampler(sound.codec_context.format).resample(frame):
                    file.mux(sound.encode(fitting))
            file.mux(sound.encode())
    return path


def again(source: Path, target: Path) -> Path:
    with open_video(source) as video:
        frames = ((frame.seconds, frame.image()) for frame in video.shown_frames())
        end = video.stated_seconds or 0.0
        write_with_sound(target, frames, sound_of=source, fps=video.fps, duration_s=end)
    return target


def times_of(path: Path) -> list[float]:
    with open_video(path) as video:
        return [frame.seconds for frame in video.shown_frames()]


def tone_of(path: Path) -> tuple[str, float, float]:
    """The codec, when the tone begins after the first frame, and how long the sound is, in seconds."""
    with av.open(str(path)) as file:
        first = next(file.decode(video=0))
        begin = float(first.pts * first.time_base)
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        name = stream.codec_context.name
        parts = [(float(f.time), f.to_ndarray(), f.sample_rate) for f in file.decode(stream)]
    rate = parts[0][2]
    sound = np.concatenate([part.mean(axis=0) for _, part, _ in parts])
    loud = np.flatnonzero(np.abs(sound) > 0.3 * np.abs(sound).max())
    return name, parts[0][0] - begin + loud[0] / rate, len(sound) / rate


@pytest.mark.parametrize(
    ("ending", "codec", "target", "kept"),
    [
        ("mp4", "aac", "mp4", "aac"),
        ("avi", "libmp3lame", "mp4", "mp3float"),
        ("avi", "pcm_s16le", "mp4", "aac"),
        ("mkv", "libopus", "mov", "aac"),
        ("mkv", "flac", "mkv", "flac"),
    ],
)
def test_sound_is_copied_where_the_container_holds_it_else_encoded_anew(
    tmp_path, ending, codec, target, kept
):
    rate = 48_000 if codec.startswith("lib") else RATE
    source = write_source(tmp_path / f"source.{ending}", codec=codec, rate=rate)
    made = again(source, tmp_path / f"made.{target}")
    assert len(times_of(made)) == 50
    assert times_of(made) == pytest.approx(times_of(source), abs=1e-3)
    name, tone_s, seconds = tone_of(made)
    assert name.removesuffix("float") == kept.removesuffix("float")
    assert tone_s == pytest.approx(tone_of(source)[1], abs=0.06)
    assert seconds == pytest.approx(2.0, abs=0.15)


def test_a_clock_that_does_not_begin_at_0_moves_pictures_and_sound_alike(tmp_path):
    source = write_source(tmp_path / "late.mkv", codec="aac", late_s=5.0)
    made = again(source, tmp_path / "made.mp4")
    assert times_of(made)[0] == 0
    assert tone_of(made)[1] == pytest.approx(1.0, abs=0.08)


def test_times_of_frames_are_kept_whatever_the_rate_and_the_last_one_lasts(tmp_path):
    source = write_source(tmp_path / "silent.mp4", codec=None)
    image = np.full((30, 41, 3), 99, np.uint8)
    times = [0.0, 0.04, 0.5, 0.51, 1.75]
    target = tmp_path / "made.mp4"
    frames = ((time, image) for time in times)
    write_with_sound(target, frames, sound_of=source, fps=25.0, duration_s=3.0)
    assert times_of(target)[:5] == pytest.approx(times, abs=1e-3)
    with av.open(str(target)) as file:
        assert file.duration / 1e6 == pytest.approx(3.0, abs=0.05)
        assert not file.streams.audio
        assert (file.streams.video[0].width, file.streams.video[0].height) == (40, 30)


def test_a_stop_on_the_way_leaves_what_was_there(tmp_path):
    source = write_source(tmp_path / "source.mp4", codec="aac")
    target = tmp_path / "made.mp4"
    target.write_bytes(b"earlier")

    def stopping():
        yield 0.0, np.zeros((32, 32, 3), np.uint8)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_with_sound(target, stopping(), sound_of=source, fps=25.0)
    assert target.read_bytes() == b"earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.mp4", "source.mp4"]


def test_other_endings_are_refused():
    check_container("--overlay", Path("a.MP4"))
    with pytest.raises(TwostreamError, match=r"--overlay: .*found out\.mp3; .*out\.mp4"):
        check_container("--overlay", Path("out.mp3"))
    with pytest.raises(TwostreamError, match=r"found out; name it out\.mp4"):
        check_container("--overlay", Path("out"))
