"""What was found whole earlier is not read again as long as nothing differs."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from twostream.preparation import ensure
from twostream.preparation.ensure import ClipTask, ensure_clip
from twostream.preparation.options import ExtractionOptions
from twostream.preparation.verification import verify_store
from twostream.preparation.verified import (
    VERIFIED_NAME,
    Stamps,
    read_verified,
    settled_stamps,
    write_verified,
)
from twostream.store.clip import StoredClip

STAMPS = {"run/a": Stamps((1, 2, 3), (4, 5, 6))}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_verified(tmp_path, STAMPS)
    assert read_verified(tmp_path) == STAMPS
    (tmp_path / VERIFIED_NAME).unlink()
    assert read_verified(tmp_path) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '{"format": 2, "clips": {}}',
        '{"format": 1, "clips": []}',
        '{"format": 1, "clips": {"a": [[1, 2, 3]]}}',
        '{"format": 1, "clips": {"a": [[1, 2], [3, 4]]}}',
        '{"format": 1, "clips": {"a": [[1, 2, 3], [4, 5, "6"]]}}',
        "[" * 100_000,
    ],
)
def test_what_is_garbled_is_as_if_it_were_not_there(tmp_path: Path, text: str) -> None:
    (tmp_path / VERIFIED_NAME).write_text(text)
    assert read_verified(tmp_path) == {}


def test_a_file_that_was_just_written_is_not_trusted_yet(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"a")
    assert settled_stamps(a, b) is None
    b.write_bytes(b"b")
    assert settled_stamps(a, b) is None
    assert settled_stamps(a, tmp_path) is None


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read to the last byte: videos, archives."""
    found: list[str] = []
    identity, check = ensure.file_identity, StoredClip.check

    def hashed(path: Path) -> tuple[str, int]:
        found.append("video")
        return identity(path)

    def checked(clip: StoredClip, **how: Any) -> None:
        found.append("archive")
        check(clip, **how)

    monkeypatch.setattr(ensure, "file_identity", hashed)
    monkeypatch.setattr(StoredClip, "check", checked)
    return found


@pytest.fixture
def task(
    tmp_path: Path, write_video: Any, moving_texture: Any, monkeypatch: pytest.MonkeyPatch
) -> ClipTask:
    """A stored clip, known by its stamps."""
    monkeypatch.setattr("twostream.preparation.verified.SETTLED_NANOSECONDS", 0)
    source = write_video(tmp_path / "a.avi", moving_texture(4, width=48, height=32))
    new = ClipTask("c/a", source, tmp_path / "a.zip", ExtractionOptions(flow="dis"))
    made = ensure_clip(new)
    assert made.stamps is not None
    return replace(new, verified=made.stamps)


def test_what_has_its_stamps_is_not_read_again(task: ClipTask, reads: list[str]) -> None:
    again = ensure_clip(task)
    assert (again.reused, again.stamps, reads) == (True, task.verified, [])
    assert ensure_clip(replace(task, verified=None)).reused
    assert reads == ["video", "archive"]


@pytest.mark.parametrize("changed", ["source", "target"])
@pytest.mark.parametrize("way", ["time", "time set back", "size", "new file"])
def test_whatever_differs_both_are_read(
    task: ClipTask, reads: list[str], changed: str, way: str
) -> None:
    path: Path = getattr(task, changed)
    status, content = path.stat(), path.read_bytes()
    if way == "time":
        os.utime(path)
    elif way == "time set back":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif way == "size":
        path.write_bytes(content + b"1")
    else:
        path.unlink()
        path.write_bytes(content)
    result = ensure_clip(task)
    assert reads or not result.reused


def test_other_options_count_though_the_stamps_are_the_same(task: ClipTask) -> None:
    other = replace(task, options=replace(task.options, bound_px=10.0))
    assert not ensure_clip(other).reused


def test_a_run_trusts_what_prepare_found_whole_and_prepare_trusts_nothing(
    tmp_path: Path, small_source: Path, prepare: Any
) -> None:
    source, out = tmp_path / "videos", tmp_path / "data"
    shutil.copytree(small_source, source)
    for video in source.rglob("*.avi"):
        os.utime(video, (10**9, 10**9))
    prepare(source, out)
    known = read_verified(out)
    assert len(known) == 4
    victim = out / "clips" / "left" / "left_0.zip"
    whole = victim.read_bytes()
    victim.write_bytes(whole[:500] + bytes([whole[500] ^ 1]) + whole[501:])
    assert prepare(source, out, trusting=True).reused == 3  # its times differ
    assert victim.read_bytes() == whole
    # An error of the disk, which changes no times: what is trusted now is the damaged file.
    victim.write_bytes(whole[:500] + bytes([whole[500] ^ 1]) + whole[501:])
    status = victim.stat()
    stamp = status.st_size, status.st_mtime_ns, status.st_ctime_ns
    known = read_verified(out)
    known["left/left_0"] = replace(known["left/left_0"], target=stamp)
    write_verified(out, known)
    assert prepare(source, out, trusting=True).reused == 4
    kinds = {item.kind for item in verify_store(out, source=None, decode=False).findings}
    assert kinds == {"damaged"}
    assert prepare(source, out).reused == 3
    assert victim.read_bytes() == whole
