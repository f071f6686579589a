"""How alike the parts of a split are in meta tags, and HMDB-51's kinds of action."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from manifest_rows import row
from twostream.datasets.folds import splits_of_folds
from twostream.datasets.hmdb51_actions import KINDS, kind_of_action
from twostream.datasets.manifest import Manifest
from twostream.datasets.official_names import OFFICIAL_CLASSES
from twostream.exploration.balance import (
    kind_counts,
    smaller_classes,
    tag_balances,
    tag_imbalances,
)
from twostream.exploration.split_rows import folds_sentence, split_rows

TAGS = {"body_parts": "head", "people": 1, "viewpoint": "left", "quality": "bad"}


def hmdb(sides: str, cameras: str, *, class_name: str = "wave") -> Manifest:
    """Clips on the sides of one split (r, t, u) with static (s) or moving (m) cameras."""
    names = {"r": "train", "t": "test", "u": "unused"}
    rows = tuple(
        replace(
            row(f"a/{k}", f"a/{k}", names[side], camera_motion=motion, **TAGS),
            class_name=class_name,
        )
        for k, (side, motion) in enumerate(zip(sides, cameras, strict=True))
    )
    return Manifest(Path("data"), (class_name,), rows)


def test_shares_are_of_the_tagged_clips_of_a_part():
    found = tag_balances(hmdb("rrrrttu", "sssmsmm"))
    static = next(one for one in found if one.value == "s")
    assert (static.train, static.test) == (3, 1)
    assert (static.train_share, static.test_share) == (0.75, 0.5)
    assert static.difference == -0.25


def test_how_many_test_clips_would_have_to_be_others():
    found = {one.tag: one for one in tag_imbalances(tag_balances(hmdb("rrrrtt", "sssmsm")))}
    assert found["camera motion"].moved == pytest.approx(0.25)
    assert abs(found["camera motion"].largest.difference) == pytest.approx(0.25)
    assert found["viewpoint"].moved == 0
    assert next(iter(found)) == "actions"


def test_a_part_without_clips_cannot_be_compared():
    assert tag_imbalances(tag_balances(hmdb("rr", "sm"))) == []


def test_names_without_tags_have_no_balance():
    rows = (row("a/1", "a/1", "train"), row("b/1", "b/1", "test"))
    assert tag_balances(Manifest(Path("data"), ("a", "b"), rows)) == []


def test_every_class_of_hmdb51_is_of_one_kind():
    kinds = [kind_of_action(name) for name in OFFICIAL_CLASSES["hmdb51"]]
    assert len(kinds) == 51
    assert [kinds.count(kind) for kind in KINDS] == [4, 3, 19, 18, 7]


def test_kinds_and_the_clips_that_each_class_should_have():
    manifest = hmdb("rrt", "smm")
    found = {one.kind: (one.classes, one.clips) for one in kind_counts(manifest)}
    assert found["body"] == (("wave",), 3)
    assert found["face"] == ((), 0)
    assert smaller_classes(manifest) == [("wave", 3)]
    own = hmdb("rrt", "smm", class_name="juggle")
    assert kind_counts(own) == smaller_classes(own) == []


def test_own_clips_under_the_same_names_are_none_of_hmdb51():
    rows = (replace(row("a/1", "a/1", "train"), class_name="walk"),)
    assert kind_counts(Manifest(Path("data"), ("walk",), rows)) == []


def test_rows_of_splits_tell_what_is_odd():
    rows = (
        row("a/1", "a/x", "train", "unused"),
        row("a/2", "a/x", "test", "train"),
        row("b/1", "b/x", "test", "train"),
    )
    first, second = split_rows(Manifest(Path("data"), ("a", "b"), rows))
    assert (first["train"], first["test"], first["unused"]) == (1, 2, 0)
    assert (first["shared_sources"], first["never_right"], first["untested"]) == (1, ["b"], [])
    assert (second["untested"], second["unused"]) == (["a", "b"], 1)
    assert folds_sentence(Manifest(Path("data"), ("a", "b"), rows)) is None


def test_splits_that_are_folds_are_told():
    splits = splits_of_folds({"a/1": 1, "b/1": 2})
    rows = tuple(row(n, n, *(splits[k][n] for k in (1, 2))) for n in ("a/1", "b/1"))
    manifest = Manifest(Path("data"), ("a", "b"), rows)
    assert "each of the 2 clips is tested in one split" in str(folds_sentence(manifest))
    assert split_rows(manifest)[0]["tests"] == "a/1"
