"""Copies of a file under other names are told where one trains and the other tests."""

from __future__ import annotations

import shutil

import pytest
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions


@pytest.mark.parametrize(("side", "told"), [("test", 1), ("train", 0)])
def test_a_copy_on_the_other_side_is_told(make_source, tmp_path, side, told):
    source = make_source(tmp_path / "videos", per_class=2)
    first, *_ = sorted(source.rglob("*.avi"))
    shutil.copy(first, first.with_name("other.avi"))
    rows = ["path,label,split"]
    for path in sorted(source.rglob("*.avi")):
        its = {"other.avi": side, first.name: "train"}.get(path.name)
        rows.append(
            f"{path},{path.parent.name},{its or ('test' if '_1' in path.name else 'train')}"
        )
    table = tmp_path / "table.csv"
    table.write_text("\n".join(rows) + "\n")
    options = PrepareOptions(extraction=ExtractionOptions(flow="dis"), workers=1)
    made = prepare_dataset(table, tmp_path / "data", options)
    notes = [note for note in made.notes if "several names" in note]
    assert len(notes) == told
    assert not told or ("other.avi" in notes[0] and first.name in notes[0])


@pytest.mark.parametrize("part", [",,", ",0,0.4"])
def test_one_file_with_two_labels_is_told(make_source, tmp_path, part):
    """Of two parts each has a label of its own, and that is as it should be."""
    source = make_source(tmp_path / "videos", per_class=2)
    first, *_, last = sorted(source.rglob("*.avi"))
    copy = last.with_name("other.avi")
    shutil.copy(first, copy)
    rows = [f"{path},{path.parent.name}{part}" for path in (first, copy)]
    rows += [f"{first},{last.parent.name},0.4,", f"{last},{last.parent.name},,"]
    table = tmp_path / "table.csv"
    table.write_text("\n".join(["path,label,start,end", *rows]) + "\n")
    options = PrepareOptions(extraction=ExtractionOptions(flow="dis"), workers=1)
    made = prepare_dataset(table, tmp_path / "data", options)
    (note,) = [note for note in made.notes if "other labels" in note]
    assert note.startswith("1 file has several names with other labels")
    for path in (first, copy):
        assert f"{path.name} ({path.parent.name})" in note
