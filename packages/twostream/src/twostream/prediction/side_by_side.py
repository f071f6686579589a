"""Several sources at once, over the cores."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from twostream.environment import available_cores
from twostream.errors import TwostreamError
from twostream.events import heard_in_threads
from twostream.prediction.naming import Source
from twostream.prediction.predictor import UNHEARD, Hearing, RunPredictor
from twostream.prediction.results import Prediction
from twostream.video.opencv_threads import one_opencv_thread

Outcome = Prediction | TwostreamError


def of_source(predictor: RunPredictor, source: Source) -> Prediction:
    """What the networks say of one source, where nobody else works in this process."""
    return predictor.of_source(source)


class Cores:
    """The cores, shared out among the sources that are being looked at.

    >>> cores = Cores(4)
    >>> cores.begin(), cores(), cores.begin(), cores(), cores.end(), cores()
    (None, 4, None, 2, None, 4)
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._busy = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        """One more source."""
        with self._lock:
            self._busy += 1

    def end(self) -> None:
        """One fewer."""
        with self._lock:
            self._busy -= 1

    def __call__(self) -> int:
        """The cores for one source, 1 or more."""
        return max(1, self._count // max(1, self._busy))


def predict_sources(
    predictor: RunPredictor,
    sources: Sequence[Source],
    *,
    jobs: int | None = None,
    hearing: Hearing = UNHEARD,
) -> Iterator[tuple[Source, Outcome]]:
    """Yield what is said of each source, in their order, or the error of one that cannot be read.

    On Ctrl-C those that are done are still yielded, and of a long one what was seen of it; then
    KeyboardInterrupt is raised.
    """
    cores = Cores(available_cores())
    stopping = threading.Event()

    def check() -> None:
        if stopping.is_set():
            raise KeyboardInterrupt

    def one(source: Source) -> Outcome:
        cores.begin()
        try:
            check()
            return predictor.of_source(source, threads=cores, hearing=replace(hearing, check=check))
        except TwostreamError as error:
            return error
        finally:
            cores.end()

    workers = min(jobs or available_cores(), len(sources))
    with one_opencv_thread():
        if workers == 1:
            for source in sources:
                found = one(source)
                yield source, found
                if isinstance(found, Prediction) and isinstance(found.ended, KeyboardInterrupt):
                    raise found.ended
            return
        with ThreadPoolExecutor(
            workers, thread_name_prefix="predict", initializer=heard_in_threads()
        ) as pool:
            futures = [pool.submit(one, source) for source in sources]
            told = 0
            try:
                for source, future in zip(sources, futures, strict=True):
                    found = future.result()
                    told += 1
                    yield source, found
            except KeyboardInterrupt:
                stopping.set()
                pool.shutdown(cancel_futures=True)  # what is in work stops soon
                yield from _done(sources[told:], futures[told:])
                raise
            finally:
                stopping.set()


def _done(
    sources: Sequence[Source], futures: Sequence[Future[Outcome]]
) -> Iterator[tuple[Source, Outcome]]:
    for source, future in zip(sources, futures, strict=True):
        if not future.cancelled() and future.exception() is None:
            yield source, future.result()
