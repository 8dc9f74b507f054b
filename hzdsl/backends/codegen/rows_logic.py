"""Rows of the operations that compare, decide and choose at one position."""

from __future__ import annotations

from hzdsl.backends.codegen.calls import intrinsic
from hzdsl.backends.codegen.emitter import Emitter, Row
from hzdsl.backends.codegen.lltypes import I1, I32
from hzdsl.backends.codegen.positions import Env, Val
from hzdsl.backends.codegen.strict import Plain, Registers, operand_dtype, strict
from hzdsl.ir.node import Node
from hzdsl.native import ir


def _compare(symbol: str) -> Plain:
    def emit(e: Emitter, node: Node, r: Registers) -> ir.Value:
        dtype = operand_dtype(node)
        if dtype.floating:
            return e.b.fcmp_ordered(symbol, *r)
        return (e.b.icmp_signed if dtype.signed else e.b.icmp_unsigned)(symbol, *r)

    return emit


def _and(e: Emitter, node: Node, env: Env) -> Val:
    """A false operand decides, even if the other is missing."""
    a, b = (e.eval(x, env) for x in node.args)
    if a.present is None and b.present is None:
        return Val((e.b.and_(a.value, b.value),))
    pa, pb = e.present(a), e.present(b)
    decided = e.b.or_(e.b.and_(pa, e.b.not_(a.value)), e.b.and_(pb, e.b.not_(b.value)))
    value = e.b.and_(e.b.and_(pa, pb), e.b.and_(a.value, b.value))
    return Val((value,), e.b.or_(e.b.and_(pa, pb), decided))


def _or(e: Emitter, node: Node, env: Env) -> Val:
    """A true operand decides, even if the other is missing."""
    a, b = (e.eval(x, env) for x in node.args)
    if a.present is None and b.present is None:
        return Val((e.b.or_(a.value, b.value),))
    pa, pb = e.present(a), e.present(b)
    value = e.b.or_(e.b.and_(pa, a.value), e.b.and_(pb, b.value))
    return Val((value,), e.b.or_(e.b.and_(pa, pb), value))


def _not(e: Emitter, node: Node, r: Registers) -> ir.Value:
    return e.b.not_(r[0])


def _where(e: Emitter, node: Node, env: Env) -> Val:
    """Missing where the condition or the chosen value is."""
    c, x, y = (e.eval(a, env) for a in node.args)
    parts = _signed_root(e, node, env, c) or tuple(
        e.b.select(c.value, p, q) for p, q in zip(x.parts, y.parts, strict=True)
    )
    chosen = None
    if x.present is not None or y.present is not None:
        chosen = x.present if x.present is y.present else e.b.select(c.value, e.present(x), e.present(y))
    return Val(parts, e.both(c.present, chosen))


def _signed_root(e: Emitter, node: Node, env: Env, condition: Val) -> tuple[ir.Value, ...]:
    """Return ``where(c, sqrt(u), -sqrt(v))``, as masses have it, with one root of what is chosen; else nothing.

    The roots of both, which nothing else may need, are no part of the code then.
    """
    root, negative = node.args[1:]
    other = negative.args[0] if negative.op == "neg" else negative
    if not all(x.op == "math" and x.text("name") == "sqrt" and not e.shares(x) for x in (root, other)):
        return ()
    u, v = (e.eval(x.args[0], env) for x in (root, other))
    found = intrinsic(e, "llvm.sqrt", e.b.select(condition.value, u.value, v.value))
    return (e.b.select(condition.value, found, e.b.fneg(found)) if other is not negative else found,)


def _category(e: Emitter, node: Node, env: Env) -> Val:
    """The first condition that holds; from the last to the first, each overrides those after it."""
    label, found = I32(0), I1(0)
    for k, condition in reversed(list(enumerate(node.args))):
        holds = e.truth(e.eval(condition, env))
        label, found = e.b.select(holds, I32(k), label), e.b.or_(holds, found)
    return Val((label,), found)


def _exists(e: Emitter, node: Node, env: Env) -> Val:
    return Val((e.present(e.eval(node.args[0], env)),))


def _otherwise(e: Emitter, node: Node, env: Env) -> Val:
    x, y = (e.eval(a, env) for a in node.args)
    if x.present is None:
        return x
    value = e.b.select(x.present, x.value, y.value)
    return Val((value,), None if y.present is None else e.b.or_(x.present, y.present))


def _vary(e: Emitter, node: Node, env: Env) -> Val:
    """The nominal value: variations are put in its place before a program is made."""
    return e.eval(node.args[0], env)


LOGIC_ROWS: dict[str, Row] = {
    "eq": strict(_compare("==")),
    "lt": strict(_compare("<")),
    "le": strict(_compare("<=")),
    "and": _and,
    "or": _or,
    "not": strict(_not),
    "where": _where,
    "category": _category,
    "exists": _exists,
    "otherwise": _otherwise,
    "vary": _vary,
}
