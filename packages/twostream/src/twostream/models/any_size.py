"""Networks on images of other sizes than they were made for: the same layers, and the same weights."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from twostream.errors import TwostreamError
from twostream.models.engines.engine import Outputs, Predictor, Samples
from twostream.models.reasons import reason
from twostream.models.same_layers import of_same_layers

Loaded = TypeVar("Loaded")
# So many sizes of images are kept ready; for each an engine may hold the weights once more.
SIZES_KEPT = 6


REMEDY = "use --view three or --view centre"


def of_size(
    model: Any, height: int, width: int, *, asked: str = "--view full", remedy: str = REMEDY
) -> Any:
    """The Keras model on samples (height, width, C) px, made of the same layers.

    Nothing is copied: what changes weights here changes them there. Raises TwostreamError for a network
    with a layer that depends on the size, as dense layers on all places of an image do; `asked` and
    `remedy` say what asked for the size, and what else can be done.
    """
    import keras

    try:
        made = of_same_layers(model, keras.Input((height, width, model.input_shape[-1])))
    except Exception as error:  # Keras raises whatever its layers raise
        raise TwostreamError(
            asked,
            expected="a network that takes images of any size",
            found=f"{model.name}, which does not ({reason(error)})",
            remedy=remedy,
        ) from error
    if made.output_shape[1:] != model.output_shape[1:] and len(model.output_shape) == 2:
        raise TwostreamError(
            asked,
            expected="a network that takes images of any size",
            found=f"{model.name}, whose output grows with them",
            remedy=remedy,
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
