import base64

import cv2
import numpy as np
import pytest
from twostream.reporting.thumbnails import STEPS, ClipShelf, filmstrip
from twostream.store.clip import open_clip


def pixels(uri):
    prefix, _, content = uri.partition(",")
    assert prefix == "data:image/jpeg;base64"
    bgr = cv2.imdecode(np.frombuffer(base64.b64decode(content), np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def test_a_film_is_one_sheet_of_frames_above_flows(tmp_path, store_clip):
    store_clip(tmp_path / "a.zip", frames=31)
    strip = filmstrip(open_clip(tmp_path / "a.zip"))
    assert (strip.steps, strip.width, strip.height) == (STEPS, 64, 48)
    assert pixels(strip.sheet).shape == (2 * 48, STEPS * 64, 3)


def test_stills_are_at_a_sixth_a_half_and_five_sixths(tmp_path, store_clip):
    store_clip(tmp_path / "a.zip", frames=301)
    strip = filmstrip(open_clip(tmp_path / "a.zip"))
    assert [still.seconds for still in strip.stills] == pytest.approx([2, 6, 10], abs=0.6)
    # The place of column k of n in a background n times as wide as its box is k / (n - 1).
    assert [still.percent for still in strip.stills] == pytest.approx(
        [200 / 11, 600 / 11, 1000 / 11]
    )


def test_the_film_moves_as_the_clip_does(tmp_path, store_clip):
    # A square of another colour moves to the right by 4 pixels a frame.
    store_clip(tmp_path / "a.zip", frames=7)
    strip = filmstrip(open_clip(tmp_path / "a.zip"))
    assert strip.steps == 6
    sheet = pixels(strip.sheet)[:48].astype(int)
    for k in range(strip.steps):
        frame = sheet[:, 64 * k : 64 * (k + 1)]
        square = (frame[..., 0] - frame[..., 2] > 80)[10:30].mean(axis=0)
        assert abs(np.flatnonzero(square > 0.5)[0] - (5 + 4 * k)) <= 1


def test_flow_has_middlebury_colours(tmp_path, store_clip):
    # The flow of the made-up clip turns about its centre: to the right below it, which is red.
    store_clip(tmp_path / "a.zip")
    strip = filmstrip(open_clip(tmp_path / "a.zip"))
    flow = pixels(strip.sheet)[48:, :64]
    red, green, blue = (int(channel) for channel in flow[46, 32])
    assert red > 200
    assert max(green, blue) < 190
    assert flow[24, 32].min() > 225
    assert 5 < strip.full_colour_px < 12


def test_large_clips_are_made_small_and_short_ones_have_fewer_steps(tmp_path, store_clip):
    store_clip(tmp_path / "a.zip", frames=2, size=(240, 320))
    strip = filmstrip(open_clip(tmp_path / "a.zip"))
    assert (strip.width, strip.height) == (168, 126)
    assert (strip.steps, len(strip.stills)) == (1, 1)


@pytest.mark.parametrize("folder", [None, "nowhere"])
def test_clips_that_are_nowhere_are_explained(tmp_path, folder):
    shelf = ClipShelf(None if folder is None else tmp_path / folder)
    assert shelf.absence
    assert shelf.filmstrip("a/b") is None
