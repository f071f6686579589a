"""A worker that crashes, hangs or is killed costs what it was at work on, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import stand_in_worker
from twostream.errors import TwostreamError
from twostream.events import listening
from twostream.prediction.options import PredictOptions
from twostream.serving import engine as of_engine
from twostream.serving.engine import BrokenError, BusyError, Engine
from twostream.serving.options import LimitOptions
from twostream.serving.tasks import Done, Task


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    monkeypatch.setattr("twostream.serving.worker.work", stand_in_worker.work)
    monkeypatch.setattr(of_engine, "GRACE_SECONDS", 0.3)


def task(name):
    return Task(what="predict", video=Path(name), name=name)


def with_engine(body, **limits):
    async def run():
        engine = Engine("run", PredictOptions(), LimitOptions(**limits))
        try:
            await engine.start()
            return await body(engine)
        finally:
            engine.stop()

    heard = []
    with listening(heard.append):
        result = asyncio.run(run())
    assert all("begun anew" in one.message for one in heard)
    return result


def test_a_task_is_done_and_a_refusal_is_told():
    async def body(engine):
        done, refused = await asyncio.gather(
            engine.do(task("a.mp4")), engine.do(task("refuse.413"))
        )
        assert done == Done(result='{"source": "a.mp4"}')
        assert refused.status == 413
        heard = []
        await engine.do(task("b.mp4"), on_progress=lambda *seconds: heard.append(seconds))
        assert heard == [(0.0, 0.0)]  # it was begun
        with pytest.raises(BrokenError, match="Traceback"):
            await engine.do(task("bug"))
        assert (engine.waiting, engine.working, engine.restarts) == (0, 0, 0)

    with_engine(body)


def test_a_crash_is_charged_to_the_file_that_crashes_alone():
    async def body(engine):
        names = ["crash", "b.mp4", "c.mp4"]
        crash, other, more = await asyncio.gather(*map(engine.do, map(task, names)))
        assert crash.status == 422
        assert "crash" in crash.reason
        assert isinstance(other, Done)
        assert isinstance(more, Done)
        assert engine.restarts >= 1
        assert isinstance(await engine.do(task("d.mp4")), Done)

    with_engine(body)


@pytest.mark.parametrize("name", ["slow", "hang"])
def test_what_takes_too_long_is_stopped_or_ended(name):
    async def body(engine):
        late = await engine.do(task(name))
        assert late.status == 504
        assert "0.3 s" in late.reason
        assert isinstance(await engine.do(task("a.mp4")), Done)
        assert engine.restarts == (name == "hang")

    with_engine(body, work_seconds=0.3)


def test_so_many_may_wait_and_no_more():
    async def body(engine):
        waiting = [asyncio.ensure_future(engine.do(task("slow"))) for _ in range(4)]
        await asyncio.sleep(0.2)
        assert (engine.working, engine.waiting) == (2, 2)
        with pytest.raises(BusyError):
            await engine.do(task("a.mp4"))
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(await engine.do(task("a.mp4")), Done)  # those at work were stopped

    with_engine(body, queue=2)


def test_a_run_that_cannot_be_loaded_is_told():
    async def run():
        engine = Engine("none", PredictOptions(), LimitOptions())
        try:
            await engine.start()
        finally:
            engine.stop()

    with pytest.raises(TwostreamError, match="one that ended while it did"):
        asyncio.run(run())
