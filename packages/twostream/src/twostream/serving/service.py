"""What the routes answer: requests to tasks, and what came of these to responses."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, StreamingResponse

from twostream.choices import LabelFormat
from twostream.serving.engine import BusyError, Engine
from twostream.serving.guard import COOKIE, cookie_of, is_token
from twostream.serving.jobs import Job, Jobs
from twostream.serving.metrics import Metrics
from twostream.serving.options import ServeOptions
from twostream.serving.pages import front_page, page_script, style_sheet
from twostream.serving.tasks import Done, Refused, Task, What
from twostream.serving.uploads import Upload, receive

Timeline = Annotated[
    bool | None,
    Query(description="Make a timeline of a short clip too. Default: as the server was told."),
]
Top = Annotated[
    int | None, Query(ge=0, le=100_000, description="Tell so many classes, the best first; 0: all.")
]
TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",  # browsers play what they can of it so
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".ogv": "video/ogg",
}
PRIVATE = {"cache-control": "private, no-store"}


@dataclass(eq=False)
class Service:
    """All that the routes share."""

    run: str
    options: ServeOptions
    folder: Path
    engine: Engine
    examples: tuple[Path, ...] = ()
    metrics: Metrics = field(default_factory=Metrics)
    is_stopping: Callable[[], bool] = lambda: False
    _prefixes: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Keep the jobs in the folder."""
        self.jobs = Jobs(self.folder, self.engine, self.options.limits)

    async def front(self) -> Response:
        """The page to try a run on."""
        return HTMLResponse(front_page(), headers=PRIVATE)

    async def script(self) -> Response:
        """Its program."""
        return Response(page_script(), media_type="text/javascript")

    async def style(self) -> Response:
        """Its style."""
        return Response(style_sheet(), media_type="text/css")

    async def login(self, request: Request) -> Response:
        """Give the page its cookie for the token: JSON with a `token`."""
        try:
            given = json.loads(await request.body())["token"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise HTTPException(422, "expected JSON with a token") from error
        token = self.options.token
        if token is None or not isinstance(given, str) or not is_token(token, given):
            raise HTTPException(401, "the token is missing or wrong")
        done = JSONResponse({"status": "ok"})
        done.set_cookie(COOKIE, cookie_of(token), httponly=True, samesite="strict", path="/")
        return done

    async def health(self) -> Response:
        """Whether requests are answered."""
        ready = self.engine.is_ready
        return JSONResponse({"status": "ok" if ready else "loading"}, 200 if ready else 503)

    async def measured(self) -> Response:
        """Counts and times, for Prometheus."""
        gauges = {
            "twostream_waiting": ("Tasks that wait for the worker.", float(self.engine.waiting)),
            "twostream_working": ("Tasks at work.", float(self.engine.working)),
            "twostream_jobs": ("Jobs that are kept.", float(len(self.jobs.kept))),
            "twostream_worker_restarts_total": (
                "Workers that were begun anew.",
                float(self.engine.restarts),
            ),
        }
        return Response(
            self.metrics.text(gauges), media_type="text/plain; version=0.0.4; charset=utf-8"
        )

    async def about(self) -> Response:
        """What is served, and its limits."""
        loaded = self.engine.loaded
        return JSONResponse(
            {
                "run": Path(self.run).name,
                "classes": list(loaded.classes) if loaded else [],
                "streams": list(loaded.streams) if loaded else [],
                "limits": asdict(self.options.limits),
                "examples": [one.name for one in self.examples],
                "needs_token": self.options.token is not None,
            }
        )

    async def example(self, number: int) -> Response:
        """One of the videos to try."""
        if not 0 <= number < len(self.examples):
            raise HTTPException(404, "there is no such example")
        return _file(self.examples[number])

    async def predict(
        self, request: Request, timeline: Timeline = None, top: Top = None
    ) -> Response:
        """Say what happens in a video: the object that `twostream predict --json` prints.

        What is to be known beside it is a JSON list in the header `X-Notes`.
        """
        self._refuse_if_busy()
        async with self._received(request) as upload:
            task = Task(
                what="predict", video=upload.place, name=upload.name, timeline=timeline, top=top
            )
            outcome = await self._unless_gone(request, task)
        if outcome is None:
            return Response(status_code=499)
        done = _done(outcome)
        headers = {"x-notes": json.dumps(done.notes)} if done.notes else {}
        return Response(done.result, media_type="application/json", headers=headers)

    @asynccontextmanager
    async def _received(self, request: Request) -> AsyncIterator[Upload]:
        """An upload, which is removed when it has been looked at.

        It has no folder of its own, as jobs have: some disks take longer to remove one than a small clip
        takes. What its name begins with is used again: Python's table of names grows by each that it meets.
        """
        prefix = self._prefixes.pop() if self._prefixes else f"{secrets.token_urlsafe(12)}-"
        try:
            upload = await receive(request, self.folder, prefix=prefix)
            try:
                yield upload
            finally:
                await upload.remove()
        finally:
            self._prefixes.append(prefix)

    async def _unless_gone(self, request: Request, task: Task) -> Done | Refused | None:
        """What comes of a task; None where the client has gone meanwhile, and the task is stopped."""
        work = asyncio.ensure_future(self.engine.do(task))
        gone = asyncio.ensure_future(_disconnected(request))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            return await work if work.done() else None
        finally:
            for one in (work, gone):
                one.cancel()

    async def begin_job(
        self, request: Request, timeline: Timeline = None, top: Top = None
    ) -> Response:
        """Begin a job on a video, and answer at once; `/jobs/{number}/events` tells how it goes on."""
        self._refuse_if_busy()
        number, folder = self.jobs.place()
        try:
            upload = await receive(request, folder)
            job = await self.jobs.begin(number, folder, upload, timeline=timeline, top=top)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return JSONResponse(job.told(), 202, headers={"location": f"/jobs/{number}"})

    async def job(self, number: str) -> Response:
        """Where a job stands."""
        return JSONResponse(self._job(number).told(), headers=PRIVATE)

    async def remove_job(self, number: str) -> Response:
        """Stop a job, and remove its video and all that was made of it."""
        await self.jobs.remove(self._job(number))
        return Response(status_code=204)

    async def events(self, number: str) -> Response:
        """How a job goes on: server-sent events, each with what `/jobs/{number}` answers."""
        told = self.jobs.events(self._job(number), self.is_stopping)
        return StreamingResponse(told, media_type="text/event-stream", headers=PRIVATE)

    async def result(self, number: str) -> Response:
        """The object that `/predict` would have answered."""
        return _file(self._done_job(number).folder / "result.json", "application/json")

    async def result_page(self, number: str) -> Response:
        """The page of a result."""
        place = self._done_job(number).folder / "result.html"
        return _file(place, "text/html; charset=utf-8")

    async def video(self, number: str) -> Response:
        """The video, as it was uploaded."""
        return _file(self._job(number).upload.place)

    async def flow(self, number: str) -> Response:
        """The flow that the temporal stream sees, as a video in step with the upload."""
        return await self._made(number, "flow")

    async def overlay(self, number: str) -> Response:
        """A copy of the video with label, scores and flow drawn on it."""
        return await self._made(number, "overlay")

    async def labels(self, number: str, to: LabelFormat) -> Response:
        """The intervals as a tool for labelling keeps them."""
        return await self._made(number, "labels", to=to)

    async def explanations(self, number: str) -> Response:
        """Where the streams looked (Grad-CAM), at the clearest moment of the clip or of each interval."""
        job = self._done_job(number)
        return JSONResponse(_done(await self._extra(job, "explain")).result, headers=PRIVATE)

    async def explanation(self, number: str, picture: str) -> Response:
        """One picture of them."""
        job = self._done_job(number)
        folder = job.folder / "explanations"
        there = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
        if picture not in there:
            raise HTTPException(404, "there is no such picture")
        return _file(folder / picture, "image/jpeg")

    async def _made(self, number: str, what: What, to: LabelFormat | None = None) -> Response:
        job = self._done_job(number)
        place = job.folder / _done(await self._extra(job, what, to)).result
        stem = Path(job.upload.place.name).stem
        name = place.name if what == "labels" else f"{stem}-{place.name}"
        return _file(place, name=name if what != "flow" else None)

    async def _extra(self, job: Job, what: What, to: LabelFormat | None = None) -> Done | Refused:
        task = Task(what=what, video=job.upload.place, name=job.upload.name, keep=job.folder, to=to)
        return await self.jobs.extra(job, f"{what} {to}", task)

    def _refuse_if_busy(self) -> None:
        if self.engine.waiting >= self.options.limits.queue:
            raise BusyError

    def _job(self, number: str) -> Job:
        job = self.jobs.find(number)
        if job is None:
            raise HTTPException(404, "there is no such job, or it was kept long enough")
        return job

    def _done_job(self, number: str) -> Job:
        job = self._job(number)
        if job.state == "failed":
            raise HTTPException(job.status, job.reason)
        if job.state != "done":
            raise HTTPException(409, "the job is not done yet")
        return job


def _done(outcome: Done | Refused) -> Done:
    if isinstance(outcome, Refused):
        raise HTTPException(outcome.status, outcome.reason)
    return outcome


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _file(place: Path, kind: str | None = None, *, name: str | None = None) -> Response:
    media = kind or TYPES.get(place.suffix.lower(), "application/octet-stream")
    return FileResponse(place, media_type=media, filename=name, headers=PRIVATE)
