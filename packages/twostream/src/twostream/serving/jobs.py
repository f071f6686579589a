"""Jobs: uploads that are worked on while nobody waits, and kept a while to be looked at."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from twostream.events import warn
from twostream.serving.engine import BrokenError, BusyError, Engine
from twostream.serving.options import LimitOptions
from twostream.serving.tasks import Done, Refused, Task
from twostream.serving.uploads import Upload

State = Literal["waiting", "working", "done", "failed"]
HEARTBEAT_SECONDS = 10.0
SWEEP_SECONDS = 30.0


@dataclass(eq=False)
class Job:
    """One upload, where it stands, and what was made of it."""

    number: str
    folder: Path
    upload: Upload
    made: float
    state: State = "waiting"
    done_s: float = 0.0
    of_s: float = 0.0
    reason: str = ""
    status: int = 200
    notes: tuple[str, ...] = ()
    asked: float = 0.0
    work: asyncio.Task[None] | None = None
    extras: dict[str, asyncio.Task[Done | Refused]] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ("done", "failed")

    def told(self) -> dict[str, Any]:
        """What is told of it, for JSON."""
        return {
            "id": self.number,
            "name": self.upload.name,
            "state": self.state,
            "done_s": round(self.done_s, 3),
            "of_s": round(self.of_s, 3),
            "reason": self.reason,
            "status": self.status,
            "notes": list(self.notes),
        }


@dataclass(eq=False)
class Jobs:
    """All jobs that are kept, each with a folder of its own below `folder`."""

    folder: Path
    engine: Engine
    limits: LimitOptions
    kept: dict[str, Job] = field(default_factory=dict)

    def place(self) -> tuple[str, Path]:
        """A number that nobody guesses, and a new folder of that name."""
        number = secrets.token_urlsafe(12)
        folder = self.folder / number
        folder.mkdir(mode=0o700)
        return number, folder

    def find(self, number: str) -> Job | None:
        """The job of that number; it is kept for longer then."""
        job = self.kept.get(number)
        if job is not None:
            job.asked = time.monotonic()
        return job

    async def begin(
        self, number: str, folder: Path, upload: Upload, *, timeline: bool | None, top: int | None
    ) -> Job:
        """Begin a job on an upload; raises BusyError where all that are kept are still at work."""
        await self._make_room()
        now = time.monotonic()
        job = Job(number, folder, upload, made=time.time(), asked=now)
        self.kept[number] = job
        task = Task(
            what="predict",
            video=upload.place,
            name=upload.name,
            keep=folder,
            timeline=timeline,
            top=top,
        )
        job.work = asyncio.ensure_future(self._do(job, task))
        return job

    async def _do(self, job: Job, task: Task) -> None:
        def on_progress(done_s: float, of_s: float) -> None:
            job.state, job.done_s, job.of_s = "working", done_s, of_s
            job.news.set()

        try:
            outcome = await self.engine.do(task, on_progress=on_progress)
        except BusyError:
            outcome = Refused(status=503, reason="too many requests wait; try again later")
        except BrokenError as error:
            warn(str(error))  # the worker's traceback, for whoever runs the server
            outcome = Refused(
                status=500, reason="a defect of the server, which has told more of it there"
            )
        if isinstance(outcome, Refused):
            job.state, job.reason, job.status = "failed", outcome.reason, outcome.status
        else:
            job.state, job.notes = "done", outcome.notes
            job.done_s = job.of_s = max(job.done_s, job.of_s)
        job.news.set()

    async def extra(self, job: Job, name: str, task: Task) -> Done | Refused:
        """What else is made of a job that is done: made once, whoever asks how often."""
        if name not in job.extras:
            job.extras[name] = asyncio.ensure_future(self.engine.do(task, later=True))
        made = job.extras[name]
        try:
            outcome = await asyncio.shield(made)
        except (BusyError, BrokenError):
            job.extras.pop(name, None)
            raise
        if isinstance(outcome, Refused):
            job.extras.pop(name, None)
        return outcome

    async def remove(self, job: Job) -> None:
        """Stop a job, and remove all that it left on the disk."""
        self.kept.pop(job.number, None)
        for task in (job.work, *job.extras.values()):
            if task is not None:
                task.cancel()
        job.state = job.state if job.is_over else "failed"
        job.reason = job.reason or "removed"
        job.news.set()
        await asyncio.to_thread(shutil.rmtree, job.folder, ignore_errors=True)

    async def events(self, job: Job, is_stopping: Callable[[], bool]) -> AsyncIterator[bytes]:
        """What is told of a job whenever that changes, as server-sent events, until it is over."""
        told: dict[str, Any] = {}
        beat = time.monotonic()
        while True:
            now = job.told()
            if now != told:
                told = now
                yield _event(now)
            elif time.monotonic() - beat > HEARTBEAT_SECONDS:
                beat = time.monotonic()
                yield b": still here\n\n"
            if job.is_over or is_stopping():
                return
            job.asked = time.monotonic()
            await _next_change(job)

    async def sweep(self) -> None:
        """Remove what nobody has asked for in a while, for ever."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            oldest = time.monotonic() - 60 * self.limits.keep_minutes
            for job in [one for one in self.kept.values() if one.is_over and one.asked < oldest]:
                await self.remove(job)

    async def _make_room(self) -> None:
        over = sorted((one for one in self.kept.values() if one.is_over), key=lambda one: one.asked)
        while len(self.kept) >= self.limits.keep_jobs:
            if not over:
                raise BusyError
            await self.remove(over.pop(0))


async def _next_change(job: Job) -> None:
    """Wait until something of a job changes, or a second: several may listen, so that none waits longer."""
    job.news.clear()
    try:
        await asyncio.wait_for(job.news.wait(), timeout=1.0)
    except TimeoutError:
        return


def _event(told: dict[str, Any]) -> bytes:
    return f"event: {told['state']}\ndata: {json.dumps(told)}\n\n".encode()
