"""Published accuracies on HMDB-51, to stand beside a run's own, each with its protocol.

None of these was measured by this program. Where a protocol differs from ours, the difference is said, and
nothing should be concluded from a point or two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twostream.datasets.official_names import OFFICIAL_CLASSES, are_official

OFFICIAL_TEST_CLIPS = 1530


@dataclass(frozen=True, kw_only=True)
class Published:
    """Top-1 in per cent of one system, as its source gives it; None where the source gives none."""

    system: str
    pretraining: str
    spatial: float | None
    temporal: float | None
    fused: float | None
    protocol: str
    difference: str
    source: str


PUBLISHED = (
    Published(
        system="The original of this project, one frame",
        pretraining="ImageNet (spatial), none (temporal)",
        spatial=39.0,
        temporal=25.8,
        fused=38.0,
        protocol="split 1; spatial: 17 frames of each clip, counted one by one; temporal: one stack of "
        "clips drawn at random with repetition; fused: one frame and stack of 1408 of the 1530 clips",
        difference="the epoch was chosen on the test part; fused flow stacks were transposed and four "
        "classes missing; its three columns are not comparable with each other",
        source="its README and notebooks",
    ),
    Published(
        system="The original, whole video",
        pretraining="ImageNet",
        spatial=45.0,
        temporal=None,
        fused=None,
        protocol="split 1; the mean over all frames of 200 of the 1530 clips, drawn at random",
        difference="the epoch was chosen on the test part; 200 clips alone give about ±7 points",
        source="its README and notebooks",
    ),
    Published(
        system="Two-stream, 2014, average",
        pretraining="ImageNet (spatial), none (temporal, jointly with UCF-101)",
        spatial=40.5,
        temporal=54.6,
        fused=58.0,
        protocol="mean of 3 splits; 25 even samples in ten views",
        difference="temporal stream trained with UCF-101's videos too; alone on HMDB-51 it has 46.6 "
        "on split 1",
        source="Simonyan and Zisserman, Two-Stream Convolutional Networks, 2014, table 4",
    ),
    Published(
        system="Two-stream, 2014, linear SVM",
        pretraining="the same",
        spatial=40.5,
        temporal=54.6,
        fused=59.4,
        protocol="mean of 3 splits; 25 even samples in ten views",
        difference="fused by an SVM on stacked scores instead of the average",
        source="the same, table 4",
    ),
    Published(
        system="TSN, BN-Inception, two streams",
        pretraining="ImageNet (cross-modality)",
        spatial=None,
        temporal=None,
        fused=68.5,
        protocol="mean of 3 splits; 25 even samples in ten views",
        difference="weighted average in favour of flow; 69.4 with warped flow as a third stream",
        source="Wang et al., Temporal Segment Networks, 2016",
    ),
    Published(
        system="I3D, ImageNet alone",
        pretraining="ImageNet",
        spatial=49.8,
        temporal=61.9,
        fused=66.4,
        protocol="split 1; the whole clip through 3D convolutions",
        difference="no single frames: its spatial stream sees motion too",
        source="Carreira and Zisserman, Quo Vadis, 2017, table 2",
    ),
    Published(
        system="I3D, with Kinetics",
        pretraining="ImageNet and Kinetics-400",
        spatial=74.8,
        temporal=77.1,
        fused=80.7,
        protocol="mean of 3 splits; the whole clip through 3D convolutions",
        difference="trained beforehand on some 300 000 more videos of human actions",
        source="Carreira and Zisserman, Quo Vadis, 2017",
    ),
)


def published_for(results: Mapping[str, Any]) -> tuple[Published, ...]:
    """The published accuracies where the results are of HMDB-51, all of its classes; else none.

    >>> published_for({"dataset": "hmdb51", "classes": ["golf", "wave"]})
    ()
    """
    classes = results["classes"]
    of_it = results.get("dataset") == "hmdb51" and are_official(classes, of="hmdb51")
    return PUBLISHED if of_it and len(classes) == len(OFFICIAL_CLASSES["hmdb51"]) else ()
