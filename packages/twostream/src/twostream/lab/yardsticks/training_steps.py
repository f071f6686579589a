"""Training steps measured: taking turns in one process, by the clock and by processor time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.models.backbones import Backbone, load_backbone
from twostream.models.batch_norm import freeze_batch_norm
from twostream.models.classifier import HEAD_CLASSES, build_classifier, channel_scaling
from twostream.models.device import PLAIN, Compute
from twostream.training.precision import training_precision

Floats = npt.NDArray[np.float32]
RATE = 2e-5
WEIGHT_DECAY = 0.01


@dataclass
class Timing:
    """Seconds of each round of something measured, by the clock and of all processors."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def run(self, work: Callable[[], object]) -> None:
        """Measure `work` once more."""
        clock, processor = time.perf_counter(), time.process_time()
        work()
        self.clock.append(time.perf_counter() - clock)
        self.processor.append(time.process_time() - processor)


def take_turns(
    work: dict[str, Callable[[], object]], *, rounds: int, advance: Callable[[], object]
) -> dict[str, Timing]:
    """Time each piece of work `rounds` times, one after another in every round, after one for warmth."""
    timings = {name: Timing() for name in work}
    for number in range(rounds + 1):
        for name, do in work.items():
            if number == 0:
                do()
            else:
                timings[name].run(do)
            advance()
    return timings


def median_ratio(numerator: Sequence[float], denominator: Sequence[float]) -> float:
    """The median over rounds of the ratio within each round.

    >>> median_ratio([2.0, 30.0, 4.0], [1.0, 10.0, 2.0])
    2.0
    """
    return float(np.median(np.asarray(numerator) / np.asarray(denominator)))


@dataclass(frozen=True)
class Subject:
    """A classifier to be measured and the backbone within it."""

    model: Any
    backbone: Backbone


def fine_tuned_classifier(
    backbone: str, *, weights: str | None, channels: int, size_px: int, classes: int, fast: bool
) -> Subject:
    """A classifier compiled as for training all layers, its batch normalisations fixed.

    No dropout, so that two of them compute the same. Without `fast` Keras's own steps are left.
    """
    from twostream.training.loss import SegmentConsensus
    from twostream.training.optimizer import make_optimizer
    from twostream.training.step import use_fast_steps

    loaded = load_backbone(backbone, weights=weights, channels=channels, size_px=size_px)
    model = build_classifier(loaded, n_classes=classes, dropout=0.0, head_l2=0.0)
    freeze_batch_norm(loaded.model, keep_first=False)
    optimizer = make_optimizer(RATE, weight_decay=WEIGHT_DECAY)
    model.compile(optimizer, SegmentConsensus(), metrics=["accuracy"])
    _calm(model)
    if fast:
        use_fast_steps(model)
    return Subject(model, loaded)


def _calm(model: Any) -> None:
    """Scale the classifier's kernel so that scores of random samples spread by about 1.

    Random networks have wild scores, whose loss is cut off somewhere and says nothing.
    """
    import keras

    head = model.get_layer(HEAD_CLASSES)
    _, size_px, _, channels = model.input_shape
    pixels, _ = random_batch(size_px=size_px, channels=channels, batch_size=2, classes=2)
    features = keras.Model(model.input, head.input).predict_on_batch(pixels.astype(np.float32))
    kernel, bias = head.get_weights()
    spread = float(np.asarray(features @ kernel).std())
    head.set_weights([kernel / max(spread, 1e-6), bias])


class NativeStep:
    """The same step in plain PyTorch, with the weights of a `Subject`."""

    def __init__(self, subject: Subject, compute: Compute = PLAIN) -> None:
        import torch

        from twostream.lab.yardsticks.native_resnet import native_resnet
        from twostream.training.optimizer import CLIPPED_NORM

        network = subject.backbone.model
        scaling = channel_scaling(subject.backbone.scaling, channels=network.input_shape[-1])
        self.model = native_resnet(network, subject.model.get_layer(HEAD_CLASSES), scaling=scaling)
        self.model.train()
        self.model.fix_norms()
        self.compute, self.device = compute, torch.device(compute.device.kind)
        self.model.to(self.device)
        learning = [weight for weight in self.model.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(
            learning, RATE, eps=1e-7, weight_decay=WEIGHT_DECAY, fused=True
        )
        self.learning, self.limit = learning, CLIPPED_NORM

    def __call__(self, samples: Floats, targets: Floats) -> float:
        """One step; the loss before it."""
        import torch

        x = torch.from_numpy(samples).to(self.device)
        y = torch.from_numpy(targets).to(self.device)
        self.optimizer.zero_grad()
        with training_precision(self.compute):
            outputs = self.model(x)
        loss = torch.nn.functional.cross_entropy(outputs.float(), y)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.learning, self.limit, foreach=True)
        self.optimizer.step()
        return float(loss.detach())


def keras_step(
    subject: Subject, samples: Floats, targets: Floats, compute: Compute = PLAIN
) -> float:
    """One step of a `Subject`; the loss before it."""
    with training_precision(compute):
        logs = subject.model.train_on_batch(samples, targets, return_dict=True)
    return float(logs["loss"])


def random_batch(*, size_px: int, channels: int, batch_size: int, classes: int) -> tuple[Any, Any]:
    """Samples (n, S, S, C) uint8 and one-hot targets (n, classes)."""
    rng = np.random.default_rng(0)
    samples = rng.integers(0, 256, (batch_size, size_px, size_px, channels), np.uint8)
    return samples, np.eye(classes, dtype=np.float32)[rng.integers(0, classes, batch_size)]
