"""OpenCV's own threads, which multiply with those that call it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Have OpenCV work in the thread that calls it, in the whole process, and give back what was set.

    For bodies that keep the cores busy by threads of their own, or whose pictures are small: waking a
    thread costs more than it saves on some hundred pixels.
    """
    cv2: Any = import_module("cv2")
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
