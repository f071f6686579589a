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
