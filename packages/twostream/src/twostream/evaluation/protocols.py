"""Protocols: which of a clip's sample scores make its score."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import get_args

import numpy as np
import numpy.typing as npt

from twostream.choices import Protocol as Protocol
from twostream.errors import TwostreamError
from twostream.evaluation.sample_sets import CENTRE, EVEN, EVERY, TEN_VIEWS, SampleSet
from twostream.suggestions import did_you_mean
from twostream.transforms.preprocessing import Preprocessing

Scores = npt.NDArray[np.float32]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
# The original's own procedures, which measure other things than clips: see `original`.
ORIGINAL = "original"
# The set that each protocol needs alone. Every set but that of the ten views is part of EVERY.
OWN_SET: dict[Protocol, SampleSet] = {
    "one-frame": CENTRE,
    "25": EVEN,
    "25x10": TEN_VIEWS,
    "whole-video": EVERY,
}


def choose_sets(
    protocols: Iterable[Protocol], *, complete: Collection[SampleSet] = ()
) -> dict[Protocol, SampleSet]:
    """The sample set that each protocol is computed from, so that as little as possible is scored.

    Where every sample is scored anyway, or has been (`complete` names the sets that are already),
    the protocols of the same view take theirs from among them.
    """
    asked = tuple(protocols)
    every = "whole-video" in asked or EVERY in complete
    return {
        protocol: EVERY if every and OWN_SET[protocol] in (CENTRE, EVEN) else OWN_SET[protocol]
        for protocol in asked
    }


def clip_score(
    sample_scores: Scores,
    *,
    protocol: Protocol,
    among: SampleSet,
    preprocessing: Preprocessing,
    frames: int,
) -> Scores:
    """A clip's score (C,): the mean of those of its `sample_scores` (n, C) that the protocol takes.

    `sample_scores` are those of the set `among`, of a clip of `frames` frames. ``one-frame``: the
    centre position. ``25``: 25 even positions (in a short clip some count more than once).
    ``25x10``: the same, each through ten views. ``whole-video``: every position.
    """
    rows = sample_scores
    if among is EVERY:
        rows = sample_scores[np.asarray(OWN_SET[protocol].positions(preprocessing, frames))]
    mean: Scores = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def asks_for_original(text: str) -> bool:
    """Whether a comma-separated list names the original's procedures.

    >>> asks_for_original("one-frame, original")
    True
    """
    return ORIGINAL in _names(text)


def parse_protocols(text: str) -> tuple[Protocol, ...]:
    """Protocols from a comma-separated list; raises TwostreamError for an unknown one.

    `original` is not among them (see `asks_for_original`); where it stands alone, the comparable
    `one-frame` is its companion.

    >>> parse_protocols("whole-video,one-frame")
    ('one-frame', 'whole-video')
    """
    asked = _names(text)
    known = (*PROTOCOLS, ORIGINAL)
    for name in asked:
        if name not in known:
            raise TwostreamError(
                "--protocols",
                expected=f"some of {', '.join(known)}",
                found=name,
                remedy=did_you_mean(name, known, otherwise="choose from these"),
            )
    chosen = tuple(name for name in PROTOCOLS if name in asked)
    if asked == [ORIGINAL]:
        return ("one-frame",)
    if not chosen:
        raise TwostreamError(
            "--protocols",
            expected=f"some of {', '.join(PROTOCOLS)}",
            found="none",
            remedy="name at least one",
        )
    return chosen


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
