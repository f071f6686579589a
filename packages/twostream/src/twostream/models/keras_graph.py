"""The graph of a functional Keras model: which operation reads and writes which values."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any


def layers_of(model: Any) -> list[Any]:
    """All layers of a model and its nested models, without the models themselves."""
    import keras

    found: list[Any] = []
    for layer in model.layers:
        found += layers_of(layer) if isinstance(layer, keras.Model) else [layer]
    return found


@dataclass(frozen=True)
class Call:
    """One call of an operation in the graph, with the numbers of the values it reads and writes."""

    node: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def operation(self) -> Any:
        """The layer, or another operation of Keras."""
        return self.node.operation

    @property
    def takes_images(self) -> bool:
        """Whether all it reads and writes has four axes."""
        tensors = (*self.node.input_tensors, *self.node.outputs)
        return all(len(tensor.shape) == 4 for tensor in tensors)

    @property
    def is_plain(self) -> bool:
        """Whether it was called with nothing but its inputs."""
        return _said_nothing_else(self.node)


def read_graph(model: Any) -> tuple[list[Call], int]:
    """All calls of a model in order, nested models dissolved, and the number of its result."""
    calls: list[Call] = []
    numbers = count(1)

    def read(function: Any, places: dict[int, int]) -> int:
        for depth in sorted(function._nodes_by_depth, reverse=True):
            for node in function._nodes_by_depth[depth]:
                if node.is_input or not node.operation:
                    continue
                inputs = tuple(places[id(tensor)] for tensor in node.input_tensors)
                inner = _inner(node)
                if inner is not None:
                    places[id(node.outputs[0])] = read(inner, {id(inner.inputs[0]): inputs[0]})
                    continue
                outputs = tuple(next(numbers) for _ in node.outputs)
                places.update(zip(map(id, node.outputs), outputs, strict=True))
                calls.append(Call(node, inputs, outputs))
        return places[id(function.outputs[0])]

    function: Any = function_of(model)
    result = read(function, {id(function.inputs[0]): 0})
    return calls, result


def _inner(node: Any) -> Any | None:
    """The graph of a nested model that is called with one input and nothing else."""
    function = function_of(node.operation)
    if function is None or len(function.inputs) != 1 or len(function.outputs) != 1:
        return None
    return function if _said_nothing_else(node) else None


def _said_nothing_else(node: Any) -> bool:
    kwargs = node.arguments.kwargs
    return all(value is None for name, value in kwargs.items() if name != "training")


def function_of(model: Any) -> Any | None:
    """The graph of a functional or sequential model; None for other models and layers."""
    import keras

    if type(model) is keras.Sequential:
        return model._functional
    return (
        model if type(model).__name__ == "Functional" and isinstance(model, keras.Model) else None
    )
