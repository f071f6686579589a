"""Files and folders as bytes, for workers that do not see the caller's disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Parcel:
    """The content of one file (its only name is empty) or of the files below one folder."""

    files: tuple[tuple[str, bytes], ...]
    is_folder: bool

    @property
    def size_bytes(self) -> int:
        """All content together."""
        return sum(len(content) for _, content in self.files)


def packed(path: Path) -> Parcel:
    """Read a file or a folder, names in order; raises OSError.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.txt").write_text("hello")
    >>> packed(folder).files
    (('a.txt', b'hello'),)
    """
    if not path.is_dir():
        return Parcel((("", path.read_bytes()),), is_folder=False)
    found = sorted(one for one in path.rglob("*") if one.is_file())
    return Parcel(
        tuple((one.relative_to(path).as_posix(), one.read_bytes()) for one in found),
        is_folder=True,
    )


def size_of(path: Path) -> int:
    """Bytes that `packed` would read; raises OSError."""
    if not path.is_dir():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())


def unpack(parcel: Parcel, target: Path) -> None:
    """Write a parcel as `target`, which is not there yet; its folder is made. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if parcel.is_folder:
        target.mkdir()
    for name, content in parcel.files:
        file = target / name if name else target
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
