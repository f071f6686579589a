"""What `predict` tells while it looks at sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from twostream.errors import TwostreamError
from twostream.events import made, warn
from twostream.explanation.files import Explaining
from twostream.prediction.afar import AskedRun, look_afar
from twostream.prediction.naming import Source
from twostream.prediction.predictor import Hearing, RunPredictor
from twostream.prediction.results import Prediction
from twostream.prediction.side_by_side import of_source, predict_sources
from twostream.progress import Progress
from twostream.timelines.intervals import Interval
from twostream.verbs.found import Seen
from twostream.verbs.results import JsonLine


def predict_and_tell(
    predictor: RunPredictor,
    sources: Sequence[Source],
    found: list[Prediction],
    *,
    jobs: int | None,
    json: bool,
    explaining: Explaining | None = None,
    cluster: tuple[str, AskedRun] | None = None,
) -> None:
    """Tell what is said of each source, and add it to `found`; raise what is amiss when all are done.

    A source that fails half-way is told as far as it went. Of cameras intervals are told as they end.
    With a `cluster`, its address and the run that is asked, the sources are looked at there.
    """
    failed: list[TwostreamError] = []
    with _heard(sources, json=json) as (hearing, progress):
        if cluster is None:
            outcomes = predict_sources(predictor, sources, jobs=jobs, hearing=hearing)
        else:
            address, run = cluster
            if predictor.has_timelines(sources):
                predictor.settle()
                run = replace(run, settled=True)
            outcomes = look_afar(address, run, sources, of_source)
        for source, outcome in outcomes:
            error = outcome if isinstance(outcome, TwostreamError) else outcome.ended
            if explaining is not None and isinstance(outcome, Prediction):
                try:
                    outcome = explaining.of(source, outcome)
                except TwostreamError as unexplained:  # what was predicted is told all the same
                    warn(str(unexplained))
            if not isinstance(outcome, TwostreamError):
                made(JsonLine(outcome.to_json()) if json else outcome)
                found.append(outcome)
            if isinstance(error, TwostreamError):
                failed.append(error)
                if len(sources) > 1:
                    warn(str(error))
            if progress is not None:
                progress.advance()
    if len(sources) == 1 and failed:
        raise failed[0]
    if failed:
        raise TwostreamError(
            "SOURCE",
            expected="videos that can be read to their end",
            found=f"{len(failed)} of {len(sources)} that cannot, told above",
            remedy="the others are done; check these",
        )


@contextmanager
def _heard(sources: Sequence[Source], *, json: bool) -> Iterator[tuple[Hearing, Progress | None]]:
    """Who hears of the work, and the progress that counts sources where there are several."""

    def on_interval(source: str, interval: Interval) -> None:
        if not json:
            made(Seen(source, interval))

    if len(sources) > 1:
        with Progress("predict", total=len(sources), unit="source", warms_up=True) as progress:
            yield Hearing(on_interval=on_interval), progress
        return
    with ExitStack() as stack:
        counted: list[Progress] = []

        def on_length(length: float) -> None:
            if length > 0:
                total = max(1, round(length))
                counted.append(Progress("predict", total=total, unit="second"))
                stack.enter_context(counted[0])

        def on_seconds(reached: float) -> None:
            for one in counted:
                one.done = min(round(reached), one.total)
                one.is_warm()  # the first batch waits for networks to be compiled
                one.tell()

        yield (
            Hearing(on_length=on_length, on_seconds=on_seconds, on_interval=on_interval),
            None,
        )
