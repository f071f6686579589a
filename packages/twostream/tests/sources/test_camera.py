"""A camera, as a fake device that a test feeds."""

from __future__ import annotations

import gc
import pickle
import socket
import threading
import time
from dataclasses import dataclass, field

import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.preparation.extract import extract_clip
from twostream.preparation.options import ExtractionOptions
from twostream.sources.camera import WAITING_IMAGES, CameraClip
from twostream.sources.devices import open_device
from twostream.sources.opening import open_source
from twostream.sources.video import VideoClip
from twostream.store.clip import StoredClip, open_clip
from twostream.transforms.preprocessing import Preprocessing

SPECIFICATION = ExtractionOptions(flow="dis").specification()


@dataclass
class FakeDevice:
    """Shows what it is given, then ends, stalls or breaks."""

    images: list
    times: list
    fps: float = 25.0
    live: bool = False
    then: object = None
    closed: threading.Event = field(default_factory=threading.Event)

    def read(self):
        if self.images:
            return self.times.pop(0), self.images.pop(0)
        if self.then == "stall":
            self.closed.wait(20)
        if isinstance(self.then, Exception):
            raise self.then
        return None

    def close(self):
        self.closed.set()


def camera_of(frames, *, times=None, specification=SPECIFICATION, timeout_seconds=5.0, **options):
    times = [100 + k / 25 for k in range(len(frames))] if times is None else times
    device = FakeDevice(list(frames), list(times), **options)
    clip = CameraClip(0, specification, timeout_seconds=timeout_seconds, opener=lambda *_: device)
    return clip, device


def test_a_camera_gives_the_bits_that_a_store_of_its_images_gives(
    tmp_path, write_video, moving_texture
):
    frames = moving_texture(12)
    path = write_video(tmp_path / "a.mkv", frames, codec="ffv1", pix_fmt="bgr0")
    extract_clip(path, tmp_path / "a.zip", ExtractionOptions(flow="dis"))
    stored, (clip, device) = open_clip(tmp_path / "a.zip"), camera_of(frames)
    kind = Preprocessing(stream="temporal", size_px=24, stack_length=4)
    view = kind.evaluation_views(clip)[0]
    for position in range(8):
        np.testing.assert_array_equal(
            kind.sample(clip, position, view), kind.sample(stored, position, view)
        )
        (frame,) = clip.frames(position, position + 1)
        np.testing.assert_array_equal(frame, stored.frame(position))
    assert (clip.facts.name, clip.facts.layout, clip.facts.frames) == ("camera 0", "camera", None)
    assert len(list(clip.flows(8))) == 3  # to the end of what the device had
    assert device.closed.wait(5)
    assert clip.dropped_frames == 0


def test_images_are_taken_at_the_rate_of_the_model(moving_texture):
    times = [0.0, 0.01, 0.09, 0.12, 0.19, 0.21, 0.33, 0.33, 0.4]
    frames = [np.full((40, 40, 3), 20 * k, np.uint8) for k in range(len(times))]
    asked = ExtractionOptions(flow="dis", fps=10).specification()
    clip, _ = camera_of(frames, times=times, specification=asked)
    assert [round(frame.mean() / 20) for frame in clip.frames()] == [0, 2, 4, 6, 8]
    assert clip.facts.fps == 10


def test_what_nobody_takes_is_dropped_and_counted(moving_texture):
    frames = [np.full((16, 16, 3), 2 * k, np.uint8) for k in range(100)]
    clip, device = camera_of(frames, live=True)
    next(clip.frames(0, 1))
    assert device.closed.wait(5)
    rest = list(clip.frames(1))
    # Each image was dropped or can be read: none is lost in silence.
    assert 1 + len(rest) + clip.dropped_frames == 100
    assert clip.dropped_frames >= 100 - 2 * WAITING_IMAGES
    assert round(rest[-1].mean() / 2) == 99


def test_nothing_of_a_file_behind_an_address_is_dropped():
    frames = [np.full((16, 16, 3), 2 * k, np.uint8) for k in range(100)]
    clip, _ = camera_of(frames)
    next(clip.frames(0, 1))
    time.sleep(0.3)
    assert len(list(clip.frames(1))) == 99
    assert clip.dropped_frames == 0


def test_a_source_that_stalls_ends_in_one_line(moving_texture):
    clip, _ = camera_of(moving_texture(3), then="stall", timeout_seconds=0.2)
    assert len(list(clip.frames(0, 2))) == 2
    with pytest.raises(
        TwostreamError, match=r"camera 0: expected another frame, found none for 0.2 s"
    ):
        list(clip.frames(2))
    clip.close()


def test_a_source_that_shows_nothing_or_ends_is_told(moving_texture):
    with pytest.raises(TwostreamError, match="a first frame, found the end"):
        camera_of([])[0].facts  # noqa: B018
    clip, _ = camera_of(moving_texture(3))
    with pytest.raises(TwostreamError, match="frame 3, found the end after 3"):
        list(clip.frames(0, 5))
    with pytest.raises(TwostreamError, match="a clip with an end"):
        clip.count_frames()


def test_what_has_passed_is_gone(moving_texture):
    clip, _ = camera_of(moving_texture(80))
    list(clip.frames(70, 71))
    with pytest.raises(TwostreamError, match="frame 2, found it has passed"):
        list(clip.frames(2, 3))


def test_a_fault_of_the_device_keeps_its_traceback(moving_texture):
    clip, device = camera_of(moving_texture(2), then=ZeroDivisionError("of the driver"))
    with pytest.raises(ZeroDivisionError, match="of the driver"):
        list(clip.frames())
    assert device.closed.wait(5)


def test_closed_it_gives_the_camera_back(moving_texture):
    clip, device = camera_of(moving_texture(200))
    next(clip.frames())
    clip.close()
    assert device.closed.wait(5)


def test_forgotten_it_gives_the_camera_back_too(moving_texture):
    clip, device = camera_of(moving_texture(200))
    next(clip.frames())
    del clip
    gc.collect()
    assert device.closed.wait(5)


def test_a_camera_is_pickled_as_its_address():
    clip = CameraClip("rtsp://127.0.0.1:9/live", SPECIFICATION, timeout_seconds=1.0)
    copy = pickle.loads(pickle.dumps(clip))
    assert (copy.address, copy.specification) == (clip.address, SPECIFICATION)
    assert (copy.timeout_seconds, copy.opener) == (1.0, open_device)


def test_an_address_of_a_file_is_read_as_it_comes(tmp_path, write_video, moving_texture):
    path = write_video(tmp_path / "a.mp4", moving_texture(8), codec="libx264")
    clip = CameraClip(f"file:{path}", SPECIFICATION)
    stored = VideoClip(path, SPECIFICATION)
    for one, other in zip(clip.flows(), stored.flows(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("address", [97, "http://127.0.0.1:9/a.mp4", "nonsense://x"])
def test_what_does_not_open_is_one_line(address, capfd):
    with pytest.raises(TwostreamError) as caught:
        CameraClip(address, SPECIFICATION, timeout_seconds=2.0).facts  # noqa: B018
    assert "\n" not in str(caught.value)
    assert str(address) in str(caught.value)
    assert capfd.readouterr().err == ""


def test_whatever_a_user_names_is_opened(tmp_path, write_video, moving_texture):
    path = write_video(tmp_path / "a.avi", moving_texture(3))
    for layout, name in (("archive", "b.zip"), ("rawframes", "c")):
        extract_clip(path, tmp_path / name, ExtractionOptions(flow="dis", layout=layout))
        assert isinstance(open_source(tmp_path / name, SPECIFICATION), StoredClip)
    assert isinstance(open_source(path, SPECIFICATION), VideoClip)
    assert open_source(f"file://{path}", SPECIFICATION).facts.width == 64
    for camera, address in ((2, 2), ("2", 2), ("/dev/video3", 3), ("rtsp://a/b", "rtsp://a/b")):
        opened = open_source(camera, SPECIFICATION)
        assert isinstance(opened, CameraClip)
        assert opened.address == address
    with pytest.raises(TwostreamError, match="no such file"):
        open_source(tmp_path / "nothing.mp4", SPECIFICATION).count_frames()


def test_an_address_that_says_nothing_has_so_long():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.mp4"
        with pytest.raises(TwostreamError, match=r"found nothing for 0\.5 s; check the address"):
            CameraClip(address, SPECIFICATION, timeout_seconds=0.5).facts  # noqa: B018
