"""The operators of an expression on surface values: the ones of Python, with its mistakes said in the user's words.

Between plain numbers and quantities arithmetic happens at once and is Python's own, so that a graph written in text
has the same constants as the one written in Python.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.lang.functions import described, plain_number
from hzdsl.lang.kinematics import Vec4
from hzdsl.lang.objects import Particle
from hzdsl.lang.quantities import Quantity
from hzdsl.lang.values import Value, to_node
from hzdsl.lang.vectors import Vec3

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_UNARY: dict[str, Callable[[Any], Any]] = {"-": operator.neg, "+": operator.pos, "~": operator.invert}


def binary(op: str, a: Any, b: Any) -> Any:
    """Return ``a op b`` for an arithmetic, shift or bit operator.

    Raises
    ------
    HzdslError
        ``dtype``, ``unit``, or what the operands themselves raise.
    """
    _check_operands(op, a, b)
    if op in ("<<", ">>", "**") and isinstance(a, int) and isinstance(b, int) and abs(b) > 64 and abs(a) > 1:
        raise _too_large(f"{a} {op} {b}")
    return _computed(op, lambda: _BINARY[op](a, b), a, b)


def compare(op: str, a: Any, b: Any) -> Any:
    """Return ``a op b`` for a comparison: a condition, or a bool for two plain numbers."""
    if not (isinstance(b, str) and isinstance(a, Value) and op in ("==", "!=")):  # a label of a category
        _check_operands(op, a, b)
    if plain_number(a) and plain_number(b) and (isinstance(a, Quantity) or isinstance(b, Quantity)):
        a = Value(to_node(a))
    return _computed(op, lambda: _COMPARE[op](a, b), a, b)


def logic(op: str, a: Any, b: Any) -> Any:
    """Return ``a and b`` or ``a or b``."""
    if isinstance(a, bool) and isinstance(b, bool):
        return (a and b) if op == "and" else (a or b)
    return Value(build.logic(op, to_node(a), to_node(b)))


def unary(op: str, x: Any) -> Any:
    """Return ``-x``, ``+x``, ``~x`` or ``not x``."""
    if isinstance(x, bool) and op in ("~", "not"):
        return not x
    if op == "not":
        if not isinstance(x, Value):
            raise HzdslError(
                "dtype", f"'not' takes a condition, and {described(x)} is none", fix="compare it with something"
            )
        build.logic("and", x.node, x.node)  # says so where it is no condition
        op = "~"
    _check_operands(op, x, x)
    return _computed(op, lambda: _UNARY[op](x), x)


def _check_operands(op: str, a: Any, b: Any) -> None:
    for x in (a, b):
        if not (plain_number(x) or isinstance(x, Value | Particle | Vec4 | Vec3)):
            raise HzdslError(
                "dtype", f"'{op}' does not apply to {described(x)}", fix="use numbers, conditions or objects"
            )


def _computed(op: str, compute: Callable[[], Any], *operands: Any) -> Any:
    try:
        result = compute()
    except TypeError as e:
        if not _by_operator(e):
            raise
        raise _does_not_apply(op, operands) from None
    except ZeroDivisionError:
        raise HzdslError("arguments", f"{described(operands[0])} is divided by zero") from None
    except (OverflowError, ValueError):
        raise _too_large(f" {op} ".join(described(x) for x in operands)) from None
    if isinstance(result, int) and not -(2**63) <= result < 2**63:
        raise _too_large(f" {op} ".join(described(x) for x in operands))
    if isinstance(result, complex) or (isinstance(result, Quantity) and isinstance(result.value, complex)):
        raise HzdslError("arguments", f"{described(operands[0])} has no such power among the real numbers")
    return result


def _by_operator(error: TypeError) -> bool:
    """Return True where Python's own operator refused its operands: one raised further inside is a fault of ours."""
    trace = error.__traceback__  # this module's frame, then that of the operator's call
    return trace is not None and trace.tb_next is not None and trace.tb_next.tb_next is None


def _too_large(what: str) -> HzdslError:
    return HzdslError("dtype", f"{what} does not fit in 64 bits", fix="write it with decimal numbers")


def _does_not_apply(op: str, operands: tuple[Any, ...]) -> HzdslError:
    said = " and ".join(described(x) for x in operands)
    quantities = [x for x in operands if isinstance(x, Quantity)]
    numbers = [x for x in operands if plain_number(x) and not isinstance(x, Quantity)]
    if op == "**" and quantities:
        return HzdslError("unit", f"'**' between {said}: an exponent has no unit", fix="divide it by its unit")
    if quantities and numbers:
        fix = f"write the unit: {numbers[0]} {quantities[0].unit}"
        return HzdslError("unit", f"'{op}' between {said}: the units differ", fix=fix)
    hint = "use one of its attributes" if any(isinstance(x, Particle) for x in operands) else None
    return HzdslError("dtype", f"'{op}' does not apply to {said}", fix=hint)
