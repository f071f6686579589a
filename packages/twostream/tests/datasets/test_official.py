"""What is official of HMDB-51 and UCF-101, and what is there of it."""

from __future__ import annotations

import pytest
from twostream.datasets.load import load_dataset
from twostream.datasets.official import FACTS, compare_with_official, write_official_check
from twostream.datasets.selection import Selection


def hmdb_lists(*, classes=("run", "wave"), train=70, test=30, more=2):
    """Files of splits of the official form and proportions, and the clips they name."""
    files, names = {}, []
    for name in classes:
        sides = ["1"] * train + ["2"] * test + ["0"] * more
        clips = [f"t{k:03d}_{name}_f_cm_np1_fr_med_0.avi" for k in range(len(sides))]
        lines = [f"{clip} {side} " for clip, side in zip(clips, sides, strict=True)]
        files[f"{name}_test_split1.txt"] = "\n".join(lines)
        names += [f"{name}/{clip}" for clip in clips]
    return files, names


def check(source, lists, *, broken=(), classes=()):
    dataset = load_dataset(
        source, annotations=lists, seed=0, selection=Selection(classes=tuple(classes))
    )
    stored = {clip.clip_id for clip in dataset.clips} - set(broken)
    return compare_with_official(dataset, stored=stored, chosen=bool(classes))


def table(found):
    return {row.what: (row.official, row.listed, row.found, row.agrees) for row in found.rows}


def test_complete_but_for_the_number_of_classes(make_source, make_lists):
    files, names = hmdb_lists()
    found = check(make_source(*names), make_lists(files))
    assert table(found) == {
        "clips": ("6766", "204", "204", False),
        "classes": ("51", "2", "2", False),
        "split 1: train": ("3570", "140", "140", False),
        "split 1: test": ("1530", "60", "60", False),
        "split 1: unused": ("1666", "4", "4", False),
        "split 1: classes at 70/30": ("51", "2", "2", False),
        "split 1: source videos on both sides": ("0", "0", "0", True),
    }
    assert (found.missing, found.extra, found.damaged) == ((), (), ())


def test_missing_extra_and_damaged_clips_have_names(make_source, make_lists, tmp_path):
    files, names = hmdb_lists()
    source = make_source(*names[1:], "wave/mine.avi")
    broken = names[5].removesuffix(".avi")
    found = check(source, make_lists(files), broken=[broken])
    assert found.missing == (names[0],)
    assert found.extra == ("wave/mine.avi",)
    assert found.damaged == (names[5],)
    rows = table(found)
    assert rows["clips"] == ("6766", "204", "202", False)
    assert rows["split 1: classes at 70/30"] == ("51", "2", "1", False)
    write_official_check(tmp_path, found)
    assert (tmp_path / "official.csv").read_text().splitlines()[:2] == [
        "what,official,listed,found",
        "clips,6766,204,202",
    ]
    assert (tmp_path / "official_clips.csv").read_text().splitlines() == [
        "status,clip",
        f"missing,{names[0]}",
        "extra,wave/mine.avi",
        f"damaged,{names[5]}",
    ]


def test_chosen_classes_are_compared_with_the_lists_alone(make_source, make_lists):
    files, names = hmdb_lists(classes=("run", "sit", "wave"))
    found = check(make_source(*names), make_lists(files), classes=("run", "wave"))
    rows = table(found)
    assert rows["clips"] == (None, "204", "204", True)
    assert all(agrees for *_, agrees in rows.values())
    assert found.missing == ()


def test_a_source_video_on_both_sides_is_counted(make_source, make_lists):
    files, names = hmdb_lists()
    files["run_test_split1.txt"] += "\nt000_run_h_nm_np1_ba_bad_7.avi 2 "
    found = check(make_source(*names, "run/t000_run_h_nm_np1_ba_bad_7.avi"), make_lists(files))
    what = "split 1: source videos on both sides"
    assert table(found)[what] == ("0", "1", "1", False)


def test_one_class_of_ucf101_is_spelt_in_two_ways(make_source, make_lists):
    lists = make_lists(
        {
            "classInd.txt": "1 Biking\n2 HandstandPushups\n",
            "trainlist01.txt": "Biking/v_Biking_g01_c01.avi 1\n"
            "HandstandPushups/v_HandStandPushups_g01_c01.avi 2\n",
            "testlist01.txt": "HandstandPushups/v_HandStandPushups_g02_c01.avi\n",
            "trainlist02.txt": "HandStandPushups/v_HandStandPushups_g01_c01.avi 2\n",
            "testlist02.txt": "Biking/v_Biking_g01_c01.avi\n",
        }
    )
    found = check(
        make_source(
            "Biking/v_Biking_g01_c01.avi", "HandstandPushups/v_HandstandPushups_g01_c01.avi"
        ),
        lists,
    )
    rows = table(found)
    assert rows["clips"] == ("13320", "3", "2", False)
    assert rows["split 1: train"] == ("9537", "2", "2", False)
    assert "split 1: unused" not in rows
    assert found.missing == ("HandstandPushups/v_HandStandPushups_g02_c01.avi",)


def test_other_data_has_nothing_official(make_source):
    dataset = load_dataset(make_source("a/1.avi", "b/2.avi"), annotations=None, seed=0)
    assert compare_with_official(dataset, stored=(), chosen=False) is None


def test_own_lists_in_the_official_form_have_nothing_official(make_source, make_lists):
    files, names = hmdb_lists(classes=("run", "mine"))
    assert check(make_source(*names), make_lists(files)) is None


def test_the_stated_facts_add_up():
    for facts in FACTS.values():
        assert {sum(sides) for sides in facts.splits.values()} == {facts.clips}
    train, test = FACTS["hmdb51"].per_class
    assert (51 * train, 51 * test) == FACTS["hmdb51"].splits[1][:2]


@pytest.mark.shared
def test_the_official_files_of_hmdb51(shared_data):
    folder = shared_data / "hmdb51"
    found = check(folder / "videos", folder / "annotations")
    rows = table(found)
    for number in (1, 2, 3):
        for what, expected in {
            "train": "3570",
            "test": "1530",
            "unused": "1666",
            "classes at 70/30": "51",
            "source videos on both sides": "0",
        }.items():
            official, listed, _, _ = rows[f"split {number}: {what}"]
            assert official == listed == expected
    assert rows["clips"] == ("6766", "6766", "6", False)
    assert len(found.missing) == 6760
    assert (found.extra, found.damaged) == ((), ())
