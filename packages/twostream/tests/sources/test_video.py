"""A video scored directly must be, bit by bit, what the store made of it would be."""

from __future__ import annotations

import gc
import pickle
import threading
import tracemalloc
import weakref
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from av.container import InputContainer
from twostream.datasets.clips import Segment
from twostream.errors import TwostreamError
from twostream.preparation.extract import extract_clip
from twostream.preparation.options import ExtractionOptions
from twostream.sources import forward, images
from twostream.sources.forward import Forward
from twostream.sources.images import ChosenImages
from twostream.sources.video import VideoClip
from twostream.store.clip import open_clip
from twostream.transforms.preprocessing import Preprocessing
from twostream.transforms.views import ten_views
from twostream.video.decode import Video
from twostream.video.limits import Limits

DIS = ExtractionOptions(flow="dis")


@pytest.fixture(scope="module")
def video(tmp_path_factory, write_video, moving_texture):
    """Two seconds of a moving texture."""
    path = tmp_path_factory.mktemp("video") / "a.mp4"
    frames = moving_texture(50, width=72, height=56, dx=1.7, dy=0.6)
    return write_video(path, frames, codec="libx264")


def same(clip, stored):
    """Whether two sources give the same bits."""
    frames = stored.count_frames()
    assert clip.count_frames() == frames
    for one, other in zip(clip.frames(), stored.frames(), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(clip.flows(), stored.flows(), strict=True):
        np.testing.assert_array_equal(one, other)
    view = ten_views(stored.facts.height, stored.facts.width)[3]
    for stream in ("spatial", "temporal"):
        kind = Preprocessing(stream=stream, size_px=24, stack_length=5)
        positions = range(kind.count_positions(frames))
        places = [(k, v) for k in positions[::4] for v in (kind.evaluation_views(stored)[0], view)]
        for one, other in zip(
            kind.samples(clip, places), kind.samples(stored, places), strict=True
        ):
            np.testing.assert_array_equal(one, other)
        middle = positions[len(positions) // 2]
        np.testing.assert_array_equal(
            kind.sample(clip, middle, view), kind.sample(stored, middle, view)
        )
    facts, known = clip.facts, stored.facts
    assert (facts.width, facts.height, facts.frames) == (known.width, known.height, known.frames)
    assert facts.fps == pytest.approx(known.fps)


CHANGES = [
    {"layout": "rawframes"},
    {"step": 3},
    {"fps": 10},
    {"fps": 60},
    {"short_side_px": 32},
    {"bound_px": 2.0, "jpeg_quality": 70},
    {"flow": "farneback"},
    {"flow": "tvl1", "flow_preset": "fast", "short_side_px": 24, "step": 5},
    {"flow": "tvl1", "short_side_px": 24, "step": 5},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_a_video_gives_the_bits_that_the_store_of_it_gives(tmp_path, video, changes):
    options = replace(DIS, **changes)
    extract_clip(video, tmp_path / "clip", options)
    same(VideoClip(video, options.specification()), open_clip(tmp_path / "clip"))


@pytest.mark.parametrize("flow", ["dis", "tvl1"])
@pytest.mark.parametrize("limits", [None, Limits(most_pixels=10**6, most_seconds=60.0)])
def test_a_clip_that_was_closed_half_way_leaves_nothing_for_the_garbage_collector(
    video, flow, limits
):
    """Decoders and images are megabytes, of which a server would keep hundreds."""

    def there():
        kinds = (Forward, Video, ChosenImages, InputContainer)
        return [one for one in gc.get_objects() if type(one) in kinds]

    options = replace(DIS, flow=flow, short_side_px=24)
    gc.collect()
    gc.disable()
    others = there()  # of other tests
    try:
        threads = threading.active_count()
        clip = VideoClip(video, options.specification(), limits=limits, threads=lambda: 2)
        for _ in zip(clip.frames(0, 4), clip.flows(0, 4), strict=True):
            pass
        clip.close()
        held = [weakref.ref(clip), weakref.ref(clip._images), weakref.ref(clip._learnt)]
        del clip
        assert [one() for one in held] == [None] * 3
        assert {id(one) for one in there()} <= {id(one) for one in others}
        assert threading.active_count() <= threads
    finally:
        gc.enable()


def test_a_segment_gives_the_bits_of_its_clip(tmp_path, video):
    segment = Segment(0.4, 1.2)
    extract_clip(video, tmp_path / "a.zip", DIS, segment=segment)
    clip = VideoClip(video, DIS.specification(), segment=segment)
    same(clip, open_clip(tmp_path / "a.zip"))
    assert (clip.facts.name, clip.facts.layout, clip.facts.frames) == ("a 0.4-1.2s", "video", 20)


def test_a_size_that_changes_is_brought_to_the_first(tmp_path, changing_size):
    path = changing_size(tmp_path / "a.mjpg", [(64, 48)] * 3 + [(96, 40), (40, 40)])
    extract_clip(path, tmp_path / "a.zip", DIS)
    same(VideoClip(path, DIS.specification()), open_clip(tmp_path / "a.zip"))


def test_counting_while_it_is_read_takes_nothing_from_what_the_reading_tells(
    tmp_path, changing_size
):
    clip = VideoClip(
        changing_size(tmp_path / "a.mjpg", [(64, 48)] * 3 + [(96, 40), (40, 40)]),
        DIS.specification(),
    )
    images = clip.frames()
    next(images)
    assert clip.count_frames() == 5
    list(images)
    assert clip.resized_frames == 2
    assert [clip.seconds(index) is not None for index in range(5)] == [True] * 5


def test_what_a_bundle_recorded_of_the_flow_counts_and_not_what_a_preset_is_by_now(video):
    made = replace(DIS, flow="tvl1", flow_preset="fast", short_side_px=24, step=10).specification()
    changed = replace(made, parameters={**made.parameters, "lambda_": 0.02})
    one, other = (next(VideoClip(video, spec).flows()) for spec in (made, changed))
    assert not np.array_equal(one, other)


@pytest.mark.shared
@pytest.mark.slow
def test_real_clips_give_the_bits_of_their_stores(tmp_path, shared_data):
    found = [
        sorted((shared_data / name).rglob("*.avi"), key=lambda path: path.stat().st_size)[0]
        for name in ("hmdb51", "ucf101")
    ]
    options = [
        DIS,
        replace(DIS, layout="rawframes", fps=12, short_side_px=100),
        ExtractionOptions(flow="tvl1", flow_preset="fast", short_side_px=64, step=4),
    ]
    for number, (path, one) in enumerate(product(found, options)):
        extract_clip(path, tmp_path / str(number), one)
        same(VideoClip(path, one.specification(), threads=2), open_clip(tmp_path / str(number)))


@pytest.fixture
def flows_computed(monkeypatch):
    """How many flows were computed."""
    count = [0]
    before = images.flow_sequence

    def counted(*arguments, **options):
        for flow in before(*arguments, **options):
            count[0] += 1
            yield flow

    monkeypatch.setattr(images, "flow_sequence", counted)
    return count


@pytest.mark.parametrize("stride", [1, 4, 5])
def test_read_in_order_everything_is_made_once(video, flows_computed, stride):
    clip = VideoClip(video, DIS.specification())
    # Both streams side by side, stacks that overlap: what a timeline is made of.
    for position in range(0, 41, stride):
        assert len(list(clip.flows(position, position + 5))) == 5
        assert len(list(clip.frames(position, position + 1))) == 1
    assert len(list(clip.flows(45, None))) == 4
    assert clip.decoded_frames == 50
    assert flows_computed == [49]


def test_flows_that_nobody_asks_for_are_not_computed(video, flows_computed):
    kind = Preprocessing(stream="temporal", size_px=16, stack_length=5)
    clip = VideoClip(video, DIS.specification())
    list(kind.samples(clip, [(k, kind.evaluation_views(clip)[0]) for k in (3, 20, 40)]))
    assert flows_computed == [15]


def test_what_lies_behind_is_decoded_again(video):
    clip = VideoClip(video, DIS.specification())
    last = list(clip.frames(49, 50))
    again = list(clip.frames(2, 3))
    assert clip.decoded_frames <= 50 + 4
    np.testing.assert_array_equal(list(clip.frames(49, 50)), last)
    np.testing.assert_array_equal(list(clip.frames(2, 3)), again)


def test_memory_does_not_grow_with_the_length(tmp_path, write_video, moving_texture):
    frames = moving_texture(8, width=96, height=64)
    peaks = []
    for rounds in (9, 18):
        path = write_video(tmp_path / f"{rounds}.avi", np.concatenate([frames] * rounds))
        clip = VideoClip(path, DIS.specification())
        tracemalloc.start()
        try:
            for position, (_, _) in enumerate(zip(clip.flows(), clip.frames(), strict=False)):
                list(clip.flows(position, position + 1))
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_large_images_are_kept_in_smaller_number(monkeypatch, video):
    monkeypatch.setattr(forward, "KEPT_BYTES", 1)
    clip = VideoClip(video, DIS.specification())
    list(clip.flows())
    reading = clip._images._forward
    assert reading is not None
    assert len(reading._decoded) == forward.AHEAD + 1  # and one thread


def test_it_goes_to_another_process_by_pickle(video):
    clip = VideoClip(video, DIS.specification(), segment=Segment(0.4, 1.2), threads=2)
    first = next(clip.flows())
    copy = pickle.loads(pickle.dumps(clip))
    assert (copy.path, copy.segment, copy.threads) == (clip.path, clip.segment, 2)
    np.testing.assert_array_equal(next(copy.flows()), first)


def test_the_end_and_what_is_no_video_are_one_line_each(
    tmp_path, video, write_video, moving_texture
):
    clip = VideoClip(video, DIS.specification())
    for read in (clip.frames, clip.flows):
        with pytest.raises(TwostreamError, match="a video of 50 frames"):
            list(read(45, 60))
    with pytest.raises(IndexError):
        list(clip.frames(-1, 2))
    assert list(clip.frames(50)) == list(clip.flows(49)) == []
    for name, content, found in (("b.mp4", b"", "an empty file"), ("c.mp4", None, "no such file")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        for read in (lambda one: one.facts, VideoClip.count_frames, lambda one: next(one.flows())):
            with pytest.raises(TwostreamError, match=found):
                read(VideoClip(tmp_path / name, DIS.specification()))
    single = VideoClip(write_video(tmp_path / "d.avi", moving_texture(1)), DIS.specification())
    assert len(list(single.frames())) == 1
    with pytest.raises(TwostreamError, match="at least 2 decodable frames, found 1"):
        single.count_frames()


def test_a_video_cut_off_is_used_up_to_there_and_says_so(tmp_path, write_video, moving_texture):
    path = write_video(tmp_path / "a.avi", moving_texture(12))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"movi") + (data.index(b"idx1") - data.index(b"movi")) // 2])
    stored = extract_clip(path, tmp_path / "a.zip", DIS)
    clip = VideoClip(path, DIS.specification())
    assert clip.warning == ""
    assert clip.count_frames() == stored.frames < 12
    assert clip.warning == stored.warning != ""


def test_flow_that_nobody_knows_how_to_compute_is_refused(video):
    clip = VideoClip(video, replace(DIS.specification(), algorithm=None))
    assert next(clip.frames()).shape == (56, 72, 3)
    with pytest.raises(TwostreamError, match="a model of ready frames"):
        next(clip.flows())
    unknown = VideoClip(video, replace(DIS.specification(), algorithm="of a later version"))
    with pytest.raises(TwostreamError, match="one of tvl1"):
        next(unknown.flows())


def test_closed_it_can_be_read_again(video):
    clip = VideoClip(video, DIS.specification())
    first = next(clip.frames())
    clip.close()
    np.testing.assert_array_equal(next(clip.frames()), first)


def test_the_remedy_is_about_what_is_at_fault(tmp_path, video):
    def told(path, segment=None, **changes):
        clip = VideoClip(path, ExtractionOptions(**changes).specification(), segment=segment)
        with pytest.raises(TwostreamError) as caught:
            clip.count_frames()
        return caught.value

    assert told(tmp_path).found == "a folder"
    assert "one of the videos in it" in told(tmp_path).remedy
    (tmp_path / "notes.txt").write_text("nothing to be seen\n" * 100)
    assert told(tmp_path / "notes.txt").remedy == "choose a video: by its name this is none"
    (tmp_path / "broken.mp4").write_text("nothing to be seen\n" * 100)
    assert told(tmp_path / "broken.mp4").remedy == "re-encode or remove the file"
    assert "give this part of the video more time" in told(video, Segment(0.4, 0.42)).remedy
    assert "a smaller --step" in told(video, step=1000).remedy
