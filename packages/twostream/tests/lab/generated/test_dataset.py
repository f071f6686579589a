from __future__ import annotations

import av
import cv2
import numpy as np
import pytest
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError
from twostream.lab.generated.actions import CLASSES
from twostream.lab.generated.clips import render_clip
from twostream.lab.generated.dataset import generate_clips
from twostream.lab.generated.lists import write_split_lists

SMALL = {"groups_per_class": 2, "clips_per_group": 1, "width_px": 48, "height_px": 32}


@pytest.fixture(scope="module")
def calls():
    return []


@pytest.fixture(scope="module")
def folder(tmp_path_factory, calls):
    out = tmp_path_factory.mktemp("generated") / "clips"
    return generate_clips(out, on_clip=lambda done, total: calls.append((done, total)), **SMALL)


def test_layout_is_that_of_ucf101(folder):
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {f"{name}/v_{name}_g{g:02d}_c01.avi" for name in CLASSES for g in (1, 2)}


def test_progress_counts_every_clip(folder, calls):
    total = 2 * len(CLASSES)
    assert calls == [(done, total) for done in range(1, total + 1)]


@pytest.mark.parametrize("name", CLASSES)
def test_files_hold_the_rendered_frames(folder, name):
    frames = render_clip(name, seed=0, group=2, clip=1, width_px=48, height_px=32)
    with av.open(str(folder / name / f"v_{name}_g02_c01.avi")) as file:
        assert file.streams.video[0].average_rate == 25
        decoded = np.stack([f.to_ndarray(format="rgb24") for f in file.decode(video=0)])
    assert decoded.shape == frames.shape
    # Chroma is stored at half resolution, so compare the luma.
    luma = [np.stack([cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in x]) for x in (frames, decoded)]
    assert np.abs(luma[0].astype(int) - luma[1]).mean() < 4


def test_a_second_call_rewrites_nothing(folder):
    def stamps():
        return {path: path.stat().st_mtime_ns for path in folder.rglob("*.avi")}

    before = stamps()
    generate_clips(folder, **SMALL)
    assert stamps() == before


def test_a_missing_file_comes_back_the_same(folder):
    path = folder / "wave_fast" / "v_wave_fast_g02_c01.avi"
    content = path.read_bytes()
    path.unlink()
    generate_clips(folder, **SMALL)
    assert path.read_bytes() == content


def test_opencv_keeps_its_threads(folder):
    before = cv2.getNumThreads()
    generate_clips(folder, **SMALL)
    assert cv2.getNumThreads() == before


def test_the_data_sets_floor_reads_the_folder_and_its_lists(folder, tmp_path):
    lists = write_split_lists(tmp_path, groups_per_class=2, clips_per_group=1, test_groups=1)
    dataset = load_dataset(folder, annotations=lists, seed=0)
    assert set(dataset.classes) == set(CLASSES)
    assert not dataset.problems
    sides = dataset.splits[1]
    assert len(sides) == 2 * len(CLASSES)
    assert all((side == "test") == ("_g01_" in clip) for clip, side in sides.items())


@pytest.mark.parametrize("wrong", [{"groups_per_class": 0}, {"width_px": 49}])
def test_wrong_sizes_are_refused(tmp_path, wrong):
    with pytest.raises(TwostreamError):
        generate_clips(tmp_path, **{**SMALL, **wrong})


@pytest.mark.parametrize("test_groups", [0, 2])
def test_a_split_needs_both_sides(tmp_path, test_groups):
    with pytest.raises(TwostreamError, match="test_groups"):
        write_split_lists(tmp_path, groups_per_class=2, test_groups=test_groups)
