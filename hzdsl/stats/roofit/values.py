"""Functions of RooFit as expressions: each class is a row of `VALUES`.

What they mean is what RooFit evaluates: roofit/roofit/src of ROOT 6.40, HiggsAnalysis/CombinedLimit/src for Combine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import minus, number, plus, times
from hzdsl.ir.node import Node
from hzdsl.stats.formulas import formula
from hzdsl.stats.roofit.records import Function, Histogram

if TYPE_CHECKING:
    from hzdsl.stats.roofit.lowering import Lowering

_Value = Callable[["Lowering", Function], Node]


def _formula(w: Lowering, f: Function) -> Node:
    names = f.arguments.get("actualVars", ())
    return formula(str(f.attributes["formExpr"]), {n: w.value(n) for n in names})


def _product(w: Lowering, f: Function) -> Node:
    return reduce(times, [w.value(n) for n in f.arguments["compRSet"]], number(1))


def _addition(w: Lowering, f: Function) -> Node:
    return reduce(plus, [w.value(n) for n in f.arguments["set"]], number(0))


def _recursive_fraction(w: Lowering, f: Function) -> Node:
    """A Π(1 - b), of which a is the first of the list."""
    first, *others = tuple(f.arguments["list"])
    found = w.value(first)
    for n in others:
        found = times(found, minus(number(1), w.value(n)))
    return found


def _at(w: Lowering, f: Function, role: str) -> float:
    """Return the place at which a stored function is asked for: it must be a number."""
    given = f.arguments[role]
    name = given if isinstance(given, str) else next(iter(given))
    found = w.number(name)
    if found is None:
        fix = f"fix {name} to a value (-m, --setParameters with --freezeParameters)"
        raise HzdslError("class-unknown", f"{f.name} is a table of {name}, which is a parameter here", fix=fix)
    return found


def _histogram_function(w: Lowering, f: Function) -> Node:
    """RooHistFunc: the content of the bin, or a line through the middles of bins (order 1)."""
    histogram, order = f.attributes["dataHist"], f.attributes["intOrder"]
    assert isinstance(histogram, Histogram)
    x, edges = _at(w, f, "depList"), histogram.edges()
    if order == 0:
        k = int(np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2))
        return number(float(histogram.contents[k]))
    if order == 1:
        return number(float(np.interp(x, 0.5 * (edges[1:] + edges[:-1]), histogram.contents)))
    raise HzdslError(
        "class-unknown", f"{f.name} interpolates by order {order}", fix="orders 0 and 1 have a meaning here"
    )


def _spline(w: Lowering, f: Function) -> Node:
    """RooSpline1D: GSL's cubic spline with natural ends, or another of its interpolations by the same points."""
    from scipy.interpolate import Akima1DInterpolator, CubicSpline

    x, xs, ys = _at(w, f, "xvar"), f.attributes["x"], f.attributes["y"]
    kind = str(f.attributes["type"])
    if kind == "CSPLINE":
        return number(float(CubicSpline(xs, ys, bc_type="natural")(x)))
    if kind == "AKIMA":
        return number(float(Akima1DInterpolator(xs, ys)(x)))
    if kind == "LINEAR":
        return number(float(np.interp(x, xs, ys)))
    raise HzdslError(
        "class-unknown", f"{f.name} is a {kind} spline", fix="CSPLINE, AKIMA and LINEAR have a meaning here"
    )


VALUES: Mapping[str, _Value] = MappingProxyType(
    {
        "RooFormulaVar": _formula,
        "RooProduct": _product,
        "RooAddition": _addition,
        "RooRecursiveFraction": _recursive_fraction,
        "RooHistFunc": _histogram_function,
        "RooSpline1D": _spline,
    }
)
