"""Protocols: which of a clip's sample scores make its score."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError

Protocol = Literal["one-frame", "whole-video"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)


def clip_score(
    sample_scores: npt.NDArray[np.float32], *, protocol: Protocol, centre: int
) -> npt.NDArray[np.float32]:
    """A clip's score (C,) from the softmax of all its samples (n, C).

    ``one-frame``: the sample at position `centre`. ``whole-video``: the mean over every frame, or
    every stack.
    """
    if protocol == "one-frame":
        one: npt.NDArray[np.float32] = sample_scores[centre]
        return one
    mean: npt.NDArray[np.float32] = sample_scores.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def parse_protocols(text: str) -> tuple[Protocol, ...]:
    """Protocols from a comma-separated list; raises TwostreamError for an unknown one.

    >>> parse_protocols("whole-video,one-frame")
    ('one-frame', 'whole-video')
    """
    import difflib

    asked = [part.strip() for part in text.split(",") if part.strip()]
    for name in asked:
        if name not in PROTOCOLS:
            near = difflib.get_close_matches(name, PROTOCOLS, n=1)
            raise TwostreamError(
                "--protocols",
                expected=f"some of {', '.join(PROTOCOLS)}",
                found=name,
                remedy=f"did you mean {near[0]}?" if near else "choose from these",
            )
    chosen = tuple(name for name in PROTOCOLS if name in asked)
    if not chosen:
        raise TwostreamError(
            "--protocols",
            expected=f"some of {', '.join(PROTOCOLS)}",
            found="none",
            remedy="name at least one",
        )
    return chosen
