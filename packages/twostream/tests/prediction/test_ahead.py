from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from twostream.events import Said, listening, say
from twostream.prediction.ahead import Ahead


def test_no_more_are_made_than_may_wait() -> None:
    made: list[int] = []
    ready = threading.Event()

    def numbers() -> Iterator[int]:
        for k in range(100):
            made.append(k)
            if k == 3:
                ready.set()
            yield k

    with Ahead(numbers(), most=2) as items:
        assert next(items) == 0
        assert ready.wait(10)
        # One is used, two wait, one is in the hand of the thread.
        assert made == [0, 1, 2, 3]


def test_what_fails_is_raised_where_it_would_have_come_and_the_rest_is_closed() -> None:
    closed = threading.Event()

    def numbers() -> Iterator[int]:
        try:
            yield 1
            raise ZeroDivisionError("of the source")
        finally:
            closed.set()

    items = Ahead(numbers(), most=4)
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError, match="of the source"):
        next(items)
    assert closed.is_set()
    assert list(items) == []


def test_whoever_stops_before_the_end_closes_it_in_its_thread() -> None:
    closed_in: list[threading.Thread] = []

    def numbers() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed_in.append(threading.current_thread())

    with Ahead(numbers(), most=1) as items:
        next(items)
    assert closed_in != []
    assert closed_in[0] is not threading.current_thread()


def test_the_thread_is_heard() -> None:
    def numbers() -> Iterator[int]:
        say("made")
        yield 1

    heard: list[object] = []
    with listening(heard.append), Ahead(numbers(), most=1) as items:
        assert list(items) == [1]
    assert heard == [Said("made")]
