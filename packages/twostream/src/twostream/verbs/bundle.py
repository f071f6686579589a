"""The verb `bundle`: a run's networks and all that they need, as a folder that can be copied anywhere."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath, OutputFolder
from twostream.verbs.paths import checks_paths
from twostream.verbs.written import Bundle


@checks_paths
def bundle(run: InputPath, *, out: OutputFolder, spatial_weight: float | None = None) -> Bundle:
    """Copy the trained streams of a run, and what says what they see, into a folder of their own.

    OUT needs neither the run nor its data set. Both streams are fused by the rule of `chosen`.
    Of a run with a final model (`run --final`) that one is copied, with the accuracy of the splits.

    Parameters
    ----------
    run
        Run folder with trained streams, of this version or an earlier one.
    out
        New folder of the bundle.
    spatial_weight
        Share of the spatial stream in a plain average, 0 to 1. Default: the rule that `evaluate` chose.
    """
    from dataclasses import replace

    from twostream.errors import TwostreamError
    from twostream.events import made
    from twostream.exporting.thresholds import copy_thresholds
    from twostream.training.final import ACCURACY_NAME, folder_for_use
    from twostream.training.fusion_rule import FusionSpecification
    from twostream.training.two_streams import copy_bundle, read_two_streams

    run, out = Path(run), Path(out)
    found = read_two_streams(folder_for_use(run))
    if spatial_weight is not None:
        if not 0 <= spatial_weight <= 1:
            raise TwostreamError(
                "--spatial-weight", expected="0 to 1", found=str(spatial_weight), remedy="try 0.5"
            )
        found = replace(
            found,
            fusion=FusionSpecification(
                spatial_weight=spatial_weight,
                reason="said by --spatial-weight",
                multi_label=found.multi_label,
            ),
        )
    copy_bundle(found, out)
    copy_thresholds(found, out)
    streams = tuple(one.stream for one in found.streams)
    notes = () if found.accuracy is None else (f"{ACCURACY_NAME}: {found.accuracy['meaning']}",)
    return made(Bundle(out, streams, tuple(found.classes), notes))
