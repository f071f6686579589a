"""Sources that workers of a cluster look at, whether these see the run and the videos or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from twostream.errors import TwostreamError
from twostream.events import Event, Said, Warned, emit, listening
from twostream.execution.choosing import executor_for, reach_cluster
from twostream.execution.parcels import Parcel
from twostream.execution.portable import Portable
from twostream.execution.sight import Stamped, stamped
from twostream.models.device import AskedPrecision
from twostream.models.engines.engine import EngineName
from twostream.prediction.naming import Source
from twostream.prediction.options import LookOptions
from twostream.prediction.predictor import RunPredictor, load_predictor
from twostream.prediction.results import Prediction
from twostream.training.two_streams import read_two_streams

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class AskedRun:
    """The folder of a run's networks, how they look at sources, and what computes.

    `settled`: the caller has found the thresholds, and told of them.
    """

    folder: Path
    look: LookOptions
    settled: bool = False
    engine: EngineName = "auto"
    device: str = "auto"
    precision: AskedPrecision = "auto"


@dataclass(frozen=True)
class SourceTask:
    """One video file and the run that is asked about it; `place` is where the file lies for the worker."""

    run: AskedRun
    source: Source
    place: Path


@dataclass(frozen=True)
class Looked(Generic[Found]):
    """What was found, or the error of a source that cannot be read; and what was told meanwhile."""

    found: Found | TwostreamError
    told: tuple[Said | Warned, ...]


class HasCompute(Protocol):
    """Options that say what computes, and on which cluster if any."""

    @property
    def cluster(self) -> str | None:
        """The address."""

    @property
    def engine(self) -> EngineName:
        """The engine that is asked for."""

    @property
    def device(self) -> str:
        """The device that is asked for."""

    @property
    def precision(self) -> AskedPrecision:
        """The precision that is asked for."""


def asked_of(predictor: RunPredictor, options: HasCompute) -> tuple[str, AskedRun] | None:
    """The cluster that is asked for, and the run as its workers are to load it; None: none is."""
    if options.cluster is None:
        return None
    run = AskedRun(
        folder=predictor.bundle.folder.absolute(),  # workers were started elsewhere
        look=predictor.look,
        engine=options.engine,
        device=options.device,
        precision=options.precision,
    )
    return options.cluster, run


def check_afar(cluster: str | None, sources: Sequence[Source]) -> None:
    """Raise TwostreamError where a cluster is asked for that does not answer, or cannot have a source.

    Networks need not be loaded for that, nor thresholds found.
    """
    if cluster is None:
        return
    for one in sources:
        if not one.is_file:
            raise TwostreamError(
                one.name,
                expected="a video file, which any worker can be given (--cluster)",
                found="a camera or an address",
                remedy="look at it from here, without --cluster",
            )
    reach_cluster(cluster)


def look_afar(
    cluster: str,
    run: AskedRun,
    sources: Sequence[Source],
    look: Callable[[RunPredictor, Source], Found],
) -> Iterator[tuple[Source, Found | TwostreamError]]:
    """Yield what `look`, a function of a module, finds in each source, in their order, or its error.

    The sources are files (`check_afar`). On Ctrl-C those that are done are still yielded; then
    KeyboardInterrupt is raised. Raises TwostreamError where the cluster cannot be used.
    """
    tasks = [SourceTask(run, one, Path(one.name).absolute()) for one in sources]
    function = Portable(
        run=Looking(look), inputs=files_of, moved=moved_source, made=nothing, landed=as_it_is
    )
    waiting: dict[Source, Found | TwostreamError] = {}
    left = list(sources)
    outcomes = executor_for(cluster, workers=1).map(function, tasks)
    with closing(outcomes):
        try:
            for outcome in outcomes:
                source = outcome.task.source
                if outcome.result is None:
                    waiting[source] = _failed(source, outcome.problem or "no answer")
                else:
                    waiting[source] = outcome.result.found
                    for event in outcome.result.told:
                        emit(event)
                while left and left[0] in waiting:
                    yield left[0], waiting.pop(left.pop(0))
        except KeyboardInterrupt:
            yield from ((one, waiting[one]) for one in left if one in waiting)
            raise


@dataclass(frozen=True)
class Looking(Generic[Found]):
    """Calls a function with the networks of a task's run, which stay loaded from task to task."""

    look: Callable[[RunPredictor, Source], Found]

    def __call__(self, task: SourceTask) -> Looked[Found]:
        """What is found; an error of the source is a finding too."""
        told: list[Said | Warned] = []

        def hear(event: Event) -> None:
            if isinstance(event, Said | Warned):
                told.append(event)

        source = Source(str(task.place), called=task.source.name)
        with listening(hear):
            try:
                predictor = _predictor(task.run, stamped(task.run.folder))
                return Looked(_named(self.look(predictor, source), source), tuple(told))
            except TwostreamError as error:
                return Looked(_called(error, source), tuple(told))


@lru_cache(maxsize=1)
def _predictor(run: AskedRun, _: Stamped) -> RunPredictor:
    predictor = load_predictor(
        read_two_streams(run.folder),
        run.look,
        engine=run.engine,
        device=run.device,
        precision=run.precision,
    )
    if run.settled:
        with listening(lambda _: None):  # which each worker would tell once more
            predictor.settle()
    return predictor


def _named(found: Found, source: Source) -> Found:
    """What was found, and what ended it early about the file as the user knows it."""
    if isinstance(found, Prediction) and isinstance(found.ended, TwostreamError):
        return replace(found, ended=_called(found.ended, source))
    return found


def _called(error: TwostreamError, source: Source) -> TwostreamError:
    """The error, about the file as the user knows it."""
    if error.subject != source.place:
        return error
    return TwostreamError(
        source.name, expected=error.expected, found=error.found, remedy=error.remedy
    )


def files_of(task: SourceTask) -> Sequence[Path]:
    """The video and the folder of the networks."""
    return [task.place, task.run.folder]


def moved_source(task: SourceTask, places: Mapping[Path, Path], _: Path) -> SourceTask:
    """The task with both at other places."""
    run = replace(task.run, folder=places[task.run.folder])
    return replace(task, run=run, place=places[task.place])


def nothing(_: SourceTask) -> Path | None:
    """What a task leaves: its result alone."""
    return None


def as_it_is(_: SourceTask, result: Looked[Found], __: Parcel | None) -> Looked[Found]:
    """The result."""
    return result


def _failed(source: Source, problem: str) -> TwostreamError:
    return TwostreamError(
        source.name,
        expected="a source that a worker can look at",
        found=problem,
        remedy="try it from here, without --cluster",
    )
