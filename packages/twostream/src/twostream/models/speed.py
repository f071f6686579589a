"""How many images a second a backbone scores on this machine."""

from __future__ import annotations

import time

import numpy as np

from twostream.models.backbones import Backbone
from twostream.models.classifier import build_classifier
from twostream.models.inference import make_predictor

IMAGES, TURNS, CLASSES = 32, 3, 51


def images_per_second(backbone: Backbone) -> float:
    """The fastest of three turns over 32 random images, by the engine that scoring would take.

    The first turn, in which everything is compiled, does not count.
    """
    shape = backbone.model.input_shape[1:]
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, *shape), np.uint8)
    score = make_predictor(build_classifier(backbone, n_classes=CLASSES, dropout=0.0, head_l2=0.0))
    score(images)
    seconds = []
    for _ in range(TURNS):
        started = time.perf_counter()
        score(images)
        seconds.append(time.perf_counter() - started)
    return IMAGES / min(seconds)
