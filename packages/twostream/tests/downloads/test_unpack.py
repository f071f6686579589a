"""Opening archives: with the programs that are there, and never outside the folder."""

from __future__ import annotations

import shutil
import stat
import zipfile
from contextlib import suppress

import pytest
from rar_archives import FOLDER, write_rar4, write_rar5
from twostream.downloads import unpack as unpacking
from twostream.downloads.rar import read_directory
from twostream.downloads.unpack import unpack
from twostream.errors import TwostreamError

ENTRIES = {"a": FOLDER, "a/1.avi": b"one", "a/[x] #2.avi": b"two" * 50_000, "b/empty": b""}
WRITERS = pytest.mark.parametrize("write", [write_rar4, write_rar5], ids=["RAR 4", "RAR 5"])


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refusal(archive, into, **options):
    with pytest.raises(TwostreamError) as caught:
        unpack(archive, into, **options)
    return str(caught.value)


WHOLE = {name: content for name, content in ENTRIES.items() if content is not None}


@WRITERS
def test_stored_archives_need_no_program(tmp_path, write, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    unpack(write(tmp_path / "x.rar", ENTRIES), tmp_path / "out")
    assert contents(tmp_path / "out") == WHOLE


def unpacked_by(tool, archive, to):
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    try:
        unpack(archive, to, tools=[tool])
    except TwostreamError as error:
        if tool.startswith("7z") and "could not be opened" in str(error):
            pytest.skip(f"this {tool} was built without RAR")
        raise
    return contents(to)


@WRITERS
@pytest.mark.parametrize("tool", list(unpacking.TOOLS))
def test_the_programs_open_them_too(tmp_path, write, tool):
    archive = write(tmp_path / "x.rar", ENTRIES)
    assert unpacked_by(tool, archive, tmp_path / "out") == WHOLE


@WRITERS
@pytest.mark.parametrize("tool", list(unpacking.TOOLS))
def test_the_programs_open_packed_files(tmp_path, write, tool):
    """The packing of the fixtures is the formats' own: Huffman codes, without matches."""
    archive = write(tmp_path / "x.rar", ENTRIES, packed=True)
    assert archive.stat().st_size < sum(map(len, WHOLE.values())) / 3
    assert unpacked_by(tool, archive, tmp_path / "out") == WHOLE


@WRITERS
def test_damage_of_packed_files_is_found(tmp_path, write):
    if not any(map(shutil.which, unpacking.TOOLS)):
        pytest.skip("no program that opens RAR archives is installed")
    archive = write(tmp_path / "x.rar", {"a": b"content " * 500}, packed=True)
    (member,) = read_directory(archive)
    harmed = bytearray(archive.read_bytes())
    harmed[member.offset + member.packed_size // 2] ^= 0x55
    archive.write_bytes(harmed)
    assert "could not be opened" in refusal(archive, tmp_path / "out")


def test_a_program_that_fails_leaves_it_to_the_next(tmp_path, monkeypatch):
    done = lambda file, to: ["sh", "-c", f"mkdir '{to}/a'; printf one >'{to}/a/1'"]  # noqa: E731
    fails = lambda file, to: ["sh", "-c", f"touch '{to}/half'; echo no such luck >&2; exit 3"]  # noqa: E731
    monkeypatch.setattr(unpacking, "TOOLS", {"sh": fails, "env": done})
    archive = write_rar5(tmp_path / "x.rar", {"a/1": b"one"}, method=3)
    unpack(archive, tmp_path / "out")
    assert contents(tmp_path / "out") == {"a/1": b"one"}
    line = refusal(archive, tmp_path / "more", tools=["sh"])
    assert "could not be opened (sh: no such luck)" in line


def test_without_a_program_the_line_that_installs_one(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "dnf" else None)
    archive = write_rar5(tmp_path / "x.rar", {"a": b"packed"}, method=3)
    line = refusal(archive, tmp_path / "out")
    assert "unrar, unar, bsdtar" in line
    assert line.endswith("call the same command again: sudo dnf install unar")


@pytest.mark.parametrize(
    "name", ["../out", "/etc/x", "a/../../x", "C:/x", "..\\x", "\\\\server\\x"]
)
@pytest.mark.parametrize("kind", ["RAR 4", "RAR 5", "ZIP"])
def test_nothing_is_written_outside(tmp_path, name, kind):
    archive = tmp_path / "inner" / "x.rar"
    if kind == "ZIP":
        archive.parent.mkdir()
        with zipfile.ZipFile(archive, "w") as opened:
            info = zipfile.ZipInfo("x")
            info.filename = name
            opened.writestr(info, b"evil")
    else:
        (write_rar4 if kind == "RAR 4" else write_rar5)(archive, {"good": b"", name: b"evil"})
    assert "expected names inside the folder" in refusal(archive, tmp_path / "inner" / "to")
    assert contents(tmp_path) == {"inner/x.rar": archive.read_bytes()}


def test_links_are_refused(tmp_path):
    rar = write_rar5(tmp_path / "x.rar", {"a": b""}, link_to={"a": "../.."})
    assert "a link, 'a'" in refusal(rar, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as opened:
        info = zipfile.ZipInfo("a")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(info, "/etc")
    assert "a link, 'a'" in refusal(tmp_path / "x.zip", tmp_path / "out")


def test_a_link_that_a_program_made_is_refused(tmp_path, monkeypatch):
    links = lambda file, to: ["ln", "-s", "/etc", f"{to}/a"]  # noqa: E731
    monkeypatch.setattr(unpacking, "TOOLS", {"ln": links})
    archive = write_rar5(tmp_path / "x.rar", {"a": b"x"}, method=3)
    assert "a link, 'a'" in refusal(archive, tmp_path / "out")


def test_damage_is_found(tmp_path):
    archive = write_rar5(tmp_path / "x.rar", {"a": b"content"})
    archive.write_bytes(archive.read_bytes().replace(b"content", b"kontent"))
    assert "the checksum of a" in refusal(archive, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as opened:
        opened.writestr("a", b"content")
    harmed = (tmp_path / "x.zip").read_bytes().replace(b"content", b"kontent")
    (tmp_path / "x.zip").write_bytes(harmed)
    assert "a damaged one" in refusal(tmp_path / "x.zip", tmp_path / "out")


PACKINGS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("packing", PACKINGS, ids=["stored", "deflated", "bzip2", "lzma"])
def test_any_damaged_byte_of_a_zip_is_harmless_or_named(tmp_path, packing):
    archive, out = tmp_path / "x.zip", tmp_path / "out"
    with zipfile.ZipFile(archive, "w", packing) as opened:
        opened.writestr("a/ü.txt", b"hello " * 9)
        opened.writestr("b", b"")
    whole = archive.read_bytes()
    results = {True: 0, False: 0}
    for place in range(len(whole)):
        for value in (0xFF, whole[place] ^ 0x55):
            archive.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
            fine = False
            with suppress(TwostreamError):
                unpack(archive, out)
                fine = True
                assert set(contents(out).values()) <= {b"hello " * 9, b""}
            results[fine] += 1
            shutil.rmtree(out, ignore_errors=True)
    assert all(results.values())


def test_a_full_disk_is_not_the_fault_of_the_archive(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as opened:
        opened.writestr("a", b"content")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        unpack(tmp_path / "x.zip", tmp_path / "out")


def test_a_program_that_drops_a_file_is_found_out(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "TOOLS", {"true": lambda file, to: ["true"]})
    archive = write_rar5(tmp_path / "x.rar", {"a": b"x"}, method=3)
    assert "a is missing" in refusal(archive, tmp_path / "out")


@pytest.mark.parametrize(
    ("content", "said"), [(b"<!DOCTYPE html><html>", "a web page"), (b"", "another file")]
)
def test_what_is_no_archive(tmp_path, content, said):
    (tmp_path / "x.rar").write_bytes(content)
    assert said in refusal(tmp_path / "x.rar", tmp_path / "out")
