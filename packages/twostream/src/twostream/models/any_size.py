"""Networks on images of other sizes than they were made for: the same layers, and the same weights."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from twostream.errors import TwostreamError
from twostream.models.engines.engine import Outputs, Predictor, Samples
from twostream.models.reasons import reason

Loaded = TypeVar("Loaded")
# So many sizes of images are kept ready; for each an engine may hold the weights once more.
SIZES_KEPT = 6


def of_size(model: Any, height: int, width: int) -> Any:
    """The Keras model on samples (height, width, C) px, made of the same layers.

    Nothing is copied: what changes weights here changes them there. Raises TwostreamError for a network
    with a layer that depends on the size, as dense layers on all places of an image do.
    """
    import keras

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(layer, keras.Model):
            (x,) = args
            return on(layer, keras.Input(x.shape[1:], dtype=x.dtype))(x)
        return layer(*args, **kwargs)

    def on(network: Any, samples: Any) -> Any:
        return keras.models.clone_model(
            network, input_tensors=samples, clone_function=lambda layer: layer, call_function=call
        )

    try:
        made = on(model, keras.Input((height, width, model.input_shape[-1])))
    except Exception as error:  # Keras raises whatever its layers raise
        raise TwostreamError(
            "--view full",
            expected="a network that takes images of any size",
            found=f"{model.name}, which does not ({reason(error)})",
            remedy="use --view three or --view centre",
        ) from error
    if made.output_shape[1:] != model.output_shape[1:] and len(model.output_shape) == 2:
        raise TwostreamError(
            "--view full",
            expected="a network that takes images of any size",
            found=f"{model.name}, whose output grows with them",
            remedy="use --view three or --view centre",
        )
    return made


def of_any_size(
    model: Any, load: Callable[[Any], Predictor], *, takes_any: bool = False
) -> Predictor:
    """The predictor that `load` makes of a model, for samples of any height and width.

    All samples of a call have one size. For each new one `load` is called once more, unless what it loads
    `takes_any`.
    """
    first = load(model)
    of = sizes_kept(model, lambda sized: first if takes_any or sized is model else load(sized))

    def one_batch(samples: Samples) -> Outputs:
        return of(*samples.shape[1:3]).one_batch(samples)

    return Predictor(one_batch, first.computation, first.batch_samples)


def sizes_kept(model: Any, load: Callable[[Any], Loaded]) -> Callable[[int, int], Loaded]:
    """What `load` makes of a model for images of a height and width; the last few sizes are kept ready."""
    own = tuple(model.input_shape[1:3])
    first = load(model)
    others: OrderedDict[tuple[int, int], Loaded] = OrderedDict()

    def of(height: int, width: int) -> Loaded:
        if (height, width) == own:
            return first
        if (height, width) not in others:
            others[height, width] = load(of_size(model, height, width))
            while len(others) > SIZES_KEPT:
                others.popitem(last=False)
        others.move_to_end((height, width))
        return others[height, width]

    return of


def by_size(shapes: list[tuple[int, int]]) -> list[int]:
    """The places of images so that those of one size follow one another, else in order.

    >>> by_size([(240, 320), (100, 100), (240, 320)])
    [1, 0, 2]
    """
    return [int(k) for k in np.lexsort([[w for _, w in shapes], [h for h, _ in shapes]])]
