"""`Value`: a thin proxy around a node of numbers or conditions. Its operators build the graph; nothing is computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from hzdsl.errors import HzdslError, UnknownName
from hzdsl.ir import build, members
from hzdsl.ir.axes import EVENT
from hzdsl.ir.node import Node, make
from hzdsl.ir.print import axis_name, spell, whole
from hzdsl.ir.types import DType
from hzdsl.lang import python_code
from hzdsl.lang.at_once import AtOnce, binds_tighter, no_call
from hzdsl.lang.components import Components
from hzdsl.lang.immutable import Immutable
from hzdsl.lang.numpy_calls import number_of
from hzdsl.lang.places import located, user_place, written
from hzdsl.lang.quantities import Quantity, unit_of
from hzdsl.lang.synonyms import of_attribute
from hzdsl.lang.verbs import verb


def to_node(x: Any) -> Node:
    """Return the node of a value, a quantity or a Python number.

    Raises
    ------
    HzdslError
        ``dtype`` for anything else.
    """
    if isinstance(x, Value):
        return x.node
    if isinstance(x, Quantity):
        return build.const(x.value, x.unit)
    x = number_of(x)
    if isinstance(x, bool | int | float):
        return build.const(x)
    node = getattr(x, "reference", None)
    if isinstance(node, Node):
        return node
    fix = "use a branch, a number, or a quantity such as 5*GeV"
    if isinstance(x, str) and x in ("+", "-", "+1", "-1"):
        fix = f"a charge is a number: {'-1' if '-' in x else '1'}"
    raise HzdslError("dtype", f"{x!r} is not a value of the language", fix=fix)


def _binary(op: Callable[[Node, Node], Node], swapped: bool = False) -> Callable[[Value, Any], Value]:
    @located
    def method(self: Value, other: Any) -> Value:
        if isinstance(other, Components):  # which a number scales
            return NotImplemented  # type: ignore[no-any-return]
        a, b = self.node, to_node(other)
        return Value(op(b, a) if swapped else op(a, b))

    return method


def _equality(negated: bool) -> Callable[[Value, Any], Value]:
    """Return ``==`` or ``!=``: of numbers by value, of a category by label."""

    @located
    def method(self: Value, other: Any) -> Value:
        if isinstance(other, str):
            equal = members.is_label(self.node, other)
            return Value(build.compare("eq", equal, build.const(False)) if negated else equal)
        op = build.not_equal if negated else lambda a, b: build.compare("eq", a, b)
        return Value(op(self.node, to_node(other)))

    return method


def _arithmetic(name: str, swapped: bool = False) -> Callable[[Value, Any], Value]:
    return _binary(lambda a, b: build.arithmetic(name, a, b), swapped)


def _logic(name: str, swapped: bool = False) -> Callable[[Value, Any], Value]:
    def op(a: Node, b: Node) -> Node:
        if a.type.dtype.integer and b.type.dtype.integer:
            return build.bits(name, a, b)
        if a.type.dtype is b.type.dtype is DType.BOOL:
            return build.logic(name, a, b)
        return build.logic(name, a, b, symbol=symbol, fix=binds_tighter(symbol))

    symbol = "&" if name == "and" else "|"
    return _binary(op, swapped)


def _bits(name: str) -> Callable[[Value, Any], Value]:
    return _binary(lambda a, b: build.bits(name, a, b))


def _as(dtype: DType) -> Callable[[Value], Value]:
    def method(self: Value) -> Value:
        return Value(build.cast(self.node, dtype))

    method.__name__, method.__doc__ = f"as_{dtype.value}", f"Return the value as {dtype.value}."
    return verb()(located(method))


def axis_node(collection: Any, verb: str) -> Node:
    """Return the axis of a collection, or raise ``arguments``."""
    axis = getattr(collection, "axis", None)
    if not isinstance(axis, Node):
        raise HzdslError("arguments", f"{verb} takes a collection, not {collection!r}", fix=f"x.{verb}(Muon)")
    return axis


def object_node(element: Any, verb: str) -> Node:
    """Return the reference of an object, or raise ``arguments``."""
    reference = getattr(element, "reference", None)
    if not isinstance(reference, Node):
        raise HzdslError("arguments", f"{verb} takes an object, not {element!r}", fix=f"x.{verb}(Muon[0])")
    return reference


class Value(AtOnce, Immutable):
    """A number or condition per event or per element of a collection.

    Examples
    --------
    >>> import hzdsl as hz
    >>> ev = hz.events("nanoaod")
    >>> ev.Muon.pt > 5*hz.GeV
    <Muon.pt > 5 GeV : bool @ Muon>
    """

    __slots__ = ("_meaning", "node")
    _fields: ClassVar[frozenset[str]] = frozenset(__slots__)
    _meaning: str
    node: Node

    def __init__(self, node: Node, meaning: str = "") -> None:
        object.__setattr__(self, "node", node)
        object.__setattr__(self, "_meaning", meaning)

    __add__, __radd__ = _arithmetic("add"), _arithmetic("add", swapped=True)
    __sub__, __rsub__ = _arithmetic("sub"), _arithmetic("sub", swapped=True)
    __mul__, __rmul__ = _arithmetic("mul"), _arithmetic("mul", swapped=True)
    __truediv__, __rtruediv__ = _arithmetic("div"), _arithmetic("div", swapped=True)
    __mod__, __rmod__ = _arithmetic("mod"), _arithmetic("mod", swapped=True)
    __pow__, __rpow__ = _binary(build.power), _binary(build.power, swapped=True)
    __lt__ = _binary(lambda a, b: build.compare("lt", a, b))
    __le__ = _binary(lambda a, b: build.compare("le", a, b))
    __gt__ = _binary(lambda a, b: build.compare("lt", b, a))
    __ge__ = _binary(lambda a, b: build.compare("le", b, a))
    __eq__ = _equality(negated=False)  # type: ignore[assignment]
    __ne__ = _equality(negated=True)  # type: ignore[assignment]
    __and__, __rand__ = _logic("and"), _logic("and", swapped=True)
    __or__, __ror__ = _logic("or"), _logic("or", swapped=True)
    __xor__ = _bits("xor")
    __rxor__ = _binary(lambda a, b: build.bits("xor", a, b), swapped=True)
    __lshift__, __rshift__ = _bits("shl"), _bits("shr")
    __rlshift__ = _binary(lambda a, b: build.bits("shl", a, b), swapped=True)
    __rrshift__ = _binary(lambda a, b: build.bits("shr", a, b), swapped=True)
    __hash__ = object.__hash__

    @located
    def __invert__(self) -> Value:
        if self.node.type.dtype.integer:
            raise HzdslError(
                "dtype",
                f"~ takes conditions, and {spell(self.node)} is an integer",
                fix="flip bits with xor(x, -1)",
            )
        return Value(make("not", self.node))

    @located
    def __neg__(self) -> Value:
        return Value(build.neg(self.node))

    def __pos__(self) -> Value:
        return self

    @located
    def __abs__(self) -> Value:
        return absolute(self)

    @located
    def __bool__(self) -> NoReturn:
        raise HzdslError(
            "python-logic",
            f"'{spell(self.node, 60)}' is an expression for every event, not one truth value",
            fix=python_code.decision(user_place())
            or "use & for and, | for or, ~ for not, .between(a, b) for a < x < b, hz.where(…) for if",
        )

    @located
    def __iter__(self) -> NoReturn:
        raise HzdslError(
            "python-logic",
            f"'{spell(self.node, 60)}' cannot be looped over",
            fix=python_code.loop(user_place()) or "reduce it: hz.sum, hz.any, hz.count",
        )

    @located
    def __len__(self) -> NoReturn:
        fix = python_code.loop(user_place()) or "use hz.count(x)"
        raise HzdslError("python-logic", "len() is Python's; the number per event is hz.count(…)", fix=fix)

    @located
    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        raise no_call(spell(self.node, 60), "a value")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_") or name in self._fields:
            raise AttributeError(name)
        raise _no_attribute(self.node, name, dir(self)).at(user_place())

    @located
    def __getitem__(self, key: Any) -> NoReturn:
        raise _no_element(self.node)

    def __dir__(self) -> list[str]:
        return [n for n in super().__dir__() if not n.startswith("_") and n != "node"]

    def __repr__(self) -> str:
        return f"<{spell(self.node, 400)} : {self.node.type}>"

    def __str__(self) -> str:
        return whole(self.node)

    @verb()
    @located
    def between(self, low: Any, high: Any, inclusive: str = "neither") -> Value:
        """Return ``low < x < high``; `inclusive` is ``neither``, ``left``, ``right`` or ``both``."""
        if inclusive not in ("neither", "left", "right", "both"):
            raise HzdslError("arguments", f"inclusive='{inclusive}'", fix="one of neither, left, right, both")
        left = build.compare("le" if inclusive in ("left", "both") else "lt", to_node(low), self.node)
        right = build.compare("le" if inclusive in ("right", "both") else "lt", self.node, to_node(high))
        return Value(build.logic("and", left, right))

    as_f32, as_f64 = _as(DType.F32), _as(DType.F64)
    as_i32, as_i64, as_u32, as_u64 = _as(DType.I32), _as(DType.I64), _as(DType.U32), _as(DType.U64)

    @verb()
    @located
    def along(self, collection: Any) -> Value:
        """Return the value for each element of a collection, restricted or broadcast to it."""
        return Value(members.seen_by(self.node, axis_node(collection, "along"), "be spread along"))

    @verb()
    @located
    def at(self, element: Any) -> Value:
        """Return the value of the collection's element that an object stands for."""
        return Value(members.taken_at(self.node, object_node(element, "at")))

    @verb()
    @located
    def in_unit(self, unit: Any) -> Value:
        """Return the value with its numbers in another unit of its dimension, such as ``"MeV"``."""
        target = unit_of(unit)
        if not self.node.type.unit.fits(target):
            raise HzdslError("unit", f"{spell(self.node, 60)} is in {self.node.type.unit.describe()}, not in {target}")
        return Value(build.to_unit(self.node, target))

    @verb()
    @located
    def bit(self, i: int) -> Value:
        """Return whether bit `i` (from 0) of an integer is set."""
        if not isinstance(i, int) or isinstance(i, bool) or not 0 <= i < 64:
            raise HzdslError("arguments", f"there is no bit {i!r}", fix="count from 0 to 63: flags.bit(3)")
        shifted = build.bits("shr", self.node, build.const(i))
        one = build.bits("and", shifted, build.const(1))
        return Value(build.compare("eq", one, build.const(1)))

    @property
    def exists(self) -> Value:
        """Whether the value is there."""
        return Value(make("exists", self.node))

    @verb()
    @located
    def otherwise(self, y: Any) -> Value:
        """Return the value, or `y` where it is missing."""
        return Value(build.otherwise(self.node, to_node(y)))

    @property
    def doc(self) -> str:
        """What the value means: of a branch its documentation, of an expression its type and what it is."""
        if self._meaning:
            return self._meaning
        unit = f" [{self.node.type.unit}]" if str(self.node.type.unit) else ""
        return f"{spell(self.node, 400)}{unit}, {self.node.type.dtype.value} per {axis_name(self.node.type.axis)}"

    @property
    def per_event(self) -> bool:
        """True for one value per event."""
        return self.node.type.axis is EVENT


def _no_attribute(node: Node, name: str, known: list[str]) -> UnknownName:
    fix = of_attribute(name, known, spell(node, 60), value=True) or f"it has {', '.join(known)}"
    return UnknownName("attribute", f"{spell(node, 60)} has no attribute '{name}'", fix=fix)


def _no_element(node: Node) -> HzdslError:
    found = re.fullmatch(r"(\w+)\.(\w+)(\[.*\])", written(user_place()))
    fix = f"choose first, then take the attribute: {f'{found[1]}{found[3]}.{found[2]}' if found else 'C[…].x'}"
    if node.type.axis is EVENT:
        return HzdslError("dtype", f"{spell(node, 60)} is one value per event: it has no elements")
    return HzdslError("dtype", f"{spell(node, 60)} is a value per {axis_name(node.type.axis)}, no collection", fix=fix)


def absolute(x: Any) -> Value:
    """Return the absolute value, in the same dtype and unit."""
    return Value(build.absolute(to_node(x)))
