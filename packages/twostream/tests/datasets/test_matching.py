from __future__ import annotations

import pytest
from twostream.datasets.matching import ClipIndex, resolve_classes


@pytest.fixture
def find(make_clips):
    index = ClipIndex(
        make_clips("Walk/a.b.avi", "Walk/a.b.mp4", "Walk/C.AVI", "walk/c.avi", "Run/s/d.avi")
    )
    return lambda *name: [clip.source for clip in index.find(*name)]


def test_the_very_file_comes_first(find):
    assert find("Walk", "a.b.mp4") == ["Walk/a.b.mp4"]
    assert find("walk", "c.avi") == ["walk/c.avi"]


def test_another_extension_is_the_same_clip(find):
    assert find("Walk", "a.b.webm") == ["Walk/a.b.avi", "Walk/a.b.mp4"]
    assert find("Walk", "a.b") == ["Walk/a.b.avi", "Walk/a.b.mp4"]
    assert find("Walk", "a") == []


def test_case_matters_only_where_the_exact_name_fails(find):
    assert find("WALK", "c.avi") == ["Walk/C.AVI", "walk/c.avi"]
    assert find("RUN", "D.MKV") == ["Run/s/d.avi"]


def test_a_listed_file_may_lie_in_a_sub_folder_of_its_class(find):
    assert find("Run", "d.avi") == ["Run/s/d.avi"]


def test_classes():
    assert resolve_classes(["a", "B", "c"], ["A", "a", "b"]) == {"a": "a", "B": "b", "c": None}
