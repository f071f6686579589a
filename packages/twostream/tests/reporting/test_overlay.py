"""The copy of a video in which one sees what is found."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from odd_videos import set_display_matrix
from twostream.events import listening
from twostream.reporting import lettering
from twostream.reporting.overlay import Drawing, LookedAt, enlarged, write_overlay
from twostream.reporting.palette import DARK
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores
from twostream.video.decode import open_video

INTERVALS = [Interval(0.4, 0.8, "run", 0.9)]
FUSION = tuple(int(DARK["fusion"][k : k + 2], 16) for k in (1, 3, 5))


def scores_of(names=("run", "jump", "background")):
    windows = np.float64([[0, 0.4], [0.4, 0.8], [0.8, 1.2]])
    fused = np.float32([[0.1, 0.1, 0.8], [0.9, 0.05, 0.05], [0.1, 0.1, 0.8]])
    return WindowScores(
        class_names=names, windows_s=windows, fused=fused, background=names[2], fps=10
    )


def grey_video(path: Path, *, width=128, height=96, frames=12) -> Path:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for k in range(frames):
            pixels = np.full((height, width, 3), 150, np.uint8)
            pixels[: height // 3, : width // 3] = 255  # the corner tells what is up
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, 10)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def images_of(path: Path) -> list[np.ndarray]:
    with open_video(path) as video:
        return [frame.image() for frame in video.shown_frames()]


def bar_px(image: np.ndarray) -> int:
    """Pixels of the colour of bars."""
    return int((np.abs(image.astype(int) - FUSION).max(axis=2) < 30).sum())


def test_label_bars_and_flow_are_drawn_when_they_are_due(tmp_path):
    video = grey_video(tmp_path / "a.mp4")
    red = np.zeros((20, 30, 3), np.uint8) + np.uint8([255, 0, 0])
    seen = []
    write_overlay(
        tmp_path / "over.mp4",
        video,
        scores_of(),
        INTERVALS,
        insets=[(0.5, red)],
        on_frame=lambda: seen.append(1),
    )
    images = images_of(tmp_path / "over.mp4")
    assert len(images) == len(seen) == 12
    assert images[0].shape == (384, 512, 3)
    panel = [image[-100:-68].astype(int) for image in images]  # where labels are
    bright = [int((part.min(axis=2) > 200).sum()) for part in panel]
    assert min(bright[5:8]) > 4 * max(*bright[:4], *bright[8:])
    corner = [image[12:60, -60:-12].reshape(-1, 3).mean(axis=0) for image in images]
    assert [bool(part[0] - part[1] > 100) for part in corner] == [False] * 5 + [True] * 7
    assert bar_px(images[6]) > 100


def test_where_streams_looked_has_a_column_of_its_own_while_it_is_due(tmp_path):
    video = grey_video(tmp_path / "a.mp4")
    red, blue = (np.full((16, 16, 3), colour, np.uint8) for colour in ([255, 0, 0], [0, 0, 255]))
    look = [LookedAt(red, ("run 0.90", "spatial: conv")), LookedAt(blue, ("run 0.80", "temporal"))]
    looks = [(0.4, look), (0.8, None)]
    write_overlay(tmp_path / "over.mp4", video, scores_of(), INTERVALS, looks=looks)
    images = images_of(tmp_path / "over.mp4")
    assert images[0].shape == (384, 512 + 192, 3)
    columns = [image[:, 512:].astype(int) for image in images]
    reds = [int((part[:192, :, 0] - part[:192, :, 2] > 100).sum()) for part in columns]
    blues = [int((part[192:, :, 2] - part[192:, :, 0] > 100).sum()) for part in columns]
    for counts in (reds, blues):
        assert min(counts[4:8]) > 100 * 100
        assert max(*counts[:4], *counts[8:]) == 0


def test_a_turned_video_is_upright(tmp_path):
    video = grey_video(tmp_path / "a.mp4")
    set_display_matrix(video, (0, 1, -1, 0))  # a quarter turn
    upright = images_of(video)[0]
    write_overlay(tmp_path / "over.mp4", video, scores_of(), [])
    image = images_of(tmp_path / "over.mp4")[0]
    assert image.shape[:2] == (upright.shape[0] * 4, upright.shape[1] * 4)
    corners = [
        [part.mean() > 200 for part in (one[:20, :20], one[:20, -20:])] for one in (upright, image)
    ]
    assert corners[0] == corners[1]
    assert any(corners[0])


def test_between_the_middles_of_windows_scores_are_interpolated():
    drawing = Drawing(scores_of(), INTERVALS)
    assert drawing.scores_at(0.4)[0] == pytest.approx(0.5)
    assert drawing.scores_at(-1)[2] == pytest.approx(0.8)
    assert drawing.scores_at(9)[2] == pytest.approx(0.8)
    assert [drawing.interval_at(t) for t in (0.39, 0.4, 0.79, 0.8)] == [
        None,
        INTERVALS[0],
        INTERVALS[0],
        None,
    ]


def test_the_class_of_the_interval_has_a_bar_however_low_its_score_is():
    names = ("run", "jump", "sit", "none")
    fused = np.float32([[0.05, 0.2, 0.15, 0.6]])
    scores = WindowScores(class_names=names, windows_s=[[0, 1]], fused=fused, background="none")
    drawing = Drawing(scores, INTERVALS)
    values = drawing.scores_at(0.5)
    assert drawing.bars_at(None, values) == [3, 1, 2]
    assert drawing.bars_at(INTERVALS[0], values) == [3, 1, 0]
    assert drawing.bars_at(Interval(0, 1, "jump + sit", 0.9), values) == [3, 1, 2]


def test_small_and_odd_frames_are_drawn_on_too():
    drawing = Drawing(scores_of(("a very long name of a class " * 3, "jump", "none")), INTERVALS)
    for shape in ((16, 16), (400, 90), (90, 400), (1080, 1920)):
        image = enlarged(np.full((*shape, 3), 128, np.uint8))
        drawing.draw(image, 0.5, np.zeros((200, 40, 3), np.uint8))
        assert image.shape[0] >= shape[0]


def test_without_letters_for_a_label_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(lettering, "HAS_FONTS", False)
    assert lettering.drawable("Prügelei") == "Prugelei"
    assert not lettering.is_drawable("跳远")
    assert lettering.width_of("jump", size_px=20) > 20
    video = grey_video(tmp_path / "a.mp4", frames=2)
    told = []
    with listening(told.append):
        write_overlay(tmp_path / "o.mp4", video, scores_of(("跳远", "jump", "none")), INTERVALS)
    assert any("no letters for 跳远" in str(event) for event in told)


@pytest.mark.skipif(not lettering.HAS_FONTS, reason="this OpenCV has no letters but English ones")
def test_letters_of_other_scripts_are_drawn():
    pictures = []
    for text in ("跳远", "прыжок", "jump", "??"):
        picture = np.zeros((40, 120, 3), np.uint8)
        lettering.write_on(picture, text, 4, 30, size_px=20, colour=(255, 255, 255))
        pictures.append(picture)
    assert all(picture.any() for picture in pictures)
    assert len({picture.tobytes() for picture in pictures}) == 4
    short = lettering.shortened("a long label", size_px=20, room_px=60)
    assert short.endswith("...")
    assert lettering.width_of(short, size_px=20) <= 60
