"""A stream's network: scaling, backbone, pooling, standardisation, dropout, softmax or sigmoid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.models.backbones import Backbone
from twostream.models.flow_pictures import flow_pictures
from twostream.models.scaling import InputScaling

HEAD_STANDARDISATION = "standardisation"
UNIT_LENGTH = "unit_length"
HEAD_CLASSES = "classes"
FEATURES = "features"
FLOW_ZERO_CODE = 128.0


def build_classifier(
    backbone: Backbone,
    *,
    n_classes: int,
    dropout: float,
    head_l2: float,
    subtract_mean: bool = False,
    pictures_of: int = 0,
    feature_mean: npt.NDArray[np.float32] | None = None,
    feature_variance: npt.NDArray[np.float32] | None = None,
    unit_length: bool = False,
    multi_label: bool = False,
) -> Any:
    """A Keras model from samples (S, S, C) in 0..255 to class probabilities (n_classes,).

    With `multi_label` each is the probability of a label by itself, and they need not sum to 1.

    With `subtract_mean` each channel of a sample loses its mean (see `scaled_samples`). With `pictures_of`
    so many flows a sample is a stack of these, which the backbone sees as a picture (`flow_pictures`). With
    `feature_mean` and `feature_variance` the pooled features (D,) are standardised by them, and with
    `unit_length` stretched to the length sqrt(D).
    """
    import keras
    from keras import layers

    samples, x = _pooled(backbone, subtract_mean=subtract_mean, pictures_of=pictures_of)
    if feature_mean is not None and feature_variance is not None:
        x = layers.Normalization(
            mean=feature_mean, variance=feature_variance, name=HEAD_STANDARDISATION
        )(x)
    if unit_length:
        x = layers.UnitNormalization(name=UNIT_LENGTH)(x)
        x = layers.Rescaling(float(np.sqrt(x.shape[-1])), name="length")(x)
    probabilities = head_layers(
        x, n_classes=n_classes, dropout=dropout, head_l2=head_l2, multi_label=multi_label
    )
    return keras.Model(samples, probabilities, name="classifier")


def head_layers(
    x: Any, *, n_classes: int, dropout: float, head_l2: float, multi_label: bool = False
) -> Any:
    """Dropout and softmax on pooled features `x`; the same layers wherever a head is trained.

    With `multi_label` a sigmoid stands in the place of the softmax.
    """
    import keras
    from keras import layers

    x = layers.Dropout(dropout, name="dropout")(x)
    return layers.Dense(
        n_classes,
        activation="sigmoid" if multi_label else "softmax",
        kernel_regularizer=keras.regularizers.L2(head_l2) if head_l2 else None,
        dtype="float32",
        name=HEAD_CLASSES,
    )(x)


def scaled_samples(samples: Any, backbone: Backbone, *, subtract_mean: bool) -> Any:
    """Samples (n, S, S, C) in 0..255 as the backbone wants them.

    With `subtract_mean` each flow field loses its mean vector, which takes away most of what a moving
    camera adds to the motion of people (Simonyan and Zisserman 2014, section 3.1).
    """
    from keras import layers

    scale, offset = channel_scaling(backbone.scaling, channels=samples.shape[-1])
    x = layers.Rescaling(scale, offset, name="scaling")(samples)
    if not subtract_mean:
        return x
    mean = layers.GlobalAveragePooling2D(keepdims=True, name="flow_mean")(x)
    x = layers.Subtract(name="mean_subtraction")([x, mean])
    if not backbone.scaling.scales_itself:
        return x
    return layers.Rescaling(1.0, FLOW_ZERO_CODE, name="zero_motion")(x)


def feature_extractor(
    backbone: Backbone, *, subtract_mean: bool = False, pictures_of: int = 0
) -> Any:
    """A Keras model from samples (S, S, C) in 0..255 to pooled features (n,)."""
    import keras

    samples, x = _pooled(backbone, subtract_mean=subtract_mean, pictures_of=pictures_of)
    return keras.Model(samples, x, name="extractor")


def _pooled(backbone: Backbone, *, subtract_mean: bool, pictures_of: int) -> tuple[Any, Any]:
    """The samples, and the mean of the backbone's maps of them."""
    import keras
    from keras import layers

    shape = backbone.model.input_shape[1:]
    if pictures_of:
        samples = keras.Input((*shape[:2], 2 * pictures_of), name="samples")
        images = flow_pictures(samples, stack_length=pictures_of)
        x = scaled_samples(images, backbone, subtract_mean=False)
    else:
        samples = keras.Input(shape, name="samples")
        x = scaled_samples(samples, backbone, subtract_mean=subtract_mean)
    return samples, layers.GlobalAveragePooling2D(name=FEATURES)(backbone.model(x))


def channel_scaling(
    scaling: InputScaling, *, channels: int
) -> tuple[Sequence[float], Sequence[float]]:
    """Scale and offset per input channel: RGB's own, or for flow codes one that maps zero motion to 0.

    A flow channel has the mean scale of RGB and the code of zero motion (128) as its zero, so that
    flow enters a pretrained network in the range of the images it knows.

    >>> from twostream.models.scaling import input_scaling
    >>> channel_scaling(input_scaling("caffe"), channels=4)
    ([1.0, 1.0, 1.0, 1.0], [-128.0, -128.0, -128.0, -128.0])
    """
    if channels == 3:
        return list(scaling.scale), list(scaling.offset)
    if scaling.scales_itself:  # its own first layer maps the middle of 0..255 to about zero
        return [1.0] * channels, [0.0] * channels
    scale = sum(scaling.scale) / 3
    return [scale] * channels, [-FLOW_ZERO_CODE * scale] * channels
