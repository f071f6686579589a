"""Every odd kind of video through `prepare`, and what is no video into problems.csv."""

from __future__ import annotations

import numpy as np
import odd_videos
import pytest
from twostream.datasets.manifest import read_manifest
from twostream.datasets.problems import read_problems
from twostream.store.clip import open_clip

LONG_NAME = "n" * 251 + ".mp4"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, prepare, write_audio):
    source = tmp_path_factory.mktemp("odd") / "videos"
    for class_name in ("a", "b"):
        (source / class_name).mkdir(parents=True)
    makers = list(odd_videos.ORDINARY.values())
    for k, make in enumerate(makers):
        make(source / "ab"[k % 2])
    for width, height in odd_videos.SIZES:
        odd_videos.write(
            source / "a" / f"{width}x{height}.mkv",
            odd_videos.moving_ramp(width=width, height=height),
            codec="ffv1",
            pix_fmt="yuv444p",
        )
    plain = odd_videos.write(source.parent / "plain.mp4", odd_videos.moving_ramp())
    (source / "a" / LONG_NAME).write_bytes(plain.read_bytes())
    (source / "b" / "link.mp4").symlink_to(plain)
    cover = np.zeros((32, 32, 3), np.uint8)
    write_audio(source.parent / "song.mp3", cover=cover).rename(source / "b" / "song.mp4")
    out = source.parent / "data"
    return source, out, prepare(source, out), len(makers) + len(odd_videos.SIZES) + 2


def test_all_are_used_but_the_audio_file(prepared):
    _, out, preparation, expected = prepared
    (problem,) = read_problems(out)
    assert (problem.source, problem.stage) == ("b/song.mp4", "decode")
    assert "cover art but no moving pictures" in problem.reason
    assert preparation.clips == expected


def test_as_many_frames_as_can_be_decoded_and_one_flow_less(prepared):
    source, out, _, _ = prepared
    for row in read_manifest(out).rows:
        assert (row.source, row.frames) == (row.source, odd_videos.FRAMES)
        clip = open_clip(out / row.path)
        clip.check(decode=True)
        assert clip.metadata.flows == odd_videos.FRAMES - 1
        assert (source / row.source).exists()


def test_irregular_frames_have_their_mean_rate(prepared):
    _, out, _, _ = prepared
    rates = {
        row.source.rpartition("/")[2]: row.fps
        for row in read_manifest(out).rows
        if "irregular" in row.source
    }
    assert len(rates) == 3
    assert list(rates.values()) == pytest.approx([odd_videos.IRREGULAR_FPS] * 3, rel=0.01)


def test_a_long_name_and_a_link_have_their_clips(prepared):
    _, out, _, _ = prepared
    sources = {row.source: row for row in read_manifest(out).rows}
    assert len(sources[f"a/{LONG_NAME}"].clip_id) < 250
    assert sources["b/link.mp4"].clip_id == "b/link"
