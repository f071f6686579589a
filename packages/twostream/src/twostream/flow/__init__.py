"""Dense optical flow: algorithms, 8-bit codes, colours and `.flo` files.

Importing this package is cheap: numba and OpenCV are imported by the first function that needs
them. Every algorithm has one shape: two frames in, float32 `(H, W, 2)` out, in pixels per frame
step, x to the right, y down.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twostream.flow.colors import flow_to_rgb
    from twostream.flow.encoding import ZERO_CODE, decode_flow, encode_flow, negate_codes
    from twostream.flow.flo import read_flo, write_flo
    from twostream.flow.opencv import dis, farneback, tvl1_opencv
    from twostream.flow.tv_l1.flow import compile_tvl1, tvl1, tvl1_sequence
    from twostream.flow.tv_l1.parameters import TVL1Parameters

__all__ = [
    "ZERO_CODE",
    "TVL1Parameters",
    "compile_tvl1",
    "decode_flow",
    "dis",
    "encode_flow",
    "farneback",
    "flow_to_rgb",
    "negate_codes",
    "read_flo",
    "tvl1",
    "tvl1_opencv",
    "tvl1_sequence",
    "write_flo",
]

_HOMES = {
    "TVL1Parameters": "tv_l1.parameters",
    "ZERO_CODE": "encoding",
    "compile_tvl1": "tv_l1.flow",
    "decode_flow": "encoding",
    "dis": "opencv",
    "encode_flow": "encoding",
    "farneback": "opencv",
    "flow_to_rgb": "colors",
    "negate_codes": "encoding",
    "read_flo": "flo",
    "tvl1": "tv_l1.flow",
    "tvl1_opencv": "opencv",
    "tvl1_sequence": "tv_l1.flow",
    "write_flo": "flo",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
