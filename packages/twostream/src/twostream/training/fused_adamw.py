"""Keras's AdamW in one pass over the weights, with PyTorch's fused kernel.

Keras on PyTorch takes a dozen passes: the norm, the scaling, the decay weight by weight, and each of
Adam's operations over all weights. The fused kernel reads and writes every number once. The optimiser
stays Keras's own, and so does its state: checkpoints, learning rates, averages of weights and
accumulation of gradients are as before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor


def fuse_adamw(optimizer: Any) -> bool:
    """Let a Keras AdamW on PyTorch update its weights in one pass; False where it is left as it is.

    `TwoRateAdamW` keeps its two rates. Left alone are other optimisers, `amsgrad`, clipping of single
    gradients, and decay that spares some variables.
    """
    from keras import optimizers

    from twostream.training.optimizer import TwoRateAdamW

    # Keras makes an AdamW of the backend's own class when asked for the general one.
    known = (optimizers.AdamW, type(optimizers.AdamW()), TwoRateAdamW)
    if type(optimizer) not in known or not _suits(optimizer):
        return False
    optimizer._clip_gradients = _clipping(optimizer)
    optimizer._apply_weight_decay = _nothing
    optimizer._backend_update_step = _update(optimizer)
    return True


def _suits(optimizer: Any) -> bool:
    excluded = getattr(optimizer, "_exclude_from_weight_decay", None) or getattr(
        optimizer, "_exclude_from_weight_decay_pattern", None
    )
    return not (optimizer.amsgrad or optimizer.clipnorm or optimizer.clipvalue or excluded)


def _nothing(variables: Sequence[Any]) -> None:
    """The fused kernel decays the weights itself."""


def _clipping(optimizer: Any) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    largest = optimizer.global_clipnorm

    @torch.no_grad()
    def clip(gradients: Sequence[Tensor]) -> list[Tensor]:
        found = list(gradients)
        if not largest:
            return found
        norms = torch._foreach_norm(found)
        norm = torch.linalg.vector_norm(torch.stack(list(norms)))
        # Keras multiplies by 1 below the limit; what is not finite makes all not a number.
        if not bool(norm <= largest):
            torch._foreach_mul_(found, largest / norm + (norm - norm))
        return found

    return clip


def _update(optimizer: Any) -> Callable[[Sequence[Tensor], Sequence[Any], Any], None]:
    @torch.no_grad()
    def update(gradients: Sequence[Tensor], variables: Sequence[Any], learning_rate: Any) -> None:
        groups: dict[float, list[tuple[Tensor, Any]]] = {}
        for gradient, variable in zip(gradients, variables, strict=True):
            groups.setdefault(_rate_factor(optimizer, variable), []).append((gradient, variable))
        for factor, group in groups.items():
            _update_group(optimizer, group, rate=float(learning_rate), factor=factor)

    return update


def _rate_factor(optimizer: Any, variable: Any) -> float:
    factor_of = getattr(optimizer, "rate_factor", None)
    return 1.0 if factor_of is None else float(factor_of(variable))


def _update_group(
    optimizer: Any, group: Sequence[tuple[Tensor, Any]], *, rate: float, factor: float
) -> None:
    """One step of variables that learn `factor` times as fast, but decay as all others do."""
    step = float(optimizer.iterations) + 1.0
    weights = [variable.value for _, variable in group]
    places = [optimizer._get_variable_index(variable) for _, variable in group]
    first = [optimizer._momentums[k].value for k in places]
    second = [optimizer._velocities[k].value for k in places]
    _lay_out(first, weights)
    _lay_out(second, weights)
    steps = torch.tensor(step, dtype=torch.float32, device=weights[0].device)
    torch._fused_adamw_(
        weights,
        _laid_out_as(weights, [gradient for gradient, _ in group]),
        first,
        second,
        [],
        [steps] * len(weights),
        lr=rate * factor,
        beta1=optimizer.beta_1,
        beta2=optimizer.beta_2,
        weight_decay=(optimizer.weight_decay or 0.0) / factor,
        # Keras adds epsilon before the second moment is corrected for its start, PyTorch after.
        eps=optimizer.epsilon / math.sqrt(1.0 - optimizer.beta_2**step),
        amsgrad=False,
        maximize=False,
    )


def _laid_out_as(weights: Sequence[Tensor], gradients: Sequence[Tensor]) -> list[Tensor]:
    """Gradients whose numbers lie in memory as those of their weights do."""
    return [
        gradient if _lie_alike(gradient, weight) else torch.empty_like(weight).copy_(gradient)
        for weight, gradient in zip(weights, gradients, strict=True)
    ]


def _lay_out(moments: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
    for moment, weight in zip(moments, weights, strict=True):
        if not _lie_alike(moment, weight):
            moment.data = torch.empty_like(weight).copy_(moment)


def _lie_alike(one: Tensor, other: Tensor) -> bool:
    """Whether the numbers of two tensors of one shape have the same order in memory."""
    return all(
        a == b or size == 1
        for a, b, size in zip(one.stride(), other.stride(), one.shape, strict=True)
    )
