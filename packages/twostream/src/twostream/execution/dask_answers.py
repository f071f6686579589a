"""Asking a Dask cluster without waiting for ever.

Dask waits for an answer as long as the connection is not known to be gone: with a network that carries
nothing, or a machine that stands still, that may be without end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from twostream.errors import TwostreamError

Answer = TypeVar("Answer")

# An answer that takes longer may be large, or wait for a worker: then the scheduler is asked for a sign of
# life, which it gives at once unless it has very much to do.
PATIENCE_SECONDS = 10.0
SIGN_OF_LIFE_SECONDS = 60.0


def answered(client: Any, address: str, ask: Callable[[], Answer]) -> Answer:
    """What `ask`, which calls the client, returns or raises.

    Raises TwostreamError as soon as the scheduler gives no sign of life; `ask` then goes on unheard.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            answers.append(ask())
        except BaseException as error:
            errors.append(error)
        finally:
            done.set()

    threading.Thread(target=run, daemon=True).start()
    while not done.wait(PATIENCE_SECONDS):
        if not _is_alive(client):
            raise lost(address)
    if errors and isinstance(errors[0], OSError) and not _is_alive(client):
        raise lost(address) from errors[0]
    if errors:
        raise errors[0]
    return answers[0]


def lost(address: str) -> TwostreamError:
    """The error of a scheduler that has been there, and is not any longer."""
    return TwostreamError(
        address,
        expected="the scheduler of a Dask cluster to stay",
        found="the connection was lost",
        remedy="call the same command again: what is finished is kept",
    )


def _is_alive(client: Any) -> bool:
    try:
        client.sync(client.scheduler.identity, callback_timeout=SIGN_OF_LIFE_SECONDS)
    except Exception:  # each kind of address has errors of its own, and a closed client has others
        return False
    return True
