"""Scores of single clips by a bundle: what `evaluate` computes, from the bundle and the clip alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from twostream.evaluation.chosen import CHOSEN, chosen_scores
from twostream.evaluation.engines import rounding_text
from twostream.evaluation.protocols import OWN_SET, Protocol, clip_score
from twostream.evaluation.quantising import keep_int8
from twostream.evaluation.sample_scores import scores_of_clip
from twostream.events import say
from twostream.models.backend import prepare_keras
from twostream.models.computation import Computation
from twostream.models.device import AskedPrecision
from twostream.models.engines.beside_float32 import beside_float32
from twostream.models.engines.engine import EngineName, Predictor
from twostream.models.engines.network import Network
from twostream.models.inference import Scoring, in_float32, load_network, resolve_scoring
from twostream.preparation.rates import rate_note_of_use
from twostream.sources.agreement import made_otherwise
from twostream.sources.camera import CameraClip
from twostream.sources.frames import FramesClip
from twostream.sources.specification import FlowSpecification
from twostream.sources.video import VideoClip
from twostream.store.clip import StoredClip
from twostream.store.metadata import ClipMetadata
from twostream.store.source import ClipSource
from twostream.training.bundle import StreamBundle
from twostream.training.fusion_rule import PLAIN_AVERAGE
from twostream.training.two_streams import TwoStreamBundle

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LoadedBundle:
    """A bundle with its networks ready: scores clips one after another."""

    bundle: TwoStreamBundle
    networks: dict[str, Network]

    @property
    def computations(self) -> dict[str, Computation]:
        """What computes, by stream."""
        return {stream: one.computation for stream, one in self.networks.items()}

    def score(self, clip: ClipSource, *, protocol: Protocol = "25") -> dict[str, Scores]:
        """Probabilities (C,) of the bundle's classes, by stream; of two also ``fusion``, ``chosen``.

        ``chosen`` is what the bundle's rule makes of both, ``fusion`` their average.
        A video scores as the stored clip that `prepare` would make of it, if it is read by the bundle's
        own specification (``open_source(path, bundle.flow)``). Raises TwostreamError for a live source.
        """
        found: dict[str, Scores] = {
            one.stream: _score(one, self.networks[one.stream].probabilities, clip, protocol)
            for one in self.bundle.streams
        }
        if len(found) == 2:
            pair, rule = (found["spatial"], found["temporal"]), self.bundle.fusion
            found["fusion"] = chosen_scores(
                *pair, PLAIN_AVERAGE if rule.pool != "average" else rule
            )
            found[CHOSEN] = chosen_scores(*pair, rule)
        return found


def notes_of_use(bundle: TwoStreamBundle, clip: ClipSource) -> tuple[str, ...]:
    """What to tell of a clip that is not as those that the bundle learnt from; empty where nothing is.

    Images or flow that were made otherwise, a rate of frames that is more than a tenth away, and of a video
    that was read to its end, what is odd about the file.
    """
    name, notes = clip.facts.name, []
    found = _how_it_was_made(clip)
    if found is not None and (differences := made_otherwise(found, bundle.flow)):
        told = "; ".join(map(str, differences))
        notes.append(f"{name}: made otherwise than the clips that the model learnt from ({told})")
    if isinstance(clip, VideoClip) and clip.warning:
        notes.append(f"{name}: {clip.warning}")
    facts = bundle.streams[0].sources
    if facts is not None:
        trained = (facts.lowest_fps, facts.highest_fps)
        note = rate_note_of_use(name, clip.facts.fps, trained=trained)
        notes += [note] if note else []
    return tuple(notes)


def _how_it_was_made(clip: ClipSource) -> FlowSpecification | ClipMetadata | None:
    if isinstance(clip, StoredClip):
        return clip.metadata
    return clip.specification if isinstance(clip, VideoClip | FramesClip | CameraClip) else None


def load_for_scoring(
    bundle: TwoStreamBundle,
    *,
    engine: EngineName = "auto",
    device: str = "auto",
    precision: AskedPrecision = "auto",
) -> LoadedBundle:
    """Load the networks of a bundle into an engine; raises TwostreamError as `resolve_scoring` does."""
    prepare_keras()
    scoring = resolve_scoring(engine, device, precision)
    if scoring.compute.precision == "int8":
        keep_int8(bundle.folder, [one.stream for one in bundle.streams])
    networks: dict[str, Network] = {one.stream: _network(one, scoring) for one in bundle.streams}
    for network in networks.values():
        _ = network.probabilities  # what an engine cannot run is told before any clip is read
    return LoadedBundle(bundle, networks)


def _network(bundle: StreamBundle, scoring: Scoring) -> Network:
    """A stream's network, which in other numbers tells how far its scores are from those in float32."""
    network = load_network(bundle, scoring)
    if scoring.compute.precision == "float32":
        return network

    def exact() -> Predictor:
        return load_network(bundle, in_float32(scoring)).probabilities

    def tell(found: dict[str, object]) -> None:
        say(rounding_text(bundle.stream, found))

    return replace(network, compared=lambda found: beside_float32(found, exact, tell))


def _score(
    bundle: StreamBundle, predictor: Predictor, clip: ClipSource, protocol: Protocol
) -> Scores:
    chosen = OWN_SET[protocol]
    scores = scores_of_clip(
        clip, sets=[chosen], predict=predictor, preprocessing=bundle.preprocessing
    )[chosen]
    return clip_score(
        scores,
        protocol=protocol,
        among=chosen,
        preprocessing=bundle.preprocessing,
        frames=clip.count_frames(),
    )
