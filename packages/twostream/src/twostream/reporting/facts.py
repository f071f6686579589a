"""Everything the report says about a run, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twostream.errors import TwostreamError
from twostream.evaluation.analysis import Analysis, analyse
from twostream.evaluation.clip_facts import facts_of_run
from twostream.evaluation.paired import is_fusion, lead_of
from twostream.evaluation.results import RESULTS_NAME, read_results
from twostream.evaluation.scores import ClipScores, load_scores
from twostream.evaluation.trained import trained_anew
from twostream.training.history import EpochRecord, read_history
from twostream.training.record import RECORD_NAME, TrainingRecord, read_record
from twostream.yaml_files import read_yaml

WHOLE_VIDEO = "whole-video"


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """An evaluated run.

    `scored` maps the protocols whose clip scores were kept to these, and `analyses` to what they say, but
    for clips with several labels (`multi_label`), of which there are none. `primary` is the protocol and
    `lead` the stream that pictures of a single one show.
    """

    run: Path
    results: dict[str, Any]
    scored: dict[str, dict[str, ClipScores]]
    analyses: dict[str, Analysis]
    primary: str
    lead: str
    records: dict[str, TrainingRecord]
    histories: dict[str, list[EpochRecord]]
    settings: dict[str, Any]

    @property
    def multi_label(self) -> bool:
        """Whether clips have several labels at once."""
        return bool(self.results.get("multi_label"))

    @property
    def analysis(self) -> Analysis:
        """The analysis of the primary protocol."""
        return self.analyses[self.primary]

    @property
    def shown(self) -> dict[str, ClipScores]:
        """The scores of the primary protocol, by stream."""
        return dict(self.scored[self.primary])

    @property
    def streams(self) -> tuple[str, ...]:
        """Every stream of the primary protocol, fusions included, in the order of the results."""
        return tuple(self.scored[self.primary])

    @property
    def main(self) -> tuple[str, ...]:
        """The networks and the lead: what pictures of several streams show."""
        return tuple(dict.fromkeys([*self.trained, self.lead]))

    @property
    def trained(self) -> tuple[str, ...]:
        """The streams that are networks: all but the fusions."""
        return tuple(stream for stream in self.streams if not is_fusion(stream))

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their labels."""
        return self.shown[self.lead].classes

    @property
    def n_test(self) -> int:
        """Number of test clips."""
        return len(self.shown[self.lead].ids)


def read_facts(run: Path) -> RunFacts:
    """Read an evaluated run folder.

    Raises TwostreamError where results or scores are missing or damaged, or do not belong together.
    What only adds to the picture (training records, histories, ``config.yaml``) may be missing.
    """
    results = read_results(run)
    scores = {
        protocol: _scores_of(run, protocol, accuracies)
        for protocol, accuracies in results["protocols"].items()
    }
    scored = {protocol: streams for protocol, streams in scores.items() if streams}
    if not scored:
        raise _not_whole(run, "no accuracies")
    primary = WHOLE_VIDEO if WHOLE_VIDEO in scored else next(iter(scored))
    streams = tuple(scored[primary])
    n_clips = len(next(iter(scored[primary].values())).ids)
    if n_clips in (0, None) or n_clips != results.get("n_test"):
        raise _not_whole(run, f"accuracies of {results.get('n_test')} clips, scores of other ones")
    analyses: dict[str, Analysis] = {}
    if not results.get("multi_label"):
        known = facts_of_run(run, results)
        analyses = {protocol: analyse(found, known) for protocol, found in scored.items()}
        _check(run, results, analyses)
    records = {
        stream: read_record(run / stream)
        for stream in streams
        if (run / stream / RECORD_NAME).is_file()
    }
    if trained_anew(run, results):
        raise _not_whole(run, "accuracies of a stream that was trained anew since")
    return RunFacts(
        run=run,
        results=results,
        scored=scored,
        analyses=analyses,
        primary=primary,
        lead=lead_of(streams),
        records=records,
        histories={s: _history(run / s) for s in streams if not is_fusion(s)},
        settings=_settings(run / "config.yaml"),
    )


def _scores_of(run: Path, protocol: str, accuracies: dict[str, Any]) -> dict[str, ClipScores]:
    stored = load_scores(run / "scores" / f"{protocol}.npz")
    lacking = sorted(set(accuracies) - set(stored))
    if lacking:
        raise _not_whole(run, f"no {protocol} scores of {', '.join(lacking)}")
    return {stream: stored[stream] for stream in accuracies}


def _check(run: Path, results: dict[str, Any], analyses: dict[str, Analysis]) -> None:
    for protocol, analysis in analyses.items():
        for stream, found in analysis.resamples.found.items():
            told = results["protocols"][protocol][stream]["top1"]
            if not np.isclose(told, found.top1, atol=1e-6):
                raise _not_whole(run, f"{protocol} scores of {stream} with another top-1")


def _not_whole(run: Path, found: str) -> TwostreamError:
    return TwostreamError(
        run / RESULTS_NAME,
        expected="accuracies and the scores they come from",
        found=found,
        remedy="run `twostream evaluate` on the run again",
    )


def _history(folder: Path) -> list[EpochRecord]:
    try:
        return read_history(folder / "history.csv")
    except (OSError, TwostreamError):
        return []


def _settings(path: Path) -> dict[str, Any]:
    """The options of `run`; empty where the run was made step by step."""
    try:
        settings = read_yaml(path)
    except (OSError, ValueError):
        return {}
    return (
        {str(key): value for key, value in settings.items()} if isinstance(settings, dict) else {}
    )
