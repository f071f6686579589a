"""A Keras network by PyTorch's own operators: the same numbers, whatever its layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

torch = pytest.importorskip("torch")
if keras.backend.backend() != "torch":
    pytest.skip("for Keras on PyTorch", allow_module_level=True)

from twostream.models.channels_last import ChannelsLastForward, lay_out_kernels  # noqa: E402
from twostream.models.keras_graph import layers_of  # noqa: E402

Build = Callable[[Any], Any]


def norm_layer() -> Any:
    return layers.BatchNormalization(
        gamma_initializer="random_normal",
        beta_initializer="random_normal",
        moving_mean_initializer="random_normal",
    )


def norm(x: Any) -> Any:
    return norm_layer()(x)


def residual(x: Any) -> Any:
    x = layers.ReLU()(norm(layers.Conv2D(6, 3, padding="same", bias_initializer="normal")(x)))
    y = norm(layers.Conv2D(6, 1, use_bias=False)(x))
    return layers.Activation("relu")(layers.Add()([x, y]))


def padded_stem(x: Any) -> Any:
    x = layers.ZeroPadding2D(((3, 3), (3, 3)))(x)
    x = layers.ReLU(6.0)(norm(layers.Conv2D(4, 7, strides=2, bias_initializer="normal")(x)))
    return layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(1)(x))


def padding_that_a_maximum_sees(x: Any) -> Any:
    x = layers.Conv2D(4, 3)(x)
    return layers.MaxPooling2D(3, strides=2)(layers.ZeroPadding2D(((0, 1), (1, 0)))(x))


def inverted_residual(x: Any) -> Any:
    x = layers.Activation("hard_silu")(norm(layers.Conv2D(6, 1)(x)))
    x = norm(layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2)(x))
    squeezed = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(12, 1, activation="sigmoid")(squeezed)
    return layers.Multiply()([x, gate])


def branches(x: Any) -> Any:
    a = layers.SeparableConv2D(4, 3, padding="same", bias_initializer="normal")(x)
    b = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    c = layers.AveragePooling2D(2, strides=2, padding="same")(x)
    d = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    e = layers.Conv2D(2, 3, padding="same", dilation_rate=2, activation="gelu")(norm(x))
    ab = layers.Conv2D(3, 3, strides=2, padding="same")(layers.Concatenate()([norm(a), b, e]))
    return layers.Concatenate()([ab, c, d])


def normalised_by_layers(x: Any) -> Any:
    stem = keras.Sequential([layers.Conv2D(8, 2, strides=2), layers.LayerNormalization()])
    x = stem(x)
    y = layers.Conv2D(8, 5, padding="same", groups=8, name="depthwise")(x)
    y = layers.Dense(8, activation="gelu")(layers.LayerNormalization(epsilon=1e-6)(y))
    return x + y * 0.5


def one_value_read_thrice(x: Any) -> Any:
    x = layers.Conv2D(5, 3, padding="same")(x)
    y = layers.Add()([x, layers.ReLU()(x)])
    return layers.Subtract()([y, norm(x)])


def one_network_called_twice(x: Any) -> Any:
    inner = keras.Input((15, 18, 4))
    y = norm(layers.Conv2D(4, 3, padding="same", use_bias=False)(inner))
    block = keras.Model(inner, layers.ReLU()(y))
    return block(block(x), training=False)  # Keras passes its own `training` on in spite of this


def layers_called_twice(x: Any) -> Any:
    filtered, normed = layers.Conv2D(4, 3, padding="same", use_bias=False), norm_layer()
    y = layers.ReLU()(normed(filtered(x)))
    return layers.ReLU()(normed(filtered(y)))


def added_to_itself(x: Any) -> Any:
    y = layers.Conv2D(4, 3, padding="same")(x)
    return layers.ReLU()(layers.Multiply()([layers.Add()([y, y]), layers.Identity()(y)]))


def scaled_by_the_variance(x: Any) -> Any:
    return layers.LayerNormalization(rms_scaling=True)(layers.Conv2D(6, 3)(x))


NETWORKS: tuple[Build, ...] = (
    residual,
    padded_stem,
    padding_that_a_maximum_sees,
    inverted_residual,
    branches,
    normalised_by_layers,
    one_value_read_thrice,
    one_network_called_twice,
    layers_called_twice,
    added_to_itself,
    scaled_by_the_variance,
)


def classifier(build: Build) -> Any:
    """The network within a classifier, in double precision, so that only mistakes differ."""
    keras.utils.set_random_seed(0)
    keras.config.set_floatx("float64")
    try:
        image = keras.Input((15, 18, 4))
        body = keras.Model(image, build(image))
        samples = keras.Input((15, 18, 4))
        x = layers.Rescaling(0.1, -1.0)(samples)
        x = layers.GlobalAveragePooling2D()(body(x))
        return keras.Model(samples, layers.Dense(3, activation="softmax")(x))
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")  # which some versions of Keras made of the former


def samples() -> Any:
    return torch.from_numpy(np.random.default_rng(1).uniform(0, 20, (3, 15, 18, 4)))


def run(model: Any, forward: Callable[..., Any], *, training: bool) -> list[Any]:
    """Outputs, gradients of all trainable variables, and all others afterwards (which it restores)."""
    before = [variable.numpy() for variable in model.non_trainable_variables]
    model.zero_grad()
    outputs = forward(samples(), training=training)
    (outputs * torch.arange(9.0).reshape(3, 3)).sum().backward()
    found = [outputs, *(variable.value.grad for variable in model.trainable_variables)]
    after = [variable.numpy() for variable in model.non_trainable_variables]
    for variable, value in zip(model.non_trainable_variables, before, strict=True):
        variable.assign(value)
    return [tensor.detach().clone().numpy() for tensor in found] + after


@pytest.mark.filterwarnings("ignore:You passed `rms_scaling")
@pytest.mark.parametrize("fixed", [True, False], ids=["fixed norms", "learning norms"])
@pytest.mark.parametrize("build", NETWORKS)
def test_outputs_gradients_and_statistics_are_those_of_keras(build: Build, fixed: bool) -> None:
    model = classifier(build)
    if fixed:
        for layer in layers_of(model):
            layer.trainable = not isinstance(layer, layers.BatchNormalization)
    forward = ChannelsLastForward(model)
    for training in (True, False):
        expected = run(model, model, training=training)
        for found, wanted in zip(run(model, forward, training=training), expected, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_a_norm_that_is_fixed_later_is_treated_as_fixed() -> None:
    model = classifier(residual)
    forward = ChannelsLastForward(model)
    for trainable in (True, False, True):
        for layer in layers_of(model):
            layer.trainable = trainable or not isinstance(layer, layers.BatchNormalization)
        expected = run(model, model, training=True)
        for found, wanted in zip(run(model, forward, training=True), expected, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_kernels_change_their_order_in_memory_and_nothing_else(tmp_path: Any) -> None:
    model = classifier(residual)
    before = [weights.copy() for weights in model.get_weights()]
    lay_out_kernels(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for wanted, found, read in zip(before, model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_array_equal(read, wanted)
    kernels = [layer.kernel.value for layer in layers_of(model) if hasattr(layer, "kernel")]
    assert kernels[0].permute(3, 2, 0, 1).is_contiguous(memory_format=torch.channels_last)


def test_models_it_cannot_run_are_refused() -> None:
    one, two = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    with pytest.raises(NotImplementedError, match="one input"):
        ChannelsLastForward(keras.Model([one, two], layers.Add()([one, two])))
    with pytest.raises(NotImplementedError, match="one output"):
        ChannelsLastForward(keras.Model(one, [layers.Conv2D(2, 3)(one), layers.ReLU()(one)]))
    active = layers.Conv2D(2, 3, activity_regularizer="l2")(one)
    with pytest.raises(NotImplementedError, match="activity"):
        ChannelsLastForward(keras.Model(one, active))
    turned = layers.Conv2D(2, 3, data_format="channels_first")(keras.Input((3, 8, 8)))
    with pytest.raises(NotImplementedError, match="channels first"):
        ChannelsLastForward(keras.Model(turned._keras_history.operation.input, turned))


def test_a_model_that_does_more_than_its_graph_is_left_to_keras() -> None:
    class Doubled(keras.Model):
        def call(self, images: Any) -> Any:
            return 2 * super().call(images)

    image = keras.Input((8, 8, 3))
    with pytest.raises(NotImplementedError, match="no graph"):
        ChannelsLastForward(Doubled(image, layers.Conv2D(2, 3)(image)))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "bfloat16"])
def test_layers_of_several_types_of_numbers_are_left_to_keras(policy: str) -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(2, 3, dtype=policy)(layers.Rescaling(0.1)(image))
    with pytest.raises(NotImplementedError, match="types of numbers"):
        ChannelsLastForward(keras.Model(image, layers.BatchNormalization()(x)))


def test_quantised_kernels_are_left_to_keras() -> None:
    pooled = keras.Input((8,))
    model = keras.Model(pooled, layers.Dense(4)(pooled))
    ChannelsLastForward(model)
    model.quantize("int8")
    with pytest.raises(NotImplementedError, match="kernel"):
        ChannelsLastForward(model)


def test_kernels_with_a_low_rank_part_are_left_to_keras() -> None:
    image = keras.Input((8, 8, 3))
    layer = layers.Conv2D(8, 3)
    model = keras.Model(image, layer(image))
    layer.enable_lora(2)
    with pytest.raises(NotImplementedError, match="kernel"):
        ChannelsLastForward(model)


@pytest.mark.parametrize(
    ("scale", "offset"), [(0.1, -1.0), ([0.5, 2.0, 1.0], [-3.0, 0.25, 7.0]), ([1.0] * 3, 0.5)]
)
def test_a_rescaling_of_channels_is_what_keras_makes_of_it(scale: Any, offset: Any) -> None:
    image = keras.Input((4, 5, 3))
    model = keras.Model(image, layers.Rescaling(scale, offset)(image))
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 3)).astype(np.float32)
    found = ChannelsLastForward(model)(torch.from_numpy(x), training=False)
    np.testing.assert_array_equal(found.numpy(), np.asarray(model(x).detach()))
