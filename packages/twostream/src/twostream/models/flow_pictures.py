"""Flow as pictures: a stack's mean motion and speed as three channels that an image network can look at.

An image network knows edges, shapes and textures; what moved and how is a shape too, once it is drawn
(motion history images, Bobick and Davis 2001; flow rendered as RGB for pretrained networks, Diba et al.,
Deep temporal linear encoding networks, 2017). Nothing of the network changes for it, so that its features
are as good with one clip as with a thousand. The channels: mean x, mean y, and mean speed over the flows,
each field without its mean vector, which is mostly the camera's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from twostream.flow.encoding import ZERO_CODE

# Motion of people is a few pixels an image, so a few codes of 127: drawn this many times as strong.
GAIN = 4.0
SPEED_GAIN = 8.0
# Under the root, so that its slope stays finite where nothing moves.
EPSILON = 1e-3


def flow_pictures(samples: Any, *, stack_length: int) -> Any:
    """Pictures (n, S, S, 3) in 0..255 of stacks of flow codes (n, S, S, 2 L)."""
    from keras import layers, ops

    mean = layers.GlobalAveragePooling2D(keepdims=True, name="flow_mean")(samples)
    flow = layers.Subtract(name="mean_subtraction")([samples, mean])
    motion = _fixed(_mean_kernel(stack_length), "mean_motion")(flow)
    squares = _fixed(_pair_kernel(stack_length), "squared_speeds")(ops.square(flow))
    speeds = ops.sqrt(squares + EPSILON)
    speed = _fixed(np.full((stack_length, 1), 1.0 / stack_length), "mean_speed")(speeds)
    drawn = layers.Concatenate(name="picture")([motion, speed])
    drawn = layers.Rescaling(
        [GAIN, GAIN, SPEED_GAIN], [float(ZERO_CODE), float(ZERO_CODE), 0.0], name="drawing"
    )(drawn)
    return ops.clip(drawn, 0.0, 255.0)


def _fixed(kernel: Any, name: str) -> Any:
    """A convolution of single pixels whose kernel (channels in, channels out) is fixed."""
    import keras
    from keras import layers

    values = np.asarray(kernel, np.float32)[None, None]
    return layers.Conv2D(
        kernel.shape[1],
        1,
        use_bias=False,
        trainable=False,
        kernel_initializer=keras.initializers.Constant(values.tolist()),
        name=name,
    )


def _mean_kernel(stack_length: int) -> Any:
    """From x1, y1, x2, y2, … to the means of x and of y."""
    return np.tile(np.eye(2), (stack_length, 1)) / stack_length


def _pair_kernel(stack_length: int) -> Any:
    """From x1, y1, x2, y2, … to the sum of each pair."""
    return np.kron(np.eye(stack_length), np.ones((2, 1)))
