"""Clips whose pictures would be others today, for other libraries or versions made them, are told."""

from __future__ import annotations

import json
import zipfile
from fractions import Fraction

import av
import numpy as np
import pytest
import yaml
from twostream.execution.inline import Inline
from twostream.preparation import dataset as preparing
from twostream.preparation.converted_otherwise import converted_otherwise
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.preparation.repair import repair_store
from twostream.preparation.verification import verify_store
from twostream.store.clip import open_clip
from twostream.store.jpeg import encode_jpeg
from twostream.video.colours import converter
from twostream.video.decode import open_video


def prepare_dataset(*arguments):
    """Prepare in this process, for others take seconds to start."""
    return preparing.prepare_dataset(*arguments, executor=Inline())


OPTIONS = PrepareOptions(extraction=ExtractionOptions(flow="dis"), workers=1)


def write_wide(path, frames):
    """A video whose pixels are half as wide again as they are high."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width = frames[0].shape[:2]
        stream.codec_context.sample_aspect_ratio = Fraction(3, 2)
        for image in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def source(tmp_path_factory, moving_texture, write_video):
    folder = tmp_path_factory.mktemp("source")
    frames = moving_texture(4, width=96, height=64)
    frames[..., 2] //= 2  # colours
    for name in ("plain", "wide"):
        (folder / name).mkdir()
    write_video(folder / "plain" / "a.avi", frames)
    write_wide(folder / "wide" / "b.avi", frames)
    return folder


@pytest.fixture
def data(tmp_path, source):
    prepare_dataset(source, tmp_path / "data", OPTIONS)
    return tmp_path / "data"


def rewrite(path, *, image=None, **changes):
    """Store a clip again with other facts and another first picture."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    facts = {**json.loads(members["clip.json"]), **changes}
    facts = {name: value for name, value in facts.items() if value is not None}
    members["clip.json"] = json.dumps(facts).encode()
    if image is not None:
        members["img_00001.jpg"] = encode_jpeg(image, quality=95)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_clips_and_the_record_say_what_made_their_pictures(data):
    clip = open_clip(data / "clips" / "plain" / "a.zip").metadata
    assert clip.decoded_by == converter()
    assert b"decoded_by" not in clip.identity()
    assert yaml.safe_load((data / "prepare.yaml").read_text())["converters"] == {converter(): 2}


def test_what_others_made_alike_is_only_counted(data, source):
    rewrite(data / "clips" / "plain" / "a.zip", decoded_by="PyAV 17.0.0 (libswscale 9.1.100)")
    done = prepare_dataset(source, data, OPTIONS)
    assert done.reused == 2
    assert f"PyAV 17.0.0 (libswscale 9.1.100) (1 clip), {converter()} (1 clip)" in done.notes[-1]
    assert not verify_store(data, source=source, workers=1).findings


def test_what_an_earlier_version_left_undone_is_told_and_repaired(data, source):
    rewrite(data / "clips" / "wide" / "b.zip", decoded_by=None, converted=None)
    done = prepare_dataset(source, data, OPTIONS)
    assert "1 clip would be made otherwise today, such as wide/b (not pixels of" in done.notes[-1]
    (finding,) = [
        one for one in verify_store(data, source=source, workers=1).findings if one.kind != "tables"
    ]
    assert (finding.subject, finding.kind) == ("wide/b", "conversion")
    repair_store(data, source=source, redo=frozenset({"wide/b"}), workers=1)
    assert not verify_store(data, source=source, workers=1).findings


def test_other_colours_are_seen_and_other_roundings_are_not(data, source):
    place, video = data / "clips" / "plain" / "a.zip", source / "plain" / "a.avi"
    with open_video(video) as opened:
        image = next(opened.frames()).astype(int)
    rounded = image + np.random.default_rng(0).integers(-1, 2, image.shape)
    rewrite(place, decoded_by="PyAV 16.0.0", image=np.clip(rounded, 0, 255).astype(np.uint8))
    assert converted_otherwise(open_clip(place), video) == ""
    shifted = image + np.array([3, 0, -3])
    rewrite(place, image=np.clip(shifted, 0, 255).astype(np.uint8))
    assert converted_otherwise(open_clip(place), video).startswith("colours are ")
    rewrite(place, decoded_by=converter())
    assert converted_otherwise(open_clip(place), video) == ""
