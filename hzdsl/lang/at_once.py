"""What Python and NumPy compute at once, and an expression cannot: every such construct says what to write."""

from __future__ import annotations

from typing import Any, NoReturn

from hzdsl.errors import HzdslError
from hzdsl.lang.numpy_calls import numpy_call, numpy_function
from hzdsl.lang.places import located, user_place
from hzdsl.lang.python_code import called, precedence


def binds_tighter(symbol: str) -> str:
    """Return how to write a comparison of which ``&`` or ``|`` took a number."""
    meant = precedence(user_place()) or f"(a > x) {symbol} (b < y)"
    return f"{symbol} binds tighter than comparisons: write {meant}"


def no_call(said: str, what: str) -> HzdslError:
    """Return the error of ``x(…)`` where x is no function, at the user's place."""
    place = user_place()
    name = called(place)
    fix = f"leave the brackets away: {name}" if name else "leave the brackets away"
    return HzdslError("arguments", f"{said} is {what}, not a function", fix=fix, place=place)


class AtOnce:
    """Refuses conversion to numbers, formats, ``//`` and NumPy's functions; a NumPy scalar stays a number."""

    __slots__ = ()

    def _no_number(self, what: str, fix: str) -> HzdslError:
        return HzdslError("python-logic", f"'{self}' has no value while an analysis is written, and {what}", fix=fix)

    @located
    def __float__(self) -> NoReturn:
        fix = "use the functions of hz (hz.sqrt for math.sqrt), hz.param for a number to vary"
        raise self._no_number("float() and math need one", fix)

    @located
    def __int__(self) -> NoReturn:
        raise self._no_number("int() needs one", "use hz.floor, or hz.count for a number of elements")

    @located
    def __index__(self) -> NoReturn:
        raise self._no_number("a position or range needs one", "use a plain number")

    @located
    def __complex__(self) -> NoReturn:
        raise self._no_number("complex() needs one", "use real expressions")

    @located
    def __round__(self, digits: int | None = None) -> NoReturn:
        raise self._no_number("round() needs one", "use hz.round")

    @located
    def __floor__(self) -> NoReturn:
        raise self._no_number("math.floor needs one", "use hz.floor")

    @located
    def __ceil__(self) -> NoReturn:
        raise self._no_number("math.ceil needs one", "use hz.ceil")

    @located
    def __format__(self, spec: str) -> str:
        if spec:
            raise self._no_number(f"the format '{spec}' needs one", "write {x} without a format, or format results")
        return str(self)

    @located
    def __floordiv__(self, other: Any) -> NoReturn:
        raise HzdslError("dtype", "// is not an operator of the language", fix="write hz.floor(a / b)")

    __rfloordiv__ = __floordiv__

    @located
    def __divmod__(self, other: Any) -> NoReturn:
        raise HzdslError("dtype", "divmod is not a function of the language", fix="write hz.floor(a / b) and a % b")

    __rdivmod__ = __divmod__

    @located
    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        fix = numpy_function((called(user_place()) or "").rpartition(".")[2])
        raise HzdslError("dtype", f"'{self}' is no array of numbers", fix=fix)

    @located
    def __awkward_function__(self, function: Any, *_: Any) -> NoReturn:
        name = function.__name__
        raise HzdslError("dtype", f"ak.{name} works on arrays, and '{self}' is none", fix=numpy_function(name))

    @located
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **_: Any) -> Any:
        return numpy_call(ufunc.__name__, method, inputs)
