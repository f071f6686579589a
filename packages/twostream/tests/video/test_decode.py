from __future__ import annotations

import struct

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.errors import TwostreamError
from twostream.video.decode import open_video


def decode(path):
    with open_video(path) as video:
        return list(video.frames()), video


def test_every_frame_once_in_display_order(tmp_path, write_video, moving_texture):
    frames = moving_texture(9)
    # B-frames are stored in another order than they are shown in.
    path = write_video(tmp_path / "a.mp4", frames, codec="libx264", options={"bf": "2", "crf": "5"})
    decoded, video = decode(path)
    assert len(decoded) == 9
    for image, original in zip(decoded, frames, strict=True):
        assert image.dtype == np.uint8
        assert np.abs(image.astype(int) - original).mean() < 4
    assert (video.fps, video.header_frames, video.damaged_packets) == (25, 9, 0)


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "size"),
    [
        ("ffv1", "yuv420p", (33, 17)),
        ("ffv1", "yuv444p", (1, 1)),
        ("ffv1", "gray", (64, 48)),
        ("ffv1", "gray16le", (64, 48)),
        ("ffv1", "yuva420p", (64, 48)),
        ("libx264", "yuv420p10le", (64, 48)),
        ("mjpeg", "yuvj422p", (62, 50)),
        ("mpeg2video", "yuv420p", (64, 48)),
    ],
)
def test_odd_sizes_and_pixel_formats(tmp_path, write_video, moving_texture, codec, pix_fmt, size):
    width, height = size
    frames = moving_texture(4, width=width, height=height)
    path = write_video(tmp_path / "a.mkv", frames, codec=codec, pix_fmt=pix_fmt)
    decoded, _ = decode(path)
    assert [image.shape for image in decoded] == [(height, width, 3)] * 4


def test_grey_video_is_grey(tmp_path, write_video, moving_texture):
    path = write_video(tmp_path / "a.mkv", moving_texture(2), codec="ffv1", pix_fmt="gray")
    decoded, _ = decode(path)
    assert np.ptp(decoded[0].astype(int), axis=2).max() <= 1


def tkhd_matrix(degrees):
    cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    values = [cosine, sine, 0, -sine, cosine, 0, 0, 0, 0x4000]
    return struct.pack(">9i", *(value * 65536 for value in values))


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_frames_stand_upright_as_in_a_player(tmp_path, write_video, degrees):
    image = np.zeros((48, 64, 3), np.uint8)
    image[:16, :16] = (255, 0, 0)  # red in the upper left corner
    path = write_video(tmp_path / "a.mp4", [image] * 3, codec="libx264")
    data = path.read_bytes()
    assert tkhd_matrix(0) in data
    # The last matrix is the track's; the first is the whole film's, which players ignore.
    head, _, tail = data.rpartition(tkhd_matrix(0))
    path.write_bytes(head + tkhd_matrix(degrees) + tail)
    (shown, *_), _ = decode(path)
    # The file asks for a turn clockwise.
    expected = np.rot90(image, -degrees // 90)
    assert shown.shape == expected.shape
    assert np.abs(shown.astype(int) - expected).mean() < 6


def test_a_size_that_changes_on_the_way_is_passed_on(tmp_path, changing_size):
    decoded, _ = decode(changing_size(tmp_path / "a.mjpg", [(64, 48)] * 3 + [(96, 32)] * 2))
    assert [image.shape for image in decoded] == [(48, 64, 3)] * 3 + [(32, 96, 3)] * 2


def test_a_header_that_lies_grossly_changes_nothing(
    tmp_path, write_video, moving_texture, promise_frames
):
    path = write_video(tmp_path / "a.avi", moving_texture(7))
    promise_frames(path, 1_000_000)
    decoded, video = decode(path)
    assert len(decoded) == 7
    assert video.header_frames == 1_000_000


def test_matroska_promises_frames_by_its_duration(tmp_path, write_video, moving_texture):
    path = write_video(tmp_path / "a.mkv", moving_texture(30), codec="mpeg4")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    decoded, video = decode(path)
    assert video.header_frames == 30
    assert 2 <= len(decoded) < 25


def test_a_packet_cut_short_is_counted(tmp_path, write_video, moving_texture):
    path = write_video(tmp_path / "a.avi", moving_texture(8))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"idx1") - 40])
    decoded, video = decode(path)
    assert video.damaged_packets == 1
    assert 7 <= len(decoded) <= 8


def test_moving_pictures_after_a_cover_are_found(tmp_path, moving_texture):
    path = tmp_path / "a.mp4"
    frames = moving_texture(4)
    with av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic.value
        film = container.add_stream("libx264", rate=25)
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        for packet in [*cover.encode(picture), *cover.encode()]:
            container.mux(packet)
        for image in frames:
            for packet in film.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in film.encode():
            container.mux(packet)
    decoded, _ = decode(path)
    assert [image.shape for image in decoded] == [(48, 64, 3)] * 4


def test_names_that_look_like_addresses_or_patterns(
    tmp_path, write_video, moving_texture, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    path = write_video(tmp_path / "plain.avi", moving_texture(2))
    for name in ("http:a.avi", "a%03d.avi", "-i.avi", "[x] #1!.avi", "pipe:", "concat:a|b.avi"):
        (tmp_path / name).write_bytes(path.read_bytes())
        decoded, _ = decode((tmp_path / name).relative_to(tmp_path))
        assert len(decoded) == 2


def refusal(path):
    with pytest.raises(TwostreamError) as caught, open_video(path) as video:
        list(video.frames())
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return caught.value.found


def test_what_is_no_video_is_refused_with_its_reason(tmp_path, write_audio):
    path = tmp_path / "a.avi"
    assert refusal(path) == "no such file"
    path.touch()
    assert refusal(path) == "an empty file"
    for content in (b"just text\n" * 500, b"<!DOCTYPE html><html>404", bytes(50_000)):
        path.write_bytes(content)
        assert "unreadable" in refusal(path)
    assert refusal(write_audio(tmp_path / "a.m4a")) == "no video stream (only audio)"
    cover = np.zeros((32, 32, 3), np.uint8)
    assert refusal(write_audio(tmp_path / "a.mp3", cover=cover)).startswith("cover art")


def test_a_film_without_its_end_is_refused_where_its_index_was_there(
    tmp_path, write_video, moving_texture
):
    path = write_video(tmp_path / "a.mp4", moving_texture(20), codec="libx264")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert "unreadable" in refusal(path)


@pytest.fixture(scope="module")
def sound_videos(tmp_path_factory, write_video, moving_texture):
    folder = tmp_path_factory.mktemp("sound")
    kinds = [("mpeg4", "avi"), ("libx264", "mkv"), ("libx264", "mp4"), ("mpeg4", "mov")]
    return [
        write_video(folder / f"{codec}.{suffix}", moving_texture(5), codec=codec)
        for codec, suffix in kinds
    ]


@settings(max_examples=60)
@given(data=st.data())
def test_damage_never_ends_in_another_error(tmp_path_factory, sound_videos, data):
    original = data.draw(st.sampled_from(sound_videos))
    content = bytearray(original.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    damaged = tmp_path_factory.mktemp("damaged", numbered=True) / original.name
    damaged.write_bytes(content)
    try:
        decoded, _ = decode(damaged)
    except TwostreamError:
        return
    assert all(image.ndim == 3 and image.dtype == np.uint8 for image in decoded)


@pytest.mark.shared
def test_real_clips_give_what_can_be_decoded(shared_data):
    videos = sorted((shared_data / "hmdb51" / "videos").rglob("*.avi"))
    counts = {}
    for path in videos:
        decoded, video = decode(path)
        counts[path.name] = (len(decoded), video.header_frames)
        assert video.damaged_packets == 0
        assert {image.shape[0] for image in decoded} == {240}
    assert any(header == count + 1 for count, header in counts.values())


@pytest.mark.parametrize("name", ["a.avi", "a.mp4", "a.mkv"])
def test_a_title_that_is_not_utf8_does_not_matter(tmp_path, moving_texture, name):
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "TITLE"
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for image in moving_texture(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    content = path.read_bytes()
    assert content.count(b"TITLE") == 1
    path.write_bytes(content.replace(b"TITLE", b"T\xeftl\xe9"))  # Latin-1
    decoded, _ = decode(path)
    assert len(decoded) == 3


@pytest.mark.shared
def test_metadata_that_are_not_utf8(shared_data):
    (path,) = (shared_data / "hmdb51" / "videos" / "cartwheel").iterdir()
    decoded, _ = decode(path)
    assert len(decoded) == 83


def test_only_the_frames_of_a_segment(tmp_path, write_video, moving_texture):
    frames = moving_texture(20)
    # B-frames, and a container whose clock cannot tell tenths exactly.
    path = write_video(
        tmp_path / "a.mkv", frames, codec="libx264", fps=10, options={"bf": "2", "crf": "5"}
    )
    every, _ = decode(path)
    for start, end, expected in [
        (0.0, None, range(20)),
        (0.5, 1.0, range(5, 10)),
        (0.55, 0.95, range(6, 10)),
        (1.9, None, range(19, 20)),
        (0.0, 0.05, range(1)),
        (7.0, 8.0, range(0)),
    ]:
        with open_video(path) as video:
            cut = list(video.frames(start_seconds=start, end_seconds=end))
        assert len(cut) == len(expected), (start, end)
        for image, index in zip(cut, expected, strict=True):
            np.testing.assert_array_equal(image, every[index])


@pytest.mark.parametrize("name", ["a.avi", "a.mp4", "a.ts", "a.mjpeg"])
def test_segments_of_containers_with_and_without_times(tmp_path, write_video, moving_texture, name):
    codec = "mjpeg" if name.endswith("mjpeg") else "mpeg4"
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = write_video(tmp_path / name, moving_texture(12), codec=codec, pix_fmt=pix_fmt)
    every, _ = decode(path)
    with open_video(path) as video:
        cut = list(video.frames(start_seconds=0.16, end_seconds=0.32))
    np.testing.assert_array_equal(cut, every[4:8])


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "libx264", {"g": "30", "bf": "3", "crf": "20"}),
        ("a.mkv", "libx264", {"g": "50", "x264-params": "open-gop=1:bframes=3"}),
        ("a.mov", "mpeg4", {"g": "12", "bf": "2"}),
        ("a.webm", "libvpx", {"g": "40", "cpu-used": "8", "deadline": "realtime"}),
        ("a.mkv", "libx264", {"g": "1000"}),  # one key frame: there is nothing to enter at
        ("a.avi", "mpeg4", {"g": "12"}),
        ("a.ts", "mpeg2video", {"g": "12"}),
    ],
)
def test_far_segments_are_the_same_frames(
    tmp_path, write_video, moving_texture, name, codec, options
):
    fps = 5 if codec != "mpeg2video" else 25
    frames = np.concatenate([moving_texture(50, width=32, height=32, seed=k) for k in range(6)])
    path = write_video(tmp_path / name, frames, codec=codec, fps=fps, options=options)
    every, _ = decode(path)
    length = len(every) / fps
    decoded = []
    for start in (0.4 * length, 0.7 * length, length - 1):
        with open_video(path) as video:
            count, original = 0, video._decoded

            def counted(packet, original=original):
                nonlocal count
                found = original(packet)
                count += len(found)
                return found

            video._decoded = counted
            cut = list(video.frames(start_seconds=start, end_seconds=start + 0.8))
        first = int(np.ceil(round(start * fps, 6)))
        last = int(np.ceil(round((start + 0.8) * fps, 6)))
        np.testing.assert_array_equal(cut, every[first:last])
        decoded.append(count)
    if name not in ("a.avi", "a.ts") and options["g"] != "1000":
        assert max(decoded) < 0.4 * len(every)


def test_a_segment_far_beyond_the_end(tmp_path, write_video, moving_texture):
    path = write_video(tmp_path / "a.mp4", moving_texture(20), codec="libx264", fps=1)
    with open_video(path) as video:
        assert list(video.frames(start_seconds=500.0)) == []
