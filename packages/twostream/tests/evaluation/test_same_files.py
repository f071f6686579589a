"""Clips of one name may have been made of other files: a comparison of runs says so."""

from __future__ import annotations

import shutil

from twostream.datasets.manifest import read_manifest
from twostream.evaluation.same_files import clips_of_other_files, note_of_other_files


def test_a_clip_that_was_replaced_is_told(small_data, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(small_data, other)
    rows = read_manifest(small_data).rows
    ids = [row.clip_id for row in rows]
    assert clips_of_other_files(small_data, other, ids) == ()
    shutil.copy(other / rows[-1].path, other / rows[0].path)
    assert clips_of_other_files(small_data, other, ids) == (ids[0],)
    assert clips_of_other_files(other, other, ids) == ()
    results = ({"data": str(small_data)}, {"data": str(other)})
    note = note_of_other_files(tmp_path / "a", tmp_path / "b", results, ids)
    assert note is not None
    assert note.startswith(
        f"1 of the clips that both have were made of other files, such as {ids[0]}"
    )


def test_data_that_are_gone_tell_nothing(small_data, tmp_path):
    ids = [row.clip_id for row in read_manifest(small_data).rows]
    assert clips_of_other_files(small_data, tmp_path / "gone", ids) == ()
