from __future__ import annotations

import pytest
from twostream.datasets.folds import Folds
from twostream.datasets.load import load_dataset


def test_without_annotations_there_is_one_split_by_source_video(make_source):
    names = [f"{c}/v_{c}_g{g:02d}_c{n:02d}.avi" for c in "ba" for g in range(10) for n in range(2)]
    source = make_source(*names, "c/v_c_g01_c01.avi", "c/v_c_g01_c02.avi")
    dataset = load_dataset(source, annotations=None, seed=5)
    assert dataset.name == "source"
    assert dataset.classes == ("a", "b", "c")
    assert list(dataset.splits) == [1]
    sides = dataset.splits[1]
    for name in "ab":
        assert {sides[f"{name}/v_{name}_g{g:02d}_c00"] for g in range(10)} == {"train", "test"}
    assert all(sides[f"a/v_a_g{g:02d}_c00"] == sides[f"a/v_a_g{g:02d}_c01"] for g in range(10))
    trains = list(sides.values()).count("train")
    assert 22 < trains < 40
    assert dataset.notes == (
        "no annotations: split 1 was drawn by source video, 70/30, with seed 5: "
        f"{trains} clips to train on, {42 - trains} to test on",
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


def test_segments_copies_and_known_names_of_one_recording_are_one_group(make_source):
    """Rows of one file, however spelled and labelled, and names that tell of one recording."""
    source = make_source("long.avi", "v_Golf_g01_c01.avi", "sub/v_Golf_g01_c02.avi", "b.avi")
    (source / "link.avi").symlink_to(source / "long.avi")
    (source / "hard.avi").hardlink_to(source / "long.avi")
    table = source / "clips.csv"
    table.write_text(
        "path,label,start_seconds,end_seconds\n"
        "long.avi,run,,\n./long.avi,run,1,2\nsub/../long.avi,walk,2,3\n"
        f"{source}/long.avi,walk,3,4\nlink.avi,run,5,6\nhard.avi,walk,6,7\n"
        "v_Golf_g01_c01.avi,run,0,1\nv_Golf_g01_c01.avi,walk,1,2\nsub/v_Golf_g01_c02.avi,Golf,,\n"
        "b.avi,walk,,\n"
    )
    dataset = load_dataset(table, annotations=None, seed=0)
    of_file = {}
    for clip in dataset.clips:
        of_file.setdefault(
            "long" if clip.path.samefile(source / "long.avi") else clip.source[-14:], set()
        )
        of_file["long" if clip.path.samefile(source / "long.avi") else clip.source[-14:]].add(
            clip.group
        )
    assert all(len(groups) == 1 for groups in of_file.values())
    assert len({clip.group for clip in dataset.clips}) == 3
    assert any("joined with another" in note for note in dataset.notes)


def test_a_group_that_a_table_gives_holds_all_of_a_file(make_source):
    source = make_source("a.avi", "b.avi", "c.avi")
    table = source / "clips.csv"
    table.write_text(
        "path,label,group,start_seconds\na.avi,run,x,\na.avi,walk,y,3\nb.avi,run,y,\nc.avi,walk,z,\n"
    )
    dataset = load_dataset(table, annotations=None, seed=0)
    assert len({clip.group for clip in dataset.clips}) == 2


def test_what_was_kept_stays_and_decides_for_its_group(make_source):
    names = [f"{c}/v_{c}_g{g:02d}_c01.avi" for c in "ab" for g in range(8)]
    first = load_dataset(make_source(*names), annotations=None, seed=0)
    turned = {k: "test" if side == "train" else "train" for k, side in first.splits[1].items()}
    source = make_source(*names, "a/v_a_g03_c02.avi", "a/v_a_g77_c01.avi")
    kept = {clip_id: (side,) for clip_id, side in turned.items()}
    grown = load_dataset(source, annotations=None, seed=0, kept=kept)
    assert turned.items() <= grown.splits[1].items()
    assert grown.splits[1]["a/v_a_g03_c02"] == turned["a/v_a_g03_c01"]
    assert any(note.startswith("2 new clips; the 16") for note in grown.notes)


def test_clips_that_are_cut_otherwise_stay_on_the_side_of_their_video(make_source):
    source = make_source(*(f"{name}.avi" for name in "abcdef"))
    table = source / "clips.csv"

    def draw(begin, **kept):
        rows = [
            f"{n}.avi,{label},{begin + k}" for n in "abcdef" for k, label in enumerate(["x", "y"])
        ]
        table.write_text("\n".join(["path,label,start_seconds", *rows]) + "\n")
        return load_dataset(table, annotations=None, seed=0, folds=Folds(3), **kept)

    first = draw(0)
    turned = {"a.avi": ("train", "train", "test"), "b.avi": ("test", "train", "train")}
    again = draw(5, kept={"gone/a": ("test", "train", "train")}, of_sources=turned)
    assert not {clip.clip_id for clip in first.clips} & {clip.clip_id for clip in again.clips}
    for clip in again.clips:
        if clip.source in turned:
            assert again.sides(clip.clip_id) == turned[clip.source]
