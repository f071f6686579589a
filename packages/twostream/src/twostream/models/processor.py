"""What the processor of this machine is, and does besides float32."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

# Where oneDNN, which computes PyTorch's convolutions, is held to an older processor, it imitates bfloat16.
HELD_BY = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")
WITHOUT_BF16 = (
    "SSE41",
    "AVX",
    "AVX2",
    "AVX2_VNNI",
    "AVX2_VNNI_2",
    "AVX512_CORE",
    "AVX512_CORE_VNNI",
)


def bf16_unit() -> str | None:
    """What multiplies bfloat16 here, ``AMX`` or ``AVX-512 BF16``; None where it would be imitated, slowly.

    Of x86 processors, as PyTorch and its oneDNN see them; variables that hold them to less are heeded.
    """
    import torch

    held = {os.environ.get(name, "").upper() for name in HELD_BY}
    if held & set(WITHOUT_BF16) or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return None
    if torch.cpu._is_amx_tile_supported():
        return "AMX"
    return "AVX-512 BF16" if torch.cpu._is_avx512_bf16_supported() else None


@cache
def made_by_intel(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor is one of Intel's, as far as the system says who made it; else False."""
    try:
        told = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:  # no Linux: Windows tells it with the name, and no x86 of Apple's is another's
        told = platform.processor()
        return "GenuineIntel" in told or (platform.system() == "Darwin" and told == "i386")
    return "GenuineIntel" in told
