"""A Keras network run by PyTorch's own operators, in channels-last memory and without copies.

Keras's PyTorch backend turns the input, the kernel and the output of every convolution around, adds its
bias in a pass of its own, and normalises in three more: for ResNet-50 on a CPU that is more than
half of a training step. Here the network's graph is read once; images stay where they are (an image
(n, h, w, c) seen as (n, c, h, w) is what PyTorch calls channels-last); biases and normalisations by fixed
statistics become part of their convolutions; sums and ReLUs overwrite what nobody else reads. Layers
that `torch_layers` does not know are called as they are. The numbers are the same up to rounding.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from twostream.models import torch_layers
from twostream.models.fused_convolution import Clamp
from twostream.models.keras_graph import Call, function_of, layers_of, read_graph
from twostream.models.torch_layers import Compute, InPlace, is_exactly

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D")


class ChannelsLastForward:
    """What ``model(samples, training=training)`` computes: samples (n, h, w, c) to one output.

    Follows the model: when a normalisation becomes trainable or fixed, the plan is made anew. A `frozen`
    one does not follow its weights: convolutions are folded with normalisations once. Raises
    NotImplementedError for models it cannot run: several inputs or outputs, images with channels first,
    losses of activities, layers of several types of numbers, low-rank or quantised kernels.
    """

    def __init__(self, model: Any, *, frozen: bool = False) -> None:
        self._model = model
        self._frozen = frozen
        self._plans: dict[tuple[bool, ...], _Plan] = {}
        self._norms = [one for one in layers_of(model) if is_exactly(one, "BatchNormalization")]
        _check(model)

    def __call__(self, samples: Tensor, *, training: bool) -> Tensor:
        """The model's output for `samples`."""
        state = (training, *(bool(layer.trainable) for layer in self._norms))
        if state not in self._plans:
            self._plans[state] = _Plan(self._model, training=training, frozen=self._frozen)
        return self._plans[state].run(samples)


def _check(model: Any) -> None:
    if function_of(model) is None or len(model.inputs) != 1 or len(model.outputs) != 1:
        raise NotImplementedError("no graph from one input to one output")
    for layer in layers_of(model):
        if getattr(layer, "data_format", None) == "channels_first":
            raise NotImplementedError(f"{layer.name}: channels first")
        if getattr(layer, "activity_regularizer", None) is not None:
            raise NotImplementedError(f"{layer.name}: a loss of its activity")
        if getattr(layer, "lora_enabled", False) or getattr(layer, "quantization_mode", None):
            raise NotImplementedError(f"{layer.name}: its kernel is made of others")
    # Keras casts between the types of its layers, PyTorch's operators do not.
    if len({kind for layer in layers_of(model) for kind in _number_types(layer)}) > 1:
        raise NotImplementedError("several types of numbers, as in mixed precision of Keras's own")


def _number_types(layer: Any) -> tuple[str, str]:
    return str(layer.compute_dtype), str(layer.variable_dtype)


@dataclass
class _Step:
    """What computes a call, or several in one.

    `fresh`: the result is a tensor of its own that its backward pass does not need, so that it may be
    overwritten; `zeros`: rows and columns of padding that a convolution took over; `convolution`: the one
    that it does; `norm`: the normalisation that this took over.
    """

    operation: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    compute: Compute
    fresh: bool = False
    zeros: tuple[int, int] = (0, 0)
    norm: Any = None
    convolution: Any = None
    last_uses: list[int] = field(default_factory=list)


class _Plan:
    """The steps of a model, in order, for training or for prediction."""

    def __init__(self, model: Any, *, training: bool, frozen: bool = False) -> None:
        self._training = training
        self._frozen = frozen
        calls, self._result = read_graph(model)
        self._readers = Counter(place for call in calls for place in call.inputs)
        self._readers[self._result] += 1
        self._steps: dict[int, _Step] = {}  # by the first value written, in order
        for call in calls:
            self._steps[call.outputs[0]] = self._step(call)
        self._order = list(self._steps.values())
        _note_last_uses(self._order, keep=self._result)

    def run(self, samples: Tensor) -> Tensor:
        """The result for `samples`; values are let go as soon as nobody needs them."""
        values: dict[int, Tensor] = {0: _seen_channels_first(samples)}
        for step in self._order:
            result = step.compute(*[values[place] for place in step.inputs])
            written = (result,) if len(step.outputs) == 1 else result
            values.update(zip(step.outputs, written, strict=True))
            for place in step.last_uses:
                del values[place]
        return _seen_channels_last(values[self._result])

    def _step(self, call: Call) -> _Step:
        step: _Step | None = None
        if call.is_plain and call.takes_images:
            step = self._step_on_images(call)
        elif call.is_plain and is_exactly(call.operation, "GlobalAveragePooling2D"):
            step = _own(call, lambda x: x.mean((2, 3), dtype=_widest(x)))
        if step is None:
            compute = _as_it_is(call.node, training=self._training)
            step = _own(call, _in_full(compute) if self._result in call.outputs else compute)
        return step

    def _step_on_images(self, call: Call) -> _Step | None:
        layer = call.operation
        if is_exactly(layer, *CONVOLUTIONS):
            return self._convolution(call)
        if is_exactly(layer, "BatchNormalization"):
            return self._norm(call)
        if is_exactly(layer, "Activation"):
            return self._activation(call, torch_layers.activation(layer.activation))
        if is_exactly(layer, "ReLU"):
            return self._activation(call, torch_layers.relu_layer(layer))
        if is_exactly(layer, "Add") and len(call.inputs) == 2:
            return self._sum(call)
        if is_exactly(layer, "Multiply") and len(call.inputs) == 2:
            return _own(call, torch.mul, fresh=True)
        if is_exactly(layer, "Concatenate") and layer.axis in (-1, 3):
            return _own(call, lambda *images: torch.cat(images, dim=1))
        if is_exactly(layer, "MaxPooling2D"):
            inputs, zeros = self._without_zeros(call, only_behind_relu=True)
            return _Step(layer, inputs, call.outputs, torch_layers.max_pooling(layer, zeros=zeros))
        compute: Compute | None = None
        if is_exactly(layer, "AveragePooling2D"):
            compute = torch_layers.average_pooling(layer)
        elif is_exactly(layer, "ZeroPadding2D"):
            compute = torch_layers.zero_padding(layer)
        elif is_exactly(layer, "Rescaling"):
            compute = torch_layers.rescaling(layer)
        elif is_exactly(layer, "LayerNormalization"):
            compute = torch_layers.layer_norm(layer)
        return None if compute is None else _own(call, compute)

    def _convolution(self, call: Call) -> _Step | None:
        layer = call.operation
        activate = None if _is_linear(layer) else torch_layers.activation(layer.activation)
        if activate is None and not _is_linear(layer):
            return None
        inputs, zeros = self._without_zeros(call)
        clamp = activate if isinstance(activate, Clamp) else None
        compute = torch_layers.convolution(layer, zeros=zeros, clamp=clamp, frozen=self._frozen)
        if activate is not None and clamp is None:
            return _Step(layer, inputs, call.outputs, lambda x: activate(compute(x), True))
        return _Step(
            layer,
            inputs,
            call.outputs,
            compute,
            fresh=clamp is None,
            zeros=zeros,
            convolution=layer,
        )

    def _norm(self, call: Call) -> _Step | None:
        layer = call.operation
        if layer.axis not in (-1, 3) or layer.renorm or layer.synchronized:
            return None
        if self._training and layer.trainable:
            return _own(call, torch_layers.measured_norm(layer), fresh=True)
        before = self._convolution_only_for(call.inputs[0])
        if before is None or before.norm is not None or len(before.inputs) > 1:
            return _own(call, torch_layers.fixed_norm(layer), fresh=True)
        return self._carried_on(call, before, norm=layer)

    def _activation(self, call: Call, function: InPlace | None) -> _Step | None:
        if function is None:
            return None
        if isinstance(function, Clamp):
            convolution = self._convolution_only_for(call.inputs[0])
            if convolution is not None:
                return self._carried_on(call, convolution, norm=convolution.norm, clamp=function)
        before = self._only_for(call.inputs[0])
        in_place = before is not None and before.fresh
        return _own(call, lambda x: function(x, in_place))

    def _carried_on(
        self,
        call: Call,
        before: _Step,
        *,
        norm: Any,
        clamp: Clamp | None = None,
        shortcut: tuple[int, ...] = (),
    ) -> _Step:
        """A step that does a convolution and what `call` does to its result, in place of the two."""
        del self._steps[before.outputs[0]]
        compute = torch_layers.convolution(
            before.convolution, zeros=before.zeros, norm=norm, clamp=clamp, frozen=self._frozen
        )
        return _Step(
            call.operation,
            (*before.inputs, *shortcut),
            call.outputs,
            compute,
            fresh=clamp is None,
            zeros=before.zeros,
            norm=norm,
            convolution=before.convolution,
        )

    def _convolution_only_for(self, place: int) -> _Step | None:
        """The convolution that wrote a value which only one call reads, before anything clamped it."""
        before = self._only_for(place)
        if before is None or before.convolution is None or not before.fresh:
            return None
        return before

    def _sum(self, call: Call) -> _Step:
        shapes = {tuple(tensor.shape) for tensor in call.node.input_tensors}
        for k, place in enumerate(call.inputs):
            convolution = self._convolution_only_for(place)
            if convolution is not None and len(convolution.inputs) == 1 and len(shapes) == 1:
                other = (call.inputs[1 - k],)
                return self._carried_on(call, convolution, norm=convolution.norm, shortcut=other)
        for k, place in enumerate(call.inputs):
            before = self._only_for(place)
            if before is not None and before.fresh and len(shapes) == 1:
                inputs = (place, call.inputs[1 - k])
                return _Step(call.operation, inputs, call.outputs, Tensor.add_, fresh=True)
        return _own(call, torch.add, fresh=True)

    def _only_for(self, place: int) -> _Step | None:
        """The step that wrote a value, where only one call reads it."""
        return self._steps.get(place) if self._readers[place] == 1 else None

    def _without_zeros(
        self, call: Call, *, only_behind_relu: bool = False
    ) -> tuple[tuple[int, ...], tuple[int, int]]:
        """The inputs of a window without the even zero padding in front of it, and that padding.

        A maximum may take it over where no value is negative.
        """
        before = self._only_for(call.inputs[0])
        nothing = call.inputs, (0, 0)
        if call.operation.padding != "valid" or before is None:
            return nothing
        if not is_exactly(before.operation, "ZeroPadding2D"):
            return nothing
        (above, below), (left, right) = before.operation.padding
        behind = self._steps.get(before.inputs[0])
        positive = behind is not None and _is_relu(behind.operation)
        if above != below or left != right or (only_behind_relu and not positive):
            return nothing
        if only_behind_relu and any(
            2 * zeros > size
            for zeros, size in zip((above, left), call.operation.pool_size, strict=True)
        ):
            return nothing
        del self._steps[call.inputs[0]]
        return before.inputs, (above, left)


def _own(call: Call, compute: Compute, *, fresh: bool = False) -> _Step:
    return _Step(call.operation, call.inputs, call.outputs, compute, fresh)


def _is_linear(layer: Any) -> bool:
    import keras

    return layer.activation is None or layer.activation is keras.activations.linear


def _is_relu(layer: Any) -> bool:
    import keras

    if is_exactly(layer, "ReLU"):
        return torch_layers.relu_layer(layer) is not None
    return is_exactly(layer, "Activation") and layer.activation is keras.activations.relu


def _widest(x: Tensor) -> torch.dtype:
    """In what a mean over pixels is kept: never in a few digits only."""
    return torch.promote_types(x.dtype, torch.float32)


def _in_full(compute: Compute) -> Compute:
    """The same in float32 where the rest is computed in fewer digits."""

    def in_full(*values: Tensor) -> Any:
        with torch.autocast(values[0].device.type, enabled=False):
            return compute(*(value.to(_widest(value)) for value in values))

    return in_full


def _as_it_is(node: Any, *, training: bool) -> Compute:
    """The operation itself, shown its images as Keras has them."""
    operation = node.operation
    takes_training = getattr(operation, "_call_has_training_arg", False)

    def compute(*values: Tensor) -> Any:
        tensors = {
            id(tensor): _seen_channels_last(value)
            for tensor, value in zip(node.input_tensors, values, strict=True)
        }
        args, kwargs = node.arguments.fill_in(tensors)
        if takes_training:  # what the graph was made with does not count, as in Keras
            kwargs["training"] = training
        result = operation(*args, **kwargs)
        if isinstance(result, Tensor):
            return _seen_channels_first(result)
        return [_seen_channels_first(one) for one in result]

    return compute


def _seen_channels_first(x: Tensor) -> Tensor:
    return x.permute(0, 3, 1, 2) if x.ndim == 4 else x


def _seen_channels_last(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1) if x.ndim == 4 else x


def _note_last_uses(steps: list[_Step], *, keep: int) -> None:
    last: dict[int, _Step] = {}
    for step in steps:
        for place in (*step.inputs, *step.outputs):
            last[place] = step
    for place, step in last.items():
        if place != keep:
            step.last_uses.append(place)


@torch.no_grad()
def lay_out_kernels(model: Any) -> None:
    """Let the kernels of convolutions lie in memory as PyTorch's channels-last convolution reads them.

    Only the order in memory changes: shapes, values and what is saved stay as they are.
    """
    for layer in layers_of(model):
        if is_exactly(layer, "Conv2D"):
            kernel = layer.kernel.value
            turned = kernel.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
            kernel.data = turned.permute(2, 3, 1, 0)
