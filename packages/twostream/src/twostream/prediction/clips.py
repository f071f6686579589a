"""Clips by a protocol: both streams in one pass through the frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import merge

from twostream.choices import Protocol, Stream
from twostream.evaluation.protocols import OWN_SET, clip_score
from twostream.evaluation.sample_scores import of_places
from twostream.evaluation.sample_sets import in_order
from twostream.prediction.networks import Networks, Pixels, Scores
from twostream.store.source import ClipSource
from twostream.training.bundle import StreamBundle
from twostream.transforms.preprocessing import Place


def score_clip(
    networks: Networks,
    clip: ClipSource,
    *,
    protocol: Protocol,
    check: Callable[[], None] = lambda: None,
) -> dict[str, Scores]:
    """Probabilities (C,) by ``spatial``, ``temporal`` and ``fused``: what `evaluate` gives of such a clip.

    `check` is called before each sample, and may raise. Raises TwostreamError where the clip cannot be
    read, or has no end.
    """
    kind = OWN_SET[protocol]
    places = {one.stream: kind.samples(clip, one.preprocessing) for one in networks.streams}
    samples = {
        stream: in_order(sample for views in found for sample in views)
        for stream, found in places.items()
    }
    scored = networks.score_samples(_side_by_side(clip, networks.streams, samples, check))
    frames = clip.count_frames()
    return networks.with_fusion(
        {
            one.stream: clip_score(
                of_places(places[one.stream], samples[one.stream], scored[one.stream]),
                protocol=protocol,
                among=kind,
                preprocessing=one.preprocessing,
                frames=frames,
            )
            for one in networks.streams
        }
    )


def _side_by_side(
    clip: ClipSource,
    streams: Sequence[StreamBundle],
    samples: Mapping[Stream, Sequence[Place]],
    check: Callable[[], None],
) -> Iterator[tuple[Stream, Pixels]]:
    """The samples of all streams by position: frames stay at hand until both have seen them."""
    made = {one.stream: one.preprocessing.samples(clip, samples[one.stream]) for one in streams}
    by_position = merge(
        *([(position, stream) for position, _ in found] for stream, found in samples.items()),
        key=lambda item: item[0],
    )
    for _, stream in by_position:
        check()
        yield stream, next(made[stream])
