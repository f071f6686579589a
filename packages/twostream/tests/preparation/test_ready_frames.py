"""Classic frames and flows: found, aligned, copied without loss, refused by name."""

from __future__ import annotations

import shutil
import zipfile

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ready_clips import BOUND_PX, JUMPS, pack, write_clip
from twostream.datasets.clips import FrameFolder
from twostream.datasets.ready_frames import holds_ready_frames, scan_ready_frames
from twostream.errors import TwostreamError
from twostream.flow.encoding import decode_flow
from twostream.preparation.alignment import Evidence, Numbers, decide, read_numbers
from twostream.preparation.options import ExtractionOptions
from twostream.preparation.ready_frames import store_ready_frames
from twostream.preparation.verification import verify_store
from twostream.store.clip import open_clip
from twostream.store.frame_folders import open_frames


@pytest.fixture
def convert(tmp_path):
    def run(folder, **options):
        target = tmp_path / "stored.zip"
        store_ready_frames(folder, target, ExtractionOptions(**options), fps=30.0)
        return open_clip(target)

    return run


@pytest.mark.parametrize(
    ("alignment", "flows", "decided_by"),
    [("into", 10, "images"), ("from", 10, "images"), ("from", 9, "counts")],
)
def test_the_alignment_is_found_and_every_flow_fits_its_images(
    tmp_path, convert, alignment, flows, decided_by
):
    folder = write_clip(tmp_path / "clip", alignment=alignment, flows=flows)
    clip = convert(FrameFolder(folder))
    facts = clip.metadata.flow_parameters
    assert (facts["alignment"], facts["decided_by"]) == (alignment, decided_by)
    assert (facts["images"], facts["flows"]) == (10, flows)
    assert (clip.metadata.frames, clip.metadata.warning) == (10, "")
    for k in range(9):
        flow = decode_flow(clip.flow_codes(k), bound_px=BOUND_PX)
        # Half a code of the classic encoding, and the codes of ours.
        np.testing.assert_allclose(flow.mean((0, 1)), JUMPS[(k + 1) % len(JUMPS)], atol=0.2)


def test_steady_motion_leaves_it_to_the_counts(tmp_path, convert):
    for flows, expected in ((10, "into"), (9, "from")):
        folder = write_clip(tmp_path / f"{flows}", alignment=expected, jumps=[(2, 1)], flows=flows)
        facts = convert(FrameFolder(folder)).metadata.flow_parameters
        assert (facts["alignment"], facts["decided_by"]) == (expected, "counts")


def test_images_that_contradict_the_counts_are_a_warning(tmp_path, convert):
    folder = write_clip(tmp_path / "clip", alignment="into", flows=9)
    metadata = convert(FrameFolder(folder)).metadata
    assert metadata.flow_parameters["alignment"] == "from"
    assert "the images rather that it goes into it" in metadata.warning


def test_jpegs_are_copied_as_they_are(tmp_path, convert):
    folder = write_clip(tmp_path / "clip")
    padded = folder / "img_00003.jpg"
    whole = padded.read_bytes()
    padded.write_bytes(whole + b"\0" * 7)
    clip = convert(FrameFolder(folder))
    assert clip.read("img_00003.jpg") == whole
    assert clip.read("img_00010.jpg") == (folder / "img_00010.jpg").read_bytes()
    for axis in "xy":
        # Flow 1 leads into the first image from one that is not there.
        for k in range(1, 10):
            copied = clip.read(f"flow_{axis}_{k:05d}.jpg")
            assert copied == (folder / f"flow_{axis}_{k + 1:05d}.jpg").read_bytes()
    clip.check(decode=True)


def test_other_images_are_encoded(tmp_path, convert):
    clip = convert(FrameFolder(write_clip(tmp_path / "clip", suffix=".png")))
    clip.check(decode=True)
    first = cv2.imread(str(tmp_path / "clip" / "img_00001.png"))
    assert np.abs(clip.frame(0).astype(int) - first).mean() < 3


def test_names_in_upper_case(tmp_path, convert):
    plain, loud = (write_clip(tmp_path / name, suffix=".png") for name in ("plain", "loud"))
    for path in list(loud.iterdir()):
        path.rename(path.with_name(path.name.upper()))
    assert holds_ready_frames(tmp_path / "loud")
    expected = convert(FrameFolder(plain)).path.read_bytes()[:5000]
    assert convert(FrameFolder(loud)).path.read_bytes()[:5000] == expected


def test_no_motion_is_code_128_to_all_readers(tmp_path, convert):
    clip = convert(FrameFolder(write_clip(tmp_path / "clip", jumps=[(0, 0)])))
    assert cv2.imread(str(tmp_path / "clip" / "flow_x_00002.jpg"))[0, 0, 0] == 127
    assert (clip.flow_codes(0) == 128).all()
    assert clip.metadata.flow_parameters["decided_by"] == "counts"


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_gives_the_same_as_the_folder(tmp_path, convert, compression):
    folder = write_clip(tmp_path / "clip")
    archive = pack(tmp_path / "clip.zip", folder, inside="a/clip/", compression=compression)
    from_folder = convert(FrameFolder(folder))
    content = from_folder.path.read_bytes()
    assert convert(FrameFolder(archive, "a/clip")).path.read_bytes() == content


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda f: (f / "img_00004.jpg").unlink(), "no img 4 between 1 and 10"),
        (lambda f: (f / "flow_x_00002.jpg").unlink(), "9 flow_x and 10 flow_y, without flow_x 2"),
        (lambda f: [p.unlink() for p in f.glob("flow*")], "10 images and 0 flows"),
        (lambda f: [p.unlink() for p in f.glob("img*0[1-5].jpg")], None),
        (
            lambda f: [p.unlink() for p in f.glob("flow*0[1-5].jpg")],
            "images 1 to 10 and flows 6 to",
        ),
        (lambda f: (f / "img_00004.jpg").write_bytes(b""), "img_00004.jpg: expected"),
        (
            lambda f: (f / "flow_y_00005.jpg").write_bytes(
                (f / "flow_y_00005.jpg").read_bytes()[:-9]
            ),
            "flow_y_00005.jpg: expected flow_y_00005.jpg whole",
        ),
        (
            lambda f: cv2.imwrite(str(f / "flow_x_00005.jpg"), np.zeros((24, 32), np.uint8)),
            "and 64x48, found 32x24",
        ),
        (lambda f: shutil.copy(f / "img_00001.jpg", f / "img_1.jpg"), "one image a number"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_left(tmp_path, harm, said):
    folder = write_clip(tmp_path / "clip")
    harm(folder)
    target = tmp_path / "out" / "stored.zip"
    if said is None:  # as if the first images had never been there
        assert (
            store_ready_frames(FrameFolder(folder), target, ExtractionOptions(), fps=25).frames == 5
        )
        return
    with pytest.raises(TwostreamError) as caught:
        store_ready_frames(FrameFolder(folder), target, ExtractionOptions(), fps=25)
    assert said in str(caught.value)
    assert not target.exists()


@given(
    first=st.integers(0, 3),
    images=st.integers(2, 9),
    shift=st.integers(-2, 2),
    flows=st.integers(1, 9),
)
def test_every_pair_of_images_has_its_flow_or_it_is_refused(first, images, shift, flows):
    numbered = {
        "img": dict.fromkeys(range(first, first + images)),
        "flow_x": dict.fromkeys(range(first + shift, first + shift + flows)),
        "flow_y": dict.fromkeys(range(first + shift, first + shift + flows)),
    }
    try:
        numbers = read_numbers(numbered, subject="clip")
    except TwostreamError:
        assert flows < images - 1
        return
    start = decide(numbers, None).first_flow
    assert all(start + k in numbered["flow_x"] for k in range(images - 1))


@pytest.mark.parametrize(("flows", "true_first"), [(9, 0), (10, 0), (10, 1), (11, 0), (11, 2)])
@pytest.mark.parametrize("start", [0, 3])
def test_flows_that_are_numbered_from_elsewhere_fit_their_images(
    tmp_path, convert, start, flows, true_first
):
    """The k-th flow of the folder is that of the first pair of images, whatever its number."""
    whole = write_clip(tmp_path / "whole", alignment="from", flows=9)
    clip = tmp_path / "clip"
    clip.mkdir()
    for k in range(1, 11):
        shutil.copy(whole / f"img_{k:05d}.jpg", clip)
    for position in range(flows):
        # What is not the flow of a pair is that of another one.
        k = (position - true_first) % 9 + 1
        for axis in "xy":
            shutil.copy(
                whole / f"flow_{axis}_{k:05d}.jpg", clip / f"flow_{axis}_{start + position:05d}.jpg"
            )
    stored = convert(FrameFolder(clip))
    assert stored.metadata.frames == 10
    assert stored.metadata.warning == ""
    for axis in "xy":
        for k in range(1, 10):
            name = f"flow_{axis}_{k:05d}.jpg"
            assert stored.read(name) == (whole / name).read_bytes()


def test_numbers_that_nothing_explains_are_told(tmp_path, convert):
    folder = write_clip(tmp_path / "clip", alignment="into", jumps=[(2, 1)])
    for axis in "xy":
        for k in range(1, 11):
            (folder / f"flow_{axis}_{k:05d}.jpg").rename(folder / f"flow_{axis}_{k - 1:05d}.jpg")
    metadata = convert(FrameFolder(folder)).metadata
    assert "images 1 to 10 and flows 0 to 9 leave open which flow belongs" in metadata.warning


def test_numbers_with_huge_gaps_are_refused_at_once():
    dates = dict.fromkeys((20240131120000, 20240131120001, 20250131120000))
    with pytest.raises(TwostreamError, match="no img 20240131120002 between"):
        read_numbers({"img": dates, "flow_x": dates, "flow_y": dates}, subject="clip")


def test_only_clear_evidence_decides():
    both = Numbers((1, 10), (1, 10))
    assert decide(both, Evidence(0.98, 1.0)).decided_by == "counts"
    # Flow that makes both worse explains neither.
    assert decide(both, Evidence(2.3, 1.5)).decided_by == "counts"
    assert decide(both, Evidence(2.3, 1.5), others="from").alignment == "from"
    assert decide(both, Evidence(0.5, 1.0), others="from").alignment == "into"
    assert decide(Numbers((1, 10), (1, 9)), None, others="into").alignment == "from"
    assert decide(both, Evidence(1.0, 0.5)).alignment == "from"
    assert decide(Numbers((1, 10), (1, 9)), Evidence(0.1, 1.0)).alignment == "from"


def make_source(root):
    for name in ("run", "walk"):
        for k in (1, 2):
            write_clip(root / name / f"v_{name}_g0{k}_c01")
    return root


def as_folders(root):
    return make_source(root / "frames")


def as_one_archive_a_clip(root):
    frames = make_source(root / "frames")
    for folder in sorted(frames.glob("*/*")):
        pack(
            folder.with_suffix(".zip"),
            folder,
            inside=f"{folder.name}/" if "g01" in str(folder) else "",
        )
        shutil.rmtree(folder)
    return frames


def as_one_archive_a_class(root):
    frames = make_source(root / "frames")
    for folder in sorted(frames.glob("*/*")):
        pack(frames / f"{folder.parent.name}.zip", folder, inside=f"{folder.name}/")
    for name in ("run", "walk"):
        shutil.rmtree(frames / name)
    return frames


def as_one_archive(root):
    frames = make_source(root / "frames")
    for folder in sorted(frames.glob("*/*")):
        pack(root / "all.zip", folder, inside=f"rawframes/{folder.parent.name}/{folder.name}/")
    return root / "all.zip"


@pytest.mark.parametrize(
    "layout", [as_folders, as_one_archive_a_clip, as_one_archive_a_class, as_one_archive]
)
@pytest.mark.usefixtures("shown")
def test_every_way_of_packing_gives_the_same_store(tmp_path, prepare, digest, layout, capsys):
    source = layout(tmp_path)
    data = tmp_path / "data"
    done = prepare(source, data)
    assert "ready frames" in capsys.readouterr().err
    assert (done.clips, done.frames, done.problems) == (4, 40, ())
    assert "ready frames: flow k goes into image k in 4 clips, by their images" in done.notes
    stored = {name: value for name, value in digest(data).items() if name.startswith("clips/")}
    again = tmp_path / "again"
    prepare(make_source(tmp_path / "plain"), again)
    assert stored == {n: v for n, v in digest(again).items() if n.startswith("clips/")}
    assert prepare(source, data).reused == 4
    assert verify_store(data, source=source, workers=1).findings == ()


def test_what_changed_is_stored_again(tmp_path, prepare):
    source, data = as_folders(tmp_path), tmp_path / "data"
    prepare(source, data)
    shutil.rmtree(source / "run" / "v_run_g01_c01")
    write_clip(source / "run" / "v_run_g01_c01", jumps=JUMPS[::-1])
    found = verify_store(data, source=source, workers=1).findings
    assert [(item.subject, item.kind) for item in found] == [("run/v_run_g01_c01", "source")]
    assert prepare(source, data).reused == 3
    with pytest.raises(TwostreamError, match=r"--bound 15 instead of 20"):
        prepare(source, data, bound_px=15.0)
    assert prepare(source, data, bound_px=15.0, replace_other=True).reused == 0


def test_our_own_classic_folders_come_back_unchanged(tmp_path, prepare, small_source):
    prepare(small_source, tmp_path / "first", layout="rawframes", bound_px=8.0)
    done = prepare(tmp_path / "first" / "clips", tmp_path / "second")
    assert (done.clips, done.problems) == (4, ())
    for clip in sorted((tmp_path / "first" / "clips").glob("*/*")):
        old = open_clip(clip)
        new = open_clip(tmp_path / "second" / "clips" / clip.parent.name / f"{clip.name}.zip")
        assert (new.metadata.bound_px, new.metadata.fps) == (8.0, old.metadata.fps)
        for k in range(old.metadata.flows):
            np.testing.assert_array_equal(new.flow_codes(k), old.flow_codes(k))


def test_broken_clips_and_archives_are_listed(tmp_path, prepare):
    source = as_one_archive_a_clip(tmp_path)
    broken = source / "run" / "v_run_g02_c01.zip"
    content = bytearray(broken.read_bytes())
    middle = content.index(b"img_00006.jpg") + 60
    content[middle : middle + 20] = bytes(20)
    broken.write_bytes(content)
    (source / "walk" / "none.zip").write_bytes(b"PK\3\4 not really")
    done = prepare(source, tmp_path / "data")
    assert done.clips == 3
    assert [(p.source, p.stage) for p in done.problems] == [
        ("walk/none.zip", "scan"),
        ("run/v_run_g02_c01.zip", "decode"),
    ]


@pytest.mark.parametrize("options", [{"short_side_px": 32}, {"step": 2}, {"fps": 25}])
def test_options_that_frames_cannot_follow(tmp_path, prepare, options):
    with pytest.raises(TwostreamError, match="found ready frames, which are kept as they are"):
        prepare(as_folders(tmp_path), tmp_path / "data", **options)


def test_official_lists_name_frames_without_extension(tmp_path, prepare):
    lists = tmp_path / "lists"
    lists.mkdir()
    for side, group in (("train", "g01"), ("test", "g02")):
        lines = [f"{name}/v_{name}_{group}_c01.avi" for name in ("run", "walk")]
        (lists / f"{side}list01.txt").write_text("\n".join(lines))
    done = prepare(as_one_archive(tmp_path), tmp_path / "data", annotations=lists)
    assert (done.dataset, done.clips) == ("all", 4)
    assert done.problems == ()


def test_parts_of_ready_frames(tmp_path, prepare):
    for part in ("train", "test"):
        make_source(tmp_path / "parts" / part)
    done = prepare(tmp_path / "parts", tmp_path / "data")
    assert done.clips == 8
    assert "split 1 is the source's own." in done.notes


def test_prepared_data_is_no_source(tmp_path, prepare, small_source):
    prepare(small_source, tmp_path / "data")
    with pytest.raises(TwostreamError, match="prepared already"):
        prepare(tmp_path / "data", tmp_path / "more")


def test_clear_clips_decide_for_those_that_are_not(tmp_path, prepare, digest):
    source, data = tmp_path / "frames", tmp_path / "data"
    for name in ("run", "walk"):
        for k in (1, 2):
            write_clip(source / name / f"clear{k}", alignment="from", flows=10)
    write_clip(source / "run" / "steady", alignment="from", flows=10, jumps=[(2, 1)])
    write_clip(source / "run" / "fewer", alignment="from", flows=9, jumps=[(2, 1)])
    done = prepare(source, data)
    assert {note for note in done.notes if note.startswith("ready frames")} == {
        "ready frames: flow k goes from image k in 4 clips, by their images",
        "ready frames: flow k goes from image k in 1 clip, by the images of other clips",
        "ready frames: flow k goes from image k in 1 clip, by their counts",
    }
    before = digest(data)
    assert prepare(source, data).reused == 6
    assert digest(data) == before


def test_an_archive_that_became_one_of_a_later_format_is_named(tmp_path):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("run/1/img_00001.jpg", b"image")
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 99  # the version that is needed to read it
    archive.write_bytes(content)
    with pytest.raises(TwostreamError, match=r"all\.zip.*zip file version 9\.9"):
        open_frames(FrameFolder(archive, "run/1"))
    (problem,) = scan_ready_frames(tmp_path, least_classes=0).problems
    assert problem.source == "all.zip"
    assert "zip file version 9.9" in problem.reason
