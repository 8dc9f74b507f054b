"""What vectors of two kinds have in common: a number scales all components, and nothing else compares or joins them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Self

from hzdsl.errors import HzdslError
from hzdsl.lang.at_once import AtOnce, no_call
from hzdsl.lang.places import located, user_place


def _refused(symbol: str) -> Callable[[Any, Any], Any]:
    def method(self: Components, other: Any) -> NoReturn:
        raise self._no_operator(symbol, other)

    return located(method)


class Components(AtOnce):
    """A vector of components: scaled by numbers, never equal, ordered, looped over or called."""

    __slots__ = ()
    #: How the vector is called in messages, and what to write for operators that vectors do not have.
    _kind = "a vector"
    _products = ""

    def _scaled(self, operation: Callable[[Any], Any]) -> Self:
        raise NotImplementedError

    def _no_operator(self, symbol: str, other: Any) -> HzdslError:
        both = isinstance(other, Components)
        what = f"'{symbol}' between vectors" if both else f"'{symbol}' does not apply to {self._kind}"
        names = self._names()
        fix = {
            "*": self._products if both else "",
            "/": "divide by a number",
            "==": f"compare components (a.{names[0]} == b.{names[0]}), or the objects themselves",
            "!=": f"compare components (a.{names[0]} != b.{names[0]}), or the objects themselves",
        }.get(symbol) or f"use a component, or what derives from them: {', '.join(names)}"
        return HzdslError("dtype", what, fix=fix)

    def _names(self) -> tuple[str, ...]:
        raise NotImplementedError

    @located
    def __mul__(self, number: Any) -> Self:
        if isinstance(number, Components):
            raise self._no_operator("*", number)
        return self._scaled(lambda c: c * number)

    __rmul__ = __mul__

    @located
    def __truediv__(self, number: Any) -> Self:
        if isinstance(number, Components):
            raise self._no_operator("/", number)
        return self._scaled(lambda c: c / number)

    def __neg__(self) -> Self:
        return self._scaled(lambda c: -c)

    def __pos__(self) -> Self:
        return self

    __eq__, __ne__ = _refused("=="), _refused("!=")
    __lt__, __le__, __gt__, __ge__ = _refused("<"), _refused("<="), _refused(">"), _refused(">=")
    __pow__, __mod__ = _refused("**"), _refused("%")
    __rtruediv__, __rpow__, __rmod__ = _refused("/"), _refused("**"), _refused("%")
    __and__, __or__, __xor__ = _refused("&"), _refused("|"), _refused("^")
    __rand__, __ror__, __rxor__ = _refused("&"), _refused("|"), _refused("^")
    __lshift__, __rshift__ = _refused("<<"), _refused(">>")
    __hash__ = object.__hash__

    @located
    def __abs__(self) -> NoReturn:
        raise self._no_operator("abs", None)

    @located
    def __invert__(self) -> NoReturn:
        raise self._no_operator("~", None)

    @located
    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return getattr(self, key)
        fix = f"its components have names: {', '.join(self._names())}"
        raise HzdslError("dtype", f"{self._kind} has no elements", fix=fix)

    @located
    def __bool__(self) -> NoReturn:
        raise HzdslError("python-logic", f"{self!r} is a vector for every event, not a truth value", fix="use .exists")

    @located
    def __iter__(self) -> NoReturn:
        fix = f"its components have names: {', '.join(self._names())}"
        raise HzdslError("python-logic", f"{self!r} cannot be looped over", fix=fix)

    @located
    def __len__(self) -> NoReturn:
        raise self._no_operator("len", None)

    def __radd__(self, other: Any) -> Self:
        if isinstance(other, int | float) and other == 0:  # where Python's sum begins
            return self
        raise self._not_added(other)

    def _not_added(self, other: Any) -> HzdslError:
        fix = "add its .p4" if hasattr(type(other), "in_frame") else f"add {self._kind} to {self._kind}"
        return HzdslError("dtype", f"'+' between {self!r} and {other!r}", fix=fix, place=user_place())

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        raise no_call(repr(self), "a vector")
