"""Both streams of a run as one bundle: a folder that can be copied anywhere and scores clips as there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from twostream.atomic import atomic_path, write_json
from twostream.errors import TwostreamError
from twostream.formats import LaterFormatError, check_format
from twostream.sources.specification import FlowSpecification
from twostream.training.bundle import (
    BUNDLE_NAME,
    StreamBundle,
    is_trained_stream,
    read_bundle,
    write_bundle,
)
from twostream.training.final import read_accuracy, write_accuracy
from twostream.training.fusion_rule import (
    PLAIN_AVERAGE,
    FusionSpecification,
    fusion_of,
    read_chosen,
)
from twostream.training.place import MODEL_NAME

# Version 1 knew the weighted average alone; a bundle that it would fuse alike is still of format 1.
FORMAT = 2
STREAMS = ("spatial", "temporal")


@dataclass(frozen=True, kw_only=True)
class TwoStreamBundle:
    """One or two trained streams of the same classes, and how they are fused.

    `accuracy` is what a final model carries (see `twostream.training.final`): the splits' accuracies, not
    its own; None for networks of one split, whose run has its own ``results.json``.
    """

    folder: Path
    spatial: StreamBundle | None
    temporal: StreamBundle | None
    fusion: FusionSpecification = PLAIN_AVERAGE  # frozen
    accuracy: Mapping[str, Any] | None = None

    @property
    def streams(self) -> tuple[StreamBundle, ...]:
        """Those that there are, the spatial one first."""
        return tuple(one for one in (self.spatial, self.temporal) if one is not None)

    @property
    def flow(self) -> FlowSpecification:
        """How images and flow are made; the same for both."""
        return self.streams[0].flow

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in the order of scores."""
        return self.streams[0].classes

    @property
    def multi_label(self) -> bool:
        """Whether each class is a label that holds or not, whatever others do."""
        return self.streams[0].multi_label

    @property
    def background(self) -> str | None:
        """The class that stands for 'none of the others'; None where there is none."""
        found = self.streams[0].background
        return found if found in self.classes else None


def read_two_streams(folder: Path) -> TwoStreamBundle:
    """The bundle in `folder`: one that `copy_bundle` made, or a run, of whatever version.

    Raises TwostreamError where no stream is trained there, or the two do not belong together.
    """
    found = {
        stream: read_bundle(folder / stream) if is_trained_stream(folder / stream) else None
        for stream in STREAMS
    }
    if not any(found.values()):
        raise TwostreamError(
            folder,
            expected="a run or a bundle with a trained stream",
            found="none",
            remedy="name the folder that has spatial/ or temporal/ in it; of a run of several splits "
            "that is split1/ and so on, or a final model of all clips (`run --final`)",
        )
    trainings = {name: one.training.fingerprint for name, one in found.items() if one is not None}
    bundle = TwoStreamBundle(
        folder=folder,
        spatial=found["spatial"],
        temporal=found["temporal"],
        fusion=_read_fusion(folder, trainings),
        accuracy=read_accuracy(folder),
    )
    for what in ("classes", "multi_label", "flow"):
        kinds = {repr(getattr(one, what)) for one in bundle.streams}
        if len(kinds) > 1:
            raise TwostreamError(
                folder,
                expected=f"two streams of the same {what}",
                found="two that differ",
                remedy="take both streams from one run",
            )
    return bundle


def copy_bundle(bundle: TwoStreamBundle, target: Path) -> None:
    """Copy what is needed to score clips into the new folder `target`: networks and their descriptions.

    Raises TwostreamError where `target` holds anything.
    """
    if target.exists() and any(target.iterdir()):
        raise TwostreamError(
            target,
            expected="a new or empty folder",
            found="other files",
            remedy="choose another --out",
        )
    for one in bundle.streams:
        place = target / one.stream
        place.mkdir(parents=True, exist_ok=True)
        with atomic_path(place / MODEL_NAME) as temporary:
            shutil.copyfile(one.model, temporary)
        write_bundle(StreamBundle(**{**{k: getattr(one, k) for k in vars(one)}, "folder": place}))
    if bundle.accuracy is not None:
        write_accuracy(target, bundle.accuracy)
    rule = bundle.fusion
    known_at_first = FusionSpecification(
        spatial_weight=rule.spatial_weight, temperature=rule.temperature, reason=rule.reason
    )
    number = 1 if rule == known_at_first else FORMAT
    write_json(target / BUNDLE_NAME, {"format": number, "fusion": asdict(rule)})


def _read_fusion(folder: Path, trainings: Mapping[str, str]) -> FusionSpecification:
    """That of the bundle, of the run as it was chosen, or the plain average."""
    path = folder / BUNDLE_NAME
    if not path.is_file():
        chosen = read_chosen(folder, trainings=trainings)
        return PLAIN_AVERAGE if chosen is None else chosen.rule
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        check_format(values, known=FORMAT, subject=path)
        return fusion_of(values["fusion"])
    except LaterFormatError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TwostreamError(
            path,
            expected="how both streams are fused",
            found=f"something else ({error})",
            remedy="copy the bundle again",
        ) from error
