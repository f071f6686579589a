from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from twostream.atomic import (
    TEMPORARY_PREFIX,
    atomic_path,
    temporary_folder,
    write_json,
    write_text,
)


def test_the_target_appears_at_the_end_only(tmp_path):
    target = tmp_path / "a" / "b.zip"
    with atomic_path(target) as temporary:
        temporary.write_text("whole")
        assert not target.exists()
        assert temporary.parent == target.parent
        assert temporary.suffix == ".zip"
        assert temporary.name.startswith(TEMPORARY_PREFIX)
    assert target.read_text() == "whole"
    assert [path.name for path in target.parent.iterdir()] == ["b.zip"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, error):
    target = tmp_path / "b.txt"
    target.write_text("old")

    def write_half():
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["b.txt"]


def test_names_as_long_as_the_file_system_allows(tmp_path):
    for target in (tmp_path / ("n" * 251 + ".zip"), tmp_path / ("a." + "😀" * 63)):
        write_text(target, "whole")
        assert target.read_text() == "whole"


def test_files_get_the_ordinary_permissions(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "")
        assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_text_is_utf8_with_lf(tmp_path):
    write_text(tmp_path / "a.txt", "größe\n😀\n")
    assert (tmp_path / "a.txt").read_bytes() == "größe\n😀\n".encode()


def test_json_refuses_what_is_not_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
@pytest.mark.parametrize("folder", ["/proc", "/proc/here/below"])
def test_where_the_system_takes_no_files_it_is_not_said_that_one_is_missing(folder):
    with pytest.raises(PermissionError, match=f"nothing can be written there: '{folder}'"):
        write_text(Path(folder) / "a.txt", "text")


@pytest.fixture
def flushed(monkeypatch):
    """The files and folders that were flushed to the disk, in order."""
    paths = []
    monkeypatch.setattr("twostream.atomic.flush_to_disk", paths.append)
    return paths


def test_a_file_is_on_the_disk_before_its_name_and_its_name_before_all_goes_on(tmp_path, flushed):
    target = tmp_path / "a.txt"
    with atomic_path(target) as temporary:
        assert flushed == []
    assert flushed == [temporary, tmp_path]


def test_what_need_not_be_durable_costs_no_flush(tmp_path, flushed):
    write_text(tmp_path / "a.svg", "<svg/>", durable=False)
    assert (tmp_path / "a.svg").read_text() == "<svg/>"
    assert flushed == []


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EIO])
def test_a_disk_that_fails_is_told_and_one_that_cannot_flush_is_not(tmp_path, monkeypatch, number):
    def refuse(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    if number == errno.EIO:
        with pytest.raises(OSError, match="Input/output error"):
            write_text(tmp_path / "a.txt", "text")
        assert list(tmp_path.iterdir()) == []
    else:
        write_text(tmp_path / "a.txt", "text")
        assert (tmp_path / "a.txt").read_text() == "text"


def test_the_umask_of_the_process_is_never_touched(tmp_path, monkeypatch):
    # Not even for a moment: files that other threads make meanwhile would be private.
    monkeypatch.delattr(os, "umask")
    write_text(tmp_path / "a.txt", "")
    with temporary_folder(tmp_path) as folder:
        assert folder.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_what_the_system_refuses_bears_the_name_that_the_user_gave(tmp_path, monkeypatch):
    def refused(path, **_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "touch", refused)
    with pytest.raises(PermissionError) as caught:
        write_text(tmp_path / "a.json", "whole")
    assert caught.value.filename == str(tmp_path / "a.json")
