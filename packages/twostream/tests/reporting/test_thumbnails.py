import base64

import cv2
import numpy as np
import pytest
from twostream.reporting.thumbnails import ClipShelf, filmstrip
from twostream.store.clip import open_clip


def pixels(uri):
    prefix, _, content = uri.partition(",")
    assert prefix == "data:image/jpeg;base64"
    bgr = cv2.imdecode(np.frombuffer(base64.b64decode(content), np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def test_three_moments_of_a_clip(tmp_path, store_clip):
    store_clip(tmp_path / "a.zip", frames=31)
    strip = filmstrip(open_clip(tmp_path / "a.zip"))
    assert [moment.seconds for moment in strip.moments] == [0.2, 0.6, 1.0]
    assert pixels(strip.moments[0].frame).shape == (strip.height, strip.width, 3) == (48, 64, 3)


def test_flow_has_middlebury_colours(tmp_path, store_clip):
    # The flow of the made-up clip turns about its centre: to the right below it, which is red.
    store_clip(tmp_path / "a.zip")
    strip = filmstrip(open_clip(tmp_path / "a.zip"))
    flow = pixels(strip.moments[0].flow)
    red, green, blue = (int(channel) for channel in flow[46, 32])
    assert red > 200
    assert max(green, blue) < 190
    assert flow[24, 32].min() > 225
    assert 5 < strip.full_colour_px < 12


def test_large_clips_are_made_small(tmp_path, store_clip):
    store_clip(tmp_path / "a.zip", frames=2, size=(240, 320))
    strip = filmstrip(open_clip(tmp_path / "a.zip"))
    assert (strip.width, strip.height) == (168, 126)
    assert len(strip.moments) == 1


@pytest.mark.parametrize("folder", [None, "nowhere"])
def test_clips_that_are_nowhere_are_explained(tmp_path, folder):
    shelf = ClipShelf(None if folder is None else tmp_path / folder)
    assert shelf.absence
    assert shelf.filmstrip("a/b") is None
