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


def test_no_agreement_of_an_earlier_call_stays_beside_other_bouts(tmp_path, labels):
    one, other = labels("one.csv", ["a.mp4,0,2,run,,"]), labels("two.csv", ["a.mp4,0,1,run,,"])
    out = tmp_path / "out"
    twostream.bouts(one, out=out, against=other)
    assert (out / "agreement.csv").is_file()
    (out / "notes.txt").write_text("mine")
    twostream.bouts(other, out=out)
    assert {path.name for path in out.iterdir()} == {
        "bouts.csv", "transitions.csv", "ethogram.svg", "notes.txt"
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["bouts.csv", "transitions.csv", "agreement.csv", "confusion_bouts.csv"]
)
def test_a_file_that_somebody_else_made_is_not_replaced(tmp_path, labels, name):
    (tmp_path / name).write_text("animal,bouts\nann,4\n")
    with pytest.raises(TwostreamError, match="choose another --out, or remove it"):
        twostream.bouts(labels("one.csv", ["a.mp4,0,2,run,,"]), out=tmp_path)
    assert (tmp_path / name).read_text() == "animal,bouts\nann,4\n"


def test_two_people_in_one_file_need_a_choice(tmp_path, labels):
    both = labels("both.csv", ["a.mp4,0,2,run,,1", "a.mp4,0,3,run,,2", "a.mp4,5,6,sit,,2"])
    with pytest.raises(TwostreamError, match="--annotator 1"):
        twostream.bouts(both, out=tmp_path / "out")
    found = twostream.bouts(
        both, out=tmp_path / "out", annotator="1", against=both, against_annotator="2"
    )
    assert [(m.label, m.bouts) for m in found.measures] == [("run", 1)]
    assert found.agreements["bouts"].table == {("run", "run"): 1, ("(nothing)", "sit"): 1}


def test_two_files_of_a_folder_are_not_counted_as_one_person(tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    for name, video, end in (("anna", "a.mp4", 4), ("bob", "x/A.mp4", 5)):
        rows = f"video,start_s,end_s,label\n{video},0,{end},groom\n"
        (folder / f"{name}.csv").write_text(rows)
    with pytest.raises(
        TwostreamError, match="those of anna and bob; choose one by --annotator anna"
    ):
        twostream.bouts(folder, out=tmp_path / "out")
    found = twostream.bouts(
        folder, out=tmp_path / "out", annotator="anna", against=folder, against_annotator="bob"
    )
    assert [one.total_s for one in found.measures] == [4.0]
    assert found.agreements["bouts"].kappa is None
    with pytest.raises(TwostreamError, match=r"'carl'.*found annotators anna, bob"):
        twostream.bouts(folder, out=tmp_path / "out", annotator="carl")
    (folder / "bob.csv").write_text("video,start_s,end_s,label\na.mp4,0,5,gaze\n")
    found = twostream.bouts(folder, out=tmp_path / "out")
    assert {one.label for one in found.measures} == {"groom", "gaze"}
    assert any("a video that several files label" in note for note in found.notes)


def test_nothing_to_count_is_refused(tmp_path, labels):
    with pytest.raises(TwostreamError, match=r"none is left.*ends before it starts"):
        twostream.bouts(labels("x.csv", ["a.mp4,3,2,run,,"]), out=tmp_path / "out")


@pytest.fixture
def videos(tmp_path, write_video, moving_texture):
    """A folder of two videos of 20 frames at 10 a second."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4"):
        write_video(folder / name, moving_texture(20), fps=10)
    return folder


ELAN = (
    '<ANNOTATION_DOCUMENT FORMAT="3.0"><HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR '
    'MEDIA_URL="a.mp4"/></HEADER><TIME_ORDER>{slots}</TIME_ORDER><TIER TIER_ID="t">{ones}</TIER>'
    "</ANNOTATION_DOCUMENT>"
)


def elan(rows):
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{n}{end}" TIME_VALUE="{int(1000 * time)}"/>'
        for n, row in enumerate(rows)
        for end, time in zip("ab", row, strict=False)
    )
    ones = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{n}" TIME_SLOT_REF1="{n}a" '
        f'TIME_SLOT_REF2="{n}b"><ANNOTATION_VALUE>{label}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>'
        "</ANNOTATION>"
        for n, (_, _, label) in enumerate(rows)
    )
    return ELAN.format(slots=slots, ones=ones)


def audacity(rows):
    return "".join(f"{start:.6f}\t{end:.6f}\t{label}\n" for start, end, label in rows)


def intervals(rows):
    lines = (f"a.mp4,{start},{end},{label}\n" for start, end, label in rows)
    return "video,start_s,end_s,label\n" + "".join(lines)


@pytest.mark.parametrize("write", [elan, audacity, intervals])
def test_what_lies_after_the_end_of_a_video_is_cut_and_told(tmp_path, videos, write):
    rows = [(0.5, 1.0, "groom"), (1.5, 30, "rear"), (100, 110, "lick"), (2.2, 2.3, "lick")]
    path = tmp_path / "a.txt"
    path.write_text(write(rows))
    video = videos / "a.mp4" if write is audacity else videos
    found = twostream.bouts(path, out=tmp_path / "out", videos=video, against=path, fps=10)
    assert {m.label: m.total_s for m in found.measures} == pytest.approx(
        {"groom": 0.5, "rear": 0.5}
    )
    assert {m.label: m.share for m in found.measures} == pytest.approx(
        {"groom": 0.25, "rear": 0.25}
    )
    assert found.agreements["frames"].units == 20
    text = " ".join(found.notes)
    assert "left out: 2 x begins after its video ends" in text
    assert "1 x ends after its video and was cut at the end" in text


def test_moments_after_the_end_are_left_out(tmp_path, videos):
    path = tmp_path / "a.txt"
    path.write_text(audacity([(0.5, 1.0, "groom"), (1.9, 1.9, "clap"), (5, 5, "clap")]))
    found = twostream.bouts(path, out=tmp_path / "out", videos=videos / "a.mp4")
    assert {m.label: m.bouts for m in found.measures} == {"groom": 1, "clap": 1}


def test_what_another_labels_changes_no_number_of_ones_own(tmp_path, labels):
    one = labels("one.csv", ["a.mp4,0,2,run,,", "only.mp4,0,4,run,,"])
    other = labels("two.csv", ["a.mp4,0,2,run,,", "a.mp4,6,8,sit,,", "z.mp4,0,90,run,,"])
    alone = twostream.bouts(one, out=tmp_path / "alone")
    found = twostream.bouts(one, out=tmp_path / "both", against=other, fps=10)
    assert found.measures == alone.measures
    assert found.agreements["bouts"].table == {("run", "run"): 1, ("(nothing)", "sit"): 1}
    assert found.agreements["frames"].units == 80
    text = " ".join(found.notes)
    assert "1 video of LABELS alone left out of it: only" in text
    assert "1 video of --against alone left out of it: z" in text
    with pytest.raises(TwostreamError, match="labels of the same videos as --against"):
        twostream.bouts(one, out=tmp_path / "x", against=labels("three.csv", ["z.mp4,0,90,run,,"]))
