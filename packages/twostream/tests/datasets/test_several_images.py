"""Picture files that hold several images are told from those that hold one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from twostream.datasets.load import load_dataset
from twostream.datasets.several_images import several_images_in
from twostream.errors import TwostreamError
from twostream.video.decode import open_video


def images(count):
    return [np.full((16, 24, 3), 20 * k, np.uint8) for k in range(count)]


def animated(path, count=3):
    animation = cv2.Animation()
    animation.frames, animation.durations = images(count), [40] * count
    assert cv2.imwriteanimation(str(path), animation)
    return path


@pytest.mark.parametrize(("suffix", "word"), [("webp", "WebP"), ("png", "PNG")])
def test_animations_are_no_single_pictures(tmp_path, suffix, word):
    still = tmp_path / f"still.{suffix}"
    cv2.imwrite(str(still), images(1)[0])
    assert several_images_in(still.read_bytes()) is None
    found = several_images_in(animated(tmp_path / f"a.{suffix}").read_bytes())
    assert found == f"an animated {word}"


def test_pages_of_a_tiff(tmp_path):
    for count, found in ((1, None), (2, "a TIFF of several pages")):
        path = tmp_path / f"{count}.tif"
        assert cv2.imwritemulti(str(path), images(count))
        assert several_images_in(path.read_bytes()) == found
        assert several_images_in(path.read_bytes()[:-8]) in (None, found)


def test_an_animated_webp_is_refused_with_what_to_do(tmp_path):
    path = animated(tmp_path / "a.webp")
    with (
        pytest.raises(TwostreamError, match=r"an animated WebP.*; write it as GIF, APNG or MP4"),
        open_video(path),
    ):
        pass
    for name in ("run", "walk"):
        (tmp_path / "videos" / name).mkdir(parents=True)
        animated(tmp_path / "videos" / name / "clip.webp")
    with pytest.raises(TwostreamError, match=r"clip\.webp: an animated WebP"):
        load_dataset(tmp_path / "videos", annotations=None, seed=0)
