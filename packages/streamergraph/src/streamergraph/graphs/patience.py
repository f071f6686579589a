"""Waiting for a server, but not for ever."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


class SilenceError(Exception):
    """Nothing was heard for the time allowed."""


def patiently(work: Callable[[Callable[[], None]], Answer], *, quiet_seconds: float) -> Answer:
    """The result of ``work(heard)``, which calls `heard` whenever something was answered.

    The driver of Neo4j waits without end for a server that stops answering in the middle, so `work`
    has a thread of its own, which is left behind where nothing is heard for `quiet_seconds`. Raises
    SilenceError then, and whatever `work` raises.

    >>> patiently(lambda heard: 3, quiet_seconds=1)
    3
    """
    signs: queue.SimpleQueue[bool] = queue.SimpleQueue()  # True: it is over
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work(lambda: signs.put(False)))
        except BaseException as error:  # raised again where somebody waits for it
            errors.append(error)
        signs.put(True)

    threading.Thread(target=run, daemon=True).start()
    try:
        while not signs.get(timeout=quiet_seconds):
            continue
    except queue.Empty:
        raise SilenceError(f"no answer for {quiet_seconds:g} s") from None
    if errors:
        raise errors[0]
    return answers[0]
