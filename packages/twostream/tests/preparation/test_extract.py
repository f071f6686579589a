from __future__ import annotations

import hashlib
import json
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import odd_videos
import pytest
from twostream.datasets.clips import Segment
from twostream.errors import TwostreamError
from twostream.flow.encoding import ZERO_CODE, decode_flow
from twostream.flow.tv_l1 import flow
from twostream.preparation.extract import extract_clip
from twostream.preparation.options import ExtractionOptions
from twostream.store.clip import open_clip

DIS = ExtractionOptions(flow="dis")


@pytest.fixture
def extract(tmp_path):
    def run(source, **options):
        target = tmp_path / "clips" / "clip"
        extract_clip(source, target, ExtractionOptions(**{"flow": "dis", **options}))
        return open_clip(target)

    return run


@pytest.mark.parametrize("frames", [2, 3, 11])
def test_n_frames_give_n_frames_and_one_flow_less(
    tmp_path, write_video, moving_texture, extract, frames
):
    clip = extract(write_video(tmp_path / "a.avi", moving_texture(frames)))
    assert (clip.metadata.frames, clip.metadata.flows) == (frames, frames - 1)
    names = zipfile.ZipFile(clip.path).namelist()
    assert len(names) == frames + 2 * (frames - 1) + 1
    clip.check()


@pytest.mark.parametrize("promised", [1, 5, 1_000_000])
def test_what_was_decoded_counts_and_not_the_header(
    tmp_path, write_video, moving_texture, extract, promise_frames, promised
):
    path = write_video(tmp_path / "a.avi", moving_texture(7))
    promise_frames(path, promised)
    metadata = extract(path).metadata
    assert metadata.frames == 7
    assert ("promises 1000000 frames" in metadata.warning) == (promised > 7)


@pytest.mark.parametrize("flow", ["dis", "farneback", "tvl1"])
@pytest.mark.parametrize(("dx", "dy"), [(2.0, 0.0), (-1.5, 0.0), (0.0, 2.5)])
def test_motion_is_measured_in_pixels_from_each_image_to_the_next(
    tmp_path, write_video, moving_texture, extract, flow, dx, dy
):
    frames = moving_texture(3, width=96, height=64, dx=dx, dy=dy)
    clip = extract(write_video(tmp_path / "a.avi", frames), flow=flow)
    for k in range(2):
        measured = decode_flow(clip.flow_codes(k), bound_px=clip.metadata.bound_px)
        inner = measured[12:-12, 12:-12]  # the texture enters and leaves at the edges
        assert np.abs(np.median(inner, axis=(0, 1)) - (dx, dy)).max() < 0.3


def test_flow_k_belongs_to_images_k_and_k_plus_1(tmp_path, write_video, moving_texture, extract):
    # The scene moves between the third image and the fourth only.
    still = moving_texture(1, width=96, height=64)[0]
    moved = moving_texture(2, width=96, height=64, dx=4.0)[1]
    path = write_video(tmp_path / "a.mkv", [still] * 3 + [moved] * 3, codec="ffv1")
    clip = extract(path)
    motion = [np.median(clip.flow_codes(k)[..., 0][8:-8, 8:-8]) for k in range(5)]
    assert [abs(code - ZERO_CODE) > 10 for code in motion] == [False, False, True, False, False]


def test_standing_still_is_exactly_the_code_of_zero(tmp_path, write_video, moving_texture, extract):
    path = write_video(tmp_path / "a.mkv", moving_texture(3, dx=0.0), codec="ffv1")
    clip = extract(path)
    for k in range(2):
        assert (clip.flow_codes(k) == ZERO_CODE).all()


def test_every_run_gives_the_same_bytes(tmp_path, write_video, moving_texture):
    path = write_video(tmp_path / "a.avi", moving_texture(5, dx=1.3, dy=0.4))
    for target in ("a.zip", "b.zip"):
        extract_clip(path, tmp_path / target, DIS)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_bytes_do_not_depend_on_how_many_cores_were_free(
    tmp_path, write_video, moving_texture, monkeypatch
):
    monkeypatch.setattr(flow, "available_cores", lambda: 4)
    path = write_video(tmp_path / "a.avi", moving_texture(6))
    free = iter([1, 1, 3, 4, 1, 1])
    for name, threads in (("one", 1), ("some", 3), ("changing", lambda: next(free, 2))):
        extract_clip(path, tmp_path / name, ExtractionOptions(flow="tvl1"), threads=threads)
    one, *others = [(tmp_path / name).read_bytes() for name in ("one", "some", "changing")]
    assert others == [one, one]
    names = zipfile.ZipFile(tmp_path / "one").namelist()
    assert names[:6] == [
        *("img_00001.jpg", "img_00002.jpg", "flow_x_00001.jpg", "flow_y_00001.jpg"),
        *("img_00003.jpg", "flow_x_00002.jpg"),
    ]


def test_the_bytes_do_not_depend_on_which_clips_came_before(tmp_path, write_video, moving_texture):
    small = write_video(tmp_path / "small.avi", moving_texture(2, width=32, height=24))
    large = write_video(tmp_path / "large.avi", moving_texture(3, width=320, height=240))

    def first():
        extract_clip(large, tmp_path / "first.zip", DIS)

    def after_a_small_one():
        extract_clip(small, tmp_path / "small.zip", DIS)
        extract_clip(large, tmp_path / "after.zip", DIS)

    # A thread of its own has an algorithm of its own, as a worker at its first clip.
    for work in (first, after_a_small_one):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(work).result()
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "after.zip").read_bytes()


def test_clip_json_tells_where_the_clip_comes_from(tmp_path, write_video, moving_texture, extract):
    path = write_video(tmp_path / "größe 100% #1 😀.avi", moving_texture(4), fps=30)
    clip = extract(path, bound_px=10.0, step=2)
    facts = json.loads(clip.read("clip.json"))
    assert facts["source_name"] == path.name
    assert facts["source_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts["source_bytes"] == path.stat().st_size
    assert (facts["fps"], facts["frames"], facts["step"], facts["bound_px"]) == (15.0, 2, 2, 10.0)
    assert (facts["flow_algorithm"], facts["jpeg_quality"], facts["warning"]) == ("dis", 95, "")


@pytest.mark.parametrize(
    ("size", "short_side", "stored"),
    [
        ((64, 48), None, (64, 48)),
        ((64, 48), 24, (32, 24)),
        ((48, 64), 24, (24, 32)),
        ((64, 48), 480, (64, 48)),
        ((33, 17), 16, (31, 16)),
        ((400, 300), None, (341, 256)),
    ],
)
def test_the_short_side_shrinks_and_never_grows(
    tmp_path, write_video, moving_texture, extract, size, short_side, stored
):
    frames = moving_texture(2, width=size[0], height=size[1])
    path = write_video(tmp_path / "a.mkv", frames, codec="ffv1")
    clip = extract(path, short_side_px=short_side)
    assert (clip.metadata.width, clip.metadata.height) == stored
    assert (clip.metadata.source_width, clip.metadata.source_height) == size
    assert clip.frame(1).shape == (stored[1], stored[0], 3)
    assert clip.flow_codes(0).shape == (stored[1], stored[0], 2)


def test_flow_is_measured_at_the_stored_size(tmp_path, write_video, moving_texture, extract):
    frames = moving_texture(2, width=192, height=128, dx=6.0)
    clip = extract(write_video(tmp_path / "a.avi", frames), short_side_px=64)
    measured = decode_flow(clip.flow_codes(0), bound_px=20)[16:-16, 16:-16, 0]
    assert abs(np.median(measured) - 3.0) < 0.3


def test_a_step_takes_every_other_frame_and_its_motion(
    tmp_path, write_video, moving_texture, extract
):
    frames = moving_texture(7, width=96, height=64, dx=1.5)
    path = write_video(tmp_path / "a.mkv", frames, codec="ffv1", pix_fmt="yuv444p")
    clip, whole = extract(path, step=3), frames[::3]
    assert (clip.metadata.frames, clip.metadata.fps) == (3, 25 / 3)
    for k in range(3):
        assert np.abs(clip.frame(k).astype(int) - whole[k]).mean() < 3
    measured = decode_flow(clip.flow_codes(0), bound_px=20)[12:-12, 12:-12, 0]
    assert abs(np.median(measured) - 4.5) < 0.3


def test_a_size_that_changes_on_the_way_is_brought_to_the_first(tmp_path, changing_size, extract):
    path = changing_size(tmp_path / "a.mjpg", [(64, 48)] * 2 + [(96, 32), (40, 40)])
    clip = extract(path)
    assert (clip.metadata.width, clip.metadata.height, clip.metadata.frames) == (64, 48, 4)
    for k in range(4):
        assert np.abs(clip.frame(k).astype(int) - (40 + 20 * k)).max() <= 2


def test_motion_beyond_the_bound_is_kept_at_the_bound(
    tmp_path, write_video, moving_texture, extract
):
    path = write_video(tmp_path / "a.avi", moving_texture(2, width=96, height=64, dx=4.0))
    x = extract(path, bound_px=1.0).flow_codes(0)[20:-20, 20:-20, 0]
    assert np.median(x) == 255


def refusal(source, target, options=DIS):
    with pytest.raises(TwostreamError) as caught:
        extract_clip(source, target, options)
    left = list(target.parent.rglob("*")) if target.parent.exists() else []
    assert left == [], "a broken video leaves nothing in the store"
    return str(caught.value)


@pytest.mark.parametrize("layout", ["archive", "rawframes"])
def test_fewer_than_two_frames_are_refused(tmp_path, write_video, moving_texture, layout):
    target = tmp_path / "clips" / "a"
    path = write_video(tmp_path / "a.avi", moving_texture(1))
    assert "found 1;" in refusal(path, target, ExtractionOptions(flow="dis", layout=layout))
    path = write_video(tmp_path / "b.avi", moving_texture(4))
    step = ExtractionOptions(flow="dis", step=4, layout=layout)
    assert "at least 2 decodable frames at step 4" in refusal(path, target, step)


def test_what_is_no_video_leaves_nothing(tmp_path):
    for content in (b"", b"text " * 100):
        (tmp_path / "a.avi").write_bytes(content)
        refusal(tmp_path / "a.avi", tmp_path / "clips" / "a.zip")


def test_a_video_cut_off_is_used_up_to_there_and_says_so(
    tmp_path, write_video, moving_texture, extract
):
    path = write_video(tmp_path / "a.avi", moving_texture(12))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"movi") + (data.index(b"idx1") - data.index(b"movi")) // 2])
    metadata = extract(path).metadata
    assert 2 <= metadata.frames < 12
    assert "header promises 12 frames: probably cut off" in metadata.warning
    assert f"the {metadata.frames} decodable frames are used" in metadata.warning


def test_frames_squeezed_into_the_shape_of_the_first_are_told(tmp_path, extract):
    parts = [
        odd_videos.write(tmp_path / f"{width}.mp4", odd_videos.moving_ramp(width=width))
        for width in (64, 96)
    ]
    path = tmp_path / "joined.mp4"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    metadata = extract(path).metadata
    assert (metadata.frames, metadata.width, metadata.height) == (16, 64, 48)
    assert metadata.warning == (
        "8 frames came in another size than the first and were resized to its 64x48"
    )
    assert extract(parts[1]).metadata.warning == ""


@pytest.mark.parametrize("flow", ["dis", "tvl1"])
def test_memory_does_not_grow_with_the_length_of_a_video(
    tmp_path, write_video, moving_texture, flow
):
    options = ExtractionOptions(flow=flow, flow_preset="fast")
    few = moving_texture(8, width=160, height=120)
    extract_clip(write_video(tmp_path / "few.avi", few[:2]), tmp_path / "few.zip", options)
    path = write_video(tmp_path / "a.avi", np.concatenate([few] * 12))
    tracemalloc.start()
    try:
        extract_clip(path, tmp_path / "a.zip", options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A handful of frames and flows is alive at once, of 96 that were decoded.
    assert peak < 96 * few[0].nbytes / 3


def test_a_segment_is_the_same_frames(tmp_path, write_video, moving_texture):
    source = write_video(tmp_path / "a.avi", moving_texture(12))
    whole = extract_clip(source, tmp_path / "whole.zip", DIS)
    part = extract_clip(source, tmp_path / "part.zip", DIS, segment=Segment(0.08, 0.28))
    assert (whole.start_seconds, whole.end_seconds) == (None, None)
    assert (part.frames, part.start_seconds, part.end_seconds) == (5, 0.08, 0.28)
    assert part.warning == ""
    stored, cut = open_clip(tmp_path / "whole.zip"), open_clip(tmp_path / "part.zip")
    for k in range(5):
        np.testing.assert_array_equal(cut.frame(k), stored.frame(k + 2))
    for k in range(4):
        np.testing.assert_array_equal(cut.flow_codes(k), stored.flow_codes(k + 2))


def test_a_segment_beyond_the_end(tmp_path, write_video, moving_texture):
    source = write_video(tmp_path / "a.avi", moving_texture(12))
    short = extract_clip(source, tmp_path / "short.zip", DIS, segment=Segment(0.2, 2.2))
    assert short.warning == (
        "the segment should last 2 s, its frames end after 0.28 s; the 7 decodable frames are used"
    )
    with pytest.raises(TwostreamError, match="at least 2 decodable frames in 5-6s, found 0"):
        extract_clip(source, tmp_path / "none.zip", DIS, segment=Segment(5, 6))


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "clip.json"}


@pytest.mark.parametrize("suffix", [".avi", ".mkv", ".mp4"])
def test_the_rate_of_the_source_stores_the_same_bytes(
    tmp_path, write_video, moving_texture, suffix
):
    source = write_video(tmp_path / f"a{suffix}", moving_texture(12), fps=25)
    plain = extract_clip(source, tmp_path / "plain.zip", DIS)
    asked = extract_clip(source, tmp_path / "fps.zip", ExtractionOptions(flow="dis", fps=25))
    assert members(tmp_path / "fps.zip") == members(tmp_path / "plain.zip")
    assert (asked.fps, asked.asked_fps) == (plain.fps, 25)
    # What is asked for is part of what a clip is; what nobody asked for is not even in the file.
    assert asked.identity() != plain.identity()
    assert b"asked_fps" not in open_clip(tmp_path / "plain.zip").read("clip.json")


def test_half_the_rate_stores_what_every_second_frame_does(tmp_path, write_video, moving_texture):
    source = write_video(tmp_path / "a.avi", moving_texture(13), fps=50)
    step = extract_clip(source, tmp_path / "step.zip", ExtractionOptions(flow="dis", step=2))
    asked = extract_clip(source, tmp_path / "fps.zip", ExtractionOptions(flow="dis", fps=25))
    assert members(tmp_path / "fps.zip") == members(tmp_path / "step.zip")
    assert (asked.fps, asked.frames, asked.step) == (step.fps, step.frames, 1)


def test_a_slower_source_gives_each_frame_once(tmp_path, write_video, moving_texture):
    source = write_video(tmp_path / "a.avi", moving_texture(6), fps=10)
    plain = extract_clip(source, tmp_path / "plain.zip", DIS)
    asked = extract_clip(source, tmp_path / "fps.zip", ExtractionOptions(flow="dis", fps=30))
    assert members(tmp_path / "fps.zip") == members(tmp_path / "plain.zip")
    assert (asked.frames, asked.fps, asked.asked_fps) == (6, plain.fps, 30) == (6, 10.0, 30)


def test_a_segment_has_moments_of_its_own(tmp_path, write_video, moving_texture):
    source = write_video(tmp_path / "a.avi", moving_texture(40), fps=50)
    whole = extract_clip(source, tmp_path / "whole.zip", DIS)
    options = ExtractionOptions(flow="dis", fps=25)
    # From an odd frame on, every second one.
    part = extract_clip(source, tmp_path / "part.zip", options, segment=Segment(0.1, 0.4))
    assert (whole.frames, part.frames, part.fps) == (40, 8, 25.0)
    stored, cut = open_clip(tmp_path / "whole.zip"), open_clip(tmp_path / "part.zip")
    for k in range(8):
        np.testing.assert_array_equal(cut.frame(k), stored.frame(5 + 2 * k))


def test_a_rate_too_low_for_two_frames_is_named(tmp_path, write_video, moving_texture):
    source = write_video(tmp_path / "a.avi", moving_texture(6))
    found = refusal(source, tmp_path / "clips" / "a.zip", ExtractionOptions(flow="dis", fps=1))
    assert "at least 2 decodable frames at 1 a second, found 1" in found
