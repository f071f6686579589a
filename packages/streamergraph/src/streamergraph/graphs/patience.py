"""Waiting for a server, but not for ever."""

from __future__ import annotations

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
    signs = threading.Condition()
    answers: list[Answer] = []
    errors: list[BaseException] = []
    beats = 0

    def heard() -> None:
        nonlocal beats
        with signs:
            beats += 1
            signs.notify()

    def run() -> None:
        try:
            answers.append(work(heard))
        except BaseException as error:  # raised again where somebody waits for it
            errors.append(error)
        heard()

    with signs:
        threading.Thread(target=run, daemon=True).start()
        while not answers and not errors:
            known = beats
            if not signs.wait_for(lambda known=known: beats != known, timeout=quiet_seconds):
                raise SilenceError(f"no answer for {quiet_seconds:g} s")
    if errors:
        raise errors[0]
    return answers[0]
