"""Where HMDB-51 and UCF-101 are published, and what is known of the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Name = Literal["hmdb51", "ucf101"]
Role = Literal["videos", "annotations"]


@dataclass(frozen=True)
class OfficialFile:
    """One archive: its address, and its size and SHA-256 where somebody has stated them."""

    role: Role
    url: str
    size_bytes: int | None = None
    sha256: str | None = None


_BROWN = "http://serre-lab.clps.brown.edu/wp-content/uploads/2013/10"
_UCF = "https://www.crcv.ucf.edu/data/UCF101"

# The one stated checksum is the one that TensorFlow Datasets holds for its UCF-101.
OFFICIAL: dict[Name, tuple[OfficialFile, ...]] = {
    "hmdb51": (
        OfficialFile("videos", f"{_BROWN}/hmdb51_org.rar"),
        OfficialFile("annotations", f"{_BROWN}/test_train_splits.rar"),
    ),
    "ucf101": (
        OfficialFile("videos", f"{_UCF}/UCF101.rar"),
        OfficialFile(
            "annotations",
            f"{_UCF}/UCF101TrainTestSplits-RecognitionTask.zip",
            size_bytes=113_943,
            sha256="5c0d1a53b8ed364a2ac830a73f405e51bece7d98ce1254fd19ed4a36b224bd27",
        ),
    ),
}
