"""Several runs on one data set: whoever reads it meets the same clips from beginning to end."""

from __future__ import annotations

import functools
import hashlib
import shutil
import threading

import pytest
import twostream
from twostream.errors import TwostreamError
from twostream.locks import FolderInUseError, reading, sole_user
from twostream.verbs.check import check
from twostream.verbs.explore import explore
from twostream.verbs.prepare import prepare
from twostream.verbs.sharing import kept, prepared_and_kept
from twostream.verbs.train import train


@pytest.fixture
def data(small_data, tmp_path):
    return shutil.copytree(small_data, tmp_path / "data")


def digest(folder):
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_read_is_not_changed_by_another_process(data, small_videos, run_twostream):
    prepare_it = ("prepare", small_videos, "--out", data, "--flow", "dis", "--workers", 1)
    before = digest(data)
    with reading(data):
        for command in (
            (*prepare_it, "--bound", 8, "--replace"),
            ("check", data, "--repair", "--workers", 1),
        ):
            done = run_twostream(*command)
            assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
            assert "in use by another process; wait" in done.stderr
        assert digest(data).items() >= before.items()
        # Preparing again what is all there is the first step of a run that shares it.
        done = run_twostream(*prepare_it)
        assert done.returncode == 0, done.stderr
        assert "(12 clips were there already)" in done.stdout
        assert "another process reads it: taken as it is" in done.stdout
        assert run_twostream("check", data, "--workers", 1).returncode == 0
    assert run_twostream(*prepare_it, "--bound", 8, "--replace").returncode == 0
    assert digest(data) != before


def test_a_data_set_that_lacks_a_clip_is_not_taken_as_it_is(data, small_videos):
    options = {"out": data, "flow": "dis", "workers": 1}
    (data / "clips" / "down" / "v_down_g01_c01.zip").unlink()
    with reading(data), pytest.raises(TwostreamError, match="in use by another process"):
        prepare(small_videos, **options)
    assert prepare(small_videos, **options).reused == 11


def test_training_reads(data, tmp_path, monkeypatch, run_twostream):
    import twostream.training.stream as training

    class ReachedError(Exception):
        pass

    def writing_elsewhere(*_, **options):
        done = run_twostream("check", data, "--delete-leftovers", "--workers", 1)
        assert "in use by another process" in done.stderr
        raise ReachedError

    monkeypatch.setattr(training, "train_stream", writing_elsewhere)
    with pytest.raises(ReachedError):
        train("temporal", data, out=tmp_path / "run")
    monkeypatch.undo()
    done = run_twostream("check", data, "--delete-leftovers", "--workers", 1)
    assert done.returncode == 0


def test_what_is_just_written_is_not_trained_on(data, tmp_path):
    with sole_user(data), pytest.raises(TwostreamError, match="in use by another process"):
        train("temporal", data, out=tmp_path / "run")


def test_a_data_set_that_is_read_can_be_explored(data):
    with reading(data):
        assert explore(data, workers=1).is_file()
        assert check(data, workers=1).findings == ()


def test_a_folder_that_is_no_data_set_gets_no_lock(tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(TwostreamError, match=r"manifest\.parquet"):
        train("temporal", tmp_path / "data", out=tmp_path / "run")
    assert [path.name for path in tmp_path.rglob("*.lock")] == []


@pytest.fixture
def writer(data):
    """Another thread that changes `data` until it is told to stop."""
    at_work, stop = threading.Event(), threading.Event()

    def write():
        with sole_user(data):
            at_work.set()
            stop.wait(60)

    thread = threading.Thread(target=write)
    thread.start()
    assert at_work.wait(60)
    yield stop
    stop.set()
    thread.join()


@pytest.mark.usefixtures("shown")
def test_a_writer_s_end_is_waited_for_and_told(data, writer, capsys):
    threading.Timer(0.8, writer.set).start()
    with kept(data):
        assert writer.is_set()
        with pytest.raises(FolderInUseError), sole_user(data):
            pass
    told = capsys.readouterr().err.splitlines()
    assert told == [f"{data}: another process changes or checks it: waiting for its end"]


def test_two_runs_that_begin_at_once_share_what_the_first_prepares(data, small_videos, writer):
    calls = []

    def prepare_it():
        calls.append("called")
        return prepare(small_videos, out=data, flow="dis", workers=1)

    threading.Timer(0.8, writer.set).start()
    with prepared_and_kept(prepare_it, data):
        assert writer.is_set()
    assert calls == ["called", "called"]


def test_what_a_run_waited_for_and_was_not_made_is_made(data, small_videos, writer):
    (data / "clips" / "down" / "v_down_g01_c01.zip").unlink()
    threading.Timer(0.8, writer.set).start()
    made = []

    def prepare_it():
        made.append(prepare(small_videos, out=data, flow="dis", workers=1))

    with prepared_and_kept(prepare_it, data):
        assert [(one.clips, one.reused) for one in made] == [(12, 11)]


def test_data_that_others_read_and_a_run_would_change_is_refused(data, small_videos):
    def prepare_it():
        return prepare(small_videos, out=data, flow="dis", bound=8, workers=1)

    with (
        reading(data),
        pytest.raises(FolderInUseError),
        prepared_and_kept(prepare_it, data),
    ):
        raise AssertionError("never reached")


def test_a_run_keeps_its_data_between_its_stages(small_videos, tmp_path, monkeypatch):
    import twostream.verbs.train as training

    tried = []

    @functools.wraps(training.train)
    def between_stages(stream, data, **_):
        for bound in (20, 8):
            try:
                prepare(small_videos, out=data, flow="dis", workers=1, bound=bound)
                tried.append((stream, bound, "taken as it is"))
            except FolderInUseError:
                tried.append((stream, bound, "in use"))
        if stream == "temporal":
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "train", between_stages)
    with pytest.raises(KeyboardInterrupt):
        twostream.run(small_videos, out=tmp_path / "run", flow="dis", weights="none", workers=1)
    assert tried == [
        (stream, bound, found)
        for stream in ("spatial", "temporal")
        for bound, found in ((20, "taken as it is"), (8, "in use"))
    ]


def test_another_seed_shares_the_clips_of_splits_that_are_given(data, small_videos, tmp_path):
    """A seed draws splits; where they come from lists, it changes no clip."""
    clips = sorted(small_videos.rglob("*.avi"))
    names = [path.relative_to(small_videos).as_posix() for path in clips]
    (tmp_path / "trainlist01.txt").write_text("\n".join(names[::2]))
    (tmp_path / "testlist01.txt").write_text("\n".join(names[1::2]))
    options = {"out": data, "annotations": tmp_path, "flow": "dis", "workers": 1}
    prepare(small_videos, **options, replace=True)
    with reading(data):
        assert prepare(small_videos, seed=1, **options).reused == 12
    drawn = {"out": data, "flow": "dis", "workers": 1}
    prepare(small_videos, **drawn, replace=True)
    with reading(data), pytest.raises(FolderInUseError):
        prepare(small_videos, seed=1, **drawn)
