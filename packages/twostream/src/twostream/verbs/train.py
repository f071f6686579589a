"""The verb `train`: one stream on a prepared data set."""

from __future__ import annotations

from dataclasses import replace as with_values
from pathlib import Path
from typing import Literal

from twostream.paths import InputPath, OutputFolder
from twostream.training.options import TrainingOptions
from twostream.training.record import TrainingRecord
from twostream.verbs.continued import with_network_of
from twostream.verbs.flags import takes_flags
from twostream.verbs.locking import holds_run
from twostream.verbs.paths import checks_paths


@takes_flags(TrainingOptions)
@checks_paths
@holds_run("out")
def train(
    stream: Literal["spatial", "temporal"],
    data: InputPath,
    *,
    out: OutputFolder,
    options: TrainingOptions,
    said: frozenset[str] = frozenset(),
    replace: bool = False,
) -> TrainingRecord:
    """Train the spatial stream (frames) or the temporal stream (stacks of optical flow).

    Goes on where an interrupted training stopped; one of other options or clips is not touched unless
    told to `replace` it. Only the training part of the split is used; part
    of it, by source video, is held out to choose the best epoch.

    Parameters
    ----------
    stream
        Which stream.
    data
        Folder written by `twostream prepare`.
    out
        Run folder; the stream goes into OUT/spatial or OUT/temporal.
    replace
        Replace a training that other options or clips made: when the new one is finished, not before.
    """
    from twostream.datasets.folds import are_folds
    from twostream.datasets.manifest import manifest_in_use
    from twostream.evaluation.chosen_rule import choose_fusion
    from twostream.evaluation.sample_size import cautions
    from twostream.events import made
    from twostream.models.device import check_compute
    from twostream.training.checks import flow_of_another_kind, untrained_classes
    from twostream.training.partition import count_parts
    from twostream.training.place import record_or_none
    from twostream.training.stream import settled_options, train_stream
    from twostream.verbs.kinds import refuse_data_folder
    from twostream.verbs.results import Trained, TrainingBegins

    data, out = Path(data), Path(out)
    refuse_data_folder(out)
    check_compute(options.device, options.precision, purpose="training")
    asked = with_values(options, stream=stream)
    if not replace:
        asked = with_network_of(asked, [out], said)
    with manifest_in_use(data) as manifest:
        options = settled_options(data, out, options=asked)
        parts = count_parts(
            manifest,
            split=options.split,
            fraction=options.validation_fraction,
            seed=options.seed,
            selects=options.epochs_of_all_layers > 0,
        )
        folds = are_folds(row.splits for row in manifest.rows)  # what one does not test, others do
        notes = cautions(parts.test, parts.untested) if parts.test and not folds else ()
        made(TrainingBegins(stream, parts, tuple(notes)))
        before = record_or_none(out / stream)
        record = train_stream(data, out, options=asked, replace=replace)
        worth_knowing = []
        if untrained := untrained_classes(manifest, split=options.split):
            worth_knowing.append(
                f"no training clip of {', '.join(untrained)}: their test clips can never be right"
            )
        if other_flow := flow_of_another_kind(options, data):
            worth_knowing.append(
                f"the run it began with learnt from flow of another kind ({other_flow})"
            )
        worth_knowing += choose_fusion(out, manifest)
        made(Trained(record, record == before, tuple(worth_knowing)))
    return record
