"""Pictures that are not standard RGB: HDR, deep grey, interlaced, with pixels that are not square."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import odd_videos
import pytest
from twostream.video.colours import ToRgb
from twostream.video.decode import open_video
from twostream.video.oddities import decoding_warning

BT2020, HLG, PQ = 9, 18, 16


def write(path, frames, *, codec="ffv1", pix_fmt="yuv420p", aspect=None, tags=(), top_first=None):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pix_fmt
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        for name, value in tags:
            setattr(stream.codec_context, name, value)
        for image in frames:
            kind = "gray16le" if image.dtype == np.uint16 else "rgb24"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format=kind)))
        container.mux(stream.encode())
    return path


def read(path):
    with open_video(path) as video:
        images = list(video.frames())
        return images, video.conversions, decoding_warning(video, len(images))


# Making a table of colours takes seconds.
@pytest.mark.slow
@pytest.mark.parametrize(("transfer", "name"), [(HLG, "HLG"), (PQ, "PQ")])
def test_hdr_becomes_sdr_and_is_told(tmp_path, transfer, name):
    tags = (("color_trc", transfer), ("color_primaries", BT2020), ("colorspace", 9))
    frames = odd_videos.moving_ramp(3)
    path = write(tmp_path / "a.mkv", frames, pix_fmt="yuv420p10le", tags=tags)
    images, conversions, warning = read(path)
    plain, _, _ = read(write(tmp_path / "b.mkv", frames, pix_fmt="yuv420p10le"))
    assert (conversions, warning) == (f"{name} in BT.2020 to BT.709", "")
    assert np.abs(images[0].astype(int) - plain[0]).mean() > 3


def test_ordinary_pictures_stay_what_they_are(tmp_path):
    path = odd_videos.write(tmp_path / "a.mp4", odd_videos.moving_ramp())
    images, conversions, warning = read(path)
    assert (conversions, warning) == ("", "")
    with av.open(str(path)) as container:
        plain = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert all(np.array_equal(*pair) for pair in zip(images, plain, strict=True))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("a.mkv", "ffv1", "gray16le"), ("transparent.mov", "png", "ya16be")],
)
def test_deep_grey_that_uses_little_of_its_range_is_scaled_and_told(tmp_path, name, codec, pix_fmt):
    levels = np.tile(np.linspace(29000, 29240, 64).astype(np.uint16), (48, 1))
    frames = [np.roll(levels, 3 * k, axis=1) for k in range(4)]
    frames[2][0, 0] = 0  # a dead pixel
    images, conversions, _ = read(write(tmp_path / name, frames, codec=codec, pix_fmt=pix_fmt))
    assert conversions == "16-bit grey of 29000 to 29240 scaled to 8 bits"
    assert len(np.unique(images[1])) == 64
    assert (images[1].min(), images[1].max()) == (0, 255)


def test_deep_grey_of_full_range_is_rounded(tmp_path):
    levels = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (48, 1))
    images, conversions, _ = read(write(tmp_path / "a.mkv", [levels] * 2, pix_fmt="gray16le"))
    assert conversions == ""
    assert np.abs(images[0][0, :, 0] - np.linspace(0, 255, 64)).max() <= 2


@pytest.mark.parametrize(("aspect", "width"), [(Fraction(4, 3), 85), (Fraction(8, 9), 57), (1, 64)])
def test_pixels_are_made_square(tmp_path, aspect, width):
    frames = odd_videos.moving_ramp(2)
    images, conversions, _ = read(
        write(tmp_path / "a.avi", frames, codec="mpeg4", aspect=Fraction(aspect))
    )
    assert images[0].shape == (48, width, 3)
    assert ("made square" in conversions) == (aspect != 1)


def test_an_absurd_aspect_is_not_believed(tmp_path):
    path = write(
        tmp_path / "a.avi", odd_videos.moving_ramp(2), codec="mpeg4", aspect=Fraction(100, 1)
    )
    assert read(path)[0][0].shape == (48, 64, 3)


@pytest.mark.parametrize("suffix", [".mkv", ".ts"])
def test_interlaced_frames_are_made_whole(tmp_path, suffix):
    # Two moments woven into each frame: a bar that moves by 8 px between the fields.
    moments = np.full((16, 96, 128, 3), 30, np.uint8)
    for k in range(16):
        moments[k, :, 8 * k : 8 * k + 8] = 220
    woven = moments[::2].copy()
    woven[:, 1::2] = moments[1::2, 1::2]
    path = tmp_path / f"a{suffix}"
    options = {"flags": "+ildct+ilme", "bf": "2"}
    odd_videos.write(path, woven, codec="mpeg2video", options={**options, "q": "2"})
    images, conversions, _ = read(path)
    assert len(images) == 8
    assert conversions == "deinterlaced"
    with av.open(str(path)) as container:
        combed = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    comb = [
        np.abs(np.diff(np.stack(found)[2:6, ..., 0].astype(int), axis=1)).mean()
        for found in (combed, images)
    ]
    assert comb[1] < comb[0] / 4
    with open_video(path) as video:
        part = list(video.frames(start_seconds=0.08, end_seconds=0.2))
    assert all(np.array_equal(*pair) for pair in zip(part, images[2:5], strict=True))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
def test_converting_frames_leaves_no_threads(tmp_path):
    path = odd_videos.write(tmp_path / "a.mp4", odd_videos.moving_ramp(2, width=640, height=480))
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "NONE"
        frames = list(container.decode(video=0))
        before = len(list(Path("/proc/self/task").iterdir()))
        convert = ToRgb()
        for _ in range(30):
            convert(frames[0])
        assert len(list(Path("/proc/self/task").iterdir())) <= before
