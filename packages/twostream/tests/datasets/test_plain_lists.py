"""Lists without a header, as other tools train from them."""

from __future__ import annotations

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
