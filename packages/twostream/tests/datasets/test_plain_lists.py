"""Lists without a header, as other tools train from them."""

from __future__ import annotations

from itertools import product

import pytest
from ready_clips import write_clip
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError


def load(path):
    return load_dataset(path, annotations=None, seed=0)


@pytest.mark.parametrize("name", ["list.txt", "train.csv"])
@pytest.mark.parametrize("count", ["", "24 "])
def test_paths_labels_and_counts(make_source, name, count):
    source = make_source("golf/a b.avi", "golf/c.avi", "walk/a.avi")
    path = source / name
    path.write_text(f"golf/a b.avi {count}0\n./golf\\c.avi {count}0\r\nwalk\\a.avi {count}1\n")
    dataset = load(path)
    assert [clip.clip_id for clip in dataset.clips] == ["golf/a b", "golf/c", "walk/a"]
    assert dataset.problems == ()


def test_names_come_from_the_label_map(make_source):
    source = make_source("x/a.avi", "x/b.avi")
    (source / "mmaction2").mkdir()
    (source / "label_map.txt").write_text("golf\nwalk\n")
    path = source / "list.txt"
    path.write_text("x/a.avi 1\nx/b.avi 0\n")
    assert [clip.clip_id for clip in load(path).clips] == ["golf/b", "walk/a"]
    path.write_text("x/a.avi 1\nx/b.avi 7\n")
    with pytest.raises(TwostreamError, match="line 2: expected the number of a class"):
        load(path)


def test_numbers_without_names_stay_numbers(make_source):
    source = make_source("x/a.avi", "x/b.avi")
    (source / "list.txt").write_text("x/a.avi 1\nx/b.avi 0\n")
    assert load(source / "list.txt").classes == ("0", "1")


def test_folders_of_ready_frames(tmp_path):
    for name in ("golf/a.1", "walk/b"):
        write_clip(tmp_path / name, images=4)
    (tmp_path / "list.txt").write_text("golf/a.1 4 0\nwalk/b 4 1\n")
    clips = load(tmp_path / "list.txt").clips
    assert [(c.clip_id, c.frames_in.path.name) for c in clips] == [
        ("golf/a.1", "a.1"),
        ("walk/b", "b"),
    ]


def test_a_line_that_is_none(make_source):
    source = make_source("x/a.avi")
    (source / "list.txt").write_text("x/a.avi 0\nx/b.avi\n")
    with pytest.raises(TwostreamError, match="`path label` or `path count label`"):
        load(source / "list.txt")


WRITTEN = {
    "tabs": "x/a b.avi\thigh jump\nx/c.avi\twalk\n",
    "commas, Windows": "x/a b.avi,high jump\r\nx/c.avi,walk\r\n",
    "quotes": '"x/a b.avi";"high jump"\n"x/c.avi";"walk"\n',
    "bars": "x/a b.avi|high jump\nx/c.avi|walk\n",
    "counts": "x/a b.avi, 24, high jump\nx/c.avi, 24, walk\n",
    "labels first, tabs": "high jump\tx/a b.avi\nwalk\tx/c.avi\n",
    "labels first, commas": "high jump,x/a b.avi\nwalk,x/c.avi\n",
}
WRITTEN_WITH_BLANKS = {
    "blanks": "x/a b.avi high jump\nx/c.avi walk\n",
    "blanks and counts": "x/a b.avi 24 high jump\nx/c.avi 24 walk\n",
}


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *product(["list.txt", "list.csv", "list.tsv"], WRITTEN),
        *product(["list.txt"], WRITTEN_WITH_BLANKS),
    ],
)
def test_lines_as_people_write_them(make_source, name, how):
    source = make_source("x/a b.avi", "x/c.avi")
    (source / name).write_bytes((WRITTEN | WRITTEN_WITH_BLANKS)[how].encode())
    dataset = load(source / name)
    assert {c.source: c.class_name for c in dataset.clips} == {
        "x/a b.avi": "high jump",
        "x/c.avi": "walk",
    }
    assert dataset.problems == ()


def test_labels_that_come_first_are_told(make_source):
    source = make_source("x/a b.avi", "x/c.avi")
    (source / "list.txt").write_text("run x/a b.avi\nwalk x/c.avi 24\n")
    dataset = load(source / "list.txt")
    assert [clip.clip_id for clip in dataset.clips] == ["run/a b", "walk/c"]
    assert "labels stand before paths in list.txt" in dataset.notes


def test_a_text_with_a_header_is_a_table(make_source):
    source = make_source("x/a.avi", "x/b.avi")
    (source / "list.txt").write_text(
        "path\tlabel\tsplit\nx/a.avi\thigh jump\ttrain\nx/b.avi\tb\ttest\n"
    )
    dataset = load(source / "list.txt")
    assert dataset.classes == ("b", "high jump")
    assert set(dataset.splits[1].values()) == {"train", "test"}


@pytest.mark.parametrize(
    ("names", "labels", "told"),
    [
        ("0 golf\n1 walk\n", (0, 1), ""),
        ("golf,0\nwalk,1\n", (0, 1), ""),
        ("1 golf\n2 walk\n", (1, 2), ""),
        ("3\tgolf\n17\twalk\n", (3, 17), ""),
        ("walk 1\ngolf 0\n", (0, 1), ""),
        ("1 golf\n2 walk\n", (0, 1), "label_map.txt from 0"),
        ("golf\nwalk\n", (1, 2), "label_map.txt from 1"),
    ],
)
def test_numbers_of_classes_however_they_are_counted(make_source, names, labels, told):
    source = make_source("x/a.avi", "x/b.avi")
    (source / "label_map.txt").write_text(names)
    (source / "list.txt").write_text(
        "".join(f"x/{p}.avi {n}\n" for p, n in zip("ab", labels, strict=True))
    )
    dataset = load(source / "list.txt")
    assert [clip.clip_id for clip in dataset.clips] == ["golf/a", "walk/b"]
    remarks = [note for note in dataset.notes if "numbers of classes are lines of" in note]
    assert [remark.endswith(told) for remark in remarks] == ([True] if told else [])


def test_folders_tell_that_numbers_are_counted_from_1(make_source):
    """Without a clip of the last class nothing else would, and each would have its neighbour's name."""
    source = make_source("golf/a.avi", "walk/b.avi")
    (source / "label_map.txt").write_text("golf\nwalk\nwave\n")
    (source / "list.txt").write_text("golf/a.avi 1\nwalk/b.avi 2\n")
    dataset = load(source / "list.txt")
    assert [clip.clip_id for clip in dataset.clips] == ["golf/a", "walk/b"]
    assert "numbers of classes are lines of label_map.txt from 1" in dataset.notes


@pytest.mark.parametrize("name", ["classInd.txt", "classes.txt", "labels.txt"])
def test_names_of_classes_in_other_files(make_source, name):
    source = make_source("x/a.avi", "x/b.avi")
    (source / name).write_text("1 golf\r\n2 walk\r\n")
    (source / "list.txt").write_text("x/a.avi 1\nx/b.avi 2\n")
    assert load(source / "list.txt").classes == ("golf", "walk")


@pytest.mark.parametrize("name", ["list.lst", "list.txt"])
def test_comments_are_no_lines(make_source, name):
    source = make_source("golf/a.avi", "walk/b.avi")
    (source / name).write_text("# made by hand\ngolf/a.avi 0\n# and\nwalk/b.avi 1\n")
    dataset = load(source / name)
    assert (dataset.classes, dataset.problems) == (("golf", "walk"), ())


@pytest.mark.parametrize("line", ["x/a.avi 24 0 1", "x/a.avi 0 10 run"])
def test_several_labels_or_times_are_no_name_of_a_class(make_source, line):
    source = make_source("x/a.avi", "y/b.avi", "z/c.avi")
    (source / "list.txt").write_text(f"{line}\ny/b.avi 24 run\nz/c.avi 24 walk\n")
    dataset = load(source / "list.txt")
    assert dataset.classes == ("run", "walk")
    (problem,) = dataset.problems
    assert problem.reason.startswith(
        "line 1 of the table names it, but numbers stand behind the path"
    )
    assert "--multi-label" in problem.reason


def test_where_all_lines_have_several_labels_that_is_said(make_source):
    source = make_source("x/a.avi", "y/b.avi")
    (source / "list.txt").write_text("x/a.avi 24 0 1\ny/b.avi 24 1 2\n")
    with pytest.raises(TwostreamError, match="a table with a row for each, and give --multi-label"):
        load(source / "list.txt")


@pytest.mark.parametrize("line", ["x/a.avi 24 0", "x/a.avi,24,golf", "golf x/a.avi 24"])
def test_numbers_of_frames_go_with_clips(make_source, line):
    source = make_source("x/a.avi", "y/b.avi")
    (source / "list.txt").write_text(f"{line}\n{line.replace('a', 'b').replace('x', 'y')}\n")
    with pytest.raises(TwostreamError, match="one class only"):
        load(source / "list.txt")


@pytest.mark.parametrize("place", ["splits/train.txt", "videos.txt", "lists/a.csv"])
@pytest.mark.parametrize("line", ["run/a.avi,high jump", "high jump\trun/a.avi"])
def test_paths_from_the_folder_above_or_that_of_the_videos(make_source, place, line):
    source = make_source("videos/run/a.avi", "videos/run/b.avi", place)
    other = line.replace("a.avi", "b.avi").replace("high jump", "walk")
    (source / place).write_text(f"{line}\n{other}\n")
    dataset = load(source / place)
    assert [clip.class_name for clip in dataset.clips] == ["high jump", "walk"]
    assert all(clip.path.is_file() for clip in dataset.clips)
    assert any(note.startswith("paths are relative to ") for note in dataset.notes)
    for clip in dataset.clips:
        assert ((source / place).parent / clip.source).samefile(clip.path)
