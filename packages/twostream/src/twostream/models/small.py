"""Networks trained from scratch: CNN-M of the 2014 two-stream paper, and a small one."""

from __future__ import annotations

from typing import Any

# Keras's default of 0.99 needs hundreds of steps before the statistics are true; small data sets
# have not many more in a whole training.
MOMENTUM = 0.9


def cnn_m(*, size_px: int, channels: int, dense: bool = False) -> Any:
    """CNN-M up to its last pooling (Chatfield et al. 2014; Simonyan and Zisserman 2014, figure 1).

    Batch normalisation stands where the paper normalised local responses. Output (h, w, 512); with `dense`
    (1, 1, 2048): the paper's two dense layers of 4096 and 2048 follow, as convolutions over the whole map
    and over its one place, so that larger pictures have several. They are most of its parameters.
    """
    import keras
    from keras import layers

    image = keras.Input((size_px, size_px, channels))
    x = layers.Conv2D(96, 7, strides=2, name="conv1")(image)
    x = layers.BatchNormalization(momentum=MOMENTUM, name="conv1_bn")(layers.ReLU()(x))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = layers.Conv2D(256, 5, strides=2, padding="same", name="conv2")(x)
    x = layers.BatchNormalization(momentum=MOMENTUM, name="conv2_bn")(layers.ReLU()(x))
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for number in (3, 4, 5):
        x = layers.Conv2D(512, 3, padding="same", activation="relu", name=f"conv{number}")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    if not dense:
        return keras.Model(image, x, name="cnn_m")
    x = layers.Conv2D(4096, tuple(x.shape[1:3]), activation="relu", name="full6")(x)
    x = layers.Dropout(0.5, name="full6_dropout")(x)
    x = layers.Conv2D(2048, 1, activation="relu", name="full7")(x)
    return keras.Model(image, x, name="cnn_m_dense")


def cnn_s(*, size_px: int, channels: int) -> Any:
    """A small network for small pictures: four blocks of convolution, 0.4 M parameters.

    Output (h, w, 192) at a sixteenth of the input's size; meant for 64 to 128 px on a CPU.
    """
    import keras
    from keras import layers

    image = keras.Input((size_px, size_px, channels))
    x = image
    for number, (filters, kernel) in enumerate([(32, 5), (64, 3), (128, 3), (192, 3)], start=1):
        x = layers.Conv2D(
            filters, kernel, strides=2, padding="same", use_bias=False, name=f"conv{number}"
        )(x)
        x = layers.BatchNormalization(momentum=MOMENTUM, name=f"conv{number}_bn")(x)
        x = layers.ReLU(name=f"conv{number}_relu")(x)
    return keras.Model(image, x, name="cnn_s")
