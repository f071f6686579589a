"""What averages of areas need beside `flow.tv_l1.vectors`: bytes, and rows that become lanes.

A sum over neighbouring pixels of a row, in their order, is no work for vectors; the same sum over sixteen
rows at once is. So tiles of sixteen rows are turned, their bytes first and the sums afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic

from twostream.flow.tv_l1.vectors import LANES, _lanes

BYTE_LANES = ir.VectorType(ir.IntType(8), LANES)
WORD_LANES = ir.VectorType(ir.IntType(32), LANES)
_FLOATS = ir.VectorType(ir.FloatType(), LANES)
_INDEX = ir.IntType(32)
HIGHEST = 255.0


def is_flat(array: Any, dtype: Any) -> bool:
    """Whether a type is that of an array of one axis and these numbers."""
    return isinstance(array, types.Array) and array.ndim == 1 and array.dtype == dtype


def address(context: Any, builder: Any, kind: Any, array: Any, index: Any, vector: Any) -> Any:
    """A pointer to a vector that begins at an element of an array."""
    data = context.make_array(kind)(context, builder, value=array).data
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())


def chosen(lanes: Sequence[int]) -> Any:
    """The mask by which lanes are picked out of two vectors."""
    return ir.Constant(ir.VectorType(_INDEX, len(lanes)), list(lanes))


def transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Sixteen vectors as the sixteen columns of them: halves are interleaved, four times."""
    half = LANES // 2
    low = chosen([lane for k in range(half) for lane in (k, k + LANES)])
    high = chosen([lane for k in range(half, LANES) for lane in (k, k + LANES)])
    for _ in range(4):
        pairs = [(rows[k], rows[k + half]) for k in range(half)]
        rows = [builder.shuffle_vector(*pair, part) for pair in pairs for part in (low, high)]
    return rows


def _turn_bytes(
    _typing: Any, source: Any, _first: Any, _stride: Any, target: Any, _place: Any
) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        array, first, stride, out, place = operands
        kinds = signature.args
        rows = []
        for k in range(LANES):
            at = builder.add(first, builder.mul(stride, ir.Constant(stride.type, k)))
            pointer = address(context, builder, kinds[0], array, at, BYTE_LANES)
            rows.append(builder.load(pointer, align=1))
        for k, column in enumerate(transposed(builder, rows)):
            at = builder.add(place, ir.Constant(place.type, k * LANES))
            builder.store(column, address(context, builder, kinds[3], out, at, BYTE_LANES), align=1)
        return context.get_dummy_value()

    if not (is_flat(source, types.uint8) and is_flat(target, types.uint8)):
        return None
    index = types.intp
    return types.void(source, index, index, target, index), codegen


turn_bytes: Any = intrinsic(_turn_bytes)
"""`turn_bytes(source, first, stride, target, place)`: a tile of 16 rows of 16 bytes, its columns as rows.

Rows begin `stride` bytes apart, the first at `first`; columns go to `place` on, one after another. Both are
flat uint8 arrays, of which nothing checks the lengths.
"""


def _turn_floats(_typing: Any, tile: Any, _first: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        array, first = operands
        steps = [ir.Constant(first.type, k * LANES) for k in range(LANES)]
        places = [
            address(context, builder, signature.args[0], array, builder.add(first, step), _FLOATS)
            for step in steps
        ]
        rows = [builder.load(place, align=4) for place in places]
        for place, column in zip(places, transposed(builder, rows), strict=True):
            builder.store(column, place, align=4)
        return context.get_dummy_value()

    return (types.void(tile, types.intp), codegen) if is_flat(tile, types.float32) else None


turn_floats: Any = intrinsic(_turn_floats)
"""`turn_floats(tile, first)`: exchange rows and columns of 16 rows of 16 floats, in place."""


def _load_bytes(_typing: Any, array: Any, _index: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        pointer = address(context, builder, signature.args[0], operands[0], operands[1], BYTE_LANES)
        return builder.sitofp(builder.zext(builder.load(pointer, align=1), WORD_LANES), _FLOATS)

    return (_lanes(array, types.intp), codegen) if is_flat(array, types.uint8) else None


load_bytes: Any = intrinsic(_load_bytes)
"""`load_bytes(array, index)`: sixteen bytes of a flat uint8 array as floats."""


def _store_bytes(_typing: Any, array: Any, _index: Any, _value: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        target, index, value = operands
        name = f"llvm.rint.v{LANES}f32"
        function = ir.FunctionType(_FLOATS, [_FLOATS])
        whole = builder.call(
            cgutils.get_or_insert_function(builder.module, function, name), [value]
        )
        most = ir.Constant(_FLOATS, [HIGHEST] * LANES)
        whole = builder.select(builder.fcmp_ordered("<", whole, most), whole, most)
        codes = builder.trunc(builder.fptosi(whole, WORD_LANES), BYTE_LANES)
        pointer = address(context, builder, signature.args[0], target, index, BYTE_LANES)
        builder.store(codes, pointer, align=1)
        return context.get_dummy_value()

    if not is_flat(array, types.uint8):
        return None
    return types.void(array, types.intp, _lanes), codegen


store_bytes: Any = intrinsic(_store_bytes)
"""`store_bytes(array, index, value)`: sixteen floats from 0 on as bytes, halves to the even one."""
