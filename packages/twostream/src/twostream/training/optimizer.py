"""The optimiser: AdamW or momentum, with clipped gradients and a faster classifier.

Imported only where a model is trained, since it needs Keras at import.
"""

from __future__ import annotations

from typing import Any

import keras

from twostream.choices import Optimizer as Optimizer
from twostream.models.classifier import HEAD_CLASSES

CLIPPED_NORM = 5.0
MOMENTUM = 0.9


class _TwoRates:
    """The classifier layer learns `head_rate_factor` times as fast as the rest."""

    def __init__(self, *args: Any, head_rate_factor: float = 1.0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.head_rate_factor = head_rate_factor

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """One variable's step at its own rate."""
        factor = self.rate_factor(variable)
        super().update_step(gradient, variable, learning_rate * factor)  # type: ignore[misc]

    def rate_factor(self, variable: Any) -> float:
        """How many times as fast a variable learns."""
        return self.head_rate_factor if HEAD_CLASSES in variable.path.split("/") else 1.0

    def get_config(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        config: dict[str, Any] = super().get_config()  # type: ignore[misc]
        return {**config, "head_rate_factor": self.head_rate_factor}


@keras.saving.register_keras_serializable(package="twostream")
class TwoRateAdamW(_TwoRates, keras.optimizers.AdamW):  # type: ignore[misc]  # Keras is untyped
    """AdamW (Loshchilov and Hutter 2019) with two rates."""


@keras.saving.register_keras_serializable(package="twostream")
class TwoRateSGD(_TwoRates, keras.optimizers.SGD):  # type: ignore[misc]  # Keras is untyped
    """Stochastic gradient descent with two rates."""


def make_optimizer(
    rate: float,
    *,
    kind: Optimizer = "adamw",
    weight_decay: float,
    head_rate_factor: float = 1.0,
    accumulation_steps: int = 1,
    averaged_steps: int = 0,
) -> Any:
    """AdamW, or gradient descent with Nesterov's momentum of 0.9; gradients are clipped to a norm of 5.

    `accumulation_steps` steps' gradients make one update. With `averaged_steps` an exponential moving
    average of the weights over about so many steps is kept beside them.
    """
    options: dict[str, Any] = {
        "weight_decay": weight_decay,
        "global_clipnorm": CLIPPED_NORM,
        "gradient_accumulation_steps": accumulation_steps if accumulation_steps > 1 else None,
        "use_ema": averaged_steps > 0,
        "ema_momentum": 1.0 - 1.0 / max(1, averaged_steps),
    }
    if kind == "sgd":
        options |= {"momentum": MOMENTUM, "nesterov": True}
    if head_rate_factor == 1.0:
        plain = keras.optimizers.AdamW if kind == "adamw" else keras.optimizers.SGD
        return plain(rate, **options)
    two_rates = TwoRateAdamW if kind == "adamw" else TwoRateSGD
    return two_rates(rate, head_rate_factor=head_rate_factor, **options)
