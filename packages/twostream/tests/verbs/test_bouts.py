from __future__ import annotations

import csv

import pytest
import twostream
from twostream.errors import TwostreamError


@pytest.fixture
def labels(tmp_path):
    def make(name, rows):
        path = tmp_path / name
        text = "video,start_s,end_s,label,subject,annotator\n"
        path.write_text(text + "".join(f"{row}\n" for row in rows))
        return path

    return make


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_tables_and_picture(tmp_path, labels):
    one = labels("one.csv", ["x/A.mp4,0,2,run,ann,", "a.mp4,2,4,wa<lk,ann,", "b.mp4,1,2,run,bob,"])
    other = labels("two.csv", ["a.mp4,0,2.5,run,ann,", "b.mp4,1,2,run,bob,"])
    found = twostream.bouts(one, out=tmp_path / "out", against=other, fps=10)
    rows = table(tmp_path / "out" / "bouts.csv")
    assert {row["video"] for row in rows} == {"a", "b", "(all)"}
    assert found.transitions == {("run", "wa<lk"): 1}
    assert any("are not there (--videos)" in note for note in found.notes)
    kappa = {(r["unit"], r["label"]): r["kappa"] for r in table(tmp_path / "out" / "agreement.csv")}
    assert set(kappa) == {
        *(("frames", name) for name in ("(all)", "run", "wa<lk")),
        *(("bouts", name) for name in ("(all)", "run", "wa<lk")),
    }
    assert float(kappa["frames", "(all)"]) == pytest.approx(
        found.agreements["frames"].kappa, abs=1e-6
    )
    assert (tmp_path / "out" / "confusion_bouts.csv").is_file()
    picture = (tmp_path / "out" / "ethogram.svg").read_text()
    assert "wa&lt;lk" in picture
    assert picture.count("<title>") >= 5
    assert found.to_dict()["kappa"]["bouts"] == found.agreements["bouts"].kappa


def test_two_people_in_one_file_need_a_choice(tmp_path, labels):
    both = labels("both.csv", ["a.mp4,0,2,run,,1", "a.mp4,0,3,run,,2", "a.mp4,5,6,sit,,2"])
    with pytest.raises(TwostreamError, match="--annotator 1"):
        twostream.bouts(both, out=tmp_path / "out")
    found = twostream.bouts(
        both, out=tmp_path / "out", annotator="1", against=both, against_annotator="2"
    )
    assert [(m.label, m.bouts) for m in found.measures] == [("run", 1)]
    assert found.agreements["bouts"].table == {("run", "run"): 1, ("(nothing)", "sit"): 1}


def test_nothing_to_count_is_refused(tmp_path, labels):
    with pytest.raises(TwostreamError, match=r"none is left.*ends before it starts"):
        twostream.bouts(labels("x.csv", ["a.mp4,3,2,run,,"]), out=tmp_path / "out")
