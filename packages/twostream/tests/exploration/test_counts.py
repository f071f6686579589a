from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifest_rows import row
from twostream.datasets.manifest import Manifest
from twostream.exploration import counts
from twostream.exploration.leakage import shared_sources
from twostream.exploration.pictures import split_picture

ROWS = (
    row("a/1", "a/film", "train", "test", body_parts="head", people=1),
    row("a/2", "a/film", "train", "train", body_parts="head", people=2, frames=100),
    row("a/3", "a/other", "test", "unused", body_parts="full body", people=1),
    row("b/1", "b/film", "train", "train"),
    row("b/2", "b/film", "test", "train"),
)
MANIFEST = Manifest(Path("data"), ("a", "b"), ROWS)


def test_classes():
    first, second = counts.class_counts(MANIFEST)
    assert (first.name, first.clips, first.groups, first.frames) == ("a", 3, 2, 200)
    assert (first.median_seconds, first.mean_seconds) == (2.0, pytest.approx(200 / 75))
    assert (second.name, second.clips, second.groups) == ("b", 2, 1)


def test_splits():
    found = {
        (c.split, c.name): (c.train, c.val, c.test, c.unused) for c in counts.split_counts(MANIFEST)
    }
    assert found == {
        (1, "a"): (2, 0, 1, 0),
        (1, "b"): (1, 0, 1, 0),
        (2, "a"): (1, 0, 1, 1),
        (2, "b"): (2, 0, 0, 0),
    }
    assert counts.split_counts(MANIFEST)[0].train_share == pytest.approx(2 / 3)


def test_a_val_part_is_counted_and_drawn():
    parted = Manifest(
        Path("data"), ("a",), tuple(row(f"a/{s}", "a/f", s) for s in ("train", "val", "test"))
    )
    (found,) = counts.split_counts(parted)
    assert (found.train, found.val, found.test, found.used) == (1, 1, 1, 3)
    assert found.train_share == pytest.approx(1 / 3)
    drawn = split_picture([found]).body
    assert "1 train, 1 val, 1 test, 33 % train" in drawn
    assert drawn.count("fusion bar") == 2  # in the legend and in the row
    assert "fusion bar" not in split_picture(counts.split_counts(MANIFEST)[:2]).body


def test_tags_overall_and_by_class():
    found = {(c.tag, c.value, c.name): c.clips for c in counts.tag_counts(MANIFEST)}
    assert found["body_parts", "head", ""] == 2
    assert found["body_parts", "full body", "a"] == 1
    assert found["people", "1", ""] == 2
    assert not any(name == "b" for _, _, name in found)


def test_sources_by_class_and_title():
    found = [(c.name, c.title, c.clips) for c in counts.source_counts(MANIFEST)]
    assert found == [("a", "film", 2), ("a", "other", 1), ("b", "film", 2)]


def test_source_videos_on_both_sides():
    found = [(s.split, s.group, s.train, s.test) for s in shared_sources(ROWS)]
    assert found == [(1, "b/film", 1, 1), (2, "a/film", 1, 1)]


@given(st.lists(st.floats(0.01, 1e5), min_size=1, max_size=200), st.integers(1, 30))
def test_a_histogram_counts_every_value_once_in_few_bins(values, most_bins):
    bins = counts.histogram(values, most_bins=most_bins)
    assert 1 <= len(bins) <= most_bins
    assert sum(item.clips for item in bins) == len(values)
    assert bins[0].low <= min(values)
    assert max(values) <= bins[-1].high * (1 + 1e-9)
