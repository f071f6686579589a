from __future__ import annotations

import errno
import hashlib
import json
import zipfile
from dataclasses import replace

import pytest
from twostream.datasets.clips import Segment
from twostream.errors import TwostreamError
from twostream.execution.outcomes import FatalError
from twostream.preparation import ensure
from twostream.preparation.ensure import ClipTask, current_metadata, ensure_clip
from twostream.preparation.options import ExtractionOptions

LAYOUTS = pytest.mark.parametrize("layout", ["archive", "rawframes"])


@pytest.fixture
def make_task(tmp_path, write_video, moving_texture):
    def make(layout="archive", **options):
        source = write_video(tmp_path / "a.avi", moving_texture(4, width=48, height=32))
        extraction = ExtractionOptions(**{"flow": "dis", "layout": layout, **options})
        return ClipTask("c/a", source, tmp_path / "clips" / "a.zip", extraction)

    return make


@pytest.mark.parametrize("flow", ["tvl1", "dis", "farneback"])
@LAYOUTS
def test_what_is_whole_and_current_is_kept(make_task, layout, flow):
    task = make_task(layout, flow=flow)
    first = ensure_clip(task)
    stamp = task.target.stat().st_mtime_ns
    second = ensure_clip(task)
    assert (first.reused, second.reused) == (False, True)
    assert second.metadata == first.metadata
    assert task.target.stat().st_mtime_ns == stamp


@pytest.mark.parametrize(
    "change",
    [
        {"flow": "farneback"},
        {"flow": "tvl1"},
        {"bound_px": 10.0},
        {"step": 2},
        {"fps": 10},
        {"short_side_px": 16},
        {"jpeg_quality": 90},
    ],
)
def test_other_options_make_it_again(make_task, change):
    task = make_task()
    ensure_clip(task)
    changed = replace(task, options=replace(task.options, **change))
    assert not ensure_clip(changed).reused
    assert ensure_clip(changed).reused


def test_options_that_change_nothing_keep_it(make_task):
    task = make_task()
    ensure_clip(task)
    same_size = replace(task, options=replace(task.options, short_side_px=32))
    assert ensure_clip(same_size).reused


def test_changed_content_makes_it_again(make_task, write_video, moving_texture):
    task = make_task()
    ensure_clip(task)
    write_video(task.source, moving_texture(5, width=48, height=32, dx=-1.0))
    assert not ensure_clip(task).reused
    assert ensure_clip(task).metadata.frames == 5


def test_a_new_date_alone_changes_nothing(make_task):
    task = make_task()
    ensure_clip(task)
    task.source.write_bytes(task.source.read_bytes())
    assert ensure_clip(task).reused


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_one_flipped_bit_in_an_image_makes_it_again(make_task, share):
    task = make_task()
    ensure_clip(task)
    whole = task.target.read_bytes()
    content = bytearray(whole)
    content[int(share * len(content))] ^= 1
    task.target.write_bytes(content)
    ensure_clip(task)
    assert task.target.read_bytes() == whole


def test_a_truncated_archive_is_made_again(make_task):
    task = make_task()
    ensure_clip(task)
    whole = task.target.read_bytes()
    for share in (0, 0.5, 0.99):
        task.target.write_bytes(whole[: int(share * len(whole))])
        assert not ensure_clip(task).reused
        assert task.target.read_bytes() == whole


def test_a_compressed_archive_is_made_again(make_task):
    task = make_task()
    ensure_clip(task)
    whole = task.target.read_bytes()
    with zipfile.ZipFile(task.target) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(task.target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert not ensure_clip(task).reused
    assert task.target.read_bytes() == whole


@pytest.mark.parametrize("member", ["img_00002.jpg", "flow_y_00003.jpg", "clip.json"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\xd8half"])
def test_a_damaged_folder_is_made_again(make_task, member, content):
    task = make_task("rawframes")
    ensure_clip(task)
    path = task.target / member
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    assert not ensure_clip(task).reused
    assert path.read_bytes() == whole


def test_a_clip_json_of_nonsense_is_made_again(make_task):
    task = make_task("rawframes")
    ensure_clip(task)
    path = task.target / "clip.json"
    facts = json.loads(path.read_text())
    for change in ({"frames": 10**12}, {"fps": 0}, {"format": 0}, {"width": "48"}):
        path.write_text(json.dumps({**facts, **change}))
        assert not ensure_clip(task).reused


def test_a_clip_that_a_later_version_wrote_is_not_made_again(make_task):
    task = make_task("rawframes")
    ensure_clip(task)
    path = task.target / "clip.json"
    later = json.dumps({**json.loads(path.read_text()), "format": 7})
    path.write_text(later)
    with pytest.raises(FatalError, match="a later version wrote; upgrade twostream"):
        ensure_clip(task)
    assert path.read_text() == later


def test_flow_parameters_that_were_added_later_do_not_make_a_clip_again(make_task):
    task = make_task("rawframes")
    ensure_clip(task)
    path = task.target / "clip.json"
    facts = json.loads(path.read_text())
    facts["flow_parameters"]["of a later version"] = 3
    path.write_text(json.dumps({**facts, "flow_convention": "another sentence."}))
    assert current_metadata(task) is None  # the checksums know the file
    sums = task.target / "SHA256SUMS"
    lines = [line for line in sums.read_text().splitlines() if not line.endswith("clip.json")]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sums.write_text("".join(f"{line}\n" for line in [*lines, f"{digest}  clip.json"]))
    assert ensure_clip(task).reused


def test_a_source_that_broke_is_an_error_and_keeps_what_is_stored(make_task):
    task = make_task()
    ensure_clip(task)
    whole = task.target.read_bytes()
    task.source.write_bytes(b"text")
    with pytest.raises(TwostreamError, match="unreadable"):
        ensure_clip(task)
    assert task.target.read_bytes() == whole


def test_a_full_disk_is_the_whole_jobs_problem(make_task, monkeypatch):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ensure, "extract_clip", full)
    with pytest.raises(FatalError, match="No space left on device; make room"):
        ensure_clip(make_task())


def test_another_error_of_the_system_is_the_clips_problem(make_task, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(ensure, "extract_clip", fail)
    with pytest.raises(OSError, match="Input/output"):
        ensure_clip(make_task())


def test_another_segment_makes_it_again(make_task):
    task = make_task()
    ensure_clip(task)
    for segment in (Segment(0.04), Segment(0.0, 0.12), Segment(0.04, 0.12)):
        cut = replace(task, segment=segment)
        assert not ensure_clip(cut).reused
        assert ensure_clip(cut).reused
    assert not ensure_clip(task).reused


def test_a_video_that_was_replaced_is_made_again(make_task, write_video, moving_texture):
    task = make_task()
    ensure_clip(task)
    write_video(task.source, moving_texture(4, width=48, height=32, seed=9))
    assert not ensure_clip(task).reused
