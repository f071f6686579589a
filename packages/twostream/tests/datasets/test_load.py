from __future__ import annotations

import pytest
from twostream.datasets.load import load_dataset


def test_without_annotations_there_is_one_split_by_source_video(make_source):
    names = [f"{c}/v_{c}_g{g:02d}_c{n:02d}.avi" for c in "ba" for g in range(10) for n in range(2)]
    source = make_source(*names, "c/v_c_g01_c01.avi", "c/v_c_g01_c02.avi")
    dataset = load_dataset(source, annotations=None, seed=5)
    assert dataset.name == "source"
    assert dataset.classes == ("a", "b", "c")
    assert list(dataset.splits) == [1]
    sides = dataset.splits[1]
    assert [sides[f"a/v_a_g{g:02d}_c00"] for g in range(10)].count("train") == 7
    assert all(sides[f"a/v_a_g{g:02d}_c00"] == sides[f"a/v_a_g{g:02d}_c01"] for g in range(10))
    assert dataset.notes == (
        "no annotations: split 1 was drawn by source video, 70/30, with seed 5",
        "all clips of one source video, so all train: c",
    )
    assert load_dataset(source, annotations=None, seed=5) == dataset
    assert load_dataset(source, annotations=None, seed=6) != dataset


def test_annotations_give_classes_and_splits(make_source, make_lists):
    source = make_source("a/x.avi", "b/y.avi", "b/.hidden")
    lists = make_lists(
        {
            "classInd.txt": "1 b\n2 a\n",
            "trainlist01.txt": "a/x.avi 2\nb/gone.avi 1",
            "testlist01.txt": "b/y.avi",
        }
    )
    dataset = load_dataset(source, annotations=lists, seed=0)
    assert dataset.name == "source"
    assert dataset.classes == ("b", "a")
    assert dataset.splits == {1: {"a/x": "train", "b/y": "test"}}
    assert [(p.source, p.stage) for p in dataset.problems] == [("b/gone.avi", "annotations")]
    assert dataset.notes == (
        "ignored 1 hidden file or folder",
        "split 1: 1 annotated clip absent (1 train, 0 test)",
    )


def test_official_lists_give_their_name(make_source, make_lists):
    source = make_source("Biking/x.avi", "Diving/y.avi")
    lists = make_lists({"trainlist01.txt": "Biking/x.avi", "testlist01.txt": "Diving/y.avi"})
    assert load_dataset(source, annotations=lists, seed=0).name == "ucf101"


def test_the_name_of_the_present_folder(make_source, monkeypatch):
    monkeypatch.chdir(make_source("a/x.avi", "b/y.avi"))
    from pathlib import Path

    assert load_dataset(Path(), annotations=None, seed=0).name == "source"


@pytest.mark.shared
def test_the_real_clips_of_hmdb51(shared_data):
    folder = shared_data / "hmdb51"
    dataset = load_dataset(folder / "videos", annotations=folder / "annotations", seed=0)
    assert dataset.name == "hmdb51"
    assert dataset.classes == ("cartwheel", "climb", "golf", "swing_baseball", "wave")
    assert list(dataset.splits) == [1, 2, 3]
    assert dataset.sides("wave/TrumanShow_wave_f_nm_np1_fr_med_26") == ("test", "train", "train")
    assert len(dataset.problems) == 6766 - 6
    assert "split 1: 6760 annotated clips absent (3565 train, 1529 test)" in dataset.notes


@pytest.mark.shared
def test_the_real_clips_of_ucf101(shared_data):
    dataset = load_dataset(shared_data / "ucf101" / "videos", annotations=None, seed=0)
    assert len(dataset.classes) == 13
    sides = dataset.splits[1]
    for name in dataset.classes:
        here = {side for clip_id, side in sides.items() if clip_id.startswith(f"{name}/")}
        assert here == {"train", "test"}
