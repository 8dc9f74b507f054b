"""The functions of the C library, evaluated over whole columns: who evaluates what.

Compiled code calls libm, so every function here must give libm's own bits. NumPy's SIMD versions of most
functions do not (`tanf`: a quarter of all values differ), numexpr's scalar loops do. Compared with libm
(glibc 2.36) on 700 000 values each, f32 and f64, specials included, neither table below differs anywhere.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from functools import cache
from types import MappingProxyType

import numexpr
import numpy as np

from hzdsl.backends.interpret.values import Data

#: Functions whose result IEEE 754 fixes (or for which NumPy calls libm: hypot), evaluated by NumPy.
BY_NUMPY: MappingProxyType[str, Callable[..., Data]] = MappingProxyType(
    {
        "sqrt": np.sqrt,
        "floor": np.floor,
        "ceil": np.ceil,
        "round": np.rint,
        "hypot": np.hypot,  # numexpr evaluates hypot of f32 in f64
    }
)

#: Functions evaluated by numexpr, and how it writes them.
BY_NUMEXPR: MappingProxyType[str, str] = MappingProxyType(
    {
        "exp": "exp(x)",
        "log": "log(x)",
        "log10": "log10(x)",
        "log1p": "log1p(x)",
        "expm1": "expm1(x)",
        "sin": "sin(x)",
        "cos": "cos(x)",
        "tan": "tan(x)",
        "asin": "arcsin(x)",
        "acos": "arccos(x)",
        "atan": "arctan(x)",
        "sinh": "sinh(x)",
        "cosh": "cosh(x)",
        "tanh": "tanh(x)",
        "asinh": "arcsinh(x)",
        "acosh": "arccosh(x)",
        "atanh": "arctanh(x)",
        "atan2": "arctan2(x, y)",
        "pow": "x**y",
    }
)

#: numexpr's names of f32 and f64.
_KINDS = {np.dtype(np.float32): float, np.dtype(np.float64): np.double}


#: Functions that neither NumPy nor numexpr has, called value by value.
BY_VALUE = frozenset({"erf", "erfc"})


class Library:
    """The compiled numexpr programs of one run.

    A numexpr program holds its work space: two threads running one program at once corrupt memory (seen:
    glibc aborts with a damaged heap), so every run makes its own, at 0.1 ms each.
    """

    def __init__(self) -> None:
        self._programs: dict[tuple[str, np.dtype[np.generic]], Callable[..., Data]] = {}

    def call(self, name: str, *operands: Data) -> Data:
        """Return ``name(*operands)``, in the precision of the operands."""
        if name in BY_NUMPY:
            return BY_NUMPY[name](*operands)
        dtype = operands[0].dtype
        if name in BY_VALUE:
            return _by_value(name, operands[0])
        if (name, dtype) not in self._programs:
            signature = tuple((x, _KINDS[dtype]) for x, _ in zip("xy", operands, strict=False))
            self._programs[name, dtype] = numexpr.NumExpr(BY_NUMEXPR[name], signature=signature)
        return self._programs[name, dtype](*operands)


def faddeeva(part: str, x: Data, y: Data) -> Data:
    """Return a part of w(x + iy), from the function of scipy that compiled code calls, too."""
    from scipy.special import wofz

    z = np.empty(x.shape, np.complex128)
    z.real, z.imag = x, y
    w: Data = wofz(z)
    return (w.real if part == "real" else w.imag).copy()


@cache
def _mathematics() -> ctypes.CDLL:
    """Return the C library's mathematics: to ask where it lies costs a process each time."""
    return ctypes.CDLL(ctypes.util.find_library("m"))


def _by_value(name: str, x: Data) -> Data:
    """Call the C library itself for each value."""
    single = x.dtype == np.float32
    kind = ctypes.c_float if single else ctypes.c_double
    function = _mathematics()[f"{name}{'f' if single else ''}"]
    function.restype, function.argtypes = kind, (kind,)
    return np.fromiter(map(function, x.tolist()), x.dtype, len(x))
