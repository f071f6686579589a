"""From addresses to videos/<class>/ and annotations/, and nothing twice."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from dataclasses import replace

import pytest
from faulty_server import Faults, serving
from rar_archives import write_rar4, write_rar5
from twostream.cli.main import run_command
from twostream.datasets.load import load_dataset
from twostream.downloads import addresses
from twostream.downloads.addresses import OFFICIAL, OfficialFile
from twostream.downloads.dataset import obtain
from twostream.downloads.fetch import fetch
from twostream.errors import TwostreamError
from twostream.events import listening

SPLIT_FILES = {
    f"splits/{name}_test_split1.txt": "".join(
        f"t{k}_{name}_f_cm_np1_fr_med_0.avi {1 + (k > 1)} \n" for k in range(3)
    ).encode()
    for name in ("run", "wave")
}


def videos_of(name):
    return {f"{name}/t{k}_{name}_f_cm_np1_fr_med_0.avi": f"{name}{k}".encode() for k in range(3)}


def write_archives(folder, *, packed=False):
    """As HMDB-51 is published: an archive of archives, and one of lists."""
    inner = {}
    for name, write in (("run", write_rar4), ("wave", write_rar5)):
        inner[f"{name}.rar"] = write(folder / name, videos_of(name), packed=packed).read_bytes()
    outer = write_rar4(folder / "outer", inner, packed=packed)
    lists = write_rar5(folder / "lists", SPLIT_FILES, packed=packed)
    return {"hmdb51_org.rar": outer.read_bytes(), "test_train_splits.rar": lists.read_bytes()}


@pytest.fixture
def archives(tmp_path):
    return write_archives(tmp_path / "made")


@pytest.fixture
def download(tmp_path, monkeypatch, capsys):
    """Run the verb with the official addresses on this machine."""

    def run(address, *options, name="hmdb51"):
        local = tuple(
            OfficialFile(item.role, f"{address}/{item.url.rpartition('/')[2]}")
            for item in OFFICIAL[name]
        )
        monkeypatch.setitem(addresses.OFFICIAL, name, local)
        status = run_command(["download", name, "--to", str(tmp_path / "to"), *options])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_nested_archives_become_class_folders(tmp_path, archives, download):
    faults = Faults(archives, drops_after=900)
    with serving(faults) as address:
        status, out, _ = download(address)
        assert status == 0
        assert files(tmp_path / "to" / "videos") == {**videos_of("run"), **videos_of("wave")}
        assert set(files(tmp_path / "to" / "annotations")) == {
            "run_test_split1.txt",
            "wave_test_split1.txt",
        }
        assert "checksum recorded, for nobody states one" in out
        assert "6766" in out
        assert "twostream run" in out
        asked = len(faults.asked)
        status, out, _ = download(address)
    assert status == 0
    assert out.count("there already") == 2
    assert len(faults.asked) == asked


def test_nested_archives_that_are_really_packed(tmp_path, download):
    if not any(map(shutil.which, ("unrar", "unar", "bsdtar"))):
        pytest.skip("none of unrar, unar and bsdtar is installed")
    with serving(Faults(write_archives(tmp_path / "made", packed=True))) as address:
        status, _, err = download(address)
    assert status == 0, err
    assert files(tmp_path / "to" / "videos") == {**videos_of("run"), **videos_of("wave")}
    listed = files(tmp_path / "to" / "annotations")
    assert listed["run_test_split1.txt"] == SPLIT_FILES["splits/run_test_split1.txt"]


def test_what_was_recorded_is_compared_later(tmp_path, archives, download):
    with serving(Faults(archives)) as address:
        assert download(address, "--part", "annotations")[0] == 0
        to = tmp_path / "to"
        assert not (to / "videos").exists()
        (to / "annotations" / "run_test_split1.txt").unlink()
        _, out, _ = download(address, "--part", "annotations")
        assert "checksum as recorded" in out
        archive = to / "archives" / "test_train_splits.rar"
        archive.write_bytes(archive.read_bytes() + b"x")
        (to / "annotations" / "run_test_split1.txt").unlink()
        status, _, err = download(address, "--part", "annotations")
    assert status == 2
    assert "expected the recorded SHA-256" in err


def test_a_stated_checksum_decides(tmp_path, archives, download, monkeypatch):
    with serving(Faults(archives)) as address:
        content = archives["test_train_splits.rar"]
        right = hashlib.sha256(content).hexdigest()
        official = OfficialFile(
            "annotations", f"{address}/test_train_splits.rar", len(content), right
        )
        assert obtain(official, tmp_path / "a", source=None).checksum == "as stated"
        with pytest.raises(TwostreamError, match="expected the stated SHA-256 000"):
            obtain(replace(official, sha256="0" * 64), tmp_path / "b", source=None)
        with pytest.raises(TwostreamError, match="another file"):
            obtain(replace(official, size_bytes=5), tmp_path / "c", source=None)


def test_files_on_the_disk_are_used_where_they_lie(tmp_path, archives, download):
    for name, content in archives.items():
        (tmp_path / name).write_bytes(content)
    status, _, _ = download(
        "http://127.0.0.1:9",
        "--source",
        str(tmp_path / "hmdb51_org.rar"),
        "--annotations-source",
        str(tmp_path / "test_train_splits.rar"),
    )
    assert status == 0
    assert not (tmp_path / "to" / "archives").exists()
    assert len(files(tmp_path / "to" / "videos")) == 6


def test_files_of_other_origin_are_never_replaced(tmp_path, archives, download):
    mine = tmp_path / "to" / "videos" / "mine" / "holiday.mp4"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"the only copy")
    with serving(Faults(archives)) as address:
        status, _, err = download(address)
    assert status == 2
    assert "mine/holiday.mp4" in err
    assert files(tmp_path / "to" / "videos") == {"mine/holiday.mp4": b"the only copy"}


def test_ucf101_is_one_archive_with_class_folders(tmp_path, download):
    clips = {f"UCF-101/{c}/v_{c}_g01_c0{k}.avi": b"x" for c in ("Biking", "Punch") for k in (1, 2)}
    with zipfile.ZipFile(tmp_path / "lists.zip", "w") as opened:
        opened.writestr("ucfTrainTestlist/classInd.txt", "1 Biking\n2 Punch\n")
        opened.writestr("ucfTrainTestlist/trainlist01.txt", "Biking/v_Biking_g01_c01.avi 1\n")
        opened.writestr("ucfTrainTestlist/testlist01.txt", "Punch/v_Punch_g01_c01.avi\n")
    served = {
        "UCF101.rar": write_rar5(tmp_path / "u.rar", clips).read_bytes(),
        "UCF101TrainTestSplits-RecognitionTask.zip": (tmp_path / "lists.zip").read_bytes(),
    }
    with serving(Faults(served)) as address:
        status, out, _ = download(address, name="ucf101")
    assert status == 0
    assert "13320" in out
    assert set(files(tmp_path / "to" / "videos")) == {n.removeprefix("UCF-101/") for n in clips}


@pytest.mark.parametrize(
    ("served", "said"),
    [
        (b"<html>moved</html>", "a web page"),
        (None, "status 404"),
    ],
)
def test_a_dead_address_is_one_line_with_the_remedy(tmp_path, download, served, said):
    with serving(Faults({"hmdb51_org.rar": served} if served else {})) as address:
        status, _, err = download(address)
    assert status == 2
    assert said in err.splitlines()[-1]
    assert "--source" in err.splitlines()[-1]
    assert not (tmp_path / "to" / "videos").exists()


def test_archives_of_something_else(tmp_path, download):
    archive = write_rar4(tmp_path / "x.rar", {"a/readme.txt": b"", "1.avi": b"x"})
    status, _, err = download("", "--source", str(archive), "--part", "videos")
    assert (status, "in a folder of its class" in err) == (2, True)
    status, _, err = download("", "--annotations-source", str(archive), "--part", "annotations")
    assert (status, "expected an archive of lists of splits" in err) == (2, True)
    status, _, err = download("", "--source", "absent.rar", "--part", "videos")
    assert (status, "no such file" in err) == (2, True)


def test_a_name_from_an_address_stays_in_the_folder(tmp_path, archives, download):
    with serving(Faults({"..%2F..%2Fevil.rar": archives["test_train_splits.rar"]})) as address:
        url = f"{address}/..%2F..%2Fevil.rar"
        status, _, _ = download("", "--annotations-source", url, "--part", "annotations")
    assert status == 0
    assert [path.name for path in (tmp_path / "to" / "archives").iterdir()] == ["evil.rar"]
    assert not (tmp_path / "evil.rar").exists()


def official(address, role="annotations", *names, **more):
    first, *others = [f"{address}/{name}" for name in names]
    return OfficialFile(
        role, first, others=tuple(OfficialFile(role, url, **more) for url in others), **more
    )


@pytest.fixture
def lists(archives):
    return archives["test_train_splits.rar"]


@pytest.mark.parametrize(
    ("served", "said"),
    [({}, "status 404"), ({"first.rar": b"<html>moved</html>"}, "a web page")],
)
def test_where_the_first_address_fails_the_second_is_tried(tmp_path, lists, served, said):
    told = []
    with serving(Faults({**served, "second.rar": lists})) as address, listening(told.append):
        file = official(address, "annotations", "first.rar", "second.rar")
        got = obtain(file, tmp_path, source=None)
        assert (got.files, got.reused) == (2, False)
        assert any(said in str(event) and "second.rar is tried" in str(event) for event in told)
        assert obtain(file, tmp_path, source=None).reused


def test_where_no_address_answers_each_is_named(tmp_path):
    with serving(Faults({})) as address:
        file = official(address, "annotations", "first.rar", "second.rar")
        with pytest.raises(TwostreamError, match=r"first\.rar: status 404.*second\.rar: status"):
            obtain(file, tmp_path, source=None)


def test_what_was_begun_at_the_second_address_goes_on_there(tmp_path, lists):
    faults = Faults({"second.rar": lists})
    with serving(faults) as address:
        file = official(address, "annotations", "first.rar", "second.rar")
        place = tmp_path / "archives" / "copy_1" / "second.rar"
        fetch(f"{address}/second.rar", place)
        place.rename(place.with_name("second.rar.part"))
        os.truncate(place.with_name("second.rar.part"), 100)
        tag = f'"{hashlib.sha256(lists).hexdigest()[:12]}"'
        known = {"url": f"{address}/second.rar", "total_bytes": len(lists), "validator": tag}
        place.with_name("second.rar.part.json").write_text(json.dumps(known))
        faults.asked.clear()
        assert obtain(file, tmp_path, source=None).files == 2
    assert faults.asked == ["bytes=100-"]


def frames_of(kind):
    """The ready frames of two clips of UCF-101 as they are published."""
    names = [f"v_{c}_g0{k}_c01" for c in ("Biking", "Punch") for k in (1, 2)]
    if kind == "pictures":
        return {f"jpegs_256/{name}/frame{k:06d}.jpg": b"x" for name in names for k in (1, 2, 3)}
    return {
        f"tvl1_flow/{axis}/{name}/frame{k:06d}.jpg": b"x"
        for axis in "uv"
        for name in names
        for k in (1, 2)
    }


def test_ready_frames_are_fetched_in_parts_and_make_a_source(tmp_path):
    served = {}
    for kind in ("pictures", "flow"):
        with zipfile.ZipFile(tmp_path / f"{kind}.zip", "w") as opened:
            for name, content in frames_of(kind).items():
                opened.writestr(name, content)
        content = (tmp_path / f"{kind}.zip").read_bytes()
        third = len(content) // 3
        for number, (a, b) in enumerate(((0, third), (third, 2 * third), (2 * third, None)), 1):
            served[f"{kind}.zip.{number:03d}"] = content[a:b]
    to = tmp_path / "to"
    with serving(Faults(served)) as address:
        for kind in ("pictures", "flow"):
            obtain(official(address, kind, f"{kind}.zip", parts=3), to, source=None)
    clips = load_dataset(to / "frames", annotations=None, seed=0).clips
    assert [clip.clip_id for clip in clips] == [
        f"{c}/v_{c}_g0{k}_c01" for c in ("Biking", "Punch") for k in (1, 2)
    ]
    assert all(clip.frames_in.flows for clip in clips)


def test_a_copy_with_one_folder_for_all_becomes_class_folders(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as opened:
        for name in ("v_Biking_g01_c01.avi", "v_HandStandPushups_g01_c01.avi"):
            opened.writestr(f"UCF101/{name}", b"x")
    file = OfficialFile("videos", "http://127.0.0.1:9/x.zip")
    obtain(file, tmp_path / "to", source=str(tmp_path / "x.zip"))
    assert set(files(tmp_path / "to" / "videos")) == {
        "Biking/v_Biking_g01_c01.avi",
        "HandstandPushups/v_HandStandPushups_g01_c01.avi",
    }
