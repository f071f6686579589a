"""A trained network in an engine: what it says of samples, at four depths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from twostream.errors import TwostreamError
from twostream.models.classifier import FEATURES, HEAD_CLASSES
from twostream.models.computation import Computation
from twostream.models.device import Device, on_device
from twostream.models.engines.engine import Predictor


@dataclass(frozen=True)
class Network:
    """A classifier as `build_classifier` makes it, loaded into an engine.

    `model` is the Keras model, with its weights on `device`; `load` puts a part of it into the engine,
    which is done when it is first asked for; `compared` may put probabilities beside others. Each part
    takes samples (n, S, S, C) uint8. Of the Keras model nothing may be changed meanwhile.
    """

    model: Any
    device: Device
    load: Callable[[Any], Predictor]
    compared: Callable[[Predictor], Predictor] | None = None

    @property
    def computation(self) -> Computation:
        """What computes."""
        return self.probabilities.computation

    @property
    def batch_samples(self) -> int:
        """How many samples the engine takes together."""
        return self.probabilities.batch_samples

    @cached_property
    def probabilities(self) -> Predictor:
        """Probabilities (n, classes), the softmax of `logits`."""
        with on_device(self.device):
            found = self.load(self.model)
        return found if self.compared is None else self.compared(found)

    @cached_property
    def logits(self) -> Predictor:
        """Scores (n, classes) before the softmax."""
        return self._part(_logits)

    @cached_property
    def features(self) -> Predictor:
        """The pooled vector (n, D) that the head sees: the mean of each of the `maps`."""
        return self._part(lambda model: _layer(model, FEATURES).output)

    @cached_property
    def maps(self) -> Predictor:
        """The last feature maps (n, h, w, D), before they are pooled."""
        return self._part(lambda model: _layer(model, FEATURES).input)

    def _part(self, output_of: Callable[[Any], Any]) -> Predictor:
        import keras

        with on_device(self.device):
            return self.load(keras.Model(self.model.inputs[0], output_of(self.model)))


def _logits(model: Any) -> Any:
    """The classifier's layer once more, with the same weights and without its softmax."""
    import keras

    classes = _layer(model, HEAD_CLASSES)
    linear = keras.layers.Dense(classes.units, use_bias=classes.use_bias, name="logits")
    scores = linear(classes.input)
    linear.set_weights(classes.get_weights())
    return scores


def _layer(model: Any, name: str) -> Any:
    try:
        return model.get_layer(name)
    except ValueError as error:
        raise TwostreamError(
            str(model.name),
            expected="a network that `twostream train` made",
            found=f"one without a layer {name!r}",
            remedy="train the stream again",
        ) from error
