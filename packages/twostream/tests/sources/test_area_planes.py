"""Frames shrunk without making RGB of all their pixels: as FFmpeg and OpenCV do it, to the last bit."""

from __future__ import annotations

import platform
from itertools import product
from pathlib import Path

import av
import numpy as np
import odd_videos
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.datasets.crops import Crop
from twostream.sources.area import averages
from twostream.sources.images import ChosenImages
from twostream.sources.specification import FlowSpecification
from twostream.video.colours import ToRgb
from twostream.video.decode import ShownFrame, open_video
from twostream.video.orientation import Upright
from twostream.video.planes import PlanesKind, noise, planes_of
from twostream.video.resize import resize, stored_size

X86 = platform.machine().lower() in ("x86_64", "amd64")
LIKE_FFMPEG = pytest.mark.skipif(
    not X86, reason="FFmpeg makes RGB otherwise on other processors; there it is left to FFmpeg"
)
UNSAID, BT_709, BT_601, BT_2020 = 2, 1, 6, 9
LIMITED, FULL = 1, 2
SHORT_SIDE_PX = 20


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(averages, "LARGE_PIXELS", 0)


@LIKE_FFMPEG
@pytest.mark.parametrize(
    ("matrix", "color_range"),
    list(product((UNSAID, BT_709, 4, 5, BT_601, 7, BT_2020), (0, LIMITED, FULL))),
)
def test_every_matrix_and_range_is_known(matrix: int, color_range: int) -> None:
    assert averages._terms(PlanesKind(66, 48, "yuv420p", matrix, color_range), (41, 30)) is not None


@LIKE_FFMPEG
@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(8, 60),
    height=st.integers(8, 60),
    of_width=st.floats(0.1, 0.99),
    of_height=st.floats(0.1, 0.99),
    matrix=st.sampled_from((UNSAID, BT_709, BT_601, BT_2020)),
    color_range=st.sampled_from((LIMITED, FULL)),
)
def test_every_pixel_is_the_one_of_ffmpeg_and_opencv(
    width: int, height: int, of_width: float, of_height: float, matrix: int, color_range: int
) -> None:
    kind = PlanesKind(2 * width, 2 * height, "yuv420p", matrix, color_range)
    target = max(1, round(2 * width * of_width)), max(1, round(2 * height * of_height))
    planes, image = noise(kind, seed=1)
    assert planes is not None
    terms = averages._terms(PlanesKind(66, 48, *kind[2:]), (41, 30))
    assert terms is not None
    if averages._has_kernel(planes.size, target):
        np.testing.assert_array_equal(
            averages._averaged_planes(planes, terms, *target),
            resize(image, width=target[0], height=target[1]),
        )


def images_of(path: Path, crop: Crop | None = None) -> tuple[list[np.ndarray], int, int]:
    """The images as they are stored, how many of them took planes, and how many were of another size."""
    took: list[object] = []
    specification = FlowSpecification(
        algorithm="dis", short_side_px=SHORT_SIDE_PX, crop=str(crop) if crop else None
    )

    def watched(planes: object, **size: int) -> object:
        small = original(planes, **size)
        took.append(small)
        return small

    original = averages.shrunk_planes
    with pytest.MonkeyPatch.context() as patch, open_video(path) as video:
        patch.setattr("twostream.sources.images.shrunk_planes", watched)
        chosen = ChosenImages(video.shown_frames(), specification)
        found = list(chosen)
    return found, sum(small is not None for small in took), chosen.other_sizes


def slowly(path: Path) -> list[np.ndarray]:
    """The same by FFmpeg and OpenCV alone."""
    with open_video(path) as video:
        images = list(video.frames())
    height, width = images[0].shape[:2]
    size = stored_size(width, height, short_side_px=SHORT_SIDE_PX)
    return [resize(image, width=size[0], height=size[1]) for image in images]


def assert_as_before(path: Path, *, by_planes: bool) -> None:
    found, took, _ = images_of(path)
    for one, other in zip(found, slowly(path), strict=True):
        np.testing.assert_array_equal(one, other)
    # The first one tells the size, and is RGB by then.
    assert took == (len(found) - 1 if by_planes and X86 else 0)


BY_PLANES = {
    *("variable rate, mp4", "variable rate, mkv", "variable rate, webm", "interlaced H.264"),
    *("interlaced MPEG-2", "upper-case extension", "another container than the name says"),
    *("transport stream", "flash", "windows media", "MPEG-1", "3gp", "raw", "VP8", "alpha, VP9"),
}


@pytest.mark.parametrize("kind", odd_videos.ORDINARY)
def test_odd_videos_give_the_pixels_that_they_gave(tmp_path: Path, kind: str) -> None:
    assert_as_before(odd_videos.ORDINARY[kind](tmp_path), by_planes=kind in BY_PLANES)


@pytest.mark.parametrize(("width", "height"), [(63, 48), (64, 47), (98, 34), (1000, 30), (30, 64)])
def test_odd_sizes_give_them_too(tmp_path: Path, width: int, height: int) -> None:
    frames = odd_videos.moving_ramp(4, width=width, height=height)
    path = odd_videos.write(tmp_path / "a.mkv", frames, codec="ffv1")
    assert_as_before(path, by_planes=width % 2 == 0 and height % 2 == 0)


@pytest.mark.parametrize("turn", odd_videos.TURNS)
def test_turned_videos_are_turned_first(tmp_path: Path, turn: str) -> None:
    path = odd_videos.write(tmp_path / "a.mp4", odd_videos.moving_ramp(4))
    odd_videos.set_display_matrix(path, odd_videos.TURNS[turn][0])
    assert_as_before(path, by_planes=False)


@pytest.mark.parametrize("told", ["bt709", "smpte170m", "bt2020nc", "bt709:range=pc:fullrange=on"])
def test_files_that_state_matrix_and_range(tmp_path: Path, told: str) -> None:
    options = {"x264-params": f"colormatrix={told}:chromaloc=2"}
    path = odd_videos.write(tmp_path / "a.mp4", odd_videos.moving_ramp(4), options=options)
    assert_as_before(path, by_planes=True)


def test_frames_of_another_size_are_shrunk_to_that_of_the_first(tmp_path: Path) -> None:
    parts = [
        odd_videos.write(
            tmp_path / f"{width}.ts", odd_videos.moving_ramp(4, width=width), container="mpegts"
        )
        for width in (64, 96)
    ]
    path = tmp_path / "both.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert_as_before(path, by_planes=True)
    assert images_of(path)[2] == 4


def test_what_is_cropped_is_cropped_first(tmp_path: Path) -> None:
    path = odd_videos.write(tmp_path / "a.mp4", odd_videos.moving_ramp(3))
    assert images_of(path, Crop(8, 4, 40, 40))[1] == 0


def frame_of(**attributes: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(odd_videos.moving_ramp(1)[0], format="rgb24")
    frame = frame.reformat(format="yuv420p")
    for name, value in attributes.items():
        setattr(frame, name, value)
    return frame


def test_planes_are_those_of_frames_that_are_made_rgb_and_no_more() -> None:
    plain = Upright(ToRgb())
    assert ShownFrame(0.0, frame_of(), plain, plain.planes).planes() is not None
    assert plain.planes(frame_of(color_primaries=9, color_trc=18)) is None
    assert Upright(ToRgb(), aspect=4 / 3).planes(frame_of()) is None
    assert planes_of(frame_of().reformat(format="yuv422p")) is None


def test_where_ffmpeg_makes_other_rgb_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(averages, "KNOWN", ())
    averages._terms.cache_clear()
    planes, _ = noise(PlanesKind(66, 48, "yuv420p", UNSAID, LIMITED))
    assert planes is not None
    assert averages.shrunk_planes(planes, width=41, height=30) is None
    averages._terms.cache_clear()
