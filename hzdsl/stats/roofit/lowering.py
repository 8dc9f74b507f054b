"""Functions and densities of a RooFit workspace as expressions of the language.

Each class is one row of `_VALUES` or `_DENSITIES`: what it means is what RooFit evaluates (roofit/roofit/src of ROOT
6.40, HiggsAnalysis/CombinedLimit/src for Combine's own). A constant variable is a number, any other a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.ir.algebra import minus, number, plus, times
from hzdsl.ir.node import Node, topological
from hzdsl.lang.values import Value
from hzdsl.stats.densities import pdf
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.evaluate import RowEvaluator
from hzdsl.stats.formulas import formula
from hzdsl.stats.parameters import Parameter
from hzdsl.stats.roofit.records import Function, Histogram, Variable, Workspace


class Lowering:
    """The functions of a workspace as expressions.

    Parameters
    ----------
    workspace : Workspace
        As it was read.
    observables : mapping of str to Value
        What stands for the variables that are measured.
    floating : collection of str
        Variables that are parameters, even where the workspace has them constant.
    values : mapping of str to float
        Other values of variables, which are constant then (the mass MH).
    """

    def __init__(
        self,
        workspace: Workspace,
        observables: Mapping[str, Value],
        floating: Collection[str] = (),
        values: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self.workspace = workspace
        self._observables, self._floating, self._given = observables, floating, values
        self._values: dict[str, Node] = {}
        self._densities: dict[str, Density] = {}
        #: The parameters that have been met, with the values and ranges of the workspace.
        self.parameters: dict[str, Parameter] = {}

    def value(self, name: str) -> Node:
        """Return a variable or a function as an expression: per event, or along rows where it depends on observables.

        Raises
        ------
        HzdslError
            ``class-unknown`` for functions that have no expression here; ``name-unknown``.
        """
        if name not in self._values:
            found = self.workspace.node(name)
            if isinstance(found, Variable):
                self._values[name] = self._variable(found)
            elif isinstance(found, Function):
                self._values[name] = _row(found, _VALUES, self)(self, found)
            else:
                what = f"{name} is a category, and a number is needed"
                raise HzdslError("class-unknown", what, fix="give the state that is meant")
        return self._values[name]

    def density(self, name: str) -> Density:
        """Return a density.

        Raises
        ------
        HzdslError
            As `value`.
        """
        if name not in self._densities:
            found = self.workspace.node(name)
            if not isinstance(found, Function):
                raise HzdslError("class-unknown", f"{name} is no density", fix="name a RooAbsPdf")
            self._densities[name] = _row(found, _DENSITIES, self)(self, found)
        return self._densities[name]

    def number(self, name: str) -> float | None:
        """Return the value of something that does not depend on parameters or observables; else None."""
        node = self.value(name)
        if any(n.op in ("param", "column") for n in topological([node])):
            return None
        return float(RowEvaluator([Value(node)]).scalars({})[0])

    def observable(self, name: str) -> Value:
        """Return a measured variable."""
        return Value(self.value(name))

    def _variable(self, v: Variable) -> Node:
        if v.name in self._observables:
            return self._observables[v.name].node
        if v.name in self._given:
            return number(self._given[v.name])
        if v.constant and v.name not in self._floating:
            return number(v.value)
        step = v.error or None
        self.parameters[v.name] = Parameter(v.name, v.value, v.low, v.high, step=step, doc=v.title)
        return build.param(v.name, float(v.value))

    def values(self, names: Any) -> list[Value]:
        """Return several functions as values."""
        return [Value(self.value(n)) for n in names]


#: So many widths from its mean a normal density is 0.
_NEVER = 1e3
_Value = Callable[[Lowering, Function], Node]
_Density = Callable[[Lowering, Function], Density]


def _row(found: Function, rows: Mapping[str, Any], lowering: Lowering) -> Any:
    row = rows.get(found.type)
    if row is None:
        where = f"in the workspace {lowering.workspace.name} of {lowering.workspace.path}"
        what = f"{found.name} {where} is a {found.type}, which has no meaning here"
        raise HzdslError("class-unknown", what, fix=f"there are {', '.join(sorted(rows))}")
    return row


# ---- functions -------------------------------------------------------------------------------------------------------


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
    x, edges = _at(w, f, "depList"), _edges(histogram)
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


_VALUES: Mapping[str, _Value] = MappingProxyType(
    {
        "RooFormulaVar": _formula,
        "RooProduct": _product,
        "RooAddition": _addition,
        "RooRecursiveFraction": _recursive_fraction,
        "RooHistFunc": _histogram_function,
        "RooSpline1D": _spline,
    }
)

# ---- densities -------------------------------------------------------------------------------------------------------


def _of(*roles: str, make: Callable[..., Density]) -> _Density:
    """Return the row of a density whose arguments are these, in order."""

    def row(w: Lowering, f: Function) -> Density:
        return make(*w.values([f.arguments[r] for r in roles]))

    return row


def _exponential(w: Lowering, f: Function) -> Density:
    x, c = w.values([f.arguments["x"], f.arguments["c"]])
    return pdf.exponential(x, -c if f.attributes.get("negateCoefficient") else c)


def _bifurcated(w: Lowering, f: Function) -> Density:
    """A normal density with another width on each side: one whose tails begin where it is 0."""
    x, mean, low, high = w.values(f.arguments[r] for r in ("x", "mean", "sigmaL", "sigmaR"))
    far = {"alpha_low": _NEVER, "alpha_high": _NEVER, "n_low": 2.0, "n_high": 2.0}
    return pdf.double_crystal_ball(x, mean, low, sigma_high=high, **far)


def _crystal_ball(w: Lowering, f: Function) -> Density:
    """RooCrystalBall: where nothing is said of the upper tail it is as the lower one, or there is none."""
    x, mean, low, high = w.values(f.arguments[r] for r in ("x", "x0", "sigmaL", "sigmaR"))
    alpha, n = w.values(f.arguments[r] for r in ("alphaL", "nL"))
    if "alphaR" not in f.arguments:
        what = f"{f.name} is a RooCrystalBall of one tail, which has no meaning here"
        raise HzdslError("class-unknown", what, fix="use a RooCBShape, or one with two tails")
    upper, power = w.values(f.arguments[r] for r in ("alphaR", "nR"))
    tails = {"alpha_low": alpha, "n_low": n, "alpha_high": upper, "n_high": power}
    return pdf.double_crystal_ball(x, mean, low, sigma_high=high, **tails)


def _double_crystal_ball(w: Lowering, f: Function) -> Density:
    """Combine's RooDoubleCBFast."""
    x, mean, width = w.values(f.arguments[r] for r in ("x", "mean", "width"))
    low, n_low, high, n_high = w.values(f.arguments[r] for r in ("alpha1", "n1", "alpha2", "n2"))
    return pdf.double_crystal_ball(x, mean, width, alpha_low=low, n_low=n_low, alpha_high=high, n_high=n_high)


def _polynomial(w: Lowering, f: Function) -> Density:
    """RooPolynomial: the coefficients begin at `lowestOrder`; if that is not 0, there is a constant 1, too."""
    (x,), lowest = w.values([f.arguments["x"]]), int(f.attributes["lowestOrder"])
    given = w.values(f.arguments["coefList"])
    if lowest == 0:
        first, *others = given
        return pdf.polynomial(x, [c / first for c in others])
    return pdf.polynomial(x, [*[Value(number(0))] * (lowest - 1), *given])


def _uniform(w: Lowering, f: Function) -> Density:
    (name,) = tuple(f.arguments["x"])
    return pdf.uniform(w.observable(name))


def _sum(w: Lowering, f: Function) -> Density:
    """RooAddPdf: fractions of all but the last, or yields of all, as which it stores recursive fractions, too."""
    parts = [w.density(n) for n in f.arguments["pdfList"]]
    coefficients = [w.value(n) for n in f.arguments["coefList"]]
    if len(coefficients) == len(parts):
        whole = reduce(plus, coefficients)
        coefficients = [Value(c).node if whole is c else (Value(c) / Value(whole)).node for c in coefficients[:-1]]
    return pdf.sum(parts, [Value(c) for c in coefficients])


def _step(w: Lowering, f: Function) -> Density:
    """RooHistPdf of order 0: constant in each bin; contents are those of bins, not densities."""
    histogram = f.attributes["dataHist"]
    assert isinstance(histogram, Histogram)
    if f.attributes.get("intOrder", 0) != 0 or histogram.contents.ndim != 1:
        what = f"{f.name} interpolates, or has several dimensions"
        raise HzdslError("class-unknown", what, fix="a RooHistPdf of one variable and order 0 has a meaning here")
    (name,) = tuple(f.arguments["pdfObsList"])
    return pdf.step(w.observable(name), _edges(histogram), histogram.contents)


def _edges(histogram: Histogram) -> Any:
    (variable,) = histogram.variables
    assert isinstance(variable, Variable)
    assert variable.binning is not None
    return variable.binning.edges()


def _coefficients(make: Callable[..., Density], *, one: bool = False) -> _Density:
    def row(w: Lowering, f: Function) -> Density:
        x, coefficients = f.arguments["x"], w.values(f.arguments["coefList"])
        assert isinstance(x, str)
        return make(w.observable(x), [Value(number(1)), *coefficients] if one else coefficients)

    return row


def _generic(w: Lowering, f: Function) -> Density:
    names = f.arguments["actualVars"]
    expression = Value(formula(str(f.attributes["formExpr"]), {n: w.value(n) for n in names}))
    measured = [n for n in names if n in w._observables]
    if len(measured) != 1:
        raise HzdslError("class-unknown", f"{f.name} is a density of {len(measured)} observables", fix="of one")
    return pdf.from_function(expression, w.observable(measured[0]))


def _extended(w: Lowering, f: Function) -> Density:
    """The shape alone: how many there are says the card."""
    name = f.arguments["pdf"]
    assert isinstance(name, str)
    return w.density(name)


_DENSITIES: Mapping[str, _Density] = MappingProxyType(
    {
        "RooGaussian": _of("x", "mean", "sigma", make=pdf.gaussian),
        "RooExponential": _exponential,
        "RooCBShape": _of("m", "m0", "sigma", "alpha", "n", make=pdf.crystal_ball),
        "RooBreitWigner": _of("x", "mean", "width", make=pdf.breit_wigner),
        "RooVoigtian": _of("x", "mean", "width", "sigma", make=pdf.voigt),
        "RooBernstein": _coefficients(pdf.bernstein),
        "RooChebychev": _coefficients(pdf.chebyshev),
        "RooBifurGauss": _bifurcated,
        "RooCrystalBall": _crystal_ball,
        "RooDoubleCBFast": _double_crystal_ball,
        "RooPolynomial": _polynomial,
        "RooUniform": _uniform,
        "RooHistPdf": _step,
        "RooAddPdf": _sum,
        "RooExtendPdf": _extended,
        "RooGenericPdf": _generic,
    }
)
