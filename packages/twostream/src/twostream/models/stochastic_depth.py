"""Stochastic depth: in training, residual branches are left out at random (Huang et al. 2016).

A branch is left out of single samples, more often the deeper it lies, and counts for more where it stays,
so that nothing need be scaled when all branches are there. What leaves it out is a layer of Keras's own,
and a network that is done with training has none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twostream.errors import TwostreamError
from twostream.models.keras_graph import Call, layers_of, read_graph
from twostream.models.same_layers import as_it_is, of_same_layers

SUFFIX = "_stochastic_depth"
# What a shortcut may pass where a block changes the size of maps or their channels.
OF_SHORTCUTS = ("Conv2D", "BatchNormalization", "AveragePooling2D", "MaxPooling2D", "ZeroPadding2D")


@dataclass(frozen=True)
class Residual:
    """A sum at the end of a block: the name of its layer, and which of its two inputs is the branch."""

    name: str
    branch: int


def residuals_of(network: Any) -> list[Residual]:
    """The residual sums of a Keras graph in order; empty where it has none.

    One is an `Add` of two maps, of which one was made from the other: by more than projections and pooling.
    """
    calls, _ = read_graph(network)
    made_by = {place: call for call in calls for place in call.outputs}
    before: dict[int, set[int]] = {0: set()}
    for call in calls:
        known = set().union(*(before[place] | {place} for place in call.inputs))
        before |= dict.fromkeys(call.outputs, known)
    found: list[Residual] = []
    for call in calls:
        if type(call.operation).__name__ != "Add" or len(call.inputs) != 2:
            continue
        for branch, place in enumerate(call.inputs):
            if _origin(call.inputs[1 - branch], made_by, before[place]) is not None:
                found.append(Residual(str(call.operation.name), branch))
                break
    return found


def _origin(shortcut: int, made_by: dict[int, Call], of_branch: set[int]) -> int | None:
    """From what both sides of a sum were made, where one side is a shortcut from there."""
    while shortcut not in of_branch:
        call = made_by.get(shortcut)
        if call is None or type(call.operation).__name__ not in OF_SHORTCUTS:
            return None
        (shortcut,) = call.inputs
    return shortcut


def with_stochastic_depth(network: Any, rate: float, *, subject: str) -> Any:
    """The network with branches that training leaves out: the last at `rate`, the first of L at `rate` / L.

    It is made of the same layers. Raises TwostreamError for one without residual branches, and for one that
    leaves branches out by itself.
    """
    import keras

    residuals = residuals_of(network)
    itself = [
        one.name
        for one in layers_of(network)
        if getattr(one, "noise_shape", None) is not None or type(one).__name__ == "StochasticDepth"
    ]
    if not residuals or itself:
        raise TwostreamError(
            "--stochastic-depth",
            expected="a network of residual blocks, such as EfficientNetLite0 or ResNet50",
            found=f"{subject}, which leaves branches out by itself ({itself[0]})"
            if itself
            else f"{subject}, which has none",
            remedy="leave --stochastic-depth out, or choose another --backbone",
        )
    rates = {
        one.name: (one.branch, rate * number / len(residuals))
        for number, one in enumerate(residuals, start=1)
    }

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if layer.name not in rates:
            return as_it_is(layer, *args, **kwargs)
        maps = list(args[0])
        branch, share = rates[layer.name]
        # One draw a sample, over all its places and channels.
        left_out = keras.layers.Dropout(
            share, noise_shape=(None, 1, 1, 1), name=f"{layer.name}{SUFFIX}"
        )
        maps[branch] = left_out(maps[branch])
        return layer(maps, **kwargs)

    return of_same_layers(network, keras.Input(network.input_shape[1:]), call=call)


def without_stochastic_depth(model: Any) -> Any:
    """The model, nested networks too, without what leaves branches out; made of the same layers."""
    import keras

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if layer.name.endswith(SUFFIX):
            return args[0]
        return as_it_is(layer, *args, **kwargs)

    return of_same_layers(model, keras.Input(model.input_shape[1:]), call=call)
