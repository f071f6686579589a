"""Lists for other tools, and back again through our own readers."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.datasets.annotations import annotate
from twostream.datasets.clips import SourceClip
from twostream.datasets.list_files import list_files, misread_by_blanks, write_list_files
from twostream.datasets.manifest import Manifest, ManifestRow


def row(clip_id, *, splits, label=0, source=None, frames=30):
    class_name, stem = clip_id.split("/")
    return ManifestRow(
        clip_id=clip_id,
        class_name=class_name,
        label=label,
        path=f"clips/{clip_id}.zip",
        source=source or f"{class_name}/{stem}.avi",
        frames=frames,
        fps=30.0,
        width=320,
        height=240,
        duration_seconds=frames / 30,
        group=clip_id,
        splits=splits,
    )


@pytest.fixture
def manifest():
    rows = (
        row("brush_hair/A_0", splits=("train", "test", None, "unused"), frames=407),
        row("brush_hair/B_0", splits=("test", "train", None, "train"), frames=17),
        row("cartwheel/C_1", splits=("unused", "train", None, "val"), label=1),
        row(
            "cartwheel/C_2", splits=("test", "unused", None, "test"), label=1, source="x\\y/C_2.mp4"
        ),
    )
    return Manifest(Path("data"), ("brush_hair", "cartwheel"), rows)


def test_the_classic_lists(manifest):
    files = list_files(manifest, name="hmdb51", frames_prefix="data\\hmdb51/rawframes/")
    assert files["classInd.txt"] == "1 brush_hair\n2 cartwheel\n"
    assert files["trainlist01.txt"] == "brush_hair/A_0.avi 1\n"
    assert files["testlist01.txt"] == "brush_hair/B_0.avi\ncartwheel/C_2.mp4\n"
    assert files["hmdb51_train_split_1_rawframes.txt"] == (
        "data/hmdb51/rawframes/brush_hair/A_0 407 0\n"
    )
    assert files["hmdb51_val_split_1_rawframes.txt"] == (
        "data/hmdb51/rawframes/brush_hair/B_0 17 0\ndata/hmdb51/rawframes/cartwheel/C_2 30 1\n"
    )
    assert files["hmdb51_train_split_2_videos.txt"] == (
        "brush_hair/B_0.avi 17 0\ncartwheel/C_1.avi 30 1\n"
    )
    assert files["split1.csv"] == (
        "action,title,train/test\nbrush_hair,A_0.avi,1\nbrush_hair,B_0.avi,2\n"
        "cartwheel,C_1.avi,0\ncartwheel,C_2.mp4,2\n"
    )


def test_the_files_of_mmaction2(manifest):
    files = list_files(manifest, name="hmdb51", videos_prefix="v")
    assert files["mmaction2/label_map.txt"] == "brush_hair\ncartwheel\n"
    assert files["mmaction2/hmdb51_train_split_1_rawframes.txt"] == "brush_hair/A_0 407 0\n"
    assert files["mmaction2/hmdb51_train_split_1_flow_rawframes.txt"] == "brush_hair/A_0 406 0\n"
    assert files["mmaction2/hmdb51_train_split_1_videos.txt"] == "v/brush_hair/A_0.avi 0\n"


def test_a_val_part_of_its_own_is_not_the_test_part(manifest):
    files = list_files(manifest, name="hmdb51")
    assert files["hmdb51_val_split_4_rawframes.txt"] == "cartwheel/C_1 30 1\n"
    assert files["hmdb51_test_split_4_rawframes.txt"] == "cartwheel/C_2 30 1\n"
    assert files["vallist04.txt"] == "cartwheel/C_1.avi\n"
    assert "hmdb51_test_split_1_rawframes.txt" not in files
    assert "vallist01.txt" not in files
    assert files["split4.csv"].splitlines()[1:] == [
        "brush_hair,A_0.avi,0",
        "brush_hair,B_0.avi,1",
        "cartwheel,C_1.avi,3",
        "cartwheel,C_2.mp4,2",
    ]


def test_splits_that_do_not_exist_have_no_lists(manifest):
    assert not any("3" in name for name in list_files(manifest, name="x"))


def test_segments_of_one_video_are_told_apart():
    rows = tuple(
        row(f"run/long__{k}-{k + 1}s", splits=("train",), source="long.mp4") for k in range(2)
    )
    files = list_files(Manifest(Path(), ("run",), rows), name="my set/1")
    assert files["trainlist01.txt"] == "run/long__0-1s 1\nrun/long__1-2s 1\n"
    assert "my_set_1_train_split_1_videos.txt" in files


def test_blanks_are_counted(manifest):
    assert misread_by_blanks(manifest) == 0
    spaced = Manifest(Path(), ("a b",), (row("a b/c", splits=("train",)),))
    assert misread_by_blanks(spaced) == 1


NAMES = st.text("ab 1#[]._é-", min_size=1, max_size=8).filter(
    lambda text: text == text.strip() and not text.startswith(".")
)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["run", "sit up", "été"]), NAMES, st.sampled_from([".avi", ""])),
        st.lists(st.sampled_from(["train", "val", "test", "unused"]), min_size=2, max_size=2),
        min_size=1,
        max_size=12,
    )
)
def test_our_own_reader_gets_every_side_back(tmp_path_factory, named):
    # Two names that differ by case or extension alone are one name to the lenient reader.
    unique = {(c, n.casefold().removesuffix(".avi")): (c, n, e) for c, n, e in named}
    classes = sorted({c for c, _, _ in unique.values()})
    rows, clips = [], []
    for class_name, name, ending in unique.values():
        clip_id, source = f"{class_name}/{name}", f"{class_name}/{name}{ending}"
        splits = tuple(named[class_name, name, ending])
        label = classes.index(class_name)
        rows.append(row(clip_id, splits=splits, label=label, source=source))
        clips.append(SourceClip(clip_id, class_name, Path(source), source, clip_id, None))
    folder = tmp_path_factory.mktemp("lists")
    write_list_files(folder, list_files(Manifest(Path(), tuple(classes), tuple(rows)), name="x"))
    if all(side == "unused" for item in rows for side in item.splits):
        return  # there is no line to read
    annotated = annotate(clips, folder)
    assert annotated.classes == tuple(classes)
    for item in rows:
        for number, side in enumerate(item.splits, start=1):
            assert annotated.splits.get(number, {}).get(item.clip_id, "unused") == side
        with (folder / "split1.csv").open(encoding="utf-8", newline="") as file:
            titles = {(line["action"], line["title"]) for line in csv.DictReader(file)}
        assert len(titles) == len(rows)
