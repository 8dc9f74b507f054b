"""Rows that drop the innermost axis: choices of one of its positions, and reductions over all of them."""

from __future__ import annotations

from hzdsl.backends.codegen.calls import intrinsic
from hzdsl.backends.codegen.emitter import Emitter, Row
from hzdsl.backends.codegen.lltypes import I1, I32, I64, REGISTER
from hzdsl.backends.codegen.loops import bounds, for_each
from hzdsl.backends.codegen.ordering import less_than, lexicographic, usable
from hzdsl.backends.codegen.positions import Env, Position, Val, width
from hzdsl.ir.axes import parent
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType
from hzdsl.native import ir

# ---- choices -------------------------------------------------------------------------------------------------------


class _Chosen:
    """Local variables that hold the position chosen so far."""

    def __init__(self, e: Emitter, axis: Node) -> None:
        self._e, self._parent = e, parent(axis)
        self._parts = [e.variable(I64, I64(0)) for _ in range(width(axis))]
        self._found = e.variable(I1, I1(0))

    def set(self, position: Position) -> None:
        for address, part in zip(self._parts, position, strict=True):
            self._e.b.store(part, address)
        self._e.b.store(I1(1), self._found)

    def found(self) -> ir.Value:
        return self._e.get(self._found, I1)

    def val(self, env: Env, certain: bool) -> Val:
        parts = tuple(self._e.get(p, I64) for p in self._parts)
        return Val((*env.whole(self._parent), *parts), None if certain else self.found())


def _nth(e: Emitter, node: Node, env: Env) -> Val:
    axis, i = node.args[0], node.number("i")
    certain = not node.type.optional
    if axis.op == "collection":
        first, last = bounds(e, axis, env)
        at = e.b.add(first, I64(i))
        return Val((*env.whole(parent(axis)), at), None if certain else e.b.icmp_signed("<", at, last))
    chosen, seen = _Chosen(e, axis), e.variable(I64, I64(0))

    def visit(inner: Env, out: ir.Block) -> None:
        n = e.get(seen, I64)
        e.b.store(e.b.add(n, I64(1)), seen)
        with e.when(e.b.icmp_signed("==", n, I64(i))):
            chosen.set(inner.at(axis))
            e.b.branch(out)

    for_each(e, axis, env, visit)
    return chosen.val(env, certain)


def _pick(e: Emitter, node: Node, env: Env) -> Val:
    axis, keys = node.args[0], node.args[1:]
    dtypes = [k.type.dtype for k in keys]
    chosen = _Chosen(e, axis)
    best = [e.variable(REGISTER[d], e.zero(d)) for d in dtypes]

    def visit(inner: Env, out: ir.Block) -> None:
        values = [e.eval(k, inner) for k in keys]
        ok: ir.Value = I1(1)
        for v, d in zip(values, dtypes, strict=True):
            ok = e.b.and_(ok, usable(e, v, d))
        mine = [(v.value, I1(1)) for v in values]
        theirs = [(e.get(b, REGISTER[d]), I1(1)) for b, d in zip(best, dtypes, strict=True)]
        order = (mine, theirs) if node.text("direction") == "argmin" else (theirs, mine)
        better = e.b.or_(e.b.not_(chosen.found()), lexicographic(e, *order, dtypes))
        with e.when(e.b.and_(ok, better)):
            chosen.set(inner.at(axis))
            for address, v in zip(best, values, strict=True):
                e.b.store(v.value, address)

    for_each(e, axis, env, visit, keys)
    return chosen.val(env, not node.type.optional)


def _pick_truncated(e: Emitter, node: Node, env: Env) -> Val:
    """ROOT df103's reco_zz_to_4l: `auto best_mass = -1` makes the best mass an int."""
    axis, value, target_node = node.args
    target = e.eval(target_node, env)
    chosen, best = _Chosen(e, axis), e.variable(I32, I32(-1))

    def away(x: ir.Value) -> ir.Value:
        return intrinsic(e, "llvm.fabs", e.b.fsub(target.value, x))

    def visit(inner: Env, out: ir.Block) -> None:
        v = e.eval(value, inner)
        so_far = e.b.sitofp(e.get(best, I32), v.value.type)
        closer = e.b.fcmp_ordered("<", away(v.value), away(so_far))
        with e.when(e.b.and_(e.b.and_(e.present(v), e.present(target)), closer)):
            chosen.set(inner.at(axis))
            name = "llvm.fptosi.sat.i32.f64"
            e.b.store(e.b.call(e.module.declared(name, I32, [v.value.type]), [v.value]), best)

    for_each(e, axis, env, visit, [value])
    return chosen.val(env, certain=False)


# ---- reductions ----------------------------------------------------------------------------------------------------

#: How the builder calls an operation of floats, and that of integers.
_ADD, _MULTIPLY = ("fadd", "add"), ("fmul", "mul")


def accumulate(e: Emitter, node: Node, total: ir.Value, v: Val, ops: tuple[str, str] = _ADD) -> None:
    """Bring one of the values of the first operand, unless it is missing, to what the variable `total` holds."""
    value, dtype = node.args[0], node.type.dtype
    x = v.value if value.type.dtype is dtype else _widened(e, v.value, value.type.dtype, REGISTER[dtype])
    before = e.get(total, REGISTER[dtype])
    after = getattr(e.b, ops[0] if dtype.floating else ops[1])(before, x)
    e.b.store(after if v.present is None else e.b.select(v.present, after, before), total)


def _accumulation(start: float, ops: tuple[str, str]) -> Row:
    def row(e: Emitter, node: Node, env: Env) -> Val:
        value, dtype = node.args[0], node.type.dtype
        total = e.variable(REGISTER[dtype], ir.Constant(REGISTER[dtype], start if dtype.floating else int(start)))

        def visit(inner: Env, out: ir.Block) -> None:
            accumulate(e, node, total, e.eval(value, inner), ops)

        assert value.type.axis is not None
        for_each(e, value.type.axis, env, visit, [value])
        return Val((e.get(total, REGISTER[dtype]),))

    return row


def _widened(e: Emitter, x: ir.Value, source: DType, target: ir.Type) -> ir.Value:
    return (e.b.sext if source.signed else e.b.zext)(x, target) if x.type != target else x


def _extremum(greatest: bool) -> Row:
    def row(e: Emitter, node: Node, env: Env) -> Val:
        value, dtype = node.args[0], node.type.dtype
        best, found = e.variable(REGISTER[dtype], e.zero(dtype)), e.variable(I1, I1(0))

        def visit(inner: Env, out: ir.Block) -> None:
            v = e.eval(value, inner)
            so_far = e.get(best, REGISTER[dtype])
            pair = (so_far, v.value) if greatest else (v.value, so_far)
            better = e.b.or_(e.b.not_(e.get(found, I1)), less_than(e, *pair, dtype))
            with e.when(e.b.and_(usable(e, v, dtype), better)):
                e.b.store(v.value, best)
                e.b.store(I1(1), found)

        assert value.type.axis is not None
        for_each(e, value.type.axis, env, visit, [value])
        return Val((e.get(best, REGISTER[dtype]),), e.get(found, I1) if node.type.optional else None)

    return row


def _any(e: Emitter, node: Node, env: Env) -> Val:
    value = node.args[0]
    found = e.variable(I1, I1(0))

    def visit(inner: Env, out: ir.Block) -> None:
        with e.when(e.truth(e.eval(value, inner))):
            e.b.store(I1(1), found)
            e.b.branch(out)

    assert value.type.axis is not None
    for_each(e, value.type.axis, env, visit, [value])
    return Val((e.get(found, I1),))


def _count(e: Emitter, node: Node, env: Env) -> Val:
    axis = node.args[0]
    if axis.op == "collection":
        first, last = bounds(e, axis, env)
        return Val((e.b.sub(last, first),))
    number = e.variable(I64, I64(0))

    def visit(inner: Env, out: ir.Block) -> None:
        e.b.store(e.b.add(e.get(number, I64), I64(1)), number)

    for_each(e, axis, env, visit)
    return Val((e.get(number, I64),))


REDUCTION_ROWS: dict[str, Row] = {
    "nth": _nth,
    "pick": _pick,
    "pick_truncated": _pick_truncated,
    "sum": _accumulation(0.0, _ADD),
    "prod": _accumulation(1.0, _MULTIPLY),
    "min": _extremum(greatest=False),
    "max": _extremum(greatest=True),
    "any": _any,
    "count": _count,
}
