"""A session with a Spark cluster whose workers can do our work."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from streamergraph import __version__
from streamergraph.errors import StreamergraphError
from streamergraph.events import note
from streamergraph.processing.blobs import Blobs
from streamergraph.processing.memory import LEAST_GIB
from streamergraph.processing.spark_errors import in_one_line
from streamergraph.processing.spark_start import LOCAL, over_connect, require_pyspark, with_java
from streamergraph.processing.spark_workers import VERSIONS, versions
from streamergraph.temporary import temporary_folder

TOLD_AFTER_SECONDS = 60.0
# Workers may be busy for others, and on a busy machine Java, Python and numba take minutes to start.
FIRST_WORKER_SECONDS = 900.0
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(2**17),
    # A sum that overflows is an error, whatever the cluster's usual setting: never a wrong number.
    "spark.sql.ansi.enabled": "true",
}

Answer = TypeVar("Answer")
Task = TypeVar("Task")


@dataclass(frozen=True)
class Cluster:
    """A session of Spark, how many tasks its workers do at once, and the memory for each of them.

    `memory_gib` is what a Python process may hold, about: Spark's own Java is not in it. `shared` is a
    folder that all workers and this process see under the same path, and write in, if there is one.
    """

    address: str
    session: Any  # pyspark.sql.SparkSession, or that of Spark Connect
    tasks: int
    memory_gib: float
    shared: Path | None = None

    def shuffle_into(self, tasks: int) -> None:
        """Let joins and groupings of large tables be done in so many tasks."""
        self.session.conf.set("spark.sql.shuffle.partitions", str(tasks))

    @contextmanager
    def handing_on(self) -> Iterator[Blobs]:
        """What workers hand on to each other meanwhile: through the shared folder, if there is one."""
        if self.shared is None:
            yield Blobs()
            return
        with TemporaryDirectory(dir=self.shared) as folder:
            yield Blobs(folder)

    def each(self, tasks: Sequence[Task], function: Callable[[Task], Any], schema: str) -> Any:
        """An Arrow table of the record batches that `function` yields of each task, on the cluster.

        Tasks come in the function's closure: they are small, and say where things lie.
        """

        def work(batches: Iterator[Any]) -> Iterator[Any]:
            for batch in batches:
                for number in batch.column("id").to_pylist():
                    yield from function(tasks[number])

        count = len(tasks)
        return self.session.range(0, count, 1, max(1, count)).mapInArrow(work, schema).toArrow()

    def places(self, groups: int) -> list[int]:
        """A number for each of so many tasks, by which Spark's hash finds that task."""
        numbers = self.session.range(32 * groups).selectExpr(
            "CAST(id AS INT) AS number", f"pmod(hash(CAST(id AS INT)), {groups}) AS task"
        )
        found = numbers.toArrow().to_pydict()
        place = dict(zip(found["task"], found["number"], strict=True))
        return [place[task] for task in range(groups)]


@contextmanager
def connected(address: str, *, memory_gib: float, spill: Path | None = None) -> Iterator[Cluster]:
    """A session with the cluster at `address`, whose workers have our version and our Python.

    Each Python process of a cluster may hold `memory_gib`; with ``local[N]`` the N of them may together,
    and Spark's Java as much again. `spill` is for the files of that, and for what is put down on the way
    where all workers see it. Raises StreamergraphError where PySpark or Java is absent, where nobody
    answers, where versions differ, and for what goes wrong within that users can mend.
    """
    require_pyspark()
    with temporary_folder(spill) as made:
        folder = made.resolve()
        if address.startswith("sc://"):
            started = over_connect(address)
        else:
            started = with_java(address, memory_gib=memory_gib, folder=folder)
        with started as session, in_one_line():
            for setting, value in SETTINGS.items():
                session.conf.set(setting, value)
            answers = _require_alike(session, address, folder)
            tasks = len(answers)
            all_write = all((folder / answer["mark"]).is_file() for answer in answers)
            local = LOCAL.fullmatch(address) is not None
            share = max(LEAST_GIB, memory_gib / tasks) if local else memory_gib
            yield Cluster(address, session, tasks, share, folder if all_write else None)


def _require_alike(session: Any, address: str, folder: Path) -> list[dict[str, str]]:
    """What each of the tasks that run at once says of itself, having tried to write into `folder`.

    Raises StreamergraphError without workers, or with other versions.
    """
    rows = session.range(1000).mapInArrow(
        lambda batches: versions(batches, folder=str(folder)), VERSIONS
    )
    found: list[dict[str, str]] | None = _within(
        FIRST_WORKER_SECONDS,
        lambda: rows.toArrow().to_pylist(),
        meanwhile=lambda: note(f"{address}: no worker has answered yet; waiting for one"),
    )
    if found is None:
        _cancel(session)
        raise StreamergraphError(
            address,
            expected="a cluster with a worker that is free",
            found=f"none within {FIRST_WORKER_SECONDS:g} s",
            remedy="start workers, or wait until others have done",
        )
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    for row in found:
        if row["streamergraph"] != __version__ or row["python"] != python:
            raise StreamergraphError(
                row["host"],
                expected=f"a worker with streamergraph {__version__} on Python {python}",
                found=f"streamergraph {row['streamergraph']} on Python {row['python']}",
                remedy="install the same on all workers",
            )
    return found


def _within(
    seconds: float, work: Callable[[], Answer], *, meanwhile: Callable[[], None]
) -> Answer | None:
    """What `work` returns or raises; None where it takes longer, and goes on unseen.

    `meanwhile` is called once, where it takes more than a minute.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def try_it() -> None:
        try:
            answers.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=try_it, daemon=True)
    thread.start()
    thread.join(min(seconds, TOLD_AFTER_SECONDS))
    if thread.is_alive():
        meanwhile()
        thread.join(seconds - TOLD_AFTER_SECONDS)
    if errors:
        raise errors[0]
    return answers[0] if answers else None


def _cancel(session: Any) -> None:
    with suppress(Exception):
        session.interruptAll()
