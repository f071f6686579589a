"""Sixteen floats as one value in numba code, so that loops are vectorised by construction.

LLVM vectorises a loop only where it can prove that no two of its arrays overlap, which it cannot for
the six arrays an iteration updates in place; what it makes of such a loop changes from one release
to the next. Here a value of sixteen lanes is an LLVM vector: `a + b` or `minimum(a, b)` work on all
of them, in one 512-bit register, two of 256 bits or four of 128, whatever the processor has.

Only what the flow kernels need is here. Products and sums may be contracted to fused multiply-adds;
otherwise arithmetic is exact as written, and NaN and infinity keep their meaning.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from llvmlite import binding, ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.core.registry import cpu_target
from numba.extending import intrinsic, models, overload, register_model

from twostream.flow.tv_l1.compilation import inlined

binding.initialize_native_asmparser()  # for the one instruction that is written as such

LANES = 16
"""Floats in a vector: one AVX-512 register, two AVX registers, four of SSE or NEON."""

Lanes = Any
"""What the type checker sees of a vector."""

Emit = Callable[[Any, Any, Any], Any]
"""Makes LLVM code: (numba's target context, the instruction builder, the operands) to the result."""

_FLOAT = ir.FloatType()
VECTOR = ir.VectorType(_FLOAT, LANES)
_INDEX = ir.IntType(32)


class _LanesType(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"float32x{LANES}")


_lanes = _LanesType()


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, VECTOR)


def _codegen(emit: Emit) -> Callable[..., Any]:
    return lambda context, builder, _signature, operands: emit(context, builder, operands)


def unary(emit: Emit, result: Any = _lanes) -> Any:
    """A function of one vector that kernels can call, from what makes its code."""
    return intrinsic(lambda _typing, _a: (result(_lanes), _codegen(emit)))


def binary(emit: Emit) -> Any:
    """A function of two vectors that gives one."""
    return intrinsic(lambda _typing, _a, _b: (_lanes(_lanes, _lanes), _codegen(emit)))


def _lane_list(lanes: Iterable[int]) -> Any:
    chosen = list(lanes)
    return ir.Constant(ir.VectorType(_INDEX, len(chosen)), chosen)


def _ternary(emit: Emit) -> Any:
    return intrinsic(lambda _typing, _a, _b, _c: (_lanes(_lanes, _lanes, _lanes), _codegen(emit)))


def _choice(emit: Emit) -> Any:
    """An intrinsic of two vectors to compare and two to choose from."""
    return intrinsic(lambda _typing, _a, _b, _c, _d: (_lanes(*[_lanes] * 4), _codegen(emit)))


def _declare(builder: Any, name: str, parameters: list[Any], result: Any = VECTOR) -> Any:
    function_type = ir.FunctionType(result, parameters)
    return cgutils.get_or_insert_function(builder.module, function_type, name)


# --- memory


def _address(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, value=array).data
    return builder.bitcast(builder.gep(data, [index]), VECTOR.as_pointer())


def _is_flat(array: Any) -> bool:
    return isinstance(array, types.Array) and array.ndim == 1 and array.dtype == types.float32


def _load(_typing: Any, array: Any, _index: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        pointer = _address(context, builder, signature.args[0], *operands)
        return builder.load(pointer, align=4)

    return (_lanes(array, types.intp), codegen) if _is_flat(array) else None


def _store(_typing: Any, array: Any, _index: Any, _value: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        pointer = _address(context, builder, signature.args[0], operands[0], operands[1])
        builder.store(operands[2], pointer, align=4)
        return context.get_dummy_value()

    return (types.void(array, types.intp, _lanes), codegen) if _is_flat(array) else None


def _prefetch(_typing: Any, array: Any, _index: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, value=operands[0]).data
        pointer = builder.bitcast(builder.gep(data, [operands[1]]), ir.IntType(8).as_pointer())
        parameters = [pointer.type, _INDEX, _INDEX, _INDEX]
        function = _declare(builder, "llvm.prefetch.p0", parameters, ir.VoidType())
        read, second_level, of_data = (ir.Constant(_INDEX, number) for number in (0, 2, 1))
        builder.call(function, [pointer, read, second_level, of_data])
        return context.get_dummy_value()

    return (types.void(array, types.intp), codegen) if _is_flat(array) else None


load: Any = intrinsic(_load)
"""`load(array, index)`: sixteen floats of a flat float32 array. Nothing checks its length."""

store: Any = intrinsic(_store)
"""`store(array, index, value)`: write sixteen floats. Nothing checks the array's length either."""

prefetch: Any = intrinsic(_prefetch)
"""`prefetch(array, index)`: bring the cache line of that float nearer; changes no value."""


def _emit_splat(_context: Any, builder: Any, operands: Any) -> Any:
    nothing = ir.Constant(VECTOR, ir.Undefined)
    one = builder.insert_element(nothing, operands[0], ir.Constant(_INDEX, 0))
    return builder.shuffle_vector(one, one, _lane_list([0] * LANES))


splat: Any = intrinsic(lambda _typing, _a: (_lanes(types.float32), _codegen(_emit_splat)))
"""`splat(number)`: one float32 in all lanes."""


# --- lanes to other places


def _shuffle(lanes: Iterable[int]) -> Any:
    """Sixteen of the 32 lanes of two vectors, in the order given."""
    chosen = list(lanes)
    return binary(lambda _context, builder, ab: builder.shuffle_vector(*ab, _lane_list(chosen)))


def _shifted(by: int) -> Any:
    """Lanes from number `by` on of two vectors."""
    chosen = _lane_list(range(by, by + LANES))

    def emit(context: Any, builder: Any, ab: Any) -> Any:
        if "+avx512f" not in context.codegen().magic_tuple()[2].split(","):
            return builder.shuffle_vector(*ab, chosen)
        # Of numbers that are no integers LLVM shifts none by this instruction, but by one that overwrites
        # what it takes and needs a third register for the order.
        function_type = ir.FunctionType(VECTOR, [VECTOR, VECTOR])
        return builder.asm(function_type, f"valignd $${by}, $1, $2, $0", "=v,v,v", ab, False)

    return binary(emit)


right_neighbours = _shifted(1)
"""`right_neighbours(here, next)`: for each lane of `here` the value one to the right."""

left_neighbours = _shifted(LANES - 1)
"""`left_neighbours(previous, here)`: for each lane of `here` the value one to the left."""

even_lanes = _shuffle(range(0, 2 * LANES, 2))
odd_lanes = _shuffle(range(1, 2 * LANES, 2))

interleaved_first = _shuffle(lane // 2 + lane % 2 * LANES for lane in range(LANES))
interleaved_second = _shuffle(lane // 2 + lane % 2 * LANES for lane in range(LANES, 2 * LANES))
"""The other way round: lanes of the first vector at even places, of the second at odd ones."""


def _parts_added(part: int) -> Any:
    firsts = _lane_list(lane for lane in range(2 * LANES) if lane // part % 2 == 0)
    seconds = _lane_list(lane for lane in range(2 * LANES) if lane // part % 2 == 1)

    def emit(_context: Any, builder: Any, ab: Any) -> Any:
        return builder.fadd(
            builder.shuffle_vector(*ab, firsts), builder.shuffle_vector(*ab, seconds)
        )

    return binary(emit)


halves_added = _parts_added(8)
"""Lanes 0..7 plus lanes 8..15 of the first vector, then of the second."""

quarters_added = _parts_added(4)
"""Lanes 0..3 plus 4..7, 8..11 plus 12..15 of the first vector, then of the second."""


def _emit_total(_context: Any, builder: Any, operands: Any) -> Any:
    value, width = operands[0], LANES
    while width > 1:
        width //= 2
        swapped = _lane_list(lane ^ width for lane in range(LANES))
        value = builder.fadd(value, builder.shuffle_vector(value, value, swapped))
    return builder.extract_element(value, ir.Constant(_INDEX, 0))


total = unary(_emit_total, types.float32)
"""The sum of all lanes, added pairwise."""


def _emit_lowest(_context: Any, builder: Any, operands: Any) -> Any:
    value, width = operands[0], LANES
    while width > 1:
        width //= 2
        swapped = _lane_list(lane ^ width for lane in range(LANES))
        other = builder.shuffle_vector(value, value, swapped)
        value = builder.select(builder.fcmp_ordered("<", value, other), value, other)
    return builder.extract_element(value, ir.Constant(_INDEX, 0))


lowest = unary(_emit_lowest, types.float32)
"""The smallest of all lanes."""


def _emit_any_less(_context: Any, builder: Any, operands: Any) -> Any:
    less = builder.bitcast(builder.fcmp_ordered("<", *operands), ir.IntType(LANES))
    return builder.icmp_unsigned("!=", less, ir.Constant(less.type, 0))


any_less = intrinsic(
    lambda _typing, _a, _b: (types.boolean(_lanes, _lanes), _codegen(_emit_any_less))
)
"""`any_less(a, b)`: whether a is below b in any lane."""


def _emit_first_lane(_context: Any, builder: Any, operands: Any) -> Any:
    return builder.extract_element(operands[0], ir.Constant(_INDEX, 0))


first_lane = unary(_emit_first_lane, types.float32)
"""The number in lane 0."""


def _features() -> frozenset[str]:
    """What the processor that numba compiles for can do."""
    return frozenset(cpu_target.target_context.codegen().magic_tuple()[2].split(","))


HAS_PERMUTES = "+avx512f" in _features()
"""Whether one instruction picks sixteen of 32 floats, wherever they are: `picked` is fast then."""


def _emit_picked(_context: Any, builder: Any, operands: Any) -> Any:
    low, high, index = operands
    whole = builder.fptosi(index, ir.VectorType(_INDEX, LANES))
    name = "llvm.x86.avx512.vpermi2var.ps.512"
    pick = _declare(builder, name, [VECTOR, whole.type, VECTOR])
    return builder.call(pick, [low, whole, high])


picked = _ternary(_emit_picked)
"""`picked(low, high, index)`: of 32 floats those at whole numbers 0..31; only where `HAS_PERMUTES`."""


# --- arithmetic

_FUSE = ("contract",)
_ESTIMATE = ("arcp", "afn", "ninf", "contract")

# A comparison and a selection are exactly the processor's minimum and maximum instructions.
minimum = binary(lambda _, llvm, ab: llvm.select(llvm.fcmp_ordered("<", *ab), *ab))
maximum = binary(lambda _, llvm, ab: llvm.select(llvm.fcmp_ordered(">", *ab), *ab))


where_less = _choice(
    lambda _, llvm, abcd: llvm.select(llvm.fcmp_ordered("<", *abcd[:2]), *abcd[2:])
)
"""`where_less(a, b, c, d)`: c where a is below b, else d."""

plain_sum = binary(lambda _, llvm, ab: llvm.fadd(*ab))
"""a + b, rounded by itself: never part of a fused multiply-add."""

plain_product = binary(lambda _, llvm, ab: llvm.fmul(*ab))
"""a b, rounded by itself: never part of a fused multiply-add."""


def _emit_clamped(context: Any, builder: Any, operands: Any) -> Any:
    value, reach = operands
    if "+avx512dq" in context.codegen().magic_tuple()[2].split(","):
        mask = ir.IntType(16)
        name = "llvm.x86.avx512.mask.range.ps.512"
        smaller = _declare(builder, name, [VECTOR, VECTOR, _INDEX, VECTOR, mask, _INDEX])
        # The smaller magnitude (2) with the sign of `value`, rounded as usual (4).
        constants = ir.Constant(_INDEX, 2), value, ir.Constant(mask, -1), ir.Constant(_INDEX, 4)
        return builder.call(smaller, [value, reach, *constants])
    upper = builder.select(builder.fcmp_ordered("<", value, reach), value, reach)
    least = builder.fneg(reach)
    return builder.select(builder.fcmp_ordered(">", upper, least), upper, least)


clamped = binary(_emit_clamped)
"""`clamped(value, reach)`: value within -reach..reach, where reach is not negative."""


def _overload(function: Any, operation: Any) -> None:
    # Lambdas, because numba compares the signatures of both including their annotations.
    overload(function)(lambda a, b: (lambda a, b: operation(a, b)) if a is b is _lanes else None)


_overload(operator.add, binary(lambda _, llvm, ab: llvm.fadd(*ab, flags=_FUSE)))
_overload(operator.sub, binary(lambda _, llvm, ab: llvm.fsub(*ab, flags=_FUSE)))
_overload(operator.mul, binary(lambda _, llvm, ab: llvm.fmul(*ab, flags=_FUSE)))
_overload(operator.truediv, binary(lambda _, llvm, ab: llvm.fdiv(*ab)))


def _emit_call(function: str) -> Emit:
    name = f"llvm.{function}.v{LANES}f32"
    return lambda _, builder, operands: builder.call(_declare(builder, name, [VECTOR]), operands)


floor = unary(_emit_call("floor"))


def _inverse(builder: Any, value: Any) -> Any:
    return builder.fdiv(ir.Constant(VECTOR, [1.0] * LANES), value, flags=_ESTIMATE)


def _emit_rough(instruction: str, exact: Emit) -> Emit:
    """The processor's estimate, `rsqrt` or `rcp`, where it has one."""

    def emit(context: Any, builder: Any, operands: Any) -> Any:
        (value,) = operands
        features = context.codegen().magic_tuple()[2].split(",")
        if "+avx512f" in features:
            mask = ir.IntType(16)
            name = f"llvm.x86.avx512.{instruction}14.ps.512"
            estimate = _declare(builder, name, [VECTOR, VECTOR, mask])
            return builder.call(estimate, [value, value, ir.Constant(mask, -1)])
        if "+avx" in features:
            half = ir.VectorType(_FLOAT, 8)
            estimate = _declare(builder, f"llvm.x86.avx.{instruction}.ps.256", [half], half)
            halves = [
                builder.call(estimate, [builder.shuffle_vector(value, value, _lane_list(lanes))])
                for lanes in (range(8), range(8, 16))
            ]
            return builder.shuffle_vector(*halves, _lane_list(range(LANES)))
        return exact(context, builder, operands)

    return emit


def _emit_reciprocal_sqrt(_context: Any, builder: Any, operands: Any) -> Any:
    sqrt = _declare(builder, f"llvm.sqrt.v{LANES}f32", [VECTOR])
    return _inverse(builder, builder.call(sqrt, operands, fastmath=_ESTIMATE))


rough_reciprocal = unary(_emit_rough("rcp", lambda _, llvm, operands: _inverse(llvm, *operands)))
"""1 / a for normal a; relative error below 4e-4 (AVX-512: 7e-5; not x86: 1e-6)."""

rough_reciprocal_sqrt = unary(_emit_rough("rsqrt", _emit_reciprocal_sqrt))
"""1 / sqrt(a) for normal a above 0; relative error below 4e-4 (AVX-512: 7e-5; not x86: 1e-6)."""


@inlined
def reciprocal_sqrt(a: Lanes) -> Lanes:
    """1 / sqrt(a) for normal a above 0, the estimate refined once; relative error below 3e-7."""
    estimate = rough_reciprocal_sqrt(a)
    half, three_halves = splat(np.float32(0.5)), splat(np.float32(1.5))
    return estimate * (three_halves - half * a * estimate * estimate)
