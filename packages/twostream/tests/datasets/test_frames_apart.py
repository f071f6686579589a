"""Ready frames whose flows lie in folders of their own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from ready_clips import write_clip
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.preparation.verification import verify_store
from twostream.store.clip import open_clip

NAMES = ("v_Biking_g01_c01", "v_Diving_g02_c01")


def write_apart(root, *, classes=False, u="u", v="v"):
    """Pictures and flows of two clips apart; returns the bytes of the flows by clip, axis and number."""
    written = {}
    for name in NAMES:
        clip = write_clip(root.parent / "made" / name, alignment="from", images=6)
        below = f"{name.split('_')[1]}/{name}" if classes else name
        for kind, place in (("img", "jpegs"), ("flow_x", f"flow/{u}"), ("flow_y", f"flow/{v}")):
            folder = root / place / below
            folder.mkdir(parents=True)
            for path in sorted(clip.glob(f"{kind}_*")):
                number = int(path.stem[-5:])
                path.rename(folder / f"frame{number:06d}.jpg")
                written[name, kind, number] = (folder / f"frame{number:06d}.jpg").read_bytes()
    return written


@pytest.mark.parametrize(
    ("classes", "u", "v"),
    [
        (False, "u", "v"),
        (True, "u", "v"),
        (False, "flow_x", "flow_y"),
        (False, "horizontal", "vertical"),
        (True, "Horizontal", "Vertical"),
        (False, "h", "v"),
    ],
)
def test_pictures_and_their_flows_from_three_folders(tmp_path, classes, u, v):
    written = write_apart(tmp_path / "frames", classes=classes, u=u, v=v)
    options = PrepareOptions(extraction=ExtractionOptions(), workers=1)
    done = prepare_dataset(tmp_path / "frames", tmp_path / "data", options)
    assert (done.clips, done.problems) == (2, ())
    for name in NAMES:
        clip = open_clip(tmp_path / "data" / "clips" / name.split("_")[1] / f"{name}.zip")
        assert clip.metadata.frames == 6
        for k in range(1, 6):
            for axis in "xy":
                stored = clip.read(f"flow_{axis}_{k:05d}.jpg")
                assert stored == written[name, f"flow_{axis}", k]
    again = prepare_dataset(tmp_path / "frames", tmp_path / "data", options)
    assert again.reused == 2
    if not classes:
        found = verify_store(tmp_path / "data", source=tmp_path / "frames", workers=1).findings
        assert found == ()


def test_what_lacks_its_other_half_is_a_problem(tmp_path):
    write_apart(tmp_path / "frames")
    lonely = tmp_path / "frames" / "jpegs" / "v_Golf_g01_c01"
    lonely.mkdir()
    (lonely / "frame000001.jpg").touch()
    dataset = load_dataset(tmp_path / "frames", annotations=None, seed=0)
    assert [(p.source, p.reason) for p in dataset.problems] == [
        ("jpegs/v_Golf_g01_c01", "pictures without flow: left out")
    ]


def test_classes_that_are_called_u_and_v_are_classes(tmp_path):
    for name in "uv":
        write_clip(tmp_path / name / "clip", images=6)
    assert load_dataset(tmp_path, annotations=None, seed=0).classes == ("u", "v")


def write_coloured(folder, numbers):
    folder.mkdir(parents=True, exist_ok=True)
    for k in numbers:
        picture = np.full((48, 64, 3), (10 * k, 100, 200), np.uint8)
        cv2.imwrite(str(folder / f"frame{k:06d}.jpg"), picture)


@pytest.mark.parametrize("classes", [False, True])
def test_flows_in_folders_of_other_names_are_refused(tmp_path, classes):
    """They would be clips of classes called left and right, or of their own class, each of them thrice."""
    write_apart(tmp_path / "frames", classes=classes, u="left", v="right")
    for name in NAMES:
        below = f"{name.split('_')[1]}/{name}" if classes else name
        write_coloured(tmp_path / "frames" / "jpegs" / below, range(1, 7))
    with pytest.raises(TwostreamError, match=r"flow/left/.* and flow/right/.*: flow") as refused:
        load_dataset(tmp_path / "frames", annotations=None, seed=0)
    assert "u and those of vertical flow v" in refused.value.remedy


def test_pictures_of_other_numbers_beside_grey_ones_are_clips(tmp_path):
    """Three classes with clips of the same names, two of them grey: no flow, for it is longer."""
    write_apart(tmp_path / "frames", u="left", v="right")
    for name in NAMES:
        write_coloured(tmp_path / "frames" / "jpegs" / name, range(1, 10))
    dataset = load_dataset(tmp_path / "frames", annotations=None, seed=0)
    assert dataset.classes == ("jpegs", "left", "right")


@pytest.mark.parametrize("names", [("horizontal", "vertical"), ("h", "other", "v")])
def test_classes_of_coloured_pictures_are_classes_whatever_they_are_called(tmp_path, names):
    for name in names:
        for clip in ("1", "2"):
            write_coloured(tmp_path / name / clip, range(1, 4))
    dataset = load_dataset(tmp_path, annotations=None, seed=0)
    assert (dataset.classes, len(dataset.clips)) == (names, 2 * len(names))
