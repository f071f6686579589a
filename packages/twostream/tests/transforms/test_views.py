from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from twostream.flow.encoding import ZERO_CODE, decode_flow, encode_flow
from twostream.transforms.views import (
    View,
    Whole,
    centre_view,
    corner_view,
    random_view,
    shape_of,
    ten_views,
    training_view,
    view_flow,
    view_frame,
    views_named,
)

sides = st.integers(1, 60)
seeds = st.integers(0, 2**32)


def images(channels, least=0):
    shape = st.tuples(sides, sides, st.just(channels))
    return hnp.arrays(np.uint8, shape, elements=st.integers(least, 255), fill=st.integers(1, 255))


@st.composite
def views_of(draw, image):
    """Any square within the image."""
    height, width = image.shape[:2]
    side = draw(st.integers(1, min(height, width)))
    top, left = draw(st.integers(0, height - side)), draw(st.integers(0, width - side))
    return View(top, left, side)


def flipped(view):
    return View(view.top, view.left, view.side, not view.flip)


@given(codes=images(2, least=1), size=st.integers(1, 40), data=st.data())
def test_a_flip_of_flow_reverses_the_columns_and_negates_x_only(codes, size, data):
    view = data.draw(views_of(codes))
    plain = view_flow(codes, view, size_px=size)
    mirrored = view_flow(codes, flipped(view), size_px=size)
    assert np.array_equal(mirrored[..., 1], plain[:, ::-1, 1])
    x = decode_flow(plain[:, ::-1, 0], bound_px=20)
    assert np.array_equal(decode_flow(mirrored[..., 0], bound_px=20), -x)


def test_the_published_mirroring_of_flow_can_be_had_and_is_another_one():
    codes = np.random.default_rng(0).integers(1, 256, (8, 8, 2), np.uint8)
    wrong = view_flow(codes, View(0, 0, 8, flip=True, flow_mirror="as-published"), size_px=8)
    assert np.array_equal(decode_flow(wrong, bound_px=20), -decode_flow(codes[::-1], bound_px=20))
    unflipped = View(0, 0, 8, flow_mirror="as-published")
    assert np.array_equal(view_flow(codes, unflipped, size_px=8), codes)


@given(frame=images(3), size=st.integers(1, 40), data=st.data())
def test_a_flip_of_a_frame_reverses_the_columns_only(frame, size, data):
    view = data.draw(views_of(frame))
    plain = view_frame(frame, view, size_px=size)
    mirrored = view_frame(frame, flipped(view), size_px=size)
    assert np.array_equal(mirrored, plain[:, ::-1])
    assert mirrored.flags.c_contiguous


@given(codes=images(2, least=1))
def test_flipping_twice_is_the_identity(codes):
    side = min(codes.shape[:2])
    square = codes[:side, :side]
    mirror = View(0, 0, side, flip=True)
    once = view_flow(square, mirror, size_px=side)
    assert np.array_equal(view_flow(once, mirror, size_px=side), square)


@given(frame=images(3))
def test_flipping_a_frame_twice_is_the_identity(frame):
    side = min(frame.shape[:2])
    square = frame[:side, :side]
    mirror = View(0, 0, side, flip=True)
    once = view_frame(square, mirror, size_px=side)
    assert np.array_equal(view_frame(once, mirror, size_px=side), square)


def test_the_code_that_only_jpeg_makes_means_what_its_neighbour_means():
    codes = np.zeros((4, 4, 2), np.uint8)
    mirror = View(0, 0, 4, flip=True)
    assert (view_flow(codes, mirror, size_px=4)[..., 0] == 255).all()
    twice = view_flow(view_flow(codes, mirror, size_px=4), mirror, size_px=4)
    assert np.array_equal(decode_flow(twice, bound_px=20), decode_flow(codes, bound_px=20))


def test_standing_still_stays_exactly_still_in_every_view():
    codes = np.full((30, 40, 2), ZERO_CODE, np.uint8)
    rng = np.random.default_rng(0)
    for _ in range(50):
        view = corner_view(30, 40, rng=rng)
        assert (view_flow(codes, view, size_px=22) == ZERO_CODE).all()


def test_who_walks_right_walks_left_in_the_mirror_and_still_falls_down():
    flow = np.zeros((8, 8, 2), np.float32)
    flow[:, :4] = (5.0, 3.0)  # the left half moves right and down
    mirrored = view_flow(encode_flow(flow, bound_px=20), View(0, 0, 8, flip=True), size_px=8)
    seen = decode_flow(mirrored, bound_px=20)
    assert np.abs(seen[:, 4:] - (-5.0, 3.0)).max() < 0.1
    assert (seen[:, :4] == 0).all()


def lies_within(view, height, width):
    return (
        view.side >= 1
        and 0 <= view.top <= height - view.side
        and 0 <= view.left <= width - view.side
    )


@given(height=sides, width=sides, scale=st.floats(0.01, 1))
def test_the_centre_view_is_a_square_in_the_middle(height, width, scale):
    view = centre_view(height, width, scale=scale)
    assert lies_within(view, height, width)
    assert 0 <= height - view.side - 2 * view.top <= 1
    assert 0 <= width - view.side - 2 * view.left <= 1
    assert centre_view(height, width).side == min(height, width)


@given(height=sides, width=sides, seed=seeds)
def test_random_views_are_squares_within_the_image(height, width, seed):
    rng = np.random.default_rng(seed)
    assert lies_within(corner_view(height, width, rng=rng), height, width)
    view = random_view(height, width, rng=rng)
    assert lies_within(view, height, width)
    assert view.side >= round(min(height, width) * 0.66)


@given(
    height=sides,
    width=sides,
    smallest=st.floats(0.05, 1),
    crops=st.sampled_from(["corner", "random"]),
    seed=seeds,
)
def test_training_views_are_no_smaller_than_asked_for(height, width, smallest, crops, seed):
    rng = np.random.default_rng(seed)
    view = training_view(height, width, crops=crops, smallest_crop=smallest, rng=rng)
    assert lies_within(view, height, width)
    assert view.side >= max(1, round(min(height, width) * smallest) - 1)


def test_corner_views_take_all_corners_the_centre_all_scales_and_both_sides():
    rng = np.random.default_rng(0)
    views = {corner_view(100, 140, rng=rng) for _ in range(3000)}
    assert {view.side for view in views} == {100, 89, 77, 66}
    assert {view.flip for view in views} == {False, True}
    places = {(view.top, view.left) for view in views if view.side == 66}
    assert places == {(0, 0), (0, 74), (34, 0), (34, 74), (17, 37)}


@pytest.mark.parametrize("make", [corner_view, random_view])
def test_the_same_seed_gives_the_same_view(make):
    first, second = (make(90, 120, rng=np.random.default_rng(5)) for _ in range(2))
    assert first == second


@given(frame=images(3), data=st.data())
def test_a_view_at_its_own_size_is_the_pixels_themselves(frame, data):
    view = data.draw(views_of(frame))
    cut = frame[view.top : view.top + view.side, view.left : view.left + view.side]
    assert np.array_equal(view_frame(frame, view, size_px=view.side), cut)


def test_people_keep_their_aspect():
    y, x = np.mgrid[:120, :160]
    disc = (((x - 80) ** 2 + (y - 60) ** 2) < 40**2).astype(np.uint8) * 255
    frame = np.stack([disc] * 3, axis=-1)
    for view in (centre_view(120, 160), View(10, 30, 100)):
        seen = view_frame(frame, view, size_px=64)[..., 0] > 127
        assert abs(int(seen.any(axis=0).sum()) - int(seen.any(axis=1).sum())) <= 1


@pytest.mark.parametrize("view", [View(0, 0, 11), View(5, 0, 6), View(0, 9, 4), View(-1, 0, 4)])
def test_a_view_that_leaves_its_image_is_a_bug(view):
    with pytest.raises(ValueError, match="leaves an image"):
        view_frame(np.zeros((10, 12, 3), np.uint8), view, size_px=8)


# In a smaller square the centre, rounded to whole pixels, is a corner.
@given(height=st.integers(16, 300), width=st.integers(16, 300))
def test_the_ten_views_lie_within_the_image_and_show_every_edge(height, width):
    views = ten_views(height, width)
    assert len(set(views)) == 10
    side = views[0].side
    assert abs(side - min(height, width) * 224 / 256) <= 0.5
    assert {view.side for view in views} == {side}
    assert {view.top for view in views} >= {0, height - side}
    assert {view.left for view in views} >= {0, width - side}
    assert sum(view.flip for view in views) == 5


@given(
    height=st.integers(1, 200), width=st.integers(1, 200), name=st.sampled_from(["full", "three"])
)
def test_full_and_three_show_every_pixel_of_frames_up_to_three_times_as_long_as_short(
    height, width, name
):
    seen = np.zeros((height, width), bool)
    for view in views_named(name, height, width):
        if isinstance(view, Whole):
            seen[:] = True
        else:
            seen[view.top : view.top + view.side, view.left : view.left + view.side] = True
    assert seen.all() or max(height, width) > 3 * min(height, width)
    assert len(views_named("three", side := min(height, width), side)) == 1


@given(frame=images(3), size=st.integers(1, 40))
def test_a_whole_view_keeps_the_aspect_and_shows_all(frame, size):
    height, width = frame.shape[:2]
    seen = view_frame(frame, Whole(), size_px=size)
    assert seen.shape[:2] == shape_of(Whole(), height, width, size_px=size)
    assert min(seen.shape[:2]) == size
    assert (
        abs(seen.shape[0] / size * min(height, width) - height) <= 0.5 * min(height, width) / size
    )
    assert np.array_equal(view_frame(frame, Whole(flip=True), size_px=size), seen[:, ::-1])
