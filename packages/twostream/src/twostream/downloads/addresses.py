"""Where HMDB-51 and UCF-101 are published, and what is known of the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Name = Literal["hmdb51", "ucf101"]
Role = Literal["videos", "annotations", "pictures", "flow"]
FRAMES: tuple[Role, ...] = ("pictures", "flow")


@dataclass(frozen=True)
class OfficialFile:
    """One archive: its address, and its size and SHA-256 where somebody has stated them.

    Of an archive in several `parts` the addresses end in ``.001`` and so on. `others` are copies elsewhere,
    which are tried in their order where the first address fails.
    """

    role: Role
    url: str
    size_bytes: int | None = None
    sha256: str | None = None
    parts: int = 1
    others: tuple[OfficialFile, ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of its parts.

        >>> OfficialFile("flow", "http://a/b.zip", parts=2).urls
        ('http://a/b.zip.001', 'http://a/b.zip.002')
        """
        if self.parts == 1:
            return (self.url,)
        return tuple(f"{self.url}.{number:03d}" for number in range(1, self.parts + 1))

    @property
    def copies(self) -> tuple[OfficialFile, ...]:
        """The file at each of its addresses, itself first."""
        return (replace(self, others=()), *self.others)


def _elsewhere(role: Role, *urls: str, parts: int = 1) -> tuple[OfficialFile, ...]:
    """Copies of which nobody states a checksum."""
    return tuple(OfficialFile(role, url, parts=parts) for url in urls)


_BROWN = "http://serre-lab.clps.brown.edu/wp-content/uploads/2013/10"
_BROWN_TLS = _BROWN.replace("http:", "https:")
# Copies that other people keep.
_HMDB51_COPY = "https://huggingface.co/datasets/MichiganNLP/hmdb/resolve/main/hmdb51_org.zip"
_ARCHIVED = "https://web.archive.org/web/20211104084122id_"
_UCF = "https://www.crcv.ucf.edu/data/UCF101"
_UCF_COPY = "https://storage.googleapis.com/thumos14_files/UCF101_videos.zip"
_GRAZ, _GRAZ_TLS = (
    f"{scheme}://ftp.tugraz.at/pub/feichtenhofer/tsfusion/data" for scheme in ("http", "https")
)

# The one stated checksum is the one that TensorFlow Datasets holds for its UCF-101.
OFFICIAL: dict[Name, tuple[OfficialFile, ...]] = {
    "hmdb51": (
        OfficialFile(
            "videos",
            f"{_BROWN}/hmdb51_org.rar",
            others=_elsewhere("videos", f"{_BROWN_TLS}/hmdb51_org.rar", _HMDB51_COPY),
        ),
        OfficialFile(
            "annotations",
            f"{_BROWN}/test_train_splits.rar",
            others=_elsewhere(
                "annotations",
                f"{_BROWN_TLS}/test_train_splits.rar",
                f"{_ARCHIVED}/{_BROWN_TLS}/test_train_splits.rar",
            ),
        ),
        OfficialFile(
            "pictures",
            f"{_GRAZ}/hmdb51_jpegs_256.zip",
            others=_elsewhere("pictures", f"{_GRAZ_TLS}/hmdb51_jpegs_256.zip"),
        ),
        OfficialFile(
            "flow",
            f"{_GRAZ}/hmdb51_tvl1_flow.zip",
            others=_elsewhere("flow", f"{_GRAZ_TLS}/hmdb51_tvl1_flow.zip"),
        ),
    ),
    "ucf101": (
        OfficialFile("videos", f"{_UCF}/UCF101.rar", others=_elsewhere("videos", _UCF_COPY)),
        OfficialFile(
            "annotations",
            f"{_UCF}/UCF101TrainTestSplits-RecognitionTask.zip",
            size_bytes=113_943,
            sha256="5c0d1a53b8ed364a2ac830a73f405e51bece7d98ce1254fd19ed4a36b224bd27",
        ),
        OfficialFile(
            "pictures",
            f"{_GRAZ}/ucf101_jpegs_256.zip",
            parts=3,
            others=_elsewhere("pictures", f"{_GRAZ_TLS}/ucf101_jpegs_256.zip", parts=3),
        ),
        OfficialFile(
            "flow",
            f"{_GRAZ}/ucf101_tvl1_flow.zip",
            parts=3,
            others=_elsewhere("flow", f"{_GRAZ_TLS}/ucf101_tvl1_flow.zip", parts=3),
        ),
    ),
}


def files_of(name: Name, part: str) -> Iterator[OfficialFile]:
    """The files that a `part` of a data set consists of: videos, annotations, both of these, or frames."""
    roles = {"both": ("videos", "annotations"), "frames": FRAMES}.get(part, (part,))
    return (item for item in OFFICIAL[name] if item.role in roles)
