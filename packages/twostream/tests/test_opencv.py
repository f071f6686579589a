"""Other distributions of OpenCV install the folder cv2 too: over ours, and taking it away with them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import small_dataset
from twostream.cli.main import run_command
from twostream.errors import TwostreamError
from twostream.flow.opencv import tvl1_opencv
from twostream.opencv import require_opencv
from twostream.verbs.prepare import prepare

REMEDY = r"; pip install --force-reinstall --no-deps .opencv-contrib-python-headless"


@pytest.fixture
def emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `pip uninstall opencv-python` leaves: folders, for which Python finds no file."""
    monkeypatch.setattr("twostream.opencv.find_spec", lambda name: SimpleNamespace(origin=None))


@pytest.fixture(params=["cv2.optflow", "cv2.optflow.DualTVL1OpticalFlow_create"])
def replaced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `pip install opencv-python` leaves: no contributed modules, or a folder of their name."""
    monkeypatch.delattr(request.param)
    monkeypatch.setattr(
        "twostream.opencv.packages_distributions",
        lambda: {"cv2": ["opencv-contrib-python-headless", "opencv-python"]},
    )


def test_what_another_package_took_away_is_told_before_any_work(
    emptied: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(TwostreamError, match=f"found nothing that can be imported.*{REMEDY}"):
        require_opencv()
    # The workers would find every single clip broken.
    with pytest.raises(TwostreamError, match=REMEDY):
        prepare(small_dataset.write_videos(tmp_path / "videos"), out=tmp_path / "data", flow="dis")
    assert run_command(["check", str(tmp_path)]) == 2
    assert "cv2: expected OpenCV as opencv-contrib-python-headless" in capsys.readouterr().err


def test_an_opencv_installed_over_ours_is_named_where_it_lacks_something(
    replaced: None, tmp_path: Path
) -> None:
    require_opencv()
    frame = np.zeros((16, 16), np.uint8)
    told = rf"without the contributed modules \(opencv-python is installed too\){REMEDY}"
    with pytest.raises(TwostreamError, match=told):
        tvl1_opencv(frame, frame)
    with pytest.raises(TwostreamError, match=told):
        prepare(
            small_dataset.write_videos(tmp_path / "videos"),
            out=tmp_path / "data",
            flow="tvl1-opencv",
        )
