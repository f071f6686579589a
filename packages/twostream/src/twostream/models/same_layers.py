"""A network once more, made of the same layers: on images of another size, or with some calls changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CallOfLayer = Callable[..., Any]


def as_it_is(layer: Any, *args: Any, **kwargs: Any) -> Any:
    """The call that a network makes of a layer."""
    return layer(*args, **kwargs)


def of_same_layers(network: Any, samples: Any, *, call: CallOfLayer = as_it_is) -> Any:
    """The Keras model `network` on the Keras tensor `samples`, nested models too.

    `call` says what is done where the network calls a layer. Nothing is copied: what changes weights here
    changes them there.
    """
    import keras

    def one_call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(layer, keras.Model):
            (x,) = args
            inner = keras.Input(x.shape[1:], dtype=x.dtype)
            return of_same_layers(layer, inner, call=call)(x)
        return call(layer, *args, **kwargs)

    return keras.models.clone_model(
        network,
        input_tensors=samples,
        clone_function=lambda layer: layer,
        call_function=one_call,
    )
