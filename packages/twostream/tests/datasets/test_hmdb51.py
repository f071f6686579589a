from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.datasets.groups import group_and_tags
from twostream.datasets.hmdb51 import (
    BODY_PARTS,
    CAMERA_MOTIONS,
    QUALITIES,
    VIEWPOINTS,
    HmdbTags,
    holds_hmdb51,
    parse_name,
    read_listing,
)
from twostream.errors import TwostreamError

CODES = st.tuples(
    st.sampled_from(sorted(BODY_PARTS)),
    st.sampled_from(sorted(CAMERA_MOTIONS)),
    st.integers(0, 10),
    st.sampled_from(sorted(VIEWPOINTS)),
    st.sampled_from(sorted(QUALITIES)),
    st.integers(0, 999),
)


def test_every_field_of_a_name_is_spelt_out():
    stem = "April_09_brush_hair_u_nm_np1_ba_goo_0"
    assert parse_name(stem, class_name="brush_hair") == HmdbTags(
        body_parts="upper body",
        camera_motion="static",
        people=1,
        viewpoint="back",
        quality="good",
        number=0,
        title="April_09",
    )


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ("h_cm_np0_fr_bad_12", ("head", "moving", 0, "front", "bad", 12)),
        ("f_nm_np2_le_med_3", ("full body", "static", 2, "left", "medium", 3)),
        ("l_cm_np10_ri_goo_101", ("lower body", "moving", 10, "right", "good", 101)),
    ],
)
def test_all_codes(codes, said):
    tags = parse_name(f"t_golf_{codes}", class_name="golf")
    assert tags is not None
    assert said == (
        tags.body_parts,
        tags.camera_motion,
        tags.people,
        tags.viewpoint,
        tags.quality,
        tags.number,
    )


@settings(deadline=None)
@given(title=st.text(max_size=40), class_name=st.text(min_size=1, max_size=15), codes=CODES)
def test_a_name_made_of_its_parts_is_read_back_whatever_the_title(title, class_name, codes):
    body, camera, people, view, quality, number = codes
    stem = f"{title}_{class_name}_{body}_{camera}_np{people}_{view}_{quality}_{number}"
    assert parse_name(stem, class_name=class_name) == HmdbTags(
        BODY_PARTS[body],
        CAMERA_MOTIONS[camera],
        people,
        VIEWPOINTS[view],
        QUALITIES[quality],
        number,
        title,
    )


def test_a_title_may_itself_look_like_codes():
    tags = parse_name("a_golf_f_nm_np1_fr_med_0_golf_u_cm_np2_ba_bad_7", class_name="golf")
    assert tags is not None
    assert (tags.title, tags.number) == ("a_golf_f_nm_np1_fr_med_0", 7)


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "holiday",
        "v_Biking_g01_c04",
        "t_golf_x_nm_np1_fr_med_0",
        "t_golf_f_nm_np_fr_med_0",
        "t_golf_f_nm_np1_fr_med_",
        "t_golf_f_nm_np1_fr_med_0_more",
        "t_golf_F_NM_NP1_FR_MED_0",
        "t_golf_f_nm_np١_fr_med_0",
    ],
)
def test_other_names_have_no_tags(stem):
    assert parse_name(stem, class_name="golf") is None


def test_a_renamed_class_folder_keeps_the_old_class_in_the_title():
    tags = parse_name("Film_climb_f_nm_np1_fr_med_0", class_name="climbing")
    assert tags is not None
    assert tags.title == "Film_climb"


def test_class_names_with_underscores_come_from_the_names_of_the_lists(make_lists):
    folder = make_lists(
        {
            "climb_stairs_test_split1.txt": "a_climb_stairs.avi 1 \nb.avi 2 \nc.avi 0 \n",
            "climb_test_split1.txt": "d.avi 2\n",
            "readme.txt": "not a list",
            "._climb_test_split1.txt": b"\x00\x05\x16",
        }
    )
    assert holds_hmdb51(folder)
    listing = read_listing(folder)
    assert listing.name == "hmdb51"
    assert listing.classes == ("climb", "climb_stairs")
    assert [(e.class_name, e.file_name, e.split, e.side) for e in listing.entries] == [
        ("climb_stairs", "a_climb_stairs.avi", 1, "train"),
        ("climb_stairs", "b.avi", 1, "test"),
        ("climb_stairs", "c.avi", 1, "unused"),
        ("climb", "d.avi", 1, "test"),
    ]


def test_blanks_back_slashes_tabs_and_folders_in_a_line(make_lists):
    folder = make_lists(
        {"golf_test_split2.txt": "my clip (1).avi 1\r\n\r\ngolf\\b.avi\t2\r\ngolf/c.avi   0  \r\n"}
    )
    assert [(e.file_name, e.side, e.where) for e in read_listing(folder).entries] == [
        ("my clip (1).avi", "train", "golf_test_split2.txt:1"),
        ("b.avi", "test", "golf_test_split2.txt:3"),
        ("c.avi", "unused", "golf_test_split2.txt:4"),
    ]


@pytest.mark.parametrize("line", ["a.avi", "a.avi 3", "a.avi x", "1", "a.avi 12"])
def test_a_line_that_cannot_be_understood_is_named(make_lists, line):
    folder = make_lists({"golf_test_split1.txt": f"ok.avi 1\n{line}\n"})
    with pytest.raises(TwostreamError, match=r"golf_test_split1\.txt:2: expected a file name"):
        read_listing(folder)


def test_a_class_without_a_list_for_one_split_is_noted(make_lists):
    names = ("golf_test_split1.txt", "golf_test_split2.txt", "wave_test_split1.txt")
    folder = make_lists(dict.fromkeys(names, "a.avi 1\n"))
    assert read_listing(folder).notes == ("split 2 has no annotations for 1 class: wave",)


@pytest.mark.shared
def test_the_official_files(shared_data: Path):
    """3570 train, 1530 test, 1666 unused a split; no source video is on both sides."""
    listing = read_listing(shared_data / "hmdb51" / "annotations")
    assert len(listing.classes) == 51
    assert not listing.notes
    counts = Counter((entry.split, entry.side) for entry in listing.entries)
    for split in (1, 2, 3):
        assert counts[split, "train"] == 3570
        assert counts[split, "test"] == 1530
        assert counts[split, "unused"] == 1666
    groups: dict[tuple[int, str], set[str]] = {}
    for entry in listing.entries:
        stem = Path(entry.file_name).stem
        group, tags = group_and_tags(stem, class_name=entry.class_name, stem=stem)
        assert tags is not None
        groups.setdefault((entry.split, entry.side), set()).add(group)
    for split in (1, 2, 3):
        assert not groups[split, "train"] & groups[split, "test"]
    assert len(set().union(*groups.values())) == 2291


@pytest.mark.shared
def test_the_real_clips_have_tags(shared_data: Path):
    clips = sorted((shared_data / "hmdb51" / "videos").glob("*/*.avi"))
    assert len(clips) == 6
    titles = set()
    for path in clips:
        tags = parse_name(path.stem, class_name=path.parent.name)
        assert tags is not None, path.name
        titles.add(tags.title)
    assert {"TrumanShow", "Golf_Tips_-_Hit_The_Driver_300+_Yards!!!"} < titles
