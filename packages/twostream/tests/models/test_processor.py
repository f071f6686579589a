"""Who made a processor, and whether it computes bfloat16 itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest
from twostream.models.device import CPU, Compute, resolve_compute
from twostream.models.processor import HELD_BY, bf16_unit, made_by_intel

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="processors of PyTorch")


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make this a processor that has these units."""
    for name in HELD_BY:
        monkeypatch.delenv(name, raising=False)

    def become(*, avx512: bool, amx: bool = False, bf16: bool = False) -> None:
        monkeypatch.setattr(
            torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: avx512, raising=False
        )
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: bf16)

    return become


def test_a_processor_has_a_unit_for_bfloat16_or_imitates_it(processor: Any) -> None:
    for units, unit in (
        ({"avx512": True, "amx": True, "bf16": True}, "AMX"),
        ({"avx512": True, "bf16": True}, "AVX-512 BF16"),
        ({"avx512": True}, None),
        ({"avx512": False}, None),
    ):
        processor(**units)
        assert bf16_unit() == unit
        trains = resolve_compute("cpu", purpose="training")
        assert trains == Compute(CPU, "bf16" if unit else "float32")
        assert resolve_compute("cpu", purpose="scoring") == Compute(CPU, "float32")


@pytest.mark.parametrize("held", ["AVX2", "avx2", "AVX512_CORE"])
def test_a_processor_that_is_held_to_less_has_none(
    processor: Any, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    processor(avx512=True, amx=True, bf16=True)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", held)
    assert bf16_unit() is None


@pytest.mark.parametrize(("maker", "intel"), [("GenuineIntel", True), ("AuthenticAMD", False)])
def test_who_made_a_processor_is_what_linux_says(tmp_path: Path, maker: str, intel: bool) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(f"processor\t: 0\nvendor_id\t: {maker}\nmodel name\t: one of them\n")
    assert made_by_intel(told) is intel


def test_who_made_a_processor_is_what_windows_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_by_intel.cache_clear()
    monkeypatch.setattr("platform.processor", lambda: "Intel64 Family 6 Model 85, GenuineIntel")
    assert made_by_intel(tmp_path / "not there")
    made_by_intel.cache_clear()
    monkeypatch.setattr("platform.processor", lambda: "AMD64 Family 25 Model 33, AuthenticAMD")
    assert not made_by_intel(tmp_path / "not there")
