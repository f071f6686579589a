"""The threads of the worker: each task is done by whoever heard it, and the pipe is never left alone."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import pytest
from twostream.serving.worker import Answers, take_turns

PATIENCE_SECONDS = 30


class Attending:
    """Threads that take turns, and what they say."""

    def __init__(self, pipe: Connection, threads: int) -> None:
        self.stopped: dict[int, threading.Event] = {}
        self.said = Answers(pipe)
        self.running = threading.Thread(
            target=take_turns, args=(pipe, self.stopped, self.do), kwargs={"threads": threads}
        )
        self.running.start()

    def do(self, number: int, task: str) -> None:
        who = threading.get_ident()
        self.said("begun", number, who)
        if task == "until it is stopped":
            assert self.stopped[number].wait(PATIENCE_SECONDS)
        self.said("done", number, who)
        del self.stopped[number]


@pytest.fixture
def attended() -> Iterator[tuple[Connection, Attending]]:
    with attending(threads=3) as both:
        yield both


@contextmanager
def attending(threads: int) -> Iterator[tuple[Connection, Attending]]:
    ours, theirs = multiprocessing.Pipe()
    found = Attending(theirs, threads)
    yield ours, found
    ours.close()
    found.running.join(PATIENCE_SECONDS)
    assert not found.running.is_alive()


def heard(pipe: Connection) -> tuple[str, int, int]:
    assert pipe.poll(PATIENCE_SECONDS)
    message: tuple[str, int, int] = pipe.recv()
    return message


def test_tasks_are_done_side_by_side_and_stopped_one_by_one(
    attended: tuple[Connection, Attending],
) -> None:
    pipe, _ = attended
    for number in (1, 2):
        pipe.send(("do", number, "until it is stopped"))
    begun = [heard(pipe) for _ in range(2)]
    assert {number for _, number, _ in begun} == {1, 2}
    assert len({who for _, _, who in begun}) == 2
    pipe.send(("stop", 2))
    assert heard(pipe)[:2] == ("done", 2)
    pipe.send(("stop", 2))  # it is over: nobody minds
    pipe.send(("stop", 1))
    assert heard(pipe)[:2] == ("done", 1)


def test_whoever_hears_a_task_does_it() -> None:
    with attending(threads=1) as (pipe, one):
        for number in range(3):
            pipe.send(("do", number, "at once"))
            assert heard(pipe) == ("begun", number, one.running.ident)
            assert heard(pipe) == ("done", number, one.running.ident)


def test_the_end_of_the_pipe_stops_what_is_at_work(
    attended: tuple[Connection, Attending],
) -> None:
    pipe, one = attended
    pipe.send(("do", 1, "until it is stopped"))
    heard(pipe)
    pipe.close()
    one.running.join(PATIENCE_SECONDS)
    assert not one.running.is_alive()
    assert one.stopped == {}
