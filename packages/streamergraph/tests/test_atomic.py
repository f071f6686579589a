from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import polars as pl
import pytest
from streamergraph.atomic import atomic_path, room_on_disk, write_text
from streamergraph.errors import StreamergraphError


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


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX systems")
def test_files_get_the_ordinary_permissions_and_the_umask_is_never_touched(tmp_path, monkeypatch):
    before = os.umask(0o027)
    try:
        with monkeypatch.context() as patched:
            # Not even for a moment: files that other threads make meanwhile would be private.
            patched.delattr(os, "umask")
            write_text(tmp_path / "a.txt", "")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_file_is_on_the_disk_before_its_name_and_its_name_before_all_goes_on(
    tmp_path, monkeypatch
):
    flushed = []
    monkeypatch.setattr("streamergraph.atomic.flush_to_disk", flushed.append)
    with atomic_path(tmp_path / "a.txt") as temporary:
        assert flushed == []
    assert flushed == [temporary, tmp_path]


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


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="the system has no disk that is always full"
)
@pytest.mark.parametrize("write", [pl.DataFrame.write_csv, pl.DataFrame.write_parquet])
def test_a_full_disk_is_a_sentence_whichever_way_it_is_told(tmp_path, write):
    with pytest.raises(StreamergraphError) as caught, room_on_disk(tmp_path / "rows"):
        write(pl.DataFrame({"a": range(1000)}), "/dev/full")
    assert os.strerror(errno.ENOSPC) in caught.value.found
    assert str(tmp_path / "rows") in str(caught.value)
    assert "make room" in caught.value.remedy


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="the system has no disk that is always full"
)
def test_a_disk_that_fills_up_with_the_end_of_a_parquet_file_is_that_sentence_too(tmp_path):
    wide = pl.DataFrame({f"c{k}": [1] for k in range(400)})
    with (
        pytest.raises(StreamergraphError, match="room on the disk"),
        room_on_disk(tmp_path / "rows"),
    ):
        wide.write_parquet("/dev/full")


@pytest.mark.parametrize("error", [pl.exceptions.ComputeError, OSError])
def test_other_faults_than_a_full_disk_are_left_as_they_are(tmp_path, error):
    with pytest.raises(error, match="another fault"), room_on_disk(tmp_path):
        raise error("another fault")


def test_what_the_system_refuses_bears_the_name_that_the_user_gave(tmp_path, monkeypatch):
    def refused(path, **_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "touch", refused)
    with pytest.raises(PermissionError) as caught:
        write_text(tmp_path / "a.json", "whole")
    assert caught.value.filename == str(tmp_path / "a.json")


def test_no_hidden_name_is_told_where_the_folder_is_a_file(tmp_path):
    (tmp_path / "a-file").touch()
    with (
        pytest.raises((FileExistsError, NotADirectoryError)) as caught,
        atomic_path(tmp_path / "a-file" / "rows.csv"),
    ):
        raise AssertionError("nothing can be written there")
    assert ".partial-" not in str(caught.value)


def test_a_full_disk_names_the_file_that_was_being_written(tmp_path):
    with pytest.raises(OSError, match=r"rows\.csv") as caught, atomic_path(tmp_path / "rows.csv"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == str(tmp_path / "rows.csv")
