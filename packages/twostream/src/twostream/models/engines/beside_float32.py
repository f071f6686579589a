"""How far scores in fewer digits are from those in float32, told as soon as there are any."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from twostream.models.engines.engine import Outputs, Predictor, Samples

Told = Callable[[dict[str, object]], None]


def difference(rounded: Outputs, exact: Outputs, *, precision: str) -> dict[str, object]:
    """What is said of scores (n, C) beside exact ones.

    >>> a, b = np.array([[0.6, 0.4], [0.5, 0.5]]), np.array([[0.7, 0.3], [0.4, 0.6]])
    >>> found = difference(a, b, precision="bfloat16")
    >>> round(found["largest_difference"], 3), found["top_classes_that_differ"], found["samples"]
    (0.1, 1, 2)
    """
    return {
        "precision": precision,
        "samples": len(rounded),
        "largest_difference": float(np.abs(rounded - exact).max()),
        "top_classes_that_differ": int((rounded.argmax(axis=1) != exact.argmax(axis=1)).sum()),
    }


def beside_float32(predictor: Predictor, exact: Callable[[], Predictor], tell: Told) -> Predictor:
    """The same predictor, which has its first batch scored by `exact` too and tells how far they are.

    `exact` makes a predictor ready, which takes time and memory, and is let go afterwards.
    """
    lock, waiting = threading.Lock(), [True]  # several sources may be scored at once

    def one_batch(samples: Samples) -> Outputs:
        outputs = predictor.one_batch(samples)
        with lock:
            if waiting:
                waiting.clear()
                found = exact().one_batch(samples)
                tell(difference(outputs, found, precision=predictor.computation.precision))
        return outputs

    return replace(predictor, one_batch=one_batch)
