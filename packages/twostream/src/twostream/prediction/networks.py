"""The networks of a bundle, used by several threads in turn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.choices import Stream
from twostream.evaluation.bundle_scores import LoadedBundle
from twostream.evaluation.chosen import chosen_scores
from twostream.prediction.ahead import Ahead
from twostream.training.bundle import StreamBundle
from twostream.training.fusion_rule import FusionSpecification

Pixels = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]
# Batches that wait for the networks, beside the one that is made and the one that is scored.
WAITING_BATCHES = 2


@dataclass(frozen=True)
class Networks:
    """Both networks of a bundle: one batch at a time, for each takes all cores."""

    loaded: LoadedBundle
    _turn: Any = field(default_factory=threading.Lock, repr=False)

    @property
    def streams(self) -> tuple[StreamBundle, ...]:
        """The streams that there are."""
        return self.loaded.bundle.streams

    @property
    def batch_samples(self) -> int:
        """How many samples pass together."""
        return min(network.batch_samples for network in self.loaded.networks.values())

    def score(self, stream: Stream, samples: Pixels) -> Scores:
        """Probabilities (n, C) of samples (n, S, S, channels)."""
        with self._turn:
            return self.loaded.networks[stream].probabilities(samples)

    def score_views(self, stream: Stream, samples: Pixels) -> Scores:
        """Probabilities (n, C) of samples that are seen through V views each, (n, V, S, S, channels)."""
        return _mean_over_views(samples, lambda flat: self.score(stream, flat))

    def features_of_views(self, stream: Stream, samples: Pixels) -> Scores:
        """The pooled vectors (n, D) that the head sees of such samples."""
        with self._turn:
            return _mean_over_views(samples, self.loaded.networks[stream].features)

    def with_fusion(self, scores: Mapping[str, Scores]) -> dict[str, Scores]:
        """Scores (…, C) by stream, and as ``fused`` those of both, or of the only one."""
        return with_fusion(scores, self.loaded.bundle.fusion)

    def score_samples(self, samples: Iterator[tuple[Stream, Pixels]]) -> dict[Stream, Scores]:
        """Probabilities of samples by stream, in their order, scored while later ones are made."""
        found: dict[Stream, list[Scores]] = {one.stream: [] for one in self.streams}
        with Ahead(_batches(samples, size=self.batch_samples), most=WAITING_BATCHES) as batches:
            for stream, batch in batches:
                found[stream].append(self.score(stream, batch))
        return {stream: np.concatenate(parts) for stream, parts in found.items()}


def _mean_over_views(samples: Pixels, compute: Callable[[Pixels], Scores]) -> Scores:
    n, views = samples.shape[:2]
    found = compute(samples.reshape(n * views, *samples.shape[2:]))
    means: Scores = found.reshape(n, views, -1).mean(axis=1)
    return means


def with_fusion(scores: Mapping[str, Scores], fusion: FusionSpecification) -> dict[str, Scores]:
    """Scores (…, C) by stream, and as ``fused`` those of both by the rule, or of the only one."""
    found = dict(scores)
    if len(scores) == 2:
        found["fused"] = chosen_scores(scores["spatial"], scores["temporal"], fusion)
    else:
        (found["fused"],) = scores.values()
    return found


def _batches(
    samples: Iterator[tuple[Stream, Pixels]], *, size: int
) -> Iterator[tuple[Stream, Pixels]]:
    begun: dict[Stream, list[Pixels]] = {}
    for stream, sample in samples:
        batch = begun.setdefault(stream, [])
        batch.append(sample)
        if len(batch) == size:
            yield stream, np.stack(batch)
            batch.clear()
    for stream, batch in begun.items():
        if batch:
            yield stream, np.stack(batch)
