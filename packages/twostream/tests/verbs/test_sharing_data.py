"""Several runs on one data set: whoever reads it meets the same clips from beginning to end."""

from __future__ import annotations

import hashlib
import shutil

import pytest
from twostream.errors import TwostreamError
from twostream.locks import reading, sole_user
from twostream.verbs.check import check
from twostream.verbs.explore import explore
from twostream.verbs.prepare import prepare
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
        for command in ((*prepare_it, "--bound", 8), ("check", data, "--repair", "--workers", 1)):
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
    assert run_twostream(*prepare_it, "--bound", 8).returncode == 0
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
    with pytest.raises(TwostreamError, match=r"manifest\.parquet"):
        train("temporal", tmp_path, out=tmp_path / "run")
    assert [path.name for path in tmp_path.rglob("*.lock")] == []
