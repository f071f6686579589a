from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock
from twostream.errors import TwostreamError
from twostream.locks import DATA_LOCK, RUN_LOCK, reading, sole_user

ENTER = """
import sys
from pathlib import Path
from twostream.locks import sole_user
with sole_user(Path(sys.argv[1])):
    print("entered")
"""


def enter_elsewhere(folder):
    """What another process says that wants the lock of `folder`."""
    done = subprocess.run(
        [sys.executable, "-c", ENTER, folder], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_another_process_is_kept_out_until_the_first_is_done(tmp_path):
    with sole_user(tmp_path):
        assert "in use by another process" in enter_elsewhere(tmp_path)
    assert enter_elsewhere(tmp_path) == "entered\n"


def test_the_same_thread_may_enter_again_and_still_keeps_others_out(tmp_path):
    with sole_user(tmp_path):
        with sole_user(tmp_path):
            pass
        assert "in use by another process" in enter_elsewhere(tmp_path)


def test_another_thread_is_kept_out(tmp_path):
    messages = []

    def enter():
        try:
            with sole_user(tmp_path):
                messages.append("entered")
        except TwostreamError as error:
            messages.append(error.found)

    with sole_user(tmp_path):
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert messages == ["one in use by another process"]


def test_the_locks_of_data_and_runs_are_different_ones(tmp_path):
    with sole_user(tmp_path, lock_name=RUN_LOCK):
        assert enter_elsewhere(tmp_path) == "entered\n"


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_a_folder_that_vanishes_is_noticed(tmp_path, change):
    folder = tmp_path / "data"
    with sole_user(folder) as still_there:
        still_there()
        folder.rename(tmp_path / "elsewhere")
        if change == "replaced":
            folder.mkdir()
            (folder / DATA_LOCK).touch()
        with pytest.raises(TwostreamError, match="removed or replaced meanwhile"):
            still_there()


def enter_and_raise(folder, error, *, write=False):
    with sole_user(folder):
        if write:
            (folder / "result").write_text("result")
        raise error


def test_nothing_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(ValueError, match="a wrong option"):
        enter_and_raise(tmp_path / "a" / "b", ValueError("a wrong option"))
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_or_there_before_stays(tmp_path):
    (tmp_path / "there").mkdir()
    for name in ("there", "new"):
        with pytest.raises(ValueError, match="later"):
            enter_and_raise(tmp_path / name, ValueError("later"), write=name == "new")
    assert (tmp_path / "new" / "result").is_file()
    assert (tmp_path / "there").is_dir()


def test_a_full_disk_is_the_user_s_and_any_other_error_is_not(tmp_path):
    with pytest.raises(TwostreamError, match="No space left on device"):
        enter_and_raise(tmp_path, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(ConnectionError):
        enter_and_raise(tmp_path, ConnectionError("no network"))


@pytest.mark.parametrize("removes_open_files", [True, False])
def test_the_lock_goes_while_it_is_held_or_where_that_cannot_be_after_it(
    tmp_path, monkeypatch, removes_open_files
):
    monkeypatch.setattr("twostream.locks.REMOVES_OPEN_FILES", removes_open_files)
    folder = tmp_path / "data"
    lock = FileLock(folder / DATA_LOCK, is_singleton=True)
    unlink, held = Path.unlink, []

    def watched(path, missing_ok=False):
        if path.exists():
            held.append(lock.is_locked)
            if lock.is_locked and not removes_open_files:
                raise PermissionError(errno.EACCES, "in use")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", watched)
    with pytest.raises(ValueError, match="a wrong option"):
        enter_and_raise(folder, ValueError("a wrong option"))
    assert held == [removes_open_files]
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_does_not_hide_the_error(tmp_path, monkeypatch):
    def refuse(path, missing_ok=False):
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(ValueError, match="a wrong option"):
        enter_and_raise(tmp_path / "data", ValueError("a wrong option"))


def test_a_reader_never_holds_what_a_writer_has_just_removed(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    flock, removed = fcntl.flock, []

    def late(handle, operation):
        if not removed:
            removed.append(DATA_LOCK)
            (tmp_path / DATA_LOCK).unlink()
        flock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with reading(tmp_path):
        assert removed
        assert "in use by another process" in enter_elsewhere(tmp_path)


READ = ENTER.replace("sole_user", "reading")


def read_elsewhere(folder):
    done = subprocess.run(
        [sys.executable, "-c", READ, folder], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_many_may_read_but_nobody_writes_meanwhile(tmp_path):
    with reading(tmp_path):
        assert read_elsewhere(tmp_path) == "entered\n"
        assert "in use by another process" in enter_elsewhere(tmp_path)
    assert enter_elsewhere(tmp_path) == "entered\n"


def test_nobody_reads_what_is_just_written(tmp_path):
    with sole_user(tmp_path):
        assert "in use by another process" in read_elsewhere(tmp_path)
    assert read_elsewhere(tmp_path) == "entered\n"


def test_reading_is_over_where_the_body_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), reading(tmp_path):
        raise ZeroDivisionError
    assert enter_elsewhere(tmp_path) == "entered\n"


def test_what_cannot_be_locked_is_read_all_the_same(tmp_path, monkeypatch):
    with reading(tmp_path / "none"):
        pass
    assert not (tmp_path / "none").exists()
    (tmp_path / DATA_LOCK).touch()
    opened = os.open

    def read_only(path, flags, *mode):
        if flags & os.O_RDWR:
            raise OSError(errno.EROFS, "Read-only file system")
        return opened(path, flags, *mode)

    monkeypatch.setattr(os, "open", read_only)
    with reading(tmp_path):
        monkeypatch.undo()
        assert "in use by another process" in enter_elsewhere(tmp_path)


def test_a_file_in_place_of_a_folder_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "video.mp4"
    file.write_text("no folder")
    with (
        pytest.raises(TwostreamError, match="expected a folder, found a file"),
        sole_user(file, lock_name=RUN_LOCK),
    ):
        pass
