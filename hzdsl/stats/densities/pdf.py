"""`hz.pdf`: the densities, by name. Each takes an observable and values, and gives a `Density`.

Arguments with a unit are quantities or values of that dimension; a bare number is in GeV, cm, ns or pb. They may be
numbers, parameters, expressions of parameters, or what is measured for each row: then the density is conditional on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, sqrt
from typing import Any

import numpy as np

from hzdsl.errors import HzdslError
from hzdsl.ir import build
from hzdsl.lang.places import located
from hzdsl.lang.values import Value, to_node
from hzdsl.stats.densities import peaks, resonances, smooth, templates
from hzdsl.stats.densities.arguments import Arguments
from hzdsl.stats.densities.checks import (
    above_zero,
    all_densities,
    ascending,
    middle,
    not_negative,
    one_observable,
    whole_nodes,
)
from hzdsl.stats.densities.combined import Convolution, FromExpression, Joint, Product, Sum
from hzdsl.stats.densities.density import Density
from hzdsl.stats.densities.functions import total
from hzdsl.stats.densities.landau import Landau
from hzdsl.stats.densities.model import Extended
from hzdsl.stats.densities.numeric import checked
from hzdsl.stats.observable import ROWS, constant, range_of

_EXTENDED = "extended(signal=(n, density))"

__all__ = [
    "argus", "bernstein", "breit_wigner", "chebyshev", "convolved", "crystal_ball", "double_crystal_ball",
    "exponential", "extended", "from_function", "gaussian", "interpolated", "kde", "landau", "lognormal", "polynomial",
    "power_law", "product", "step", "sum", "uniform", "voigt",
]  # fmt: skip


@located
def gaussian(x: Value, mean: Any, sigma: Any) -> Density:
    """Return exp(-½ ((x - mean)/sigma)²), normalised.

    Examples
    --------
    >>> import hzdsl as hz
    >>> from hzdsl import GeV
    >>> x = hz.observable("m", 105*GeV, 160*GeV)
    >>> hz.pdf.gaussian(x, hz.parameter("mean", 125*GeV), 2*GeV)
    <gaussian of m>
    """
    a = Arguments("gaussian", x)
    return peaks.Gaussian(a.observable, a.place("mean", mean), a.place("sigma", sigma, positive=True))


@located
def crystal_ball(x: Value, mean: Any, sigma: Any, alpha: Any, n: Any) -> Density:
    """Return a normal peak with a power law from `alpha` widths on: on the left, or on the right if it is below 0."""
    a = Arguments("crystal_ball", x)
    tail = a.number("alpha", alpha), a.number("n", n, positive=True)
    return peaks.CrystalBall(a.observable, a.place("mean", mean), a.place("sigma", sigma, positive=True), *tail)


@located
def double_crystal_ball(
    x: Value, mean: Any, sigma: Any, *, alpha_low: Any, n_low: Any, alpha_high: Any, n_high: Any, sigma_high: Any = None
) -> Density:
    """Return a normal peak with a power law on each side; `sigma_high` is the width above the mean, if another.

    As HS3's crystalball_dist and RooFit's RooCrystalBall; with one width as RooDoubleCBFast of Combine.
    """
    a = Arguments("double_crystal_ball", x)
    low, high = (
        peaks.Tail(a.number(f"alpha_{s}", alpha, positive=True), a.number(f"n_{s}", n, positive=True))
        for s, alpha, n in (("low", alpha_low, n_low), ("high", alpha_high, n_high))
    )
    below = a.place("sigma", sigma, positive=True)
    above = below if sigma_high is None else a.place("sigma_high", sigma_high, positive=True)
    return peaks.DoubleCrystalBall(a.observable, a.place("mean", mean), below, above, low, high)


@located
def lognormal(x: Value, median: Any, sigma: Any) -> Density:
    """Return the density of an x whose logarithm is normal, with the width `sigma` (RooFit's k is e^sigma)."""
    a = Arguments("lognormal", x)
    above_zero(a, "lognormal")
    number = a.number("sigma", sigma, positive=True)
    return peaks.LogNormal(a.observable, a.place("median", median, positive=True), number)


@located
def exponential(x: Value, slope: Any) -> Density:
    """Return exp(slope·x), normalised: falling where the slope, in one over the unit of x, is below 0."""
    a = Arguments("exponential", x)
    return smooth.Exponential(a.observable, a.rate("slope", slope), middle(a))


@located
def power_law(x: Value, power: Any) -> Density:
    """Return x^power, normalised, of an x above 0."""
    a = Arguments("power_law", x)
    low, high = above_zero(a, "power_law")
    scale = constant(sqrt(low) * sqrt(high), a.unit)
    return smooth.PowerLaw(a.observable, a.number("power", power), scale)


@located
def uniform(x: Value) -> Density:
    """Return the density that is the same everywhere in the range."""
    return smooth.Uniform(Arguments("uniform", x).observable)


@located
def polynomial(x: Value, coefficients: Sequence[Any]) -> Density:
    """Return 1 + c1 x + c2 x² + …, normalised; c_k is in one over the unit of x, to the power k."""
    a = Arguments("polynomial", x)
    given = a.several("coefficient", coefficients)
    rates = tuple(a.rate(f"coefficient {k}", c, k) for k, c in enumerate(given, 1))
    return smooth.Polynomial(a.observable, rates)


@located
def chebyshev(x: Value, coefficients: Sequence[Any]) -> Density:
    """Return 1 + c1 T1(t) + c2 T2(t) + …, normalised; t runs from -1 to 1 over the range of x."""
    a = Arguments("chebyshev", x)
    return smooth.Chebyshev(a.observable, a.numbers("coefficient", coefficients), range_of(a.observable.node))


@located
def bernstein(x: Value, coefficients: Sequence[Any]) -> Density:
    """Return Σ c_k (n over k) u^k (1-u)^(n-k), k from 0 to n, normalised; u runs from 0 to 1 over the range of x."""
    a = Arguments("bernstein", x)
    return smooth.Bernstein(a.observable, a.numbers("coefficient", coefficients), range_of(a.observable.node))


@located
def breit_wigner(x: Value, mean: Any, width: Any) -> Density:
    """Return the non-relativistic line 1/((x - mean)² + width²/4), normalised."""
    a = Arguments("breit_wigner", x)
    return resonances.BreitWigner(a.observable, a.place("mean", mean), a.place("width", width, positive=True))


@located
def voigt(x: Value, mean: Any, width: Any, sigma: Any, *, nodes: int = 160) -> Density:
    """Return a Breit-Wigner of full width `width`, smeared by a normal density of `sigma`, normalised numerically."""
    a = Arguments("voigt", x)
    widths = a.place("width", width, positive=True), a.place("sigma", sigma, positive=True)
    return resonances.Voigt(a.observable, a.place("mean", mean), *widths, whole_nodes(nodes))


@located
def landau(x: Value, location: Any, scale: Any, *, nodes: int = 48) -> Density:
    """Return Landau's density of energy losses, φ((x - location)/scale), normalised numerically.

    It is greatest at location - 0.22 scale.
    """
    a = Arguments("landau", x)
    width = a.place("scale", scale, positive=True)
    return Landau(a.observable, a.place("location", location), width, whole_nodes(nodes))


@located
def argus(x: Value, end: Any, slope: Any, power: Any = 0.5, *, nodes: int = 96) -> Density:
    """Return x w^power exp(slope·w), w = 1 - (x/end)², normalised numerically; 0 beyond the end point."""
    a = Arguments("argus", x)
    shape = a.number("slope", slope), a.number("power", power)
    return resonances.Argus(a.observable, a.place("end", end, positive=True), *shape, whole_nodes(nodes))


# ---- given by numbers ----------------------------------------------------------------------------------------------


@located
def step(x: Value, edges: Any, contents: Any) -> Density:
    """Return the density of a histogram, the same everywhere in a bin; its bins enclose the range of x."""
    a = Arguments("step", x)
    ends, heights = a.table("edges", edges, a.unit), a.table("contents", contents)
    ascending(a, "step", ends)
    if len(heights) + 1 != len(ends):
        raise HzdslError("binning", f"step has {len(ends)} edges and {len(heights)} contents", fix="one edge more")
    return templates.steps(a.observable, ends, not_negative("contents of step", heights))


@located
def interpolated(x: Value, points: Any, heights: Any) -> Density:
    """Return straight lines between points, which enclose the range of x."""
    a = Arguments("interpolated", x)
    at, values = a.table("points", points, a.unit), a.table("heights", heights)
    ascending(a, "interpolated", at)
    if len(at) != len(values):
        raise HzdslError("binning", f"interpolated has {len(at)} points and {len(values)} heights", fix="one for each")
    return templates.lines(a.observable, at, not_negative("heights of interpolated", values))


@located
def kde(x: Value, sample: Any, *, weights: Any = None, adaptive: bool = True, bandwidth: float = 1.0) -> Density:
    """Return the sum of normal kernels around a sample, tabulated to 1e-5 of its greatest value.

    Parameters
    ----------
    x : Value
        The observable.
    sample : array
        Its numbers are in the unit of x.
    weights : array, optional
        Of the sample, 0 or more.
    adaptive : bool
        Kernels are wider where the sample is thin.
    bandwidth : float
        A factor on their widths, beside Silverman's rule.
    """
    a = Arguments("kde", x)
    values = a.table("sample", sample, a.unit)
    given = np.ones_like(values) if weights is None else not_negative("weights of kde", a.table("weights", weights))
    if len(given) != len(values):
        raise HzdslError("arguments", f"kde has a sample of {len(values)} and {len(given)} weights", fix="one for each")
    if not isinstance(adaptive, bool):
        raise HzdslError("arguments", f"adaptive of kde is {adaptive!r:.60}", fix="True or False")
    if not (isinstance(bandwidth, int | float) and 0 < bandwidth < inf):
        raise HzdslError("arguments", f"the bandwidth of kde is {bandwidth!r}", fix="a factor above 0")
    if np.ptp(values) == 0:
        raise HzdslError("arguments", "the sample of kde is one value alone", fix="give one that is spread")
    kernels = templates.Kernels(values, given, templates.bandwidths(values, given, float(bandwidth), adaptive))
    return templates.smoothed(a.observable, range_of(a.observable.node), kernels)


# ---- made of others ------------------------------------------------------------------------------------------------


@located
def sum(densities: Sequence[Density], fractions: Sequence[Any]) -> Density:
    """Return Σ f_i p_i of densities of one observable; the last fraction is what is left of 1, unless it is given."""
    parts = all_densities("sum", densities)
    a = Arguments("sum", one_observable("sum", parts))
    if not isinstance(fractions, Sequence | np.ndarray) or not len(parts) - 1 <= len(fractions) <= len(parts):
        what = f"sum has {len(parts)} densities and the fractions {fractions!r}"
        raise HzdslError("arguments", what, fix=f"give {len(parts) - 1}")
    given = [a.number(f"fraction {k + 1}", f) for k, f in enumerate(fractions)]
    rest = [] if len(given) == len(parts) else [1.0 - total(given)]
    return Sum(a.observable, parts, (*given, *rest))


@located
def product(densities: Sequence[Density], *, nodes: int = 128) -> Density:
    """Return Π p_i: of different observables each normalised for itself, of one normalised again by `nodes` points.

    Raises
    ------
    HzdslError
        ``arguments`` where the numeric integral of a product of one observable is off by more than 1e-8.
    """
    parts = all_densities("product", densities)
    by: dict[Any, list[Density]] = {}
    for p in parts:
        by.setdefault(p.observables, []).append(p)
    factors = tuple(
        same[0]
        if len(same) == 1
        else checked(Product(one_observable("product", tuple(same)), tuple(same), whole_nodes(nodes)))
        for same in by.values()
    )
    names = [n for p in factors for n in p.names]
    if len(set(names)) < len(names):
        raise HzdslError("name-twice", f"the factors of product are of {', '.join(names)}", fix="each observable once")
    return factors[0] if len(factors) == 1 else Joint(factors)


@located
def convolved(density: Density, kernel: Density, window: tuple[Any, Any], *, nodes: int = 64) -> Density:
    """Return ∫ p(x - y) k(y) dy, y within a window that holds the kernel; by `nodes` points for every x."""
    parts = all_densities("convolved", (density, kernel))
    a = Arguments("convolved", one_observable("convolved", parts))
    if not (isinstance(window, Sequence) and len(window) == 2):
        raise HzdslError("arguments", f"the window of convolved is {window!r}", fix="window=(low, high) of the kernel")
    low, high = (a.place("window", w) for w in window)
    return Convolution(a.observable, density, kernel, (low, high), whole_nodes(nodes))


@located
def from_function(expression: Any, x: Value, *, nodes: int = 128) -> Density:
    """Return an expression of an observable as a density, normalised by a Gauss-Legendre rule of `nodes` points.

    Raises
    ------
    HzdslError
        ``arguments`` where the integral is off by more than 1e-8, found with twice the points where parameters start.

    Examples
    --------
    >>> import hzdsl as hz
    >>> x = hz.observable("x", 0, 3)
    >>> hz.pdf.from_function(1 + hz.parameter("a", 0.5)*hz.sin(x), x)
    <from expression of x>
    """
    a = Arguments("from_function", x)
    node = to_node(expression)
    if build.axis_of(node) is not ROWS or node.type.optional:
        raise HzdslError(
            "arguments", "from_function takes a number for each row", fix="an expression of the observable"
        )
    return checked(FromExpression(a.observable, Value(node).as_f64(), whole_nodes(nodes)))


@located
def extended(processes: Mapping[str, tuple[Any, Density]] | None = None, **named: tuple[Any, Density]) -> Extended:
    """Return Σ n_p p_p of processes: each a yield and a density, by name.

    Examples
    --------
    >>> import hzdsl as hz
    >>> x, n = hz.observable("x", 0, 10), hz.parameter("n", 100.0, bounds=(0, None))
    >>> hz.pdf.extended(flat=(n, hz.pdf.uniform(x)))
    <extended sum of flat>
    """
    if not isinstance(processes, Mapping | None):
        raise HzdslError("arguments", f"extended takes processes by name, not {processes!r:.60}", fix=_EXTENDED)
    given = {**(processes or {}), **named}
    if not given:
        raise HzdslError("arguments", "extended has no process", fix=_EXTENDED)
    found: dict[str, tuple[Value, Density]] = {}
    for name, item in given.items():
        if not (isinstance(item, Sequence) and len(item) == 2 and isinstance(item[1], Density)):
            raise HzdslError("arguments", f"process '{name}' is {item!r}", fix="(yield, density)")
        found[name] = Arguments("extended", item[1].any_observable).number(f"yield of '{name}'", item[0]), item[1]
    sets = {frozenset(p.observables) for _, p in found.values()}
    if len(sets) > 1:
        said = "; ".join(f"{n}: {', '.join(p.names)}" for n, (_, p) in found.items())
        raise HzdslError("arguments", f"processes of different observables: {said}", fix="the same in all of them")
    return Extended(found)
