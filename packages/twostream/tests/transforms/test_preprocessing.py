from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from clip_facts import clip_facts
from hypothesis import given
from hypothesis import strategies as st
from memory_files import MemoryFiles
from twostream.errors import TwostreamError
from twostream.sampling.stacks import stack_indices
from twostream.store.clip import StoredClip
from twostream.store.jpeg import encode_jpeg
from twostream.store.members import flow_members, frame_member
from twostream.transforms.preprocessing import Preprocessing, load_preprocessing
from twostream.transforms.views import View, corner_view, view_flow, view_frame

HEIGHT, WIDTH = 24, 32


def clip_of(frames, *, seed=0):
    """A clip that lies in memory, every image different."""
    rng = np.random.default_rng(seed)
    members = {}
    for k in range(frames):
        image = rng.integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)
        members[frame_member(k)] = encode_jpeg(image, quality=95)
        for member in flow_members(k):
            codes = rng.integers(1, 256, (HEIGHT, WIDTH)).astype(np.uint8)
            members[member] = encode_jpeg(codes, quality=95)
    metadata = clip_facts(
        frames=frames, size=(HEIGHT, WIDTH), jpeg_quality=95, flow_algorithm="dis"
    )
    return StoredClip(Path("memory.zip"), metadata, MemoryFiles(members))


clips = st.integers(2, 9).map(clip_of)
views = st.integers(0, 2**32).map(
    lambda seed: corner_view(HEIGHT, WIDTH, rng=np.random.default_rng(seed))
)
preprocessings = st.builds(
    Preprocessing,
    stream=st.sampled_from(["spatial", "temporal"]),
    size_px=st.integers(1, 30),
    stack_length=st.integers(1, 7),
)


@given(
    preprocessing=preprocessings,
    clip=clips,
    view=views,
    mirror=st.sampled_from(["true", "as-published"]),
)
def test_reading_a_clip_in_order_gives_the_samples_of_every_position(
    preprocessing, clip, view, mirror
):
    view = replace(view, flow_mirror=mirror)
    positions = range(preprocessing.count_positions(clip.metadata.frames))
    read = list(preprocessing.samples(clip, [(k, view) for k in positions]))
    sampled = np.stack([preprocessing.sample(clip, k, view) for k in positions])
    assert read[0].dtype == sampled.dtype == np.uint8
    assert np.array_equal(read, sampled)
    size = preprocessing.size_px
    assert sampled.shape[1:] == (size, size, preprocessing.channels)


@given(clip=clips, view=views, length=st.integers(1, 7))
def test_a_stack_is_x1_y1_x2_y2_in_order(clip, view, length):
    preprocessing = Preprocessing(stream="temporal", size_px=16, stack_length=length)
    for position in range(preprocessing.count_positions(clip.metadata.frames)):
        sample = preprocessing.sample(clip, position, view)
        indices = stack_indices(position, flows=clip.metadata.flows, stack_length=length)
        for k, index in enumerate(indices):
            flow = view_flow(clip.flow_codes(int(index)), view, size_px=16)
            assert np.array_equal(sample[..., 2 * k], flow[..., 0])
            assert np.array_equal(sample[..., 2 * k + 1], flow[..., 1])


@given(preprocessing=preprocessings, clip=clips, view=views)
def test_a_flip_of_a_stack_reverses_columns_and_negates_x_only(preprocessing, clip, view):
    mirror = replace(view, flip=not view.flip)
    plain = np.maximum(preprocessing.sample(clip, 0, view), 1).astype(int)
    mirrored = np.maximum(preprocessing.sample(clip, 0, mirror), 1)[:, ::-1].astype(int)
    if preprocessing.stream == "spatial":
        assert np.array_equal(mirrored, plain)
        return
    assert np.array_equal(mirrored[..., 1::2], plain[..., 1::2])
    assert np.array_equal(mirrored[..., 0::2], 256 - plain[..., 0::2])


def test_a_spatial_sample_is_its_frame():
    clip = clip_of(5)
    view = View(2, 3, 20)
    preprocessing = Preprocessing(stream="spatial", size_px=20)
    assert preprocessing.count_positions(5) == 5
    assert preprocessing.channels == 3
    for k in range(5):
        expected = view_frame(clip.frame(k), view, size_px=20)
        assert np.array_equal(preprocessing.sample(clip, k, view), expected)


@given(frames=st.integers(2, 300), length=st.integers(1, 40))
def test_both_streams_look_at_the_same_moment(frames, length):
    spatial = Preprocessing(stream="spatial", stack_length=length)
    temporal = replace(spatial, stream="temporal")
    centre = temporal.centre_position(frames)
    assert spatial.centre_position(frames) == centre
    assert centre < temporal.count_positions(frames)
    assert centre < spatial.count_positions(frames)
    # As many valid starts before as after; of two middle ones, the earlier.
    after = temporal.count_positions(frames) - 1 - centre
    assert 0 <= after - centre <= 1


@given(preprocessing=preprocessings, clip=clips, flip=st.booleans())
def test_samples_of_the_whole_frame_are_read_alike_one_by_one_and_in_order(
    preprocessing, clip, flip
):
    preprocessing = replace(preprocessing, view="full")
    (view,) = preprocessing.evaluation_views(clip, flip=flip)
    positions = range(preprocessing.count_positions(clip.metadata.frames))
    read = list(preprocessing.samples(clip, [(k, view) for k in positions]))
    sampled = [preprocessing.sample(clip, k, view) for k in positions]
    assert np.array_equal(read, sampled)
    size = preprocessing.size_px
    assert sampled[0].shape == (size, round(WIDTH / HEIGHT * size), preprocessing.channels)


def test_a_view_is_kept_and_a_version_that_knows_none_is_told_so(tmp_path):
    for view, number in (("centre", 1), ("full", 2), ("three", 2)):
        Preprocessing(stream="spatial", view=view).save(tmp_path / "p.json")
        assert json.loads((tmp_path / "p.json").read_text())["format"] == number
        assert load_preprocessing(tmp_path / "p.json").view == view
    with pytest.raises(ValueError, match="view"):
        Preprocessing(stream="spatial", view="fulll")


def test_the_evaluation_view_is_the_centre_square():
    preprocessing = Preprocessing(stream="spatial")
    assert preprocessing.evaluation_views(clip_of(2)) == (View(0, 4, 24),)
    assert preprocessing.evaluation_views(clip_of(2), flip=True) == (View(0, 4, 24, flip=True),)
    half = Preprocessing(stream="spatial", evaluation_scale=0.5)
    assert half.evaluation_views(clip_of(2)) == (View(6, 10, 12),)


@given(preprocessing=preprocessings)
def test_what_was_saved_is_loaded(tmp_path_factory, preprocessing):
    path = tmp_path_factory.mktemp("saved") / "preprocessing.json"
    preprocessing.save(path)
    assert load_preprocessing(path) == preprocessing


GOOD = {"stream": "temporal", "size_px": 224, "stack_length": 10, "evaluation_scale": 1.0}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[]",
        "{}",
        json.dumps({k: v for k, v in GOOD.items() if k != "size_px"}),
        json.dumps({**GOOD, "stream": "audio"}),
        json.dumps({**GOOD, "size_px": "224"}),
        json.dumps({**GOOD, "size_px": 0}),
        json.dumps({**GOOD, "stack_length": 2.5}),
        json.dumps({**GOOD, "evaluation_scale": 0}),
        json.dumps({**GOOD, "evaluation_scale": "1"}),
    ],
)
def test_a_damaged_file_is_refused_with_its_name(tmp_path, content):
    path = tmp_path / "preprocessing.json"
    path.write_text(content)
    with pytest.raises(TwostreamError, match="train the stream again") as caught:
        load_preprocessing(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(TwostreamError, match="No such file"):
        load_preprocessing(tmp_path / "preprocessing.json")


def test_more_than_this_version_knows_is_ignored_and_less_means_what_it_meant(tmp_path):
    path = tmp_path / "preprocessing.json"
    known = {name: value for name, value in GOOD.items() if name != "evaluation_scale"}
    path.write_text(json.dumps({**known, "of a later version": 1}))
    assert load_preprocessing(path) == Preprocessing(**GOOD)


def test_what_a_later_version_wrote_otherwise_is_not_called_damaged(tmp_path):
    path = tmp_path / "preprocessing.json"
    path.write_text(json.dumps({**GOOD, "format": 3}))
    with pytest.raises(TwostreamError, match="upgrade twostream"):
        load_preprocessing(path)
