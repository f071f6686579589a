"""Recordings joined byte by byte are one video, whatever their container makes of it."""

from __future__ import annotations

import av
import numpy as np
import pytest
from twostream.datasets.clips import Segment
from twostream.video.decode import open_video
from twostream.video.expected import expected_seconds
from twostream.video.joined import joined_spans
from twostream.video.oddities import decoding_warning
from twostream.video.passes import leave_video, open_part

# Of the first FFmpeg reads only the first recording, or all by its size and its codec's data; of the others
# the header tells only one of them.
READ_IN_PARTS = {
    "mp4": "mpeg4",
    "mov": "mpeg4",
    "3gp": "h263",
    "flv": "flv1",
    "wmv": "wmv2",
    "mkv": "mpeg4",
    "webm": "libvpx",
}
READ_THROUGH = {"avi": "mpeg4", "ts": "mpeg2video", "mpg": "mpeg1video"}
FRAMES = 30
GREY = 16 + 3 * np.arange(2 * FRAMES)


def write(path, codec, greys, *, width=176, height=144, options=None):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for grey in greys:
            image = np.full((height, width, 3), grey, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def join(folder, suffix, codec):
    first = write(folder / f"first.{suffix}", codec, GREY[:FRAMES])
    second = write(folder / f"second.{suffix}", codec, GREY[FRAMES:])
    path = folder / f"joined.{suffix}"
    path.write_bytes(first + second)
    return path


def greys(video, **part):
    return [float(image.mean()) for image in video.frames(**part)]


@pytest.mark.parametrize(("suffix", "codec"), [*READ_IN_PARTS.items(), *READ_THROUGH.items()])
def test_every_frame_of_all_recordings_once(tmp_path, suffix, codec):
    path = join(tmp_path, suffix, codec)
    with open_video(path) as video:
        found = greys(video)
        warning = decoding_warning(video, len(found))
        assert video.shown.end_seconds(video.fps) == pytest.approx(2 * FRAMES / 25, abs=0.01)
    np.testing.assert_allclose(found, GREY, atol=4)
    assert "cut off" not in warning
    assert bool(joined_spans(path)) == (suffix in READ_IN_PARTS)
    assert not joined_spans(tmp_path / f"first.{suffix}")


@pytest.mark.parametrize(("suffix", "codec"), [*READ_IN_PARTS.items(), *READ_THROUGH.items()])
def test_how_long_it_will_be_is_known_before(tmp_path, suffix, codec):
    path = join(tmp_path, suffix, codec)
    for name, frames in ((path.name, 2 * FRAMES), (f"first.{suffix}", FRAMES)):
        with open_video(tmp_path / name) as video:
            assert expected_seconds(video) == pytest.approx(frames / 25, abs=0.21)


@pytest.mark.parametrize("codec", ["mpeg1video", "mpeg2video"])
@pytest.mark.parametrize("suffix", ["ts", "mpg"])
@pytest.mark.parametrize("b_frames", ["0", "2"])
def test_the_last_frame_before_pictures_of_another_size(tmp_path, suffix, codec, b_frames):
    options = {"bf": b_frames}
    first = write(tmp_path / f"first.{suffix}", codec, GREY[:FRAMES], options=options)
    second = write(
        tmp_path / f"second.{suffix}", codec, GREY[FRAMES:], width=320, height=240, options=options
    )
    path = tmp_path / f"joined.{suffix}"
    path.write_bytes(first + second)
    with open_video(path) as video:
        found = list(video.shown_frames())
    images = [frame.image() for frame in found]
    assert [image.shape[1] for image in images] == FRAMES * [176] + FRAMES * [320]
    np.testing.assert_allclose([image.mean() for image in images], GREY, atol=4)
    times = [frame.seconds for frame in found]
    np.testing.assert_allclose(times, np.arange(2 * FRAMES) / 25, atol=1e-3)


@pytest.mark.parametrize("live", ["0", "1"])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "ffv1"])
def test_each_recording_in_matroska_has_its_own_size_and_codec_data(tmp_path, codec, live):
    parts = []
    for width, height in ((176, 144), (320, 240)):
        path = tmp_path / f"{width}.mkv"
        with av.open(str(path), "w", options={"live": live}) as container:
            stream = container.add_stream(codec, rate=25)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for grey in GREY[:FRAMES]:
                image = np.full((height, width, 3), grey, np.uint8)
                image[:, : width // 2] = 255 - grey
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode(None))
        with open_video(path) as video:
            parts += list(video.frames())
        assert not joined_spans(path)
    joined = tmp_path / "joined.mkv"
    joined.write_bytes((tmp_path / "176.mkv").read_bytes() + (tmp_path / "320.mkv").read_bytes())
    with open_video(joined) as video:
        found = list(video.frames())
    assert len(found) == len(parts) == 2 * FRAMES
    for image, part in zip(found, parts, strict=True):
        np.testing.assert_array_equal(image, part)


def test_the_first_bytes_of_matroska_inside_pictures_begin_no_recording(tmp_path):
    path = tmp_path / "a.mkv"
    write(path, "rawvideo", GREY[:3])
    start = path.read_bytes()[:64]
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + len(start)] = start
    path.write_bytes(data)
    assert not joined_spans(path)


@pytest.mark.parametrize("suffix", ["mp4", "flv", "mkv"])
def test_segments_lie_anywhere(tmp_path, suffix):
    path = join(tmp_path, suffix, READ_IN_PARTS[suffix])
    found = []
    for start, end in ((0.0, 0.8), (0.8, 1.6), (1.6, None)):
        with open_part(path, Segment(start, end)) as video:
            found.append(greys(video, start_seconds=start, end_seconds=end))
    leave_video()
    assert list(map(len, found)) == [20, 20, 20]
    np.testing.assert_allclose(np.concatenate(found), GREY, atol=4)


def test_a_second_recording_without_pictures_is_told(tmp_path):
    path = tmp_path / "joined.mp4"
    first = write(tmp_path / "first.mp4", "mpeg4", GREY[:FRAMES])
    path.write_bytes(first + first[: len(first) // 8])
    with open_video(path) as video:
        found = greys(video)
        assert len(found) == FRAMES
        assert "damaged packet" in decoding_warning(video, len(found))
