"""Ready frames whose pictures and flows lie in folders of their own, within each clip's or in two trees."""

from __future__ import annotations

import shutil

import pytest
from ready_clips import write_clip
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError
from twostream.execution.inline import Inline
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.preparation.verification import verify_store
from twostream.store.clip import open_clip

OPTIONS = PrepareOptions(extraction=ExtractionOptions(), workers=1)
CLIPS = ("golf/a", "walk/b")
# Where the pictures and both flows of a clip lie, and how they are called.
LAYOUTS = {
    "rgb, u and v in the clip": ("{clip}/rgb", "{clip}/u", "{clip}/v", "frame{:06d}.jpg", "{:05d}.jpg"),
    "i, x and y in the clip": ("{clip}/i", "{clip}/x", "{clip}/y", "{:04d}.jpg", "{:04d}.jpg"),
    "flow_x and flow_y below pictures": (
        "{clip}", "{clip}/flow_x", "{clip}/flow_y", "img_{:05d}.jpg", "flow_{:05d}.jpg"
    ),
    "flow/u and flow/v beside pictures": (
        "{clip}/rgb", "{clip}/flow/u", "{clip}/flow/v", "{:05d}.jpg", "{:05d}.jpg"
    ),
    "two trees": (
        "rgb/{clip}", "flow/{clip}", "flow/{clip}", "img_{:05d}.jpg", "flow_{axis}_{:05d}.jpg"
    ),
    "two trees, pictures of any name": (
        "frames/{clip}", "flow/{clip}", "flow/{clip}", "{:06d}.jpg", "{axis}_{:05d}.jpg"
    ),
    "pictures called otherwise": (
        "{clip}", "{clip}", "{clip}", "image_{:05d}.jpg", "flow_{axis}_{:05d}.jpg"
    ),
    "classes of the pictures alone": (
        "jpegs/{clip}", "flow/u/{name}", "flow/v/{name}", "frame{:06d}.jpg", "frame{:06d}.jpg"
    ),
    "classes of the flows alone": (
        "jpegs/{name}", "flow/u/{clip}", "flow/v/{clip}", "frame{:06d}.jpg", "frame{:06d}.jpg"
    ),
}  # fmt: skip


def lay_out(root, layout):
    """Two clips of six images and five flows; returns the bytes of images and flows by clip and number."""
    *places, image_name, flow_name = LAYOUTS[layout]
    written = {}
    for clip in CLIPS:
        made = write_clip(root.parent / "made" / clip, alignment="from", images=6)
        for kind, place in zip(("img", "flow_x", "flow_y"), places, strict=True):
            folder = root / place.format(clip=clip, name=clip.partition("/")[2])
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(made.glob(f"{kind}_*")):
                number = int(path.stem[-5:])
                name = image_name if kind == "img" else flow_name
                target = folder / name.format(number, axis=kind[-1])
                assert not target.exists()
                path.rename(target)
                written[clip, kind, number] = target.read_bytes()
    return written


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_image_and_each_flow_is_stored_where_it_belongs(tmp_path, layout):
    written = lay_out(tmp_path / "frames", layout)
    done = prepare_dataset(tmp_path / "frames", tmp_path / "data", OPTIONS, executor=Inline())
    assert (done.clips, done.problems) == (2, ())
    for clip in CLIPS:
        stored = open_clip(tmp_path / "data" / "clips" / f"{clip}.zip")
        assert stored.metadata.frames == 6
        for kind, last in (("img", 6), ("flow_x", 5), ("flow_y", 5)):
            for k in range(1, last + 1):
                assert stored.read(f"{kind}_{k:05d}.jpg") == written[clip, kind, k]
    assert (
        prepare_dataset(tmp_path / "frames", tmp_path / "data", OPTIONS, executor=Inline()).reused
        == 2
    )
    assert verify_store(tmp_path / "data", source=tmp_path / "frames", workers=1).findings == ()


@pytest.mark.parametrize("layout", ["rgb, u and v in the clip", "classes of the pictures alone"])
def test_an_archive_of_them_is_to_be_unpacked(tmp_path, layout):
    """Its folders would become classes called as clips, or u and v, otherwise."""
    lay_out(tmp_path / "frames", layout)
    shutil.make_archive(str(tmp_path / "frames"), "zip", tmp_path / "frames")
    (tmp_path / "packed").mkdir()
    (tmp_path / "frames.zip").rename(tmp_path / "packed" / "frames.zip")
    for source in (tmp_path / "packed", tmp_path / "packed" / "frames.zip"):
        with pytest.raises(TwostreamError, match=r"frames\.zip: an archive with flows in folders"):
            load_dataset(source, annotations=None, seed=0)


def test_lists_name_the_clip_and_not_its_folder_of_pictures(tmp_path, make_lists):
    lay_out(tmp_path / "frames", "rgb, u and v in the clip")
    lists = make_lists({"trainlist01.txt": "golf/a.avi 1\n", "testlist01.txt": "walk/b.avi\n"})
    dataset = load_dataset(tmp_path / "frames", annotations=lists, seed=0)
    assert dataset.splits == {1: {"golf/a": "train", "walk/b": "test"}}


def test_clips_that_are_called_x_and_y_are_clips(tmp_path):
    for number, name in enumerate("xyz"):
        for class_name in ("golf", "walk"):
            write_clip(tmp_path / class_name / name, images=4 + 3 * number, flows=0)
    dataset = load_dataset(tmp_path, annotations=None, seed=0)
    assert dataset.classes == ("golf", "walk")
    assert len(dataset.clips) == 6


def test_classes_in_several_folders_are_told(tmp_path):
    """The folder right above a clip's is its class, even where people meant the one above that."""
    for clip in ("golf/anna/1", "walk/anna/2", "walk/bert/3"):
        write_clip(tmp_path / clip, images=4)
    dataset = load_dataset(tmp_path, annotations=None, seed=0)
    assert dataset.classes == ("anna", "bert")
    (told,) = (note for note in dataset.notes if "right above" in note)
    assert told.endswith("lie in 2 others, such as golf and walk")


def test_other_pictures_among_ready_frames_are_left_out_and_told(tmp_path):
    for clip in CLIPS:
        folder = write_clip(tmp_path / "frames" / clip, images=4, flows=0)
        for path in sorted(folder.glob("img_*")):
            (folder / f"flow_{path.name[4:]}").write_bytes(path.read_bytes())  # drawn in colours
    options = PrepareOptions(extraction=ExtractionOptions(flow="dis"), workers=1)
    done = prepare_dataset(tmp_path / "frames", tmp_path / "data", options, executor=Inline())
    assert (done.clips, done.problems) == (2, ())
    assert "ignored 8 pictures beside those of the frames, such as flow_00001.jpg" in done.notes


@pytest.mark.parametrize("name", ["left.jpg", "frame_1_left.png", "0001.ppm", "flow.npy"])
def test_pictures_that_are_not_understood_are_not_called_videos(tmp_path, name):
    for clip in CLIPS:
        (tmp_path / clip).mkdir(parents=True)
        (tmp_path / clip / name).touch()
    with pytest.raises(TwostreamError) as caught:
        load_dataset(tmp_path, annotations=None, seed=0)
    assert caught.value.found == f"pictures with other names, such as {name}"
    assert "u/<clip>/ and v/<clip>/" in caught.value.expected
    assert "numbered" in caught.value.remedy
