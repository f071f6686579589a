"""The routes, their descriptions, and what errors become."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from twostream.events import warn
from twostream.serving.answers import (
    AboutAnswer,
    ExplanationAnswer,
    HealthAnswer,
    JobAnswer,
    PredictionAnswer,
    Problem,
)
from twostream.serving.engine import BrokenError, BusyError
from twostream.serving.guard import Guard
from twostream.serving.service import Service
from twostream.serving.uploads import FIELD, UploadError
from twostream.version import __version__

UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {
                        FIELD: {
                            "type": "string",
                            "format": "binary",
                            "contentMediaType": "application/octet-stream",
                            "description": "A video file.",
                        }
                    },
                }
            }
        },
    }
}
BYTES = {"type": "string", "format": "binary"}
# Of events it is that of each one, as programs that read them have it.
SCHEMAS: dict[str, dict[str, Any]] = {
    "text/plain": {"type": "string"},
    "text/event-stream": {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"enum": ["waiting", "working", "done", "failed"]},
            "data": {"type": "string", "description": "What `/jobs/{number}` answers, as JSON."},
        },
    },
}
VIDEO, MP4, FILE = "video/*", "video/mp4", "application/octet-stream"
REFUSALS: dict[int, str] = {
    400: "The body is no proper multipart.",
    401: "The token is missing or wrong.",
    403: "A page of another site asks.",
    404: "There is no such job, or nothing of that kind.",
    408: "The upload took too long.",
    409: "The job is not done yet.",
    413: "The upload, its pictures or the video are larger or longer than allowed.",
    415: "The body is no multipart.",
    421: "The server is not asked for by that name.",
    422: "The file cannot be decoded, or a parameter is out of range.",
    503: "Too many requests wait.",
    504: "The work took too long.",
}


async def _upload_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, UploadError)
    return JSONResponse({"detail": error.reason}, error.status, headers={"connection": "close"})


async def _busy(_: Request, __: Exception) -> Response:
    return JSONResponse(
        {"detail": "too many requests wait; try again later"}, 503, headers={"retry-after": "5"}
    )


async def _broken(_: Request, error: Exception) -> Response:
    warn(str(error))  # the worker's traceback, for whoever runs the server
    return JSONResponse({"detail": "a defect of the server, which has told more of it there"}, 500)


def build_app(service: Service) -> Guard:
    """The application of a service: its routes, behind their guard."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sweeping = asyncio.ensure_future(service.jobs.sweep())
        try:
            yield
        finally:
            sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await sweeping
            for job in list(service.jobs.kept.values()):
                await service.jobs.remove(job)

    # Its pages of documentation would load their programs from the network.
    app = FastAPI(
        title="twostream",
        version=__version__,
        summary="What happens in a video, by a trained run of two streams.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_exception_handler(UploadError, _upload_refused)
    app.add_exception_handler(BusyError, _busy)
    app.add_exception_handler(BrokenError, _broken)
    _add_routes(app, service)
    local = frozenset({"localhost", "127.0.0.1", "[::1]", service.options.host})
    return Guard(
        app,
        service.options.limits,
        service.metrics,
        service.options.token,
        local if service.options.is_local else frozenset(),
    )


def _add_routes(app: FastAPI, service: Service) -> None:
    def add(path: str, of: Callable[..., Any], *methods: str, **more: Any) -> None:
        statuses, kinds = more.pop("refusals", ()), more.pop("kinds", ())
        described: dict[int | str, dict[str, Any]] = {
            status: {"model": Problem, "description": REFUSALS[status]} for status in statuses
        }
        if kinds:  # what is no JSON
            more["response_class"] = Response
            schemas = {one: SCHEMAS.get(one, BYTES) for one in kinds}
            described[200] = {"content": {one: {"schema": of} for one, of in schemas.items()}}
        app.add_api_route(
            path, of, methods=list(methods or ("GET",)), responses=described, name=of.__name__,
            operation_id=of.__name__, **more,
        )  # fmt: skip

    everyone = (401, 421)
    upload = (400, 401, 403, 408, 413, 415, 421, 422, 503)
    of_job = (401, 404, 421, 422)
    of_done = (*of_job, 409, 413, 503, 504)
    add("/predict", service.predict, "POST", response_model=PredictionAnswer, openapi_extra=UPLOAD,
        refusals=(*upload, 504))  # fmt: skip
    add("/jobs", service.begin_job, "POST", response_model=JobAnswer, status_code=202,
        openapi_extra=UPLOAD, refusals=upload)  # fmt: skip
    add("/jobs/{number}", service.job, response_model=JobAnswer, refusals=of_job)
    add("/jobs/{number}", service.remove_job, "DELETE", status_code=204, refusals=(*of_job, 403))
    add("/jobs/{number}/events", service.events, kinds=["text/event-stream"], refusals=of_job)
    add("/jobs/{number}/result", service.result, response_model=PredictionAnswer, refusals=of_done)
    add("/jobs/{number}/video", service.video, kinds=[VIDEO, FILE], refusals=of_job)
    add("/jobs/{number}/flow.mp4", service.flow, kinds=[MP4], refusals=of_done)
    add("/jobs/{number}/overlay.mp4", service.overlay, kinds=[MP4], refusals=of_done)
    add("/jobs/{number}/labels/{to}", service.labels, kinds=[FILE], refusals=of_done)
    add("/jobs/{number}/explanations", service.explanations,
        response_model=list[ExplanationAnswer], refusals=of_done)  # fmt: skip
    add(
        "/jobs/{number}/explanations/{picture}",
        service.explanation,
        kinds=["image/jpeg"],
        refusals=of_done,
    )
    add("/health", service.health, response_model=HealthAnswer, refusals=(421, 503))
    add("/about", service.about, response_model=AboutAnswer, refusals=everyone)
    add("/metrics", service.measured, kinds=["text/plain"], refusals=everyone)
    hidden = {"include_in_schema": False}
    add("/jobs/{number}/page", service.result_page, **hidden)
    add("/examples/{number}", service.example, **hidden)
    add("/login", service.login, "POST", **hidden)
    add("/", service.front, **hidden)
    add("/page.js", service.script, **hidden)
    add("/style.css", service.style, **hidden)
