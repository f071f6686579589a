from __future__ import annotations

import os
from pathlib import Path

import pytest
from twostream.datasets.class_folders import scan
from twostream.datasets.names import VIDEO_EXTENSIONS
from twostream.errors import TwostreamError


def ids(source: Path) -> list[str]:
    return [clip.clip_id for clip in scan(source).clips]


def test_every_sub_folder_is_a_class_and_every_video_a_clip(make_source):
    source = make_source("walk/b.avi", "walk/a.MP4", "run/c.webm", "run/deep/er/d.Mov")
    found = scan(source)
    assert [(c.clip_id, c.class_name, c.source, c.group) for c in found.clips] == [
        ("run/c", "run", "run/c.webm", "run/c"),
        ("run/deep__er__d", "run", "run/deep/er/d.Mov", "run/deep__er__d"),
        ("walk/a", "walk", "walk/a.MP4", "walk/a"),
        ("walk/b", "walk", "walk/b.avi", "walk/b"),
    ]
    assert found.clips[0].path == source / "run" / "c.webm"
    assert found.problems == found.notes == ()


@pytest.mark.parametrize(
    "extension",
    [*sorted(VIDEO_EXTENSIONS), ".AVI", ".Mp4"],
)
def test_the_usual_extensions(make_source, extension):
    assert ids(make_source(f"a/x{extension}", "b/y.avi")) == ["a/x", "b/y"]


def test_names_that_are_patterns_to_a_shell(make_source):
    names = ["a [1]/x [a-z]*#!%.avi", "b?/{y}~(1) & 'z'.avi", "c;d/ü 動画.avi", "c;d/new\nline.avi"]
    assert [clip.source for clip in scan(make_source(*names)).clips] == sorted(names)


def test_tags_and_groups_come_from_the_names(make_source):
    found = scan(
        make_source(
            "golf/Film_golf_f_nm_np1_fr_med_0.avi",
            "golf/Film_golf_u_nm_np1_fr_med_1.avi",
            "walk/v_walk_g03_c01.avi",
            "walk/v_Other_g03_c01.avi",
        )
    )
    groups = [clip.group for clip in found.clips]
    assert groups == ["golf/Film", "golf/Film", "walk/v_Other_g03", "walk/g03"]
    assert found.clips[0].tags is not None
    assert found.clips[0].tags.title == "Film"
    assert found.clips[2].tags is None


def test_what_is_ignored_is_counted(make_source):
    source = make_source(
        "a/x.avi",
        "a/x.txt",
        "a/y.TXT",
        "a/noext",
        "a/.hidden.avi",
        "a/.git/z.avi",
        "a/x.part.mp4",
        "a/~$x.avi",
        "b/y.avi",
        ".cache/z.avi",
        "loose.avi",
        "readme.md",
    )
    found = scan(source)
    assert [clip.clip_id for clip in found.clips] == ["a/x", "b/y"]
    assert set(found.notes) == {
        "ignored 4 files without a video extension (2 .txt, 1 without any, 1 .md)",
        "ignored 3 hidden files or folders",
        "ignored 2 temporary files",
    }
    (problem,) = found.problems
    assert (problem.source, problem.stage) == ("loose.avi", "scan")
    assert "beside the class folders" in problem.reason


def test_only_the_most_frequent_extensions_are_told(make_source):
    strange = [f"a/{n}.{'x' * n}" for n in range(1, 9)]
    found = scan(make_source("a/x.avi", "b/y.avi", *strange))
    assert found.notes == (
        "ignored 8 files without a video extension (1 .x, 1 .xx, 1 .xxx, 1 .xxxx, 1 .xxxxx, …)",
    )


def test_stems_that_collide_keep_their_extension(make_source):
    source = make_source(
        "a/x.avi", "a/x.mp4", "a/s/t.avi", "a/s__t.avi", "a/s__t.avi.avi", "b/x.avi"
    )
    found = scan(source)
    assert {clip.source: clip.clip_id for clip in found.clips} == {
        "a/s/t.avi": "a/s__t",
        "a/s__t.avi": "a/s__t.avi",
        "a/s__t.avi.avi": "a/s__t.avi.avi",
        "a/x.avi": "a/x",
        "a/x.mp4": "a/x.mp4",
        "b/x.avi": "b/x",
    }
    assert found.notes == (
        "a/s__t.avi is called a/s__t.avi in the data set: a/s__t is the clip of a/s/t.avi",
        "a/s__t.avi.avi is called a/s__t.avi.avi in the data set: a/s__t.avi is the clip of a/s__t.avi",
        "a/x.mp4 is called a/x.mp4 in the data set: a/x is the clip of a/x.avi",
    )


def test_identifiers_fit_a_file_system(make_source):
    deep = "/".join(["d" * 100] * 3)
    source = make_source(f"a/{deep}/x.avi", f"a/{deep}/y.avi", "b/y.avi")
    first, second, _ = ids(source)
    assert first != second
    assert len(first.removeprefix("a/")) <= 240
    assert [note.partition(": ")[2] for note in scan(source).notes] == [
        "its name is too long for a file"
    ] * 2


def test_an_empty_class_folder_is_a_problem(make_source):
    source = make_source("a/x.avi", "b/y.avi", "only text/z.txt")
    (source / "empty").mkdir()
    found = scan(source)
    assert {clip.class_name for clip in found.clips} == {"a", "b"}
    assert [problem.source for problem in found.problems] == ["empty", "only text"]
    assert all("without any usable video" in problem.reason for problem in found.problems)


def test_a_name_that_is_not_utf8_is_a_problem(make_source):
    source = make_source("a/x.avi", "b/y.avi")
    try:
        Path(os.fsdecode(os.fsencode(source) + b"/a/caf\xe9.avi")).touch()
        os.mkdir(os.fsencode(source) + b"/c\xff")  # noqa: PTH102
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    Path(os.fsdecode(os.fsencode(source) + b"/c\xff/z.avi")).touch()
    Path(os.fsdecode(os.fsencode(source) + b"/c\xff/z.\xff")).touch()
    found = scan(source)
    assert [clip.clip_id for clip in found.clips] == ["a/x", "b/y"]
    assert [(p.source, p.stage) for p in found.problems] == [
        ("a/caf\\xe9.avi", "scan"),
        ("c\\xff/z.avi", "scan"),
    ]
    assert "not UTF-8" in found.problems[0].reason
    assert all(note.isprintable() for note in found.notes)


def test_links_are_followed(make_source, tmp_path):
    source = make_source("a/x.avi")
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "y.avi").touch()
    (source / "b").symlink_to(elsewhere, target_is_directory=True)
    (source / "a" / "linked.avi").symlink_to(elsewhere / "deep" / "y.avi")
    assert ids(source) == ["a/linked", "a/x", "b/deep__y"]


def test_links_never_lead_round_in_circles(make_source):
    source = make_source("a/x.avi", "a/s/y.avi", "b/z.avi")
    (source / "a" / "self").symlink_to(source / "a", target_is_directory=True)
    (source / "a" / "s" / "up").symlink_to("..", target_is_directory=True)
    (source / "a" / "again").symlink_to("s", target_is_directory=True)
    (source / "all").symlink_to(source, target_is_directory=True)
    (source / "above").symlink_to(source.parent, target_is_directory=True)
    found = scan(source)
    assert [clip.clip_id for clip in found.clips] == ["a/s__y", "a/x", "b/z"]
    assert "did not follow 5 links to folders already searched" in found.notes


def test_what_is_no_regular_file_is_a_problem(make_source):
    source = make_source("a/x.avi", "b/y.avi")
    (source / "a" / "gone.avi").symlink_to(source / "nowhere")
    os.mkfifo(source / "a" / "pipe.avi")
    assert [(p.source, p.reason) for p in scan(source).problems] == [
        ("a/gone.avi", "a link to nothing"),
        ("a/pipe.avi", "not a regular file"),
    ]


def test_a_folder_that_cannot_be_read_is_a_problem(make_source, monkeypatch):
    source = make_source("a/x.avi", "a/locked/y.avi", "b/y.avi")
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = scan(source)
    assert [clip.clip_id for clip in found.clips] == ["a/x", "b/y"]
    assert [p.source for p in found.problems] == ["a/locked"]


def test_a_path_that_cannot_be_examined_is_a_problem(make_source, monkeypatch):
    source = make_source("a/x.avi", "a/y.avi", "b/y.avi")
    is_dir = Path.is_dir

    def refuse(path):
        if path.name == "y.avi" and path.parent.name == "a":
            raise PermissionError(13, "Permission denied")
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", refuse)
    found = scan(source)
    assert [p.source for p in found.problems] == ["a/y.avi"]
    assert len(found.clips) == 2


def test_the_order_is_not_the_file_systems(make_source):
    names = [f"c{n % 3}/{n}.avi" for n in (5, 3, 8, 1, 9, 2, 0)]
    assert [clip.source for clip in scan(make_source(*names)).clips] == sorted(names)


@pytest.mark.parametrize(
    ("names", "found", "remedy"),
    [
        ([], "an empty folder", "class folders"),
        (["readme.txt"], "no folder, only 1 other file", "class folders"),
        (["run.zip", "walk.rar"], "no folder, but 2 archives", "unpack them"),
        (["x.avi", "y.avi"], "2 videos directly in it and no class folder", "sub-folder named"),
        (["a/x.avi"], "videos in one class folder only, a", "add a second class folder"),
        (["a/x.avi", "b/y.txt"], "videos in one class folder only, a", "add a second"),
        (["a/x.txt", "b/y.txt"], "class folders without any usable video", ".avi, .mp4"),
        (["videos/a/x.avi", "videos/b/y.avi"], "one class folder only, videos", "did you mean"),
    ],
)
def test_a_folder_that_holds_no_classes_is_an_error(make_source, names, found, remedy):
    with pytest.raises(TwostreamError) as caught:
        scan(make_source(*names))
    assert found in caught.value.found
    assert remedy in caught.value.remedy


def test_a_missing_source_and_a_file_are_errors(tmp_path):
    with pytest.raises(TwostreamError, match="found nothing"):
        scan(tmp_path / "missing")
    (tmp_path / "x.avi").touch()
    with pytest.raises(TwostreamError, match="found a file"):
        scan(tmp_path / "x.avi")


@pytest.mark.shared
def test_the_real_clips(shared_data):
    assert len(scan(shared_data / "hmdb51" / "videos").clips) == 6
    ucf = scan(shared_data / "ucf101" / "videos")
    assert len(ucf.clips) == 34
    assert len({clip.class_name for clip in ucf.clips}) == 13
    assert not ucf.problems


def test_folders_that_systems_leave_are_no_classes(make_source):
    found = scan(make_source("a/1.avi", "b/2.avi", "__MACOSX/a/._1.avi", "a/@eaDir/1.avi/shot.avi"))
    assert {clip.class_name for clip in found.clips} == {"a", "b"}
    assert (len(found.clips), found.problems) == (2, ())
    assert "ignored 2 hidden files or folders" in found.notes
