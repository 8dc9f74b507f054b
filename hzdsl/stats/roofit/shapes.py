"""Densities of RooFit: each class is a row of `DENSITIES`.

What they mean is what RooFit evaluates: roofit/roofit/src of ROOT 6.40, HiggsAnalysis/CombinedLimit/src for Combine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING

from hzdsl.errors import HzdslError
from hzdsl.ir.algebra import number, plus
from hzdsl.lang.functions import FUNCTIONS
from hzdsl.lang.values import Value
from hzdsl.stats.densities import pdf
from hzdsl.stats.densities.chosen import Chosen
from hzdsl.stats.densities.density import Density
from hzdsl.stats.formulas import formula
from hzdsl.stats.roofit.records import Function, Histogram

if TYPE_CHECKING:
    from hzdsl.stats.roofit.lowering import Lowering

#: So many widths from its mean a normal density is 0.
_NEVER = 1e3
_Density = Callable[["Lowering", Function], Density]


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
    return pdf.step(w.observable(name), histogram.edges(), histogram.contents)


def _coefficients(make: Callable[..., Density], *, one: bool = False) -> _Density:
    def row(w: Lowering, f: Function) -> Density:
        x, coefficients = f.arguments["x"], w.values(f.arguments["coefList"])
        assert isinstance(x, str)
        return make(w.observable(x), [Value(number(1)), *coefficients] if one else coefficients)

    return row


def _generic(w: Lowering, f: Function) -> Density:
    names = f.arguments["actualVars"]
    expression = Value(formula(str(f.attributes["formExpr"]), {n: w.value(n) for n in names}))
    measured = [n for n in names if n in w.observables]
    if len(measured) != 1:
        raise HzdslError("class-unknown", f"{f.name} is a density of {len(measured)} observables", fix="of one")
    return pdf.from_function(expression, w.observable(measured[0]))


def _log_normal(w: Lowering, f: Function) -> Density:
    """RooLognormal: of the median and e^σ, or, as others have it, of the mean and the width of the logarithm."""
    x, middle, width = w.values(f.arguments[r] for r in ("x", "m0", "k"))
    if f.attributes.get("useStandardParametrization"):
        return pdf.lognormal(x, FUNCTIONS["exp"](middle), width)
    return pdf.lognormal(x, middle, abs(FUNCTIONS["log"](width)))


#: A normal density is followed so many widths from its mean in a convolution, by so many points.
_REACH, _POINTS = 8.0, 128


def _convolution(w: Lowering, f: Function) -> Density:
    """RooFFTConvPdf with a normal resolution: what its Fourier transforms on a grid are to be, without their period."""
    x, first, second = (f.arguments[r] for r in ("x", "pdf1", "pdf2"))
    assert isinstance(x, str)
    line, kernel = w.workspace.node(str(first)), w.workspace.node(str(second))
    if not (isinstance(kernel, Function) and kernel.type == "RooGaussian" and kernel.arguments["x"] == x):
        what = f"{f.name} is a convolution with {second}, which is no RooGaussian of {x}"
        raise HzdslError("class-unknown", what, fix="those with a RooGaussian as second density have a meaning here")
    shift, sigma = w.values(kernel.arguments[r] for r in ("mean", "sigma"))
    if isinstance(line, Function) and line.type == "RooBreitWigner" and line.arguments["x"] == x:
        mean, width = w.values(line.arguments[r] for r in ("mean", "width"))
        return pdf.voigt(w.observable(x), mean + shift, width, sigma)
    resolution = pdf.gaussian(w.observable(x), shift, sigma)
    window = (shift - _REACH * sigma, shift + _REACH * sigma)
    return pdf.convolved(w.density(str(first)), resolution, window, nodes=_POINTS)


def _extended(w: Lowering, f: Function) -> Density:
    """The shape alone: how many there are says the card."""
    name = f.arguments["pdf"]
    assert isinstance(name, str)
    return w.density(name)


def _chosen(w: Lowering, f: Function) -> Density:
    """RooMultiPdf: the density of an index, which adds `cFactor` times its number of parameters to -ln L."""
    names, index = f.arguments["c"], f.arguments["x"]
    assert isinstance(index, str)
    parts = tuple(w.density(n) for n in names)
    factor = float(f.attributes["cFactor"])
    penalties = tuple(factor * (w.number(n) or 0.0) for n in f.arguments["corr"])
    return Chosen(parts[0].any_observable, w.index(index, tuple(names)), parts, penalties)


DENSITIES: Mapping[str, _Density] = MappingProxyType(
    {
        "RooGaussian": _of("x", "mean", "sigma", make=pdf.gaussian),
        "RooExponential": _exponential,
        "RooCBShape": _of("m", "m0", "sigma", "alpha", "n", make=pdf.crystal_ball),
        "RooBreitWigner": _of("x", "mean", "width", make=pdf.breit_wigner),
        "RooLandau": _of("x", "mean", "sigma", make=pdf.landau),
        "RooLognormal": _log_normal,
        "RooArgusBG": _of("m", "m0", "c", "p", make=pdf.argus),
        "RooFFTConvPdf": _convolution,
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
        "RooMultiPdf": _chosen,
        "RooGenericPdf": _generic,
    }
)
