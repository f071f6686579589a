"""A network that can be cut, for tests of what then becomes of a command."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def wire(port: int) -> Iterator[tuple[int, threading.Event]]:
    """A port that leads to another one until the event is set; then nothing passes, and nobody is told."""
    cut, ended = threading.Event(), threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.2)

    def carry(near: socket.socket, far: socket.socket) -> None:
        with near, far, suppress(OSError):
            while not ended.is_set():
                for one in select.select([near, far], [], [], 0.2)[0]:
                    if cut.is_set():
                        time.sleep(0.2)
                        continue
                    content = one.recv(1 << 16)
                    if not content:
                        return
                    (far if one is near else near).sendall(content)

    def accept() -> None:
        while not ended.is_set():
            with suppress(TimeoutError):
                near, _ = listening.accept()
                far = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=carry, args=(near, far), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], cut
    finally:
        ended.set()
        thread.join()
        listening.close()
