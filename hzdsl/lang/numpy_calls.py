"""NumPy meets the language: a NumPy scalar is a number; arrays, and NumPy's functions, are not for expressions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError

#: The operators of Python that a NumPy scalar on the left turns into a ufunc.
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "add": operator.add,
        "subtract": operator.sub,
        "multiply": operator.mul,
        "divide": operator.truediv,
        "floor_divide": operator.floordiv,
        "remainder": operator.mod,
        "power": operator.pow,
        "less": operator.lt,
        "less_equal": operator.le,
        "greater": operator.gt,
        "greater_equal": operator.ge,
        "equal": operator.eq,
        "not_equal": operator.ne,
        "bitwise_and": operator.and_,
        "bitwise_or": operator.or_,
        "bitwise_xor": operator.xor,
        "left_shift": operator.lshift,
        "right_shift": operator.rshift,
    }
)
_REDUCTIONS = {"add": "sum", "multiply": "prod", "minimum": "min", "maximum": "max"}


def number_of(x: Any) -> Any:
    """Return the Python number of a NumPy scalar (or an array of no dimension); anything else as it is.

    Raises
    ------
    HzdslError
        ``dtype`` for an array.

    Examples
    --------
    >>> number_of(np.float32(0.5)), number_of(3)
    (0.5, 3)
    """
    if isinstance(x, np.ndarray) and x.ndim:
        raise HzdslError(
            "dtype",
            f"an array of {x.size} numbers is not a value of the language",
            fix="use one number, or a branch of the input",
        )
    return x.item() if isinstance(x, np.generic | np.ndarray) else x


def numpy_call(name: str, method: str, inputs: tuple[Any, ...]) -> Any:
    """Return what a ufunc that meets an expression or a quantity stands for: an operator with a NumPy scalar.

    Raises
    ------
    HzdslError
        ``dtype`` for arrays and for functions of NumPy.
    """
    operands = tuple(number_of(x) for x in inputs)
    if method == "__call__" and name in _OPERATORS:
        return _OPERATORS[name](*operands)
    said = _REDUCTIONS.get(name, name) if method == "reduce" else name
    raise HzdslError("dtype", f"np.{said} works on numbers", fix=numpy_function(said))


def numpy_function(name: str) -> str:
    """Return what to write instead of a function of NumPy or awkward."""
    from hzdsl.lang.functions import FUNCTIONS
    from hzdsl.lang.synonyms import of_function

    if name in FUNCTIONS:
        return f"use hz.{name}"
    return of_function(name, ()) or "use NumPy on the results of a run"
