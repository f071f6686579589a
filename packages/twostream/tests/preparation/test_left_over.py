"""Counts of a split that was drawn before videos were opened are put right after it."""

from __future__ import annotations

import pytest
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions


@pytest.mark.parametrize("broken", ["train", "test"])
def test_what_is_left_of_a_split_is_told(make_source, tmp_path, broken):
    source = make_source(tmp_path / "videos", per_class=2)
    rows, lost = ["path,label,split"], None
    for number, path in enumerate(sorted(source.rglob("*.avi"))):
        side = ("train", "test")[number % 2]
        rows.append(f"{path},{path.parent.name},{side}")
        if side == broken and lost is None:
            lost = path
    (table := tmp_path / "table.csv").write_text("\n".join(rows) + "\n")
    options = PrepareOptions(extraction=ExtractionOptions(flow="dis"), workers=1)
    whole = prepare_dataset(table, tmp_path / "whole", options)
    assert not any("cannot be used" in note for note in whole.notes)
    lost.write_bytes(b"no video")
    made = prepare_dataset(table, tmp_path / "data", options)
    (told,) = [note for note in made.notes if "cannot be used" in note]
    each = whole.clips // 2
    left = {"train": each, "test": each} | {broken: each - 1}
    expected = f"1 of {2 * each} clips cannot be used: {left['train']} clip"
    assert told.startswith(expected)
    assert f"{left['test']} to test on" in told
    assert told.endswith(f", none of {lost.parent.name}") == (broken == "test")
