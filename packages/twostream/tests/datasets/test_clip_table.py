"""Tables of clips: what they may say, and how they are refused."""

from __future__ import annotations

import polars as pl
import pytest
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError


@pytest.fixture
def table(make_source):
    """Write a table beside the videos a/1.avi, a/2.avi, b/1.avi and long.mp4; returns its path."""

    def make(text, *, name="clips.csv"):
        source = make_source("a/1.avi", "a/2.avi", "b/1.avi", "long.mp4")
        path = source / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


def load(path):
    return load_dataset(path, annotations=None, seed=0)


def refusal(path):
    with pytest.raises(TwostreamError) as caught:
        load(path)
    return str(caught.value)


def test_paths_and_labels(table):
    dataset = load(table("path,label\na/1.avi,run\nb/1.avi,walk\n"))
    assert (dataset.name, dataset.kind) == ("clips", "a table of 2 clips")
    assert [(c.clip_id, c.source) for c in dataset.clips] == [
        ("run/1", "a/1.avi"),
        ("walk/1", "b/1.avi"),
    ]
    assert all(clip.path.is_file() for clip in dataset.clips)
    assert dataset.notes[0].startswith("no annotations: split 1 was drawn")


def test_absolute_paths(table, tmp_path):
    (tmp_path / "far.avi").touch()
    dataset = load(table(f"path,label\n{tmp_path}/far.avi,run\nb/1.avi,walk\n"))
    assert dataset.clips[0].path == tmp_path / "far.avi"


def test_splits_and_groups(table):
    text = (
        "label;path;split;group;note\nrun;a/1.avi;train;x;1\nrun;a/2.avi;;x;\nwalk;b\\1.avi;VAL;y;"
    )
    dataset = load(table(text))
    assert dataset.splits == {1: {"run/1": "train", "run/2": "unused", "walk/1": "val"}}
    assert [clip.group for clip in dataset.clips] == ["x", "x", "y"]


def test_segments_of_one_file_under_several_spellings_are_of_one_video(table, tmp_path):
    made = tmp_path / "other.mp4"
    made.touch()
    (tmp_path / "hard.mp4").hardlink_to(made)
    (tmp_path / "soft.mp4").symlink_to(made)
    names = [f"{tmp_path}/{name}" for name in ("other.mp4", "./other.mp4", "hard.mp4", "soft.mp4")]
    rows = [f"{name},{'run' if k % 2 else 'walk'},{k},{k + 1}\n" for k, name in enumerate(names)]
    dataset = load(table("path,label,start_seconds,end_seconds\n" + "".join(rows)))
    assert dataset.kind == "a table of 4 clips, 4 of them segments of 1 video"


def test_segments_become_clips_of_one_group(table):
    text = "path,label,start_seconds,end_seconds\n" + "".join(
        f"long.mp4,{label},{start},{end}\n"
        for label, start, end in [
            ("run", 10, 12.5),
            ("walk", 12.5, 20),
            ("run", 3, 4),
            ("run", 60, ""),
        ]
    )
    dataset = load(table(text + "a/1.avi,walk,,\n"))
    assert dataset.kind == "a table of 5 clips, 4 of them segments of 1 video"
    assert [clip.clip_id for clip in dataset.clips] == [
        "run/long__3-4s",
        "run/long__10-12.5s",
        "run/long__60s-end",
        "walk/1",
        "walk/long__12.5-20s",
    ]
    assert {clip.group for clip in dataset.clips if clip.segment} == {"long.mp4"}
    # One source video is on one side, whatever its classes.
    sides = dataset.splits[1]
    assert len({sides[clip.clip_id] for clip in dataset.clips if clip.segment}) == 1


def test_the_same_name_from_two_folders(table):
    dataset = load(table("path,label\na/1.avi,run\nb/1.avi,run\na/2.avi,walk\n"))
    assert [clip.clip_id for clip in dataset.clips] == ["run/1", "run/1.avi", "walk/2"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_spreadsheets_write(table, encoding):
    text = 'Path,Label\r\n"a/1.avi","über, quer"\r\n\r\nb/1.avi,walk\r\n'
    assert load(table(text.encode(encoding))).classes == ("walk", "über, quer")


@pytest.mark.parametrize(
    "text",
    [
        "Video,Class,Subset\na/1.avi,run,training\nb/1.avi,walk,testing\n",
        "filename;action;split\na/1.avi;run;train\nb/1.avi;walk;eval\n",
        "sep=;\npath;label;split\na/1.avi;run;train\nb/1.avi;walk;test\n",
        "Unnamed: 0,path,label,split\n0,a/1.avi,run,train\n1,b/1.avi,walk,test\n",
    ],
)
def test_columns_as_others_call_them(table, text):
    dataset = load(table(text))
    assert dataset.classes == ("run", "walk")
    assert dataset.sides("run/1") == ("train",)
    assert dataset.sides("walk/1") == ("test",)


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("path;label;start;stop\nlong.mp4;run;1:02,5;1:02:03\n", (62.5, 3723.0)),
        ('path,label,begin,end\nlong.mp4,run,"0,25",1.5\n', (0.25, 1.5)),
        ("path,label,Start (s),Stop [s]\nlong.mp4,run,0.25,1.5\n", (0.25, 1.5)),
        ("path,label,Start time,End time\nlong.mp4,run,0.25,1.5\n", (0.25, 1.5)),
        ("path,label,start_frame,end_frame,fps\nlong.mp4,run,1,3,25\n", (0.02, 0.1)),
        ("path,label,end_frame,fps\nlong.mp4,run,50,\n", None),
    ],
)
def test_times_as_people_write_them(table, text, segment):
    delimiter = ";" if ";" in text else ","
    path = table(text + f"b/1.avi{delimiter}walk\n")
    if segment is None:
        assert "by which frames are counted" in refusal(path)
        return
    found = load(path).clips[0].segment
    assert (found.start_seconds, found.end_seconds) == segment


def test_parquet_says_the_same(table):
    text = "path,label,split,start_seconds,end_seconds\na/1.avi,3,train,,\nlong.mp4,4,test,1.5,2\n"
    by_text = load(table(text))
    path = by_text.clips[0].path.parents[1] / "clips.parquet"
    frame = pl.read_csv(text.encode(), schema_overrides={"label": pl.Int32})
    frame.write_parquet(path)
    assert load(path) == by_text


def test_rows_that_repeat(table):
    assert (
        "1 row with a clip that was listed already"
        in load(table("path,label\na/1.avi,run\nb/1.avi,walk\na/1.avi,run\n")).notes
    )
    line = refusal(table("path,label\na/1.avi,run\nb/1.avi,walk\na/1.avi,walk\n"))
    assert "line 4: expected one label for a clip, found 'walk', and 'run' in line 2" in line


def test_absent_videos_are_problems(table):
    dataset = load(table("path,label\na/1.avi,run\nb/1.avi,walk\ngone.avi,run\na,walk\n"))
    assert [(p.source, p.reason) for p in dataset.problems] == [
        ("gone.avi", "line 4 of the table names it, but it is absent"),
        ("a", "line 5 of the table names it, but it is a folder"),
    ]
    assert "none of 1; check the first" in refusal(table("path,label\ngone.avi,run\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column 'path' in an empty table"),
        ("path,label\n", "found no row"),
        ("a/1,run\n", "line 1: expected a header with the columns path,label[,split]"),
        ("path,labels\na/1.avi,run\n", "rename 'labels'"),
        ("path,label,more\na/1.avi,run,1\n", "found the column 'more'; rename it, or remove it"),
        ("path,label,start_secnds\na/1.avi,run,1\n", "did you mean start_seconds?"),
        ("path,label,start\na/1.avi,run,1:75\n", "such as 83.5 or 1:23.5"),
        (
            "path,label,start_frame\na/1.avi,run,10\n",
            "by which frames are counted in the column fps",
        ),
        ("path,label,start,end_frame,fps\na/1.avi,run,1,3,25\n", "no frames beside seconds"),
        ("path,label,label\na/1.avi,run,x\n", "'label' more than once"),
        ("path,label\na/1.avi,run,x\n", "line 2: expected 2 cells, path,label, found 3"),
        ("path,label\na/1.avi,\n", "line 2: expected a text on one line"),
        ("path,label\n\na/1.avi,a\tb\n", "line 3: expected a text on one line"),
        ("path,label\n,run\n", "the path of a video in the column path, found an empty cell"),
        ("path,label,split\na/1.avi,run,tset\n", "train, val, test or unused in the column split"),
        ("path,label,start_seconds\na/1.avi,run,soon\n", "seconds from the start"),
        ("path,label,start_seconds\na/1.avi,run,-1\n", "found '-1'"),
        ("path,label,start_seconds\na/1.avi,run,nan\n", "found 'nan'"),
        ("path,label,start_seconds,end_seconds\na/1.avi,run,3,3\n", "a time after the start, 3"),
        ("path,label\na/1.avi,run\na/2.avi,run\n", "found one class only, 'run'"),
        (b"path,label\na/1.avi,run\n\xff,x\n", "clips.csv:3: expected UTF-8 text"),
    ],
)
def test_refusals_name_the_line(table, text, said):
    assert said in refusal(table(text))


def test_a_damaged_parquet_file(table):
    assert "expected a Parquet file" in refusal(table("nonsense", name="clips.parquet"))


def test_another_file_is_no_source(table):
    assert "a file that ends in .csv" in refusal(table("x", name="notes.txt"))
    assert "unpack it" in refusal(table("x", name="videos.tar.gz"))


@pytest.mark.parametrize("labels", ["0 0 1", "0.0 0.0 1.0", "7 7 3"])
def test_numbers_of_classes_have_the_names_of_folders_where_these_tell(table, labels):
    """Floats are what pandas makes of whole numbers where one was absent."""
    rows = zip(("a/1.avi", "a/2.avi", "b/1.avi"), labels.split(), strict=True)
    dataset = load(table("path,label\n" + "".join(f"{path},{label}\n" for path, label in rows)))
    assert [clip.clip_id for clip in dataset.clips] == ["a/1", "a/2", "b/1"]
    assert (
        "labels are numbers: classes have the names of the folders of their videos" in dataset.notes
    )


def test_numbers_of_classes_of_which_folders_tell_nothing_stay(table):
    dataset = load(table("path,label\na/1.avi,0\na/2.avi,1\nb/1.avi,1\n"))
    assert dataset.classes == ("0", "1")
    assert not any("folders" in note for note in dataset.notes)


def test_numbers_of_a_table_by_the_names_in_a_file_beside_it(table):
    path = table("path,label\na/1.avi,1\na/2.avi,0\nb/1.avi,1\n")
    (path.parent / "label_map.txt").write_text("golf\nwalk\n")
    assert [clip.clip_id for clip in load(path).clips] == ["golf/2", "walk/1", "walk/1.avi"]


@pytest.mark.parametrize("cell", ["['run', 'walk']", '["run"]', "[0, 1]", "[]"])
def test_a_list_of_labels_is_no_name_of_a_class(table, cell):
    quoted = cell.replace('"', '""')
    line = refusal(table(f'path,label\na/1.avi,"{quoted}"\nb/1.avi,walk\n'))
    assert "line 2: expected one label (of several a row each, with --multi-label)" in line


def test_nor_is_one_in_parquet(table):
    path = table("", name="clips.parquet")
    rows = {"path": ["a/1.avi", "b/1.avi"], "label": [["run", "walk"], ["walk"]]}
    pl.DataFrame(rows).write_parquet(path)
    assert "expected one label" in refusal(path)
