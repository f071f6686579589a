"""A trained run, ready to be asked about videos."""

from __future__ import annotations

from dataclasses import dataclass

from twostream.choices import Protocol
from twostream.environment import available_cores
from twostream.evaluation.bundle_scores import LoadedBundle, load_for_scoring, notes_of_use
from twostream.events import warn
from twostream.models.device import AskedPrecision
from twostream.models.engines.engine import EngineName
from twostream.prediction.naming import Source
from twostream.prediction.options import PredictOptions
from twostream.prediction.results import Prediction
from twostream.sources.opening import open_source
from twostream.store.source import ClipSource
from twostream.training.two_streams import TwoStreamBundle

USUAL_PROTOCOL: Protocol = "25"


@dataclass(frozen=True)
class RunPredictor:
    """The networks of a run, loaded once, and what they say of sources."""

    loaded: LoadedBundle
    options: PredictOptions

    @property
    def bundle(self) -> TwoStreamBundle:
        """What is known of the run."""
        return self.loaded.bundle

    def of_source(self, source: Source) -> Prediction:
        """What it says of one source; raises TwostreamError where it cannot be read."""
        clip = open_source(source.place, self.bundle.flow, threads=available_cores())
        return self.of_clip(clip, name=source.name)

    def of_clip(self, clip: ClipSource, *, name: str) -> Prediction:
        """What it says of a clip by a protocol."""
        protocol = self.options.protocol or USUAL_PROTOCOL
        scores = self.loaded.score(clip, protocol=protocol)
        for note in notes_of_use(self.bundle, clip):
            warn(note)
        only = next(iter(scores.values()))
        return Prediction(
            source=name,
            classes=self.bundle.classes,
            scores={
                **{stream: scores[stream] for stream in scores if stream != "fusion"},
                "fused": scores.get("fusion", only),
            },
            protocol=protocol,
            top=self.options.top,
        )


def load_predictor(
    bundle: TwoStreamBundle,
    options: PredictOptions,
    *,
    engine: EngineName = "auto",
    device: str = "auto",
    precision: AskedPrecision = "auto",
) -> RunPredictor:
    """Load the networks of a bundle; raises TwostreamError as `load_for_scoring` does."""
    loaded = load_for_scoring(bundle, engine=engine, device=device, precision=precision)
    return RunPredictor(loaded, options)
