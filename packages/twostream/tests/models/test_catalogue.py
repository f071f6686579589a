"""What is said of backbones: counted, not copied."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest
from twostream.models import catalogue
from twostream.models.backbones import FROM_SCRATCH, application_names
from twostream.models.catalogue import backbone_facts, known_backbones
from twostream.models.efficientnet_lite import VARIANTS
from twostream.models.speed import images_per_second


def test_every_name_is_known_and_told_what_it_takes() -> None:
    found = {one.name: one for one in known_backbones()}
    assert set(found) == {*application_names(), *VARIANTS, *FROM_SCRATCH}
    assert all(one.input_range != "as its name tells" for one in found.values())
    # The published numbers of parameters, without the classifier's.
    assert found["ResNet50"].parameters == 23_587_712
    assert found["EfficientNetLite0"].parameters == 3_413_024
    assert 9 < found["ResNet50"].operations / found["EfficientNetLite0"].operations < 11


@pytest.mark.parametrize(
    "name",
    [
        "cnn-s",
        pytest.param("EfficientNetLite0", marks=pytest.mark.slow),
        pytest.param("ResNet50", marks=pytest.mark.slow),
        pytest.param("MobileNetV3Small", marks=pytest.mark.slow),
    ],
)
def test_what_is_kept_is_what_a_network_has(name: str) -> None:
    kept = next(one for one in known_backbones() if one.name == name)
    assert backbone_facts(name, size_px=224)[0] == kept


def test_weights_are_at_hand_where_their_file_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(catalogue, "weights_folder", lambda: tmp_path)
    found = {one.name: one for one in known_backbones()}
    assert (found["ResNet50"].at_hand, found["cnn-m"].at_hand) == (False, None)
    (tmp_path / "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5").touch()
    assert next(one for one in known_backbones() if one.name == "ResNet50").at_hand


def test_a_file_is_counted_and_timed(tmp_path: Path) -> None:
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False)(image)
    keras.Model(image, x, name="resnet_tiny").save(tmp_path / "tiny.keras")
    facts, network = backbone_facts(str(tmp_path / "tiny.keras"), size_px=32)
    assert (facts.parameters, facts.operations) == (108, 2 * 108 * 16 * 16)
    assert facts.input_range == "BGR, -123.7, -116.8, -103.9 to 131.3, 138.2, 151.1"
    assert facts.at_hand
    assert images_per_second(network) > 0
