"""Rows that work position by position: arithmetic, decisions, functions, missing values."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from hzdsl.backends.base import NUMPY
from hzdsl.backends.interpret.casts import convert
from hzdsl.backends.interpret.evaluation import Evaluation, Row
from hzdsl.backends.interpret.libm import faddeeva
from hzdsl.backends.interpret.values import NOWHERE, Data, Value, both, canonical, uniform
from hzdsl.ir.node import Node
from hzdsl.ir.types import DType

Compute = Callable[[Node, Evaluation, tuple[Data, ...]], Data]


def _strict(compute: Compute) -> Row:
    """Return the row of an operation that is missing where any operand is."""

    def row(node: Node, run: Evaluation) -> Value:
        values = [run.value(a) for a in node.args]
        valid = both(*(v.valid for v in values))
        if valid is None and all(uniform(v.data) for v in values):
            once = compute(node, run, tuple(v.data[:1] for v in values))
            return Value(np.broadcast_to(once, values[0].data.shape))
        return canonical(compute(node, run, tuple(v.data for v in values)), valid)

    return row


def _by_numpy(function: Callable[..., Data]) -> Row:
    """Return the row of an operation that a NumPy function computes."""
    return _strict(lambda node, run, operands: function(*operands))


# ---- arithmetic --------------------------------------------------------------------------------------------


def _mod(a: Data, b: Data) -> Data:
    """Return the remainder with the sign of the divisor; of an integer by 0: 0."""
    if a.dtype.kind != "f":
        return np.where(b == 0, a.dtype.type(0), np.remainder(a, b))
    m = np.fmod(a, b)
    m = np.where((m != 0) & ((m < 0) != (b < 0)), m + b, m)
    return np.where(m == 0, np.copysign(m, b), m)


def _cast(node: Node, run: Evaluation, operands: tuple[Data, ...]) -> Data:
    collection = node.args[0].type.target
    if collection is None:
        return convert(operands[0], NUMPY[node.type.dtype])
    held = run.positions(collection)  # an element's place in its list
    at = np.where(operands[0] == NOWHERE, 0, operands[0])
    return held.local[at] if held.n else at


# ---- functions ---------------------------------------------------------------------------------------------


def _math(node: Node, run: Evaluation, operands: tuple[Data, ...]) -> Data:
    name = node.text("name")
    exact = {"sign": np.sign, "isfinite": np.isfinite}.get(name)
    return run.library.call(name, *operands) if exact is None else exact(*operands)


def _libm(node: Node, run: Evaluation, operands: tuple[Data, ...]) -> Data:
    return run.library.call(node.op, *operands)


def _faddeeva(node: Node, run: Evaluation, operands: tuple[Data, ...]) -> Data:
    return faddeeva(node.text("part"), *operands)


def _bit(node: Node, run: Evaluation, operands: tuple[Data, ...]) -> Data:
    """Shift counts below 0 or not below the width give 0, also of negative numbers."""
    (a, b), name = operands, node.text("name")
    if name in ("and", "or", "xor"):
        return {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}[name](a, b)
    zero = a.dtype.type(0)
    inside = (b >= 0) & (b < 8 * a.dtype.itemsize)
    shift = {"shl": np.left_shift, "shr": np.right_shift}[name]
    return np.where(inside, shift(a, np.where(inside, b, zero)), zero)


# ---- decisions and missing values: these look at what is present themselves --------------------------------


def _and(node: Node, run: Evaluation) -> Value:
    """A false operand decides. (Where an operand is missing its data are false.)"""
    a, b = (run.value(x) for x in node.args)
    if a.valid is None and b.valid is None:
        return Value(a.data & b.data)
    false_a, false_b = a.present & ~a.data, b.present & ~b.data
    return Value(a.data & b.data, (a.present & b.present) | false_a | false_b)


def _or(node: Node, run: Evaluation) -> Value:
    """A true operand decides. (Where an operand is missing its data are false.)"""
    a, b = (run.value(x) for x in node.args)
    if a.valid is None and b.valid is None:
        return Value(a.data | b.data)
    return Value(a.data | b.data, (a.present & b.present) | a.data | b.data)


def _where(node: Node, run: Evaluation) -> Value:
    condition, x, y = (run.value(a) for a in node.args)
    data = np.where(condition.data, x.data, y.data)
    if condition.valid is x.valid is y.valid is None:
        return Value(data)
    valid = condition.present & np.where(condition.data, x.present, y.present)
    return canonical(data, valid, _blank(node))


def _category(node: Node, run: Evaluation) -> Value:
    """The first condition that holds; from the last to the first, each overwriting those after it."""
    conditions = [run.value(a).data for a in node.args]  # false where missing
    label, valid = np.zeros(len(conditions[0]), np.int32), np.zeros(len(conditions[0]), np.bool_)
    for k, holds in reversed(list(enumerate(conditions))):
        label[holds], valid[holds] = k, True
    return Value(label, valid)


def _exists(node: Node, run: Evaluation) -> Value:
    return Value(run.value(node.args[0]).present)


def _otherwise(node: Node, run: Evaluation) -> Value:
    x, y = (run.value(a) for a in node.args)
    if x.valid is None:
        return x
    data = np.where(x.valid, x.data, y.data)
    return Value(data) if y.valid is None else canonical(data, x.valid | y.valid, _blank(node))


def _vary(node: Node, run: Evaluation) -> Value:
    """The nominal value: variations are put in its place before a program is made."""
    return run.value(node.args[0])


def _blank(node: Node) -> int:
    return NOWHERE if node.type.dtype is DType.REF else 0


ELEMENTWISE: MappingProxyType[str, Row] = MappingProxyType(
    {
        "add": _by_numpy(np.add),
        "sub": _by_numpy(np.subtract),
        "mul": _by_numpy(np.multiply),
        "div": _by_numpy(np.divide),
        "mod": _by_numpy(_mod),
        "neg": _by_numpy(np.negative),
        "abs": _by_numpy(np.abs),
        "eq": _by_numpy(np.equal),
        "lt": _by_numpy(np.less),
        "le": _by_numpy(np.less_equal),
        "not": _by_numpy(np.logical_not),
        "cast": _strict(_cast),
        "math": _strict(_math),
        "pow": _strict(_libm),
        "atan2": _strict(_libm),
        "hypot": _strict(_libm),
        "faddeeva": _strict(_faddeeva),
        "bit": _strict(_bit),
        "and": _and,
        "or": _or,
        "where": _where,
        "category": _category,
        "exists": _exists,
        "otherwise": _otherwise,
        "vary": _vary,
    }
)
