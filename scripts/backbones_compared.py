r"""What a backbone costs in processor time: scoring an image, and a training step on it.

    python scripts/backbones_compared.py EfficientNetLite0 ResNet50 --size 224

PyTorch's own operators in one thread (the engine `torch`, and the step of training with frozen batch
normalisations), random images in batches of 8, processor time of the best of three turns: other programs
on the machine disturb it little. The first named is the measure of the others.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np

IMAGES, TURNS = 8, 3


def seconds_of(work: Callable[[], Any]) -> float:
    """Processor seconds an image, best of some turns behind one that does not count."""
    work()
    found = []
    for _ in range(TURNS):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found) / IMAGES


def costs(name: str, size_px: int) -> tuple[float, float]:
    """Processor seconds for scoring an image, and for training on it."""
    import torch
    from twostream.models.backbones import load_backbone
    from twostream.models.batch_norm import freeze_batch_norm
    from twostream.models.channels_last import ChannelsLastForward, lay_out_kernels
    from twostream.models.classifier import build_classifier

    backbone = load_backbone(name, weights="none", channels=3, size_px=size_px)
    model = build_classifier(backbone, n_classes=51, dropout=0.0, head_l2=0.0)
    rng = np.random.default_rng(0)
    images = torch.from_numpy(
        rng.integers(0, 256, (IMAGES, size_px, size_px, 3)).astype(np.float32)
    )
    frozen = ChannelsLastForward(model, frozen=True)

    def score() -> None:
        with torch.no_grad():
            frozen(images, training=False)

    scoring = seconds_of(score)
    lay_out_kernels(model)
    freeze_batch_norm(backbone.model, keep_first=False)
    forward = ChannelsLastForward(model)

    def train() -> None:
        forward(images, training=True).log().mean().backward()
        for weight in model.trainable_weights:
            weight.value.grad = None

    return scoring, seconds_of(train)


def main() -> None:
    """Print a line for each backbone."""
    import torch

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("backbone", nargs="+")
    parser.add_argument("--size", type=int, default=224)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    first: tuple[float, float] | None = None
    for name in asked.backbone:
        scoring, training = costs(name, asked.size)
        first = first or (scoring, training)
        print(
            f"{name}: scoring {1000 * scoring:.1f} ms an image ({scoring / first[0]:.1f} times), "
            f"training {1000 * training:.1f} ms ({training / first[1]:.1f} times)",
            flush=True,
        )


if __name__ == "__main__":
    main()
