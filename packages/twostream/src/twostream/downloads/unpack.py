"""Opening archives: nothing outside the folder, no links, no half files."""

from __future__ import annotations

import lzma
import os
import shutil
import stat
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from twostream.downloads.parts import joined
from twostream.downloads.rar import RarError, RarMember, read_directory
from twostream.errors import TwostreamError

RAR_START, ZIP_START = b"Rar!\x1a\x07", b"PK\x03\x04"
CHUNK_BYTES = 1 << 20
# Each is tried in turn: some builds cannot open every archive.
TOOLS: dict[str, Callable[[Path, Path], list[str]]] = {
    "unrar": lambda file, to: [
        "unrar",
        "x",
        "-o+",
        "-p-",
        "-y",
        "-idq",
        str(file),
        f"{to}{os.sep}",
    ],
    "unar": lambda file, to: [
        "unar",
        "-quiet",
        "-force-overwrite",
        "-no-directory",
        "-output-directory",
        str(to),
        str(file),
    ],
    "bsdtar": lambda file, to: ["bsdtar", "-x", "-f", str(file), "-C", str(to)],
    "7zz": lambda file, to: ["7zz", "x", "-y", "-bd", f"-o{to}", str(file)],
    "7z": lambda file, to: ["7z", "x", "-y", "-bd", f"-o{to}", str(file)],
}
INSTALL = {
    "apt-get": "sudo apt-get install unar",
    "dnf": "sudo dnf install unar",
    "pacman": "sudo pacman -S unarchiver",
    "zypper": "sudo zypper install unar",
    "apk": "sudo apk add libarchive-tools",
    "brew": "brew install unar",
    "winget": "winget install 7zip.7zip",
}


def require_archive(archive: Path) -> None:
    """Raise TwostreamError for a file that does not begin as a RAR or a ZIP does."""
    with archive.open("rb") as file:
        start = file.read(512)
    if not start.startswith((ZIP_START, RAR_START)):
        page = b"<html" in start.lower() or b"<!doctype" in start.lower()
        raise _unusable(archive, "a web page" if page else "another file")


def unpack(
    archive: Path | Sequence[Path], into: Path, *, tools: Sequence[str] | None = None
) -> None:
    """Open `archive`, a RAR or a ZIP, into the empty or absent folder `into`.

    A ZIP may be in several parts, one after the other. A RAR whose files are only stored is read here;
    others need one of unrar, unar, bsdtar and 7z (`tools`: only those, for stored ones too). Before that
    every name is checked, afterwards every size. Raises TwostreamError for an archive that is damaged, has
    a password, or would write outside of `into`, and, with the line that installs one, where there is no
    program for it.
    """
    first, *others = [archive] if isinstance(archive, Path) else archive
    require_archive(first)
    into.mkdir(parents=True, exist_ok=True)
    if _starts(first, ZIP_START):
        _unpack_zip(first, into, parts=(first, *others))
    elif others:
        raise _unusable(first, "a RAR in several files")
    else:
        _unpack_rar(first, into, tools=tools)


def _starts(archive: Path, start: bytes) -> bool:
    with archive.open("rb") as file:
        return file.read(len(start)) == start


def install_line() -> str:
    """The command that installs a program for RAR archives here."""
    for manager, line in INSTALL.items():
        if shutil.which(manager):
            return line
    return INSTALL["apt-get"]


def check_name(archive: Path, name: str) -> None:
    """Raise TwostreamError for the name of an entry that leads out of the folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    drive = len(name) > 1 and name[1] == ":"
    if path.is_absolute() or drive or ".." in path.parts or "\0" in name or not path.parts:
        raise TwostreamError(
            archive,
            expected="names inside the folder",
            found=repr(name),
            remedy="do not open it: get the archive from another place",
        )


def _unpack_zip(archive: Path, into: Path, *, parts: Sequence[Path]) -> None:
    with ExitStack() as stack:
        with _reading(archive):
            content = stack.enter_context(joined(parts))
            opened = stack.enter_context(zipfile.ZipFile(content))
        for info in opened.infolist():
            check_name(archive, info.filename)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise _link(archive, info.filename)
        for info in opened.infolist():
            target = into / PurePosixPath(info.filename.replace("\\", "/"))
            if info.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                for chunk in _chunks(archive, opened, info):
                    file.write(chunk)


def _chunks(archive: Path, opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with ExitStack() as stack:
        with _reading(archive):
            source = stack.enter_context(opened.open(info))
        while True:
            with _reading(archive):
                chunk = source.read(CHUNK_BYTES)
            if not chunk:
                return
            yield chunk


@contextmanager
def _reading(archive: Path) -> Iterator[None]:
    """Name the archive in whatever its damage makes zipfile and the decompressors raise.

    Around reading alone: a full disk is not the archive's fault.
    """
    try:
        yield
    except (
        zipfile.BadZipFile,
        RuntimeError,  # a password; NotImplementedError, of an unknown packing, is one too
        EOFError,
        OSError,  # bzip2's complaint, and places before the file's start
        ValueError,  # names that are no UTF-8
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise _unusable(archive, f"a damaged one ({error})") from error


def _unpack_rar(archive: Path, into: Path, *, tools: Sequence[str] | None) -> None:
    try:
        members = read_directory(archive)
    except RarError as error:
        raise _unusable(archive, str(error)) from error
    for member in members:
        check_name(archive, member.name)
        if member.is_link:
            raise _link(archive, member.name)
    if tools is None and all(member.is_stored for member in members):
        _copy_stored(archive, members, into)
    else:
        _unpack_with_a_tool(archive, into, tools or tuple(TOOLS))
    _check_result(archive, members, into)


def _copy_stored(archive: Path, members: Sequence[RarMember], into: Path) -> None:
    with archive.open("rb") as source:
        for member in members:
            target = into / PurePosixPath(member.name)
            if member.is_folder:
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            source.seek(member.offset)
            crc = _copy(source, target, member.size)
            if member.crc is not None and crc != member.crc:
                raise _unusable(archive, f"a damaged one (the checksum of {member.name})")


def _copy(source: BinaryIO, target: Path, size: int) -> int:
    crc = 0
    with target.open("wb") as file:
        while size and (chunk := source.read(min(size, CHUNK_BYTES))):
            file.write(chunk)
            crc = zlib.crc32(chunk, crc)
            size -= len(chunk)
    return crc


def _unpack_with_a_tool(archive: Path, into: Path, tools: Sequence[str]) -> None:
    there = [tool for tool in tools if shutil.which(tool)]
    if not there:
        raise TwostreamError(
            archive,
            expected=f"a program that opens RAR archives: {', '.join(TOOLS)}",
            found="none",
            remedy=f"install one and call the same command again: {install_line()}",
        )
    reasons = []
    for tool in there:
        command = TOOLS[tool](archive.absolute(), into.absolute())
        done = subprocess.run(
            command, capture_output=True, check=False, stdin=subprocess.DEVNULL, errors="replace"
        )
        if done.returncode == 0:
            return
        said = (done.stderr.strip() or done.stdout.strip() or "no reason").splitlines()[-1]
        reasons.append(f"{tool}: {said.strip()}")
        shutil.rmtree(into)
        into.mkdir()
    raise _unusable(archive, f"one that could not be opened ({'; '.join(reasons)})")


def _check_result(archive: Path, members: Sequence[RarMember], into: Path) -> None:
    """Whatever the program did: only plain files and folders, each as long as was promised."""
    for parent, folders, files in os.walk(into):
        for name in [*folders, *files]:
            mode = (Path(parent) / name).lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise _link(archive, name)
    for member in members:
        path = into / PurePosixPath(member.name)
        if member.is_folder or not member.name.isascii():
            continue
        found = path.stat().st_size if path.is_file() else None
        if found != member.size:
            what = "is missing" if found is None else f"has {found} of {member.size} bytes"
            raise _unusable(archive, f"a damaged one ({member.name} {what})")


def _link(archive: Path, name: str) -> TwostreamError:
    return TwostreamError(
        archive,
        expected="files and folders only",
        found=f"a link, {name!r}",
        remedy="do not open it: get the archive from another place",
    )


def _unusable(archive: Path, found: str) -> TwostreamError:
    return TwostreamError(
        archive,
        expected="a whole RAR or ZIP archive",
        found=found,
        remedy="delete it and download it again, or give another --source",
    )
