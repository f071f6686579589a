"""Tiles of RGB out of planes of brightness and colour, turned as `area.lanes` turns bytes."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from twostream.flow.tv_l1.vectors import LANES
from twostream.sources.area.lanes import (
    BYTE_LANES,
    HIGHEST,
    WORD_LANES,
    address,
    chosen,
    is_flat,
    transposed,
)

_HALF_BYTES = ir.VectorType(ir.IntType(8), LANES // 2)
_SHORT = ir.IntType(16)
_SHORTS = ir.VectorType(_SHORT, LANES)
_MIDDLE = 128  # the value of u and v where there is no colour
_TERMS = 6


def _splat(builder: Any, value: Any) -> Any:
    nothing = ir.Constant(_SHORTS, ir.Undefined)
    one = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, one, chosen([0] * LANES))


def _all(vector: Any, number: int) -> Any:
    return ir.Constant(vector, [number] * LANES)


def _eightfold(builder: Any, value: Any) -> Any:
    """Eight times as much, in sixteen bits."""
    return builder.mul(builder.zext(value, _SHORTS), _all(_SHORTS, 8))


def _upper_half(builder: Any, one: Any, other: Any) -> Any:
    """The upper sixteen bits of products of sixteen bits."""
    product = builder.mul(builder.sext(one, WORD_LANES), builder.sext(other, WORD_LANES))
    return builder.trunc(builder.ashr(product, _all(WORD_LANES, 16)), _SHORTS)


def _as_bytes(builder: Any, value: Any) -> Any:
    """Cut to 0..255."""
    least, most = _all(_SHORTS, 0), _all(_SHORTS, round(HIGHEST))
    value = builder.select(builder.icmp_signed(">", value, least), value, least)
    value = builder.select(builder.icmp_signed("<", value, most), value, most)
    return builder.trunc(value, BYTE_LANES)


def _rgb(builder: Any, ys: list[Any], us: list[Any], vs: list[Any], terms: list[Any]) -> list[Any]:
    """Red, green and blue of each column, one after another."""
    y_offset, y_share, ub_share, ug_share, vg_share, vr_share = terms
    columns = []
    middle = _all(_SHORTS, 8 * _MIDDLE)
    for k, (u, v) in enumerate(zip(us, vs, strict=True)):
        from_u = builder.sub(_eightfold(builder, u), middle)
        from_v = builder.sub(_eightfold(builder, v), middle)
        green = builder.add(
            _upper_half(builder, from_u, ug_share), _upper_half(builder, from_v, vg_share)
        )
        colours = [
            _upper_half(builder, from_v, vr_share),
            green,
            _upper_half(builder, from_u, ub_share),
        ]
        for y in ys[2 * k : 2 * k + 2]:
            grey = _upper_half(builder, builder.sub(_eightfold(builder, y), y_offset), y_share)
            columns += [_as_bytes(builder, builder.add(grey, colour)) for colour in colours]
    return columns


def _turn_planes(
    _typing: Any,
    y: Any,
    _y_first: Any,
    _y_stride: Any,
    u: Any,
    v: Any,
    _uv_first: Any,
    _uv_stride: Any,
    terms: Any,
    target: Any,
    _place: Any,
) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        y, y_first, y_stride, u, v, uv_first, uv_stride, terms, out, place = operands
        kinds = signature.args

        def whole(number: int) -> Any:
            return ir.Constant(place.type, number)

        def rows(kind: Any, plane: Any, first: Any, stride: Any, count: int, vector: Any) -> Any:
            for k in range(count):
                at = builder.add(first, builder.mul(stride, whole(k)))
                pointer = address(context, builder, kind, plane, at, vector)
                yield builder.load(pointer, align=1)

        half = LANES // 2
        of_u = rows(kinds[3], u, uv_first, uv_stride, half, _HALF_BYTES)
        of_v = rows(kinds[4], v, uv_first, uv_stride, half, _HALF_BYTES)
        both = [
            builder.shuffle_vector(one, other, chosen(range(LANES)))
            for one, other in zip(of_u, of_v, strict=True)
        ]
        # Each row of colours is that of two rows of pixels.
        colours = transposed(builder, [both[row // 2] for row in range(LANES)])
        ys = transposed(builder, list(rows(kinds[0], y, y_first, y_stride, LANES, BYTE_LANES)))
        numbers = [
            _splat(
                builder,
                builder.load(address(context, builder, kinds[7], terms, whole(k), _SHORT), align=2),
            )
            for k in range(_TERMS)
        ]
        for k, column in enumerate(_rgb(builder, ys, colours[:half], colours[half:], numbers)):
            at = builder.add(place, whole(k * LANES))
            builder.store(column, address(context, builder, kinds[8], out, at, BYTE_LANES), align=1)
        return context.get_dummy_value()

    index = types.intp
    if not all(is_flat(array, types.uint8) for array in (y, u, v, target)):
        return None
    if not is_flat(terms, types.int16):
        return None
    return types.void(y, index, index, u, v, index, index, terms, target, index), codegen


turn_planes: Any = intrinsic(_turn_planes)
"""`turn_planes(y, y_first, y_stride, u, v, uv_first, uv_stride, terms, target, place)`: a tile as RGB.

The tile is of 16 rows of 16 pixels, the first of which are at `y_first` and `uv_first` of flat planes whose
rows begin `y_stride` and `uv_stride` bytes apart. RGB is made of it by `terms` (`area.conversions`);
columns of red, of green and of blue go to `place` on, one after another. Nothing checks the lengths.
"""
