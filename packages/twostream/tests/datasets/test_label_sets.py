"""Stretches of several labels become clips with sets of labels, which the manifest keeps."""

from pathlib import Path

import pytest
from twostream.datasets.clip_rows import TableRow
from twostream.datasets.clip_table import scan_table
from twostream.datasets.clips import Segment
from twostream.datasets.label_sets import with_label_sets
from twostream.datasets.manifest import ManifestRow, read_manifest, write_manifest
from twostream.errors import TwostreamError


def row(label, start=None, end=None, *, path="a.mp4", subject=None):
    segment = None if start is None else Segment(start, end)
    return TableRow("labels: a", path, label, None, None, segment, None, subject)


def pieces(rows, **options):
    return [
        (
            *(
                (0.0, None)
                if one.segment is None
                else (one.segment.start_seconds, one.segment.end_seconds)
            ),
            "+".join(one.labels),
        )
        for one in with_label_sets(rows, **options).rows
    ]


def test_a_stretch_is_cut_where_labels_change():
    found = pieces([row("walk", 0, 6), row("wave", 2, 8), row("sit", 10, 12)])
    assert found == [(0, 2, "walk"), (2, 6, "walk+wave"), (6, 8, "wave"), (10, 12, "sit")]


def test_several_labels_of_one_whole_file_are_its_set():
    assert pieces([row("walk"), row("wave"), row("walk")]) == [(0.0, None, "walk+wave")]


def test_a_whole_file_and_a_part_of_it():
    assert pieces([row("walk"), row("wave", 1, 3)]) == [
        (0.0, 1, "walk"),
        (1, 3, "walk+wave"),
        (3, None, "walk"),
    ]


def test_pieces_too_short_for_a_stack_of_flow_are_left_out_and_counted():
    found = with_label_sets([row("walk", 0, 6), row("wave", 5.7, 9)])
    assert [one.labels for one in found.rows] == [("walk",), ("wave",)]
    assert "1 stretch of less than 0.5 s" in found.notes[-1]
    assert "walk+wave 5.7-6 s" in found.notes[-1]


def test_a_short_label_that_nothing_overlaps_stays():
    assert pieces([row("blink", 1.0, 1.2)]) == [(1.0, 1.2, "blink")]


def test_ends_that_rounding_alone_parts_are_one():
    assert pieces([row("walk", 0, 2.001), row("wave", 2, 4)]) == [
        (0, 2.001, "walk"),
        (2, 4, "wave"),
    ]


def test_each_subject_is_a_sequence_where_that_is_asked_for():
    rows = [row("walk", 0, 4, subject="left"), row("wave", 0, 4, subject="right")]
    assert pieces(rows) == [(0, 4, "walk+wave")]
    assert pieces(rows, several_subjects=True) == [(0, 4, "walk"), (0, 4, "wave")]


def test_a_label_with_the_joining_sign_is_no_set_of_two():
    rows = [row("a", 0, 2), row("b", 0, 2), row("a+b", 4, 6)]
    found = with_label_sets(rows).rows
    assert len({one.label for one in found}) == len({one.labels for one in found}) == 2


def table(folder: Path, lines: list[str]) -> Path:
    for name in ("a.mp4", "b.mp4"):
        (folder / name).touch()
    target = folder / "table.csv"
    target.write_text("path,label,start_seconds,end_seconds\n" + "\n".join(lines) + "\n")
    return target


def test_rows_of_one_clip_with_two_labels_are_refused_unless_several_may_hold(tmp_path):
    source = table(tmp_path, ["a.mp4,walk,0,2", "a.mp4,wave,0,2", "b.mp4,walk,0,2"])
    with pytest.raises(TwostreamError, match="one label for a clip"):
        scan_table(source)
    scan = scan_table(source, multi_label=True)
    assert [clip.labels for clip in scan.clips] == [("walk",), ("walk", "wave")]
    assert [clip.class_name for clip in scan.clips] == ["walk", "walk+wave"]


def manifest_row(clip_id, number, name, labels, *, background=False):
    return ManifestRow(
        clip_id, name, number, f"clips/{clip_id}.zip", "a.mp4", 50, 25.0, 64, 64, 2.0, "a", ("train",),
        background=background, labels=labels,
    )  # fmt: skip


def test_the_manifest_keeps_sets_and_its_classes_are_the_labels(tmp_path):
    rows = [
        manifest_row("background/a", 0, "background", (), background=True),
        manifest_row("walk/a", 1, "walk", ("walk",)),
        manifest_row("walk+wave/a", 2, "walk+wave", ("walk", "wave, \"both\"")),
    ]  # fmt: skip
    write_manifest(tmp_path, rows, 1)
    found = read_manifest(tmp_path)
    assert found.rows == tuple(rows)
    assert found.multi_label
    assert found.classes == ("walk", 'wave, "both"')
    assert found.counted == ("walk", 'wave, "both"', "background")


def test_a_manifest_of_classes_has_no_column_of_labels(tmp_path):
    write_manifest(tmp_path, [manifest_row("walk/a", 0, "walk", None)], 1)
    assert "labels" not in (tmp_path / "manifest.csv").read_text().splitlines()[0]
    assert not read_manifest(tmp_path).multi_label


def test_clips_of_classes_and_of_sets_do_not_mix(tmp_path):
    rows = [manifest_row("a/a", 0, "a", None), manifest_row("b/a", 1, "b", ("b",))]
    with pytest.raises(ValueError, match="beside clips of several labels"):
        write_manifest(tmp_path, rows, 1)
