"""Source videos and tags of test clips."""

from __future__ import annotations

from pathlib import Path

from twostream.datasets.manifest import read_manifest
from twostream.evaluation.clip_facts import facts_of_ids, facts_of_name, facts_of_rows, facts_of_run


def test_the_manifest_and_the_name_tell_the_same(small_data: Path) -> None:
    known = facts_of_rows(read_manifest(small_data).rows)
    assert len(known) == 12
    assert all(facts_of_name(clip_id) == facts for clip_id, facts in known.items())


def test_hmdb_names_tell_title_and_tags() -> None:
    facts = facts_of_name("golf/Alpha_golf_f_cm_np5_le_bad_2")
    assert facts.group == "golf/Alpha"
    assert facts.tags == {
        "actions": "body, with an object",
        "body parts": "full body",
        "camera motion": "moving",
        "people": "3 or more",
        "viewpoint": "left",
        "quality": "bad",
    }


def test_other_names_are_groups_of_their_own_without_tags() -> None:
    facts = facts_of_name("golf/any_video")
    assert facts.group == "golf/any_video"
    assert facts.tags == {}


def test_data_that_are_gone_leave_the_names(tmp_path: Path, small_data: Path) -> None:
    assert facts_of_run(tmp_path, {"data": str(tmp_path / "gone")}) == {}
    assert len(facts_of_run(tmp_path, {"data": str(small_data)})) == 12
    ids = ["golf/v_golf_g03_c01", "golf/v_golf_g03_c02"]
    assert [facts.group for facts in facts_of_ids(ids, {})] == ["golf/g03", "golf/g03"]
