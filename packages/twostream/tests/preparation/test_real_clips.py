from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from twostream.datasets.manifest import read_manifest
from twostream.datasets.problems import read_problems
from twostream.flow.encoding import decode_flow, encode_flow
from twostream.flow.opencv import dis
from twostream.store.clip import open_clip
from twostream.store.jpeg import encode_jpeg
from twostream.video.decode import open_video

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def hmdb51(shared_data, tmp_path_factory, prepare):
    out = tmp_path_factory.mktemp("hmdb51") / "data"
    source = shared_data / "hmdb51"
    return out, prepare(source / "videos", out, annotations=source / "annotations", step=8)


def test_clips_that_the_lists_name_and_the_disk_lacks_are_reported_and_not_fatal(hmdb51):
    out, preparation = hmdb51
    assert preparation.dataset == "hmdb51"
    assert preparation.clips == 6
    assert len(preparation.notes) + len(preparation.problems) > 0
    assert not any(problem.stage in ("decode", "warning") for problem in read_problems(out))


def test_every_real_clip_has_its_frames_flows_splits_and_tags(hmdb51, shared_data):
    out, _ = hmdb51
    manifest = read_manifest(out)
    assert manifest.classes == ("cartwheel", "climb", "golf", "swing_baseball", "wave")
    for row in manifest.rows:
        with open_video(shared_data / "hmdb51" / "videos" / row.source) as video:
            decodable = sum(1 for _ in video.frames())
        clip = open_clip(out / row.path)
        clip.check()
        # What was decoded counts; the header of these clips promises one frame more.
        assert video.header_frames == decodable + 1
        assert row.frames == clip.metadata.frames == -(-decodable // 8)
        assert clip.metadata.flows == row.frames - 1
        assert len(row.splits) == 3
        assert row.camera_motion is not None


def test_metadata_that_are_not_utf8_do_no_harm(hmdb51):
    out, _ = hmdb51
    assert "cartwheel" in {row.class_name for row in read_manifest(out).rows}


def first_videos(shared_data):
    return sorted((shared_data / "ucf101" / "videos").rglob("*.avi"))[::6]


def first_flow(path):
    with open_video(path) as video:
        frames = video.frames()
        earlier, later = (cv2.cvtColor(next(frames), cv2.COLOR_RGB2GRAY) for _ in range(2))
    return dis(earlier, later)


def test_codes_and_jpeg_cost_less_than_a_twentieth_of_a_pixel_on_real_motion(shared_data):
    errors = []
    # A thread of its own has an algorithm of its own, as a worker at its first clip.
    with ThreadPoolExecutor(1) as thread:
        flows = [thread.submit(first_flow, path).result() for path in first_videos(shared_data)]
    for flow in flows:
        codes = encode_flow(flow, bound_px=20)
        for k in (0, 1):
            jpeg = encode_jpeg(np.ascontiguousarray(codes[..., k]), quality=95)
            stored = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
            inside = np.abs(flow[..., k]) < 20
            error = np.abs(decode_flow(stored, bound_px=20) - flow[..., k])[inside].mean()
            errors.append(error)
    assert max(errors) <= 0.05, errors


def test_one_real_clip_gives_the_same_bytes_in_every_run(shared_data, tmp_path, prepare, digest):
    source = tmp_path / "videos"
    for name in ("wave", "golf"):
        shutil.copytree(shared_data / "hmdb51" / "videos" / name, source / name)
    for out in ("a", "b"):
        prepare(source, tmp_path / out, step=12, short_side_px=120)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
