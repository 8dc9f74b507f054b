"""Numbers that are the same for all lanes, or one for each: arithmetic that brings both together.

A loop over rows takes `LANES` of them at a time. What depends on the row is a vector of LLVM, anything else a scalar; a
scalar is spread only where it meets a vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hzdsl.ir.types import DType
from hzdsl.native.ir import DOUBLE, POINTER, Block, Function, IntType, IRBuilder, Module, Type, Value, VectorType


def _lanes() -> int:
    """Return how many rows are taken at a time: one register of this machine's widest kind (8 of AVX2 spill)."""
    import llvmlite.binding as llvm

    return 8 if llvm.get_host_cpu_features().get("avx512f") else 4


LANES = _lanes()
I1, I32, I64 = IntType(1), IntType(32), IntType(64)
F64 = DOUBLE
VF64, VI64, VI1 = (VectorType(t, LANES) for t in (F64, I64, I1))
#: One bit per lane, as an integer.
BITS = IntType(LANES)
#: The vector of each scalar type.
WIDE: dict[Type, Type] = {F64: VF64, I64: VI64, I1: VI1}
#: Products may be joined with sums to one rounding: a likelihood promises 1e-12, not bits.
_FAST = "contract"


def kind_of(dtype: DType) -> Type:
    """Return what values are held as, eight bytes each in memory; conditions are whole numbers there."""
    return F64 if dtype.floating else I64


def is_vector(x: Value) -> bool:
    """Return whether a value is one per lane."""
    return isinstance(x.type, VectorType)


class Lanes(IRBuilder):
    """Writes instructions on scalars and vectors alike."""

    #: Where local variables are made: before everything.
    locals: IRBuilder

    def local(self, kind: Type) -> Value:
        """Return the address of a local variable."""
        return self.locals.alloca(kind)

    @property
    def module(self) -> Module:
        """The module that is written."""
        return self.function.module

    def spread(self, x: Value) -> Value:
        """Return a scalar as the same number in every lane."""
        if is_vector(x):
            return x
        wide = WIDE[x.type]
        one = self.new(wide, f"insertelement {wide.text} poison, {x.typed}, i32 0")
        mask = f"<{LANES} x i32> zeroinitializer"
        return self.new(wide, f"shufflevector {one.typed}, {wide.text} poison, {mask}")

    def alike(self, *values: Value) -> Sequence[Value]:
        """Return values as vectors where one of them is."""
        return [self.spread(x) for x in values] if any(map(is_vector, values)) else values

    def _arithmetic(self, op: str, *operands: Value) -> Value:
        given = self.alike(*operands)
        return self.new(given[0].type, f"{op} {_FAST} {given[0].type.text} {', '.join(x.text for x in given)}")

    def plus(self, a: Value, b: Value) -> Value:
        """Return a + b."""
        return self._arithmetic("fadd", a, b)

    def minus(self, a: Value, b: Value) -> Value:
        """Return a - b."""
        return self._arithmetic("fsub", a, b)

    def exact_plus(self, a: Value, b: Value) -> Value:
        """Return a + b, rounded once and joined with nothing."""
        return self.fadd(*self.alike(a, b))

    def exact_minus(self, a: Value, b: Value) -> Value:
        """Return a - b, rounded once and joined with nothing."""
        return self.fsub(*self.alike(a, b))

    def times(self, a: Value, b: Value) -> Value:
        """Return a b."""
        return self._arithmetic("fmul", a, b)

    def over(self, a: Value, b: Value) -> Value:
        """Return a / b."""
        return self._arithmetic("fdiv", a, b)

    def fused(self, a: Value, b: Value, c: Value) -> Value:
        """Return a b + c with one rounding."""
        return self.intrinsic("fma", a, b, c)

    def intrinsic(self, name: str, *operands: Value) -> Value:
        """Call a function that LLVM has for scalars and vectors."""
        given = self.alike(*operands)
        kind = given[0].type
        suffix = f"v{LANES}f64" if isinstance(kind, VectorType) else "f64"
        function = self.module.declared(f"llvm.{name}.{suffix}", kind, [kind] * len(given))
        return self.call(function, given)

    def compared(self, symbol: str, a: Value, b: Value) -> Value:
        """Return whether a is less than b, or equal: false where one is NaN."""
        x, y = self.alike(a, b)
        floating = x.type in (F64, VF64)
        return self.fcmp_ordered(symbol, x, y) if floating else self.icmp_signed(symbol, x, y)

    def chosen(self, condition: Value, a: Value, b: Value) -> Value:
        """Return a or b, lane by lane."""
        if is_vector(condition):
            return self.select(condition, self.spread(a), self.spread(b))
        x, y = self.alike(a, b)
        return self.select(condition, x, y)

    def logical(self, op: str, a: Value, b: Value) -> Value:
        """Return a and b, or a or b."""
        x, y = self.alike(a, b)
        return self.and_(x, y) if op == "and" else self.or_(x, y)

    @contextmanager
    def mostly(self, condition: Value) -> Iterator[Block]:
        """Write what is done where a condition fails, which is rare; yields the block before."""
        before = self.block
        rare, after = self.append_basic_block("rare"), self.append_basic_block("usual")
        self._end(f"br i1 {condition.text}, label %{after.name}, label %{rare.name}, !prof !1")
        self.position_at_end(rare)
        yield before
        self.branch(after)
        self.position_at_end(after)

    @contextmanager
    def unless_all(self, condition: Value) -> Iterator[None]:
        """Write what is done where a condition fails in some lane, which is rare."""
        with self.mostly(self.icmp_signed("==", self.bitcast(condition, BITS), BITS(-1))):
            yield

    # ---- single lanes -----------------------------------------------------------------------------------------

    def lane(self, x: Value, k: int) -> Value:
        """Return one lane of a vector."""
        assert isinstance(x.type, VectorType)
        return self.new(x.type.element, f"extractelement {x.typed}, i32 {k}")

    def lane_by_lane(self, function: Callable[..., Value], *operands: Value) -> Value:
        """Return what a function of scalars gives for each lane."""
        if not any(map(is_vector, operands)):
            return function(*operands)
        given = self.alike(*operands)
        parts = [function(*(self.lane(x, k) for x in given)) for k in range(LANES)]
        return self.joined(parts)

    def joined(self, parts: Sequence[Value]) -> Value:
        """Return scalars as the lanes of a vector."""
        wide = WIDE[parts[0].type]
        found = Value(wide, "poison")
        for k, part in enumerate(parts):
            found = self.new(wide, f"insertelement {found.typed}, {part.typed}, i32 {k}")
        return found

    def summed(self, x: Value) -> Value:
        """Return the sum over the lanes, halves added to halves: the same order everywhere."""
        size = LANES
        while size > 1:
            size //= 2
            element = VectorType(F64, size).text
            half = VectorType(F64, size)
            low, high = (
                self.new(half, f"shufflevector {x.typed}, {x.type.text} poison, <{size} x i32> <{_numbers(s, size)}>")
                for s in (0, size)
            )
            x = self.new(half, f"fadd {element} {low.text}, {high.text}")
        return self.new(F64, f"extractelement {x.typed}, i32 0")

    # ---- memory -----------------------------------------------------------------------------------------------

    def stored(self, number: float) -> Value:
        """Return a number for all lanes, read from memory: an operand of an instruction, not one of its own.

        LLVM spreads a constant into a register wherever it is used, which takes as long as the product with it.
        """
        kind = VI64 if isinstance(number, int) else VF64
        return self.load(self.module.variable(kind(number), 8 * LANES), kind, 8 * LANES)

    def element(self, array: Value, index: Value, kind: Type = F64) -> Value:
        """Return the address of an element."""
        return self.gep(array, [index], kind)

    def read(self, array: Value, index: Value, kind: Type = F64, *, constant: bool = False) -> Value:
        """Return an element of an array; of a vector type those that begin there."""
        scalar = kind.element if isinstance(kind, VectorType) else kind
        return self.load(self.element(array, index, scalar), kind, 8, invariant=constant)

    def write(self, value: Value, array: Value, index: Value) -> None:
        """Write an element of an array, or as many as there are lanes."""
        scalar = value.type.element if isinstance(value.type, VectorType) else value.type
        self.store(value, self.element(array, index, scalar), 8)

    def gathered(self, array: Value, indices: Value, kind: Type = F64) -> Value:
        """Return elements by one index per lane."""
        return self.lane_by_lane(lambda i: self.read(array, i, kind, constant=False), indices)

    def pointer(self, array: Value, k: int) -> Value:
        """Return the k-th of an array of addresses."""
        return self.load(self.gep(array, [I64(k)], POINTER), POINTER, 8, invariant=True)

    def faddeeva(self, part: str, x: Value, y: Value) -> Value:
        """Return a part of w(x + iy), by scipy's function, lane by lane; see `codegen.calls.faddeeva`."""
        pair = Type("{ double, double }")
        function = self.module.declared("wofz", pair, [F64, F64, I32], "nounwind")

        def one(a: Value, b: Value) -> Value:
            return self.extract(self.call(function, [a, b, I32(0)]), 0 if part == "real" else 1, F64)

        return self.lane_by_lane(one, x, y)

    def library(self, name: str, *operands: Value) -> Value:
        """Call a function of the C library on f64, lane by lane."""
        function: Function = self.module.declared(name, F64, [F64] * len(operands), "nounwind")
        return self.lane_by_lane(lambda *xs: self.call(function, xs), *operands)


def _numbers(start: int, count: int) -> str:
    return ", ".join(f"i32 {k}" for k in range(start, start + count))
