"""What computed scores: told, read again, and in full float32."""

from __future__ import annotations

import keras
import pytest
from twostream.models.computation import Computation, in_full_float32, read_computation

TOLD = Computation(
    engine="openvino", library="openvino 2026.4.1", precision="float32", device="cpu", threads=8
)


def test_it_is_read_as_it_was_written_by_this_version_or_a_later_one() -> None:
    assert read_computation(TOLD.to_dict()) == TOLD
    assert read_computation({**TOLD.to_dict(), "batch": 64}) == TOLD
    with pytest.raises(TypeError):
        read_computation({"engine": "openvino"})


def test_its_text_leaves_out_threads_that_are_not_known() -> None:
    gpu = Computation(
        engine="keras",
        library="keras 3.15.1 on jax 0.7.0",
        precision="float32",
        device="gpu (NVIDIA H100)",
        threads=None,
    )
    assert gpu.text() == "keras 3.15.1 on jax 0.7.0, float32, gpu (NVIDIA H100)"


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch's switches")
@pytest.mark.parametrize(
    ("convolutions", "products"), [(True, "highest"), (False, "high"), (True, "medium")]
)
def test_tf32_is_off_within_and_afterwards_as_before(convolutions: bool, products: str) -> None:
    import torch

    def now() -> tuple[bool, str]:
        return torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()

    def switch(convolutions: bool, products: str) -> None:
        torch.backends.cudnn.allow_tf32 = convolutions
        torch.set_float32_matmul_precision(products)

    before = now()
    try:
        switch(convolutions, products)
        with in_full_float32():
            assert now() == (False, "highest")
        assert now() == (convolutions, products)
    finally:
        switch(*before)


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch's switches")
def test_tf32_is_off_where_somebody_has_set_the_newer_switches() -> None:
    import torch

    if not hasattr(torch.backends.cudnn, "conv"):
        pytest.skip("this PyTorch has none")
    convolutions = torch.backends.cudnn.conv
    before = convolutions.fp32_precision
    try:
        convolutions.fp32_precision = "ieee"  # and that of recurrent networks stays TF32
        torch.backends.cuda.matmul.fp32_precision = "tf32"
        with in_full_float32():
            assert convolutions.fp32_precision == "ieee"
            assert torch.backends.cuda.matmul.fp32_precision == "ieee"
        assert torch.backends.cuda.matmul.fp32_precision == "tf32"
    finally:
        convolutions.fp32_precision = before
        torch.backends.cuda.matmul.fp32_precision = "none"
