"""Everything the report says about a run, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.evaluation.results import RESULTS_NAME, STREAMS, read_results
from twostream.evaluation.scores import ClipScores, load_scores
from twostream.training.history import EpochRecord, read_history
from twostream.training.record import RECORD_NAME, TrainingRecord, read_record

FUSION = "fusion"
WHOLE_VIDEO = "whole-video"


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """An evaluated run.

    `scores` maps protocol -> stream -> scores; `streams` are those that were scored, spatial first,
    fusion last. `primary` is the protocol and `lead` the stream that pictures of a single one show.
    """

    run: Path
    results: dict[str, Any]
    scores: dict[str, dict[str, ClipScores]]
    streams: tuple[str, ...]
    primary: str
    lead: str
    records: dict[str, TrainingRecord]
    histories: dict[str, list[EpochRecord]]
    settings: dict[str, Any]

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their labels."""
        return self.shown[self.lead].classes

    @property
    def shown(self) -> dict[str, ClipScores]:
        """The scores of the primary protocol, by stream."""
        return self.scores[self.primary]

    @property
    def n_test(self) -> int:
        """Number of test clips."""
        return len(self.shown[self.lead].ids)

    @property
    def trained(self) -> tuple[str, ...]:
        """The streams that are networks: all but the fusion."""
        return tuple(stream for stream in self.streams if stream != FUSION)


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
    if not any(scores.values()):
        raise _not_whole(run, "no accuracies")
    primary = WHOLE_VIDEO if scores.get(WHOLE_VIDEO) else next(p for p in scores if scores[p])
    streams = tuple(scores[primary])
    n_clips = {len(held.ids) for of_protocol in scores.values() for held in of_protocol.values()}
    if n_clips != {results.get("n_test")} or n_clips == {0}:
        raise _not_whole(run, f"accuracies of {results.get('n_test')} clips, scores of other ones")
    records = {
        stream: read_record(run / stream)
        for stream in streams
        if (run / stream / RECORD_NAME).is_file()
    }
    scored = results.get("trainings") or {}
    if any(scored.get(stream, r.fingerprint) != r.fingerprint for stream, r in records.items()):
        raise _not_whole(run, "accuracies of a stream that was trained anew since")
    return RunFacts(
        run=run,
        results=results,
        scores=scores,
        streams=streams,
        primary=primary,
        lead=FUSION if FUSION in streams else streams[0],
        records=records,
        histories={stream: _history(run / stream) for stream in streams if stream != FUSION},
        settings=_settings(run / "config.yaml"),
    )


def _scores_of(run: Path, protocol: str, accuracies: dict[str, Any]) -> dict[str, ClipScores]:
    stored = load_scores(run / "scores" / f"{protocol}.npz")
    lacking = sorted(set(accuracies) - set(stored))
    if lacking:
        raise _not_whole(run, f"no {protocol} scores of {', '.join(lacking)}")
    return {stream: stored[stream] for stream in STREAMS if stream in accuracies}


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
    except (OSError, ValueError, KeyError):
        return []


def _settings(path: Path) -> dict[str, Any]:
    """The options of `run`; empty where the run was made step by step."""
    import yaml

    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return (
        {str(key): value for key, value in settings.items()} if isinstance(settings, dict) else {}
    )
