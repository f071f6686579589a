"""The classifier of an earlier run, kept for the classes that a training shares with it.

What a run has learnt of a class is in its classifier as much as in its backbone. So a training that goes on
from it takes its rows, by the names of classes, and adds what the new clips say otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twostream.choices import FlowInput
from twostream.models.earlier_run import load_earlier_head
from twostream.training.bundle import BUNDLE_NAME, read_bundle
from twostream.training.features import Features
from twostream.training.head_scaling import HeadScaling, standardisation
from twostream.training.logistic import Beside
from twostream.training.place import MODEL_NAME
from twostream.training.record import RECORD_NAME, read_record

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class KeptHead:
    """An earlier classifier for the classes of a training: kernel (D, C), bias (C,), behind `scaling`.

    `known` (C,) are those of which the earlier run has a row; the others have nothing yet.
    """

    scaling: HeadScaling
    kernel: Floats
    bias: Floats
    known: npt.NDArray[np.bool_]
    known_names: tuple[str, ...] = ()

    def beside(self, values: Floats) -> Beside:
        """What it says of scaled features (n, D)."""
        return Beside(values @ self.kernel + self.bias, self.known)


def earlier_classes(stream: Path, *, multi_label: bool) -> tuple[str, ...]:
    """The classes of an earlier stream whose classifier can go on; none where it is of the other kind.

    A softmax knows one class of several and a sigmoid each label by itself: neither goes on as the other.
    """
    if not (stream / MODEL_NAME).is_file():
        return ()  # told where the network is loaded
    if (stream / BUNDLE_NAME).is_file():
        bundle = read_bundle(stream)
        return bundle.classes if bundle.multi_label == multi_label else ()
    if (stream / RECORD_NAME).is_file():
        record = read_record(stream)
        return record.classes if record.multi_label == multi_label else ()
    return ()


def earlier_flow_input(stream: Path) -> FlowInput:
    """How the network of an earlier stream sees flow; as a stack where nothing tells."""
    told = "stack"
    if (stream / RECORD_NAME).is_file():  # which told it before bundles did
        told = read_record(stream).flow_input
    elif (stream / BUNDLE_NAME).is_file():
        told = read_bundle(stream).training.flow_input
    return "pictures" if told == "pictures" else "stack"


def kept_head(
    stream: Path, classes: Sequence[str], training: Features, *, multi_label: bool
) -> KeptHead:
    """The classifier of an earlier stream for `classes`, on features of this `training`.

    One that was trained with its backbone sees features as they are. What is added to it is penalised, for
    which features must be of one scale: it is written anew for features standardised as the new ones are.
    """
    head = load_earlier_head(stream / MODEL_NAME)
    kernel, bias = head.kernel.astype(np.float64), head.bias.astype(np.float64)
    if head.mean is None or head.variance is None:
        mean, variance = standardisation(training)
        bias = bias + mean.astype(np.float64) @ kernel
        kernel = kernel * np.sqrt(variance.astype(np.float64))[:, None]
    else:
        mean, variance = head.mean, head.variance
    row_of = {name: k for k, name in enumerate(earlier_classes(stream, multi_label=multi_label))}
    known = np.asarray([name in row_of for name in classes], np.bool_)
    rows = [row_of[name] for name in classes if name in row_of]
    own_kernel = np.zeros((len(kernel), len(classes)), np.float32)
    own_bias = np.zeros(len(classes), np.float32)
    own_kernel[:, known], own_bias[known] = kernel[:, rows], bias[rows]
    scaling = HeadScaling(mean, variance, head.unit_length)
    return KeptHead(scaling, own_kernel, own_bias, known, tuple(row_of))
