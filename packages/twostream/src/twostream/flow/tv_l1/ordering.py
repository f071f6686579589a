"""The lower and the higher of sixteen numbers each, compared as the processor does it fastest.

AMD's Zen has twice as many units for minima of integers as for those of floats, other processors have
not. There, numbers are compared by integers that are in the same order. All others compare the numbers.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]

from twostream.flow.tv_l1.vectors import LANES, VECTOR, Emit, binary, unary

_WHOLE = ir.VectorType(ir.IntType(32), LANES)


def _by_integers(context: Any) -> bool:
    return str(context.codegen().magic_tuple()[1]).startswith("znver")


def _emit_sort_key(context: Any, builder: Any, operands: Any) -> Any:
    if not _by_integers(context):
        return operands[0]
    # The lower a number below zero is, the higher are its bits but the first: they are turned round.
    whole = builder.bitcast(operands[0], _WHOLE)
    sign = builder.ashr(whole, ir.Constant(_WHOLE, [31] * LANES))
    turned = builder.lshr(sign, ir.Constant(_WHOLE, [1] * LANES))
    return builder.bitcast(builder.xor(whole, turned), VECTOR)


def _emit_extreme(relation: str) -> Emit:
    def emit(context: Any, builder: Any, operands: Any) -> Any:
        if not _by_integers(context):
            return builder.select(builder.fcmp_ordered(relation, *operands), *operands)
        whole = [builder.bitcast(value, _WHOLE) for value in operands]
        chosen = builder.select(builder.icmp_signed(relation, *whole), *whole)
        return builder.bitcast(chosen, VECTOR)

    return emit


sort_key = unary(_emit_sort_key)
"""`sort_key(numbers)`: what `lower` and `higher` compare; the key of a key is the number."""

lower, higher = binary(_emit_extreme("<")), binary(_emit_extreme(">"))
"""Of two sort keys the lower and the higher one."""
