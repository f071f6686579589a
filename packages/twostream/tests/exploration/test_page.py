"""`explore` on a small store: one page that needs nothing else, tables, and a warning of leakage."""

from __future__ import annotations

import csv
import re
import shutil
from html.parser import HTMLParser

import pytest
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.exploration.looks import look_at, moments
from twostream.verbs.explore import explore


class Page(HTMLParser):
    """Open elements and addresses of a page."""

    def __init__(self, text):
        super().__init__()
        self.open, self.addresses = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag not in {"meta", "img", "br", "link"}:
            self.open.append(tag)
        self.addresses += [value for name, value in attributes if name in {"src", "href"}]

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def explored(small_data, tmp_path_factory):
    data = shutil.copytree(small_data, tmp_path_factory.mktemp("explored") / "data")
    return data, explore(data, workers=1)


def table(data, name):
    with (data / "exploration" / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_the_page_is_well_formed_and_needs_nothing_else(explored):
    data, path = explored
    page = Page(path.read_text())
    assert page.open == []
    for address in page.addresses:
        assert address.startswith(("data:image/", "#")) or (data / address).exists()
    assert not re.search(r"https?://(?!www\.w3\.org/)", path.read_text())


def test_every_class_and_the_counts_are_told(explored):
    data, path = explored
    text = path.read_text()
    assert "12 clips of 3 classes, cut from 12 source videos: 168 frames" in text
    assert [row["class"] for row in table(data, "classes")] == ["down", "left", "right"]
    assert len(table(data, "clips")) == 12
    assert all(float(row["motion_px"]) > 0 for row in table(data, "clips"))
    assert text.count('<article class="clip">') == 3


def test_what_moves_more_has_more_motion(small_data):
    rows = read_manifest(small_data).rows
    looks, damaged = look_at(small_data, rows, workers=1)
    assert damaged == {}
    assert all(0 < look.moving_share < 1 for look in looks.values())
    assert all(len(look.hashes) == len(moments(14)) for look in looks.values())


@pytest.mark.usefixtures("shown")
def test_a_copy_on_the_other_side_is_a_leak(small_data, tmp_path, capsys):
    data = shutil.copytree(small_data, tmp_path / "data")
    rows = read_manifest(data).rows
    test = next(row for row in rows if row.splits[0] == "test")
    train = next(
        row for row in rows if row.splits[0] == "train" and row.class_name == test.class_name
    )
    shutil.copy(data / train.path, data / test.path)
    text = explore(data, workers=1).read_text()
    assert "Leakage:" in text
    # Clips of one kind of motion may look alike anyway.
    (pair,) = [
        row
        for row in table(data, "duplicates")
        if {row["first"], row["second"]} == {train.clip_id, test.clip_id}
    ]
    assert pair["leaks_in_splits"]
    assert pair["same_video"] == "yes"
    assert "leakage: " in capsys.readouterr().out


@pytest.mark.usefixtures("shown")
def test_a_damaged_clip_is_told_and_the_rest_is_shown(small_data, tmp_path, capsys):
    data = shutil.copytree(small_data, tmp_path / "data")
    (data / read_manifest(data).rows[0].path).write_bytes(b"PK")
    assert "1 clip could not be read" in explore(data, workers=1).read_text()
    assert "1 clip could not be read" in capsys.readouterr().out
    assert table(data, "clips")[0]["motion_px"] == ""


def test_what_is_no_data_set_is_refused(tmp_path):
    with pytest.raises(TwostreamError, match=r"manifest\.parquet"):
        explore(tmp_path)
