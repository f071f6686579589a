"""Writing where others may be writing too, a moment later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from streamergraph.collecting.clock import Clock
from streamergraph.errors import StreamergraphError
from streamergraph.locks import sole_writer

OTHERS_SECONDS = 120.0  # how long a tick waits for `store compact` and the like
PAUSE_SECONDS = 0.5


@contextmanager
def patient_writer(folder: Path, clock: Clock) -> Iterator[None]:
    """`sole_writer` that waits for others for a while; raises StreamergraphError after it."""
    end = clock.monotonic() + OTHERS_SECONDS
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(sole_writer(folder))
                break
            except StreamergraphError:
                if clock.monotonic() >= end:
                    raise
                clock.sleep(PAUSE_SECONDS)
        yield
