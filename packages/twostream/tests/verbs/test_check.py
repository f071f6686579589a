from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys

import pytest
from twostream.errors import TwostreamError
from twostream.locks import RUN_LOCK, sole_user
from twostream.verbs.check import check
from twostream.verbs.report import report


@pytest.fixture
def data(small_data, tmp_path):
    return shutil.copytree(small_data, tmp_path / "data")


def test_a_whole_store_ends_well_and_writes_its_tables(data, run_twostream):
    done = run_twostream("check", data, "--workers", 1)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert "12 clips, 168 frames" in done.stdout
    assert (data / "check.csv").read_text() == "subject,kind,detail\n"
    summary = json.loads((data / "check.json").read_text())
    assert summary["whole"] is True
    assert summary["videos_compared"] is True
    assert set(summary["findings"].values()) == {0}


def test_a_broken_store_ends_with_status_2_and_one_line(data, run_twostream):
    (data / "clips" / "down" / "v_down_g01_c01.zip").write_bytes(b"PK")
    done = run_twostream("check", data, "--workers", 1, "--quick")
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert "found 1 damaged; see check.csv; --repair makes broken clips again" in last
    with (data / "check.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert (row["subject"], row["kind"]) == ("down/v_down_g01_c01", "damaged")


def test_repair_ends_with_a_whole_store(data):
    (data / "clips" / "down" / "v_down_g01_c01.zip").write_bytes(b"PK")
    (data / "clips" / "old.zip").touch()
    found = check(data, repair=True, delete_leftovers=True, workers=1)
    assert found.findings == ()
    assert not (data / "clips" / "old.zip").exists()


def test_a_manifest_that_is_gone_is_made_again(data, small_data):
    (data / "manifest.parquet").unlink()
    with pytest.raises(TwostreamError, match=r"manifest\.parquet"):
        check(data, workers=1)
    assert check(data, repair=True, workers=1).findings == ()
    content = (small_data / "manifest.parquet").read_bytes()
    assert (data / "manifest.parquet").read_bytes() == content


def test_videos_that_moved_are_found_with_source(data, small_videos, tmp_path):
    record = (data / "prepare.yaml").read_text().replace(str(small_videos), str(tmp_path / "gone"))
    (data / "prepare.yaml").write_text(record)
    assert check(data, workers=1).source is None
    (data / "clips" / "down" / "v_down_g01_c01.zip").unlink()
    with pytest.raises(TwostreamError, match="say where they are with --source"):
        check(data, repair=True, workers=1)
    assert check(data, repair=True, source=small_videos, workers=1).findings == ()


def test_what_is_no_store_is_refused_and_left_alone(tmp_path):
    with pytest.raises(TwostreamError, match=r"neither manifest\.parquet nor prepare\.yaml"):
        check(tmp_path)
    with pytest.raises(TwostreamError, match="no such file or folder"):
        check(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_another_process_writes_is_left_alone(tmp_path):
    code = "import sys, pathlib; from twostream import report; report(pathlib.Path(sys.argv[1]))"
    with sole_user(tmp_path, lock_name=RUN_LOCK):
        done = subprocess.run(
            [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False
        )
    assert "in use by another process" in done.stderr
    with pytest.raises(TwostreamError) as caught:
        report(tmp_path)
    assert "in use" not in str(caught.value)
