import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise, product
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, integers
from numba.core.runtime import _nrt_python, rtsys
from twostream.errors import TwostreamError
from twostream.flow import TVL1Parameters, tvl1, tvl1_opencv, tvl1_sequence
from twostream.flow.scenes import layered_scene, travelling_scene
from twostream.flow.tv_l1 import flow as flow_module
from twostream.flow.tv_l1 import pyramid
from twostream.flow.tv_l1.parameters import RANGES


def shift_by(dx, dy):
    return lambda x, y: (dx, dy)


@pytest.mark.parametrize("shift", [(0.25, 0), (0, -0.5), (1.3, 0.7), (-3.6, 2.2)])
def test_subpixel_shifts_of_a_smooth_texture_are_found(moved_pair, epe, shift):
    frame0, frame1, truth = moved_pair(shift_by(*shift))
    assert epe(tvl1(frame0, frame1), truth, border=8) < 0.07


def test_a_swirl_is_found(swirl, epe):
    frame0, frame1, truth = swirl
    assert epe(tvl1(frame0, frame1), truth, border=6) < 0.07


def test_it_is_opencvs_flow(moved_pair, epe):
    differences = []
    for size in [(96, 128), (75, 53), (33, 130), (40, 120), (60, 80)]:
        frames = moved_pair(lambda x, y: (np.sin(y / 20) * 2, np.cos(x / 30)), *size)[:2]
        differences.append(epe(tvl1(*frames), tvl1_opencv(*frames)))
    # On one pair it depends on which iteration ends a filtering, which rounding can decide.
    assert np.mean(differences) < 0.03
    assert max(differences) < 0.045


def errors(scenes, epe, flow=tvl1, **options):
    return np.array([epe(flow(*frames, **options), truth) for *frames, truth in scenes])


def test_fast_is_as_good_as_exact_on_generated_motion(epe):
    scenes = [layered_scene(seed, speed=0.2 + 0.05 * seed) for seed in (3, 6, 9)]
    fast, exact = errors(scenes, epe, preset="fast"), errors(scenes, epe)
    assert fast.mean() <= 1.02 * exact.mean()


def test_deep_follows_large_motion_and_is_as_good_on_small(epe):
    size = {"height": 192, "width": 256}
    large = [travelling_scene(seed, least_px=20, most_px=30, **size) for seed in (3, 4)]
    deep, exact = errors(large, epe, preset="deep"), errors(large, epe)
    assert deep.mean() <= 0.5 * exact.mean()
    small = [travelling_scene(seed, least_px=0.3, most_px=3, **size) for seed in (3, 4, 5)]
    deep, exact = errors(small, epe, preset="deep"), errors(small, epe)
    assert deep.mean() <= 1.05 * exact.mean()


@pytest.mark.slow
def test_on_generated_motion_exact_is_as_good_as_opencv_and_fast_as_exact(epe):
    scenes = [layered_scene(seed, speed=0.2 + 0.05 * seed) for seed in range(12)]
    opencv, exact = errors(scenes, epe, tvl1_opencv), errors(scenes, epe)
    assert exact.mean() <= 1.01 * opencv.mean()
    fast = errors(scenes, epe, preset="fast")
    assert fast.mean() <= 1.02 * exact.mean()
    assert np.median(fast / exact) <= 1.02


def test_a_flip_negates_x(swirl, epe):
    frame0, frame1, _ = swirl
    flow = tvl1(frame0, frame1)
    flipped = tvl1(frame0[:, ::-1], frame1[:, ::-1])[:, ::-1] * np.float32([-1, 1])
    assert epe(flow, flipped) < 0.05
    upside_down = tvl1(frame0[::-1], frame1[::-1])[::-1] * np.float32([1, -1])
    assert epe(flow, upside_down) < 0.05


def test_a_transpose_swaps_the_components(swirl, epe):
    frame0, frame1, _ = swirl
    transposed = tvl1(frame0.T, frame1.T).transpose(1, 0, 2)[..., ::-1]
    assert epe(tvl1(frame0, frame1), transposed) < 0.05


def test_a_constant_added_to_both_frames_changes_nothing(swirl, epe):
    # Away from the border, that is: beyond it there is black in both cases, as in OpenCV.
    frames = [frame // 2 for frame in swirl[:2]]
    brighter = [frame + np.uint8(40) for frame in frames]
    assert epe(tvl1(*frames), tvl1(*brighter), border=12) < 0.02


def test_floats_and_colour_give_the_same_flow(swirl):
    frame0, frame1, _ = swirl
    expected = tvl1(frame0, frame1)
    floats = [frame / 255 for frame in (frame0, frame1)]
    np.testing.assert_allclose(tvl1(*floats), expected, atol=0.1)
    colour = [np.repeat(frame[..., None], 3, axis=2) for frame in (frame0, frame1)]
    np.testing.assert_array_equal(tvl1(*colour), expected)


def test_strides_and_writeability_do_not_matter(swirl):
    frame0, frame1, _ = swirl
    strided = np.asfortranarray(frame0), np.repeat(frame1, 2, axis=1)[:, ::2]
    for frame in strided:
        frame.flags.writeable = False
    np.testing.assert_array_equal(tvl1(*strided), tvl1(frame0, frame1))


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 30), (30, 1), (2, 2), (3, 17), (15, 16), (16, 15), (64, 2)]
)
def test_small_images_work(size):
    frames = np.random.default_rng(0).integers(0, 256, (2, *size), dtype=np.uint8)
    flow = tvl1(*frames)
    assert flow.shape == (*size, 2)
    assert np.isfinite(flow).all()


def test_constant_images_have_zero_flow():
    black, grey = np.zeros((40, 50), np.uint8), np.full((40, 50), 77, np.uint8)
    for pair in ((black, black), (black, grey), (grey, grey)):
        assert not tvl1(*pair).any()


def test_identical_frames_have_zero_flow(swirl):
    assert not tvl1(swirl[0], swirl[0]).any()


def test_motion_larger_than_the_image_stays_finite():
    random = np.random.default_rng(0)
    frame0 = np.zeros((40, 60), np.uint8)
    frame1 = frame0.copy()
    frame0[:, :8] = random.integers(0, 256, (40, 8))
    frame1[:, -8:] = frame0[:, :8]
    flow = tvl1(frame0, frame1, lambda_=1e4, epsilon=1e-6)
    assert np.isfinite(flow).all()


def test_noise_against_noise_stays_finite():
    frames = np.random.default_rng(0).choice(np.uint8([0, 255]), (2, 50, 70))
    assert np.isfinite(tvl1(*frames)).all()


@pytest.mark.parametrize("threads", [1, 3])
def test_a_sequence_is_exactly_its_pairs(moved_pair, threads):
    clip = [moved_pair(shift_by(0.3 * k, 0.1 * k * k), 40, 60)[0] for k in range(6)]
    clip[3] = clip[2]
    flows = list(tvl1_sequence(iter(clip), threads=threads))
    assert len(flows) == 5
    for k, flow in enumerate(flows):
        np.testing.assert_array_equal(flow, tvl1(clip[k], clip[k + 1]))
    assert not flows[2].any()


def textured_clip(moved_pair, count=7):
    return [moved_pair(shift_by(0.3 * k, 0.1 * k), 40, 60)[0] for k in range(count)]


@pytest.mark.parametrize("threads", [1, 3])
def test_a_frame_that_is_written_over_by_the_next_is_fine(moved_pair, threads):
    clip, buffer = textured_clip(moved_pair), np.empty((40, 60), np.uint8)

    def decoded():
        for frame in clip:
            buffer[:] = frame
            yield buffer

    for k, flow in enumerate(tvl1_sequence(decoded(), threads=threads)):
        np.testing.assert_array_equal(flow, tvl1(clip[k], clip[k + 1]))


@pytest.mark.parametrize("threads", [1, 3])
def test_a_frame_has_one_pyramid_and_one_texture_and_memory_is_used_again(
    moved_pair, threads, monkeypatch
):
    calls = Counter()

    def counted(owner, name):
        original = getattr(owner, name)

        def call(*arguments, **options):
            calls[name] += 1
            return original(*arguments, **options)

        monkeypatch.setattr(owner, name, call)

    counted(pyramid.Workspace, "fill")
    counted(pyramid.Workspace, "new_images")
    counted(pyramid, "fill_texture")
    count = 12
    parameters = TVL1Parameters(scales=2)
    pyramids = flow_module._pyramids(
        textured_clip(moved_pair, count), parameters, alive=threads + 1
    )
    assert len(list(map(flow_module._flow, pairwise(pyramids)))) == count - 1
    assert calls["fill"] == count
    # Gradients are image 1's alone, which every frame but the first is once, at both scales.
    assert calls["fill_texture"] == 2 * (count - 1)
    assert calls["new_images"] <= threads + 1 + 2  # two belong to the workspace


@pytest.mark.parametrize("threads", [2, 3])
def test_no_more_pairs_are_in_flight_than_asked_for(moved_pair, threads, monkeypatch):
    running, most, lock, original = 0, 0, threading.Lock(), flow_module._flow

    def counted(pair):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return original(pair)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(flow_module, "_flow", counted)
    list(tvl1_sequence(textured_clip(moved_pair), threads=threads))
    assert 1 <= most <= threads


def test_the_number_of_threads_may_change_on_the_way(moved_pair):
    clip, asked = textured_clip(moved_pair), []

    def threads():
        asked.append(None)
        return len(asked)

    flows = list(tvl1_sequence(clip, threads=threads))
    assert len(asked) == len(flows) == len(clip) - 1
    for flow, expected in zip(flows, tvl1_sequence(clip), strict=True):
        np.testing.assert_array_equal(flow, expected)


@pytest.mark.parametrize("threads", [0, -1])
def test_no_threads_are_refused_at_once(threads):
    with pytest.raises(TwostreamError, match="threads"):
        tvl1_sequence([], threads=threads)


def test_more_iterations_allocate_no_more(swirl):
    _nrt_python.memsys_enable_stats()

    def allocations(**changes):
        tvl1(*swirl[:2], **changes)
        before = rtsys.get_allocation_stats()
        tvl1(*swirl[:2], **changes)
        after = rtsys.get_allocation_stats()
        return after.alloc - before.alloc, after.mi_alloc - before.mi_alloc

    few = allocations(warps=1, outer_iterations=1, inner_iterations=1)
    assert allocations(warps=4, outer_iterations=5, inner_iterations=20, epsilon=1e-6) == few


@settings(max_examples=30, deadline=None)
@given(
    height=integers(1, 40),
    width=integers(1, 40),
    low=integers(0, 255),
    seed=integers(0, 2**16),
    as_floats=booleans(),
)
def test_whatever_the_frames_are_flow_is_finite_and_nothing_moves_to_itself(
    height, width, low, seed, as_floats
):
    random = np.random.default_rng(seed)
    frames = random.integers(low, 256, (2, height, width)).astype(np.uint8)
    if as_floats:
        frames = frames / np.float32(255)
    kept = frames.copy()
    flow = tvl1(*frames, warps=2)
    assert flow.shape == (height, width, 2)
    assert flow.dtype == np.float32
    assert np.isfinite(flow).all()
    assert not tvl1(frames[0], frames[0], warps=2).any()
    np.testing.assert_array_equal(frames, kept)


def test_a_sequence_may_be_interleaved_with_others(moved_pair):
    clip = [moved_pair(shift_by(0.4 * k, 0), 40, 60)[0] for k in range(4)]
    expected = list(tvl1_sequence(clip))
    backwards = list(tvl1_sequence(clip[::-1]))
    for k, (flow, back) in enumerate(
        zip(tvl1_sequence(clip), tvl1_sequence(clip[::-1]), strict=True)
    ):
        tvl1(clip[0][:20], clip[1][:20])
        np.testing.assert_array_equal(flow, expected[k])
        np.testing.assert_array_equal(back, backwards[k])


@pytest.mark.parametrize("threads", [1, 2])
def test_a_sequence_may_be_left_early(moved_pair, threads):
    clip = [moved_pair(shift_by(0.4 * k, 0), 40, 60)[0] for k in range(5)]
    flows = tvl1_sequence(clip, threads=threads)
    next(flows)
    flows.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("tvl1")]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_frames_have_no_flow(count):
    assert list(tvl1_sequence([np.zeros((5, 7), np.uint8)] * count)) == []


def test_a_sequence_names_the_frame_that_does_not_fit():
    clip = [np.zeros((5, 7), np.uint8), np.zeros((5, 7), np.uint8), np.zeros((5, 8), np.uint8)]
    with pytest.raises(TwostreamError, match="frame 2: expected 7x5"):
        list(tvl1_sequence(clip))


def test_threads_and_processes_give_the_same_flow(swirl):
    pair = swirl[:2]
    expected = tvl1(*pair)
    with ThreadPoolExecutor(3) as pool:
        for flow in pool.map(lambda _: tvl1(*pair), range(6)):
            np.testing.assert_array_equal(flow, expected)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        np.testing.assert_array_equal(pool.submit(tvl1, *pair).result(), expected)


def test_frames_of_different_sizes_are_refused():
    with pytest.raises(TwostreamError, match="frames of one size"):
        tvl1(np.zeros((5, 7), np.uint8), np.zeros((7, 5), np.uint8))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 200.0])
def test_nan_infinity_and_floats_beyond_1_are_refused(bad):
    image = np.zeros((5, 7), np.float32)
    image[1, 2] = bad
    with pytest.raises(TwostreamError, match="frame1"):
        tvl1(np.zeros((5, 7), np.float32), image)


@pytest.mark.parametrize(
    "change",
    [
        {"tau": 0}, {"lambda_": -1}, {"theta": float("nan")}, {"scales": 0}, {"scale_step": 1.0},
        {"warps": 0}, {"epsilon": 0}, {"inner_iterations": 0}, {"outer_iterations": 0},
        {"median": 4}, {"scales": 2.5}, {"warps": True}, {"scale_step": "0.5"}, {"preset": "best"},
        {"tau": 1e30}, {"tau": 1e-30}, {"lambda_": 1e9}, {"theta": 1e9}, {"theta": 1e-9},
        {"epsilon": 1e200}, {"epsilon": 1e-200}, {"restart": -1}, {"restart": 1.0},
    ],
)  # fmt: skip
def test_parameters_out_of_range_are_refused(change):
    with pytest.raises(TwostreamError, match="TV-L1 parameter"):
        tvl1(np.zeros((5, 7), np.uint8), np.zeros((5, 7), np.uint8), **change)


@pytest.mark.parametrize("corner", list(product(*RANGES.values())))
def test_the_ends_of_the_ranges_give_numbers(swirl, corner):
    chosen = dict(zip(RANGES, corner, strict=True))
    flow = tvl1(*(frame[:40, :48] for frame in swirl[:2]), **chosen, outer_iterations=2)
    assert np.isfinite(flow).all()


def test_parameters_matter(swirl):
    pair = swirl[:2]
    flow = tvl1(*pair)
    for change in ({"lambda_": 0.02}, {"median": 1}, {"warps": 1}, {"scales": 1}, {"epsilon": 0.1}):
        assert not np.array_equal(tvl1(*pair, **change), flow), change


def test_the_defaults_are_opencvs():
    import cv2

    theirs, ours = cv2.optflow.DualTVL1OpticalFlow_create(), TVL1Parameters()
    assert ours.tau == theirs.getTau()
    assert ours.lambda_ == pytest.approx(theirs.getLambda())
    assert ours.theta == pytest.approx(theirs.getTheta())
    assert ours.scales == theirs.getScalesNumber()
    assert ours.scale_step == theirs.getScaleStep()
    assert ours.warps == theirs.getWarpingsNumber()
    assert ours.epsilon == theirs.getEpsilon()
    assert ours.inner_iterations == theirs.getInnerIterations()
    assert ours.outer_iterations == theirs.getOuterIterations()
    assert ours.median == theirs.getMedianFiltering()
